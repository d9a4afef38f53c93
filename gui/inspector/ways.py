"""The Python that leads to a selected node and on to what comes before it: text to copy."""

from __future__ import annotations

from typing import NamedTuple

from tracer.analysis.python_path import python_path
from tracer.graph import Graph

MOST, VARIABLE = 6, ".variable"


class Way(NamedTuple):
    """Where a piece of Python leads to, in words, and that piece."""

    words: str
    path: str


def ways(graph: Graph, owner: str) -> tuple[Way, ...]:
    """Spell the way to "node 3", and on from there through its next_functions; nothing where none leads there."""
    kind, _, number = owner.partition(" ")
    at = int(number) if kind == "node" and number.isdecimal() else len(graph.nodes)
    path = python_path(graph, at) if at < len(graph.nodes) else None
    if path is None:
        return ()
    node = graph.nodes[at]
    if node.kind == "leaf":
        gathers = (Way(node.name, path.removesuffix(VARIABLE)),) if path.endswith(VARIABLE) else ()
        return (*gathers, Way(f"{VARIABLE} is {node.label}" if node.label else "the leaf itself", path))
    return (Way(node.name, path), *_on(graph, at, path))


def _on(graph: Graph, at: int, path: str) -> list[Way]:
    """Go on through each slot that is tracked; to a leaf, on to its tensor."""
    found = []
    for edge in sorted((edge for edge in graph.edges if edge.consumer == at), key=lambda edge: edge.slot)[:MOST]:
        node, way = graph.nodes[edge.producer], f"{path}.next_functions[{edge.slot}][0]"
        words = f"next_functions[{edge.slot}] is ({node.name}, {edge.output_nr})"
        if node.kind == "leaf":
            is_it = f", its {VARIABLE} is {node.label}" if node.label else f", its {VARIABLE} is a leaf"
            found.append(Way(words + is_it, way + VARIABLE))
        else:
            found.append(Way(words, way))
    return found
