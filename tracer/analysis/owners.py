"""The parts of a recording that a window can point at, by what they are called: "node 17", "module layer1.0", …"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tracer.analysis.modules import ROOT
from tracer.errors import TracerError
from tracer.facts import Facts

Areas = Mapping[str, Sequence[int]]


def nodes_of(facts: Facts, owner: str, areas: Areas) -> list[int]:
    """List the nodes of a part: a node, both ends of an edge, all of a module, of a line, of a named tensor, or of an
    area of a picture (`areas` has those of the one that is meant).

    Raises:
        TracerError: there is no such part.
    """
    if owner in areas:
        return list(areas[owner])
    kind, _, name = owner.partition(" ")
    found = KINDS[kind](facts, name) if kind in KINDS else []
    if not found:
        raise TracerError(f"This recording has no “{owner}”", cure="Choose a part of the picture, the tree or a table")
    return found


def _node(facts: Facts, name: str) -> list[int]:
    return [int(name)] if name.isdecimal() and int(name) < len(facts.graph.nodes) else []


def _edge(facts: Facts, name: str) -> list[int]:
    if not (name.isdecimal() and int(name) < len(facts.graph.edges)):
        return []
    edge = facts.graph.edges[int(name)]
    return list(dict.fromkeys((edge.producer, edge.consumer)))


def _module(facts: Facts, name: str) -> list[int]:
    """List the operations within a module and the leaves that carry its parameters' names."""
    within = f"{name}."
    return [
        node.index
        for node in facts.graph.nodes
        if name == ROOT
        or (node.module is not None and f"{node.module}.".startswith(within))
        or (node.label is not None and node.kind == "leaf" and node.label.startswith(within))
    ]


def _line(facts: Facts, name: str) -> list[int]:
    return [node.index for node in facts.graph.nodes if node.source == name]


def _tensor(facts: Facts, name: str) -> list[int]:
    found = [tensor.node for tensor in facts.tensors if tensor.name == name and tensor.node is not None]
    found += [end.node for end in facts.graph.outputs if end.name == name and end.node is not None]
    return list(dict.fromkeys(found))


KINDS: Mapping[str, Callable[[Facts, str], list[int]]] = {
    "node": _node,
    "edge": _edge,
    "module": _module,
    "line": _line,
    "tensor": _tensor,
}
