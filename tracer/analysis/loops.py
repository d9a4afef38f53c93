"""The graph of a program rolled up: what its loops recorded, by line and pass."""

from __future__ import annotations

from collections import Counter

import msgspec

from tracer.graph import Graph


class Rolled(msgspec.Struct, frozen=True):
    """One operation of a line and the nodes that it recorded, one for each pass in `passes`; a rolled picture shows it
    once. `place` counts the operations of the line."""

    source: str
    name: str
    place: int
    nodes: tuple[int, ...]
    passes: tuple[int, ...]


def rolled(graph: Graph) -> tuple[Rolled, ...]:
    """List the operations of a program in the order in which they first ran, each with its nodes by pass."""
    places: Counter[tuple[str, int]] = Counter()
    found: dict[tuple[str, int, str], list[tuple[int, int]]] = {}
    ran = sorted((node for node in graph.nodes if node.sequence is not None), key=lambda node: node.sequence or 0)
    for node in ran:
        if node.source is not None and node.call is not None:
            place = places[node.source, node.call]
            places[node.source, node.call] += 1
            found.setdefault((node.source, place, node.name), []).append((node.call, node.index))
    return tuple(
        Rolled(source, name, place, tuple(index for _, index in many), tuple(turn for turn, _ in many))
        for (source, place, name), many in found.items()
    )
