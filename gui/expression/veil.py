"""What is hidden while backward is stepped: gradients that are not whole yet. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from tracer.graph import Graph
from tracer.worker.messages import Found

Shape = tuple[tuple[int, tuple[int, ...]], ...]


def shape_of(found: Found) -> Shape:
    """Give what makes two backwards alike, so that a position in one means the same in the other: nodes and edges."""
    return tuple((step.node, tuple(row.edge for row in step.leaves)) for step in found.steps)


def waits(found: Found, position: int) -> dict[str, int]:
    """Give the gradients that are not whole at a position: the step, counted from 1, with which each will be."""
    last = len(found.steps)
    if position >= last:
        return {}
    names = {row.name: found.whole_from.get(row.name, last) for row in found.gradients}
    return {name: whole for name, whole in names.items() if whole > position}


def veiled(found: Found, waiting: Mapping[str, int]) -> Found:
    """Leave out the gradients that are not whole yet, and how they are derived."""
    return replace(
        found,
        gradients=tuple(row for row in found.gradients if row.name not in waiting),
        derivations=tuple(one for one in found.derivations if one.name not in waiting),
    )


def labelled(graph: Graph, node: int) -> str:
    """Name a node in a sentence: "y (SubBackward0)"."""
    found = graph.nodes[node]
    return f"{found.label} ({found.name})" if found.label else found.name
