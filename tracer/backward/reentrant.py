"""What can be measured of a graph that goes through a reentrant checkpoint.

Such a checkpoint runs only in a backward that writes `.grad`, so backward stops where a gradient arrives at it: all
that does not depend on what it would hand on is measured, and nothing behind it.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import NamedTuple

from tracer.backward.contributions import Place
from tracer.graph import Edge, Node

NOTE = (
    "The graph goes through a reentrant checkpoint, which runs only in a backward that writes .grad, so what lies "
    "behind it is not measured; checkpoint(…, use_reentrant=False) lets it be"
)


class Reach(NamedTuple):
    """How far backward goes: the places it stops at, and the nodes that a checkpoint hides. Of a hidden node the
    gradient is not known, nor what flows to it where autograd does not compute what it was not asked for."""

    stops: list[Place]
    hidden: Set[int] = frozenset()


def reach(nodes: Sequence[Node], edges: Sequence[Edge]) -> Reach:
    """Find how far backward goes: to the nodes that hand their gradient to no other, or to a reentrant checkpoint.

    Asking autograd for what arrives there runs all that leads there, and no more. What leads only to what is hidden is
    stopped at too, so that at least its own gradient is known.
    """
    consumers = {edge.consumer for edge in edges}
    checkpoints = {node.index for node in nodes if is_reentrant(node)}
    ends = {node.index for node in nodes if node.index not in consumers}
    if not checkpoints:
        return Reach(_outputs(nodes, ends))
    hidden = _hidden(edges, checkpoints)
    leading = _leading(edges, ends | checkpoints, hidden)
    stuck = set(range(len(nodes))) - hidden - leading
    return Reach(_outputs(nodes, (ends | checkpoints | stuck) - hidden), hidden)


def _outputs(nodes: Sequence[Node], chosen: set[int]) -> list[Place]:
    return [(node.index, number) for node in nodes if node.index in chosen for number in range(len(node.outputs))]


def is_reentrant(node: Node) -> bool:
    """Tell whether a node is a reentrant checkpoint."""
    return node.name == "CheckpointFunctionBackward"


def _hidden(edges: Sequence[Edge], checkpoints: set[int]) -> set[int]:
    """Find the nodes that a checkpoint hands gradients to, itself or through others; consumers are met first."""
    hidden = set[int]()
    for edge in reversed(edges):
        if edge.consumer in checkpoints or edge.consumer in hidden:
            hidden.add(edge.producer)
    return hidden


def _leading(edges: Sequence[Edge], ends: set[int], hidden: set[int]) -> set[int]:
    """Find the nodes from which a gradient comes to an end that is not hidden; producers are met first."""
    leading = ends - hidden
    for edge in edges:
        if edge.producer in leading:
            leading.add(edge.consumer)
    return leading
