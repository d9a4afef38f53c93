"""Makes deep graphs safe to free.

Reading a node from Python gives it a wrapper that lives as long as the node. A node with a wrapper is freed inside the
freeing of its last consumer, one C++ frame in another, so that a chain of some ten thousand overflows the stack (of
five thousand, in a thread with a stack of 1 MiB). Graphs without wrappers are freed by torch in a loop.

The cure cuts the nesting: nodes are put into levels by their depth, and a node holds its inputs of lower levels by a
`_Hold`, which lets go of them in a loop. What a node holds are its own inputs and nothing else, so that a piece of a
graph that a person keeps keeps no more alive than it would without us, and graphs that overlap, grow, or are walked
again in another order do not disturb one another: a node's depth is the same in each.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence

from torch.autograd.graph import Node as LiveNode

from tracer.graph import Edge

LEVEL = 250  # nodes that may nest; three times as many frames of some 200 bytes are then the most
KEEP = "gradtrace.keep"  # the entry in a node's metadata

Nexts = Mapping[LiveNode, Sequence[tuple[LiveNode | None, int]]]


class _Freeing(threading.local):
    """What waits in this thread to be freed, and whether something is being freed already."""

    def __init__(self) -> None:
        self.waiting: list[LiveNode] = []
        self.busy = False


class _Hold:
    """Holds nodes, and lets go of them one after another, never inside the freeing of another."""

    __slots__ = ("_nodes",)

    def __init__(self, nodes: list[LiveNode]) -> None:
        self._nodes = nodes

    def __del__(self, freeing: _Freeing = _Freeing()) -> None:  # noqa: B008  # module names are gone at the very end
        freeing.waiting += self._nodes
        self._nodes.clear()
        if freeing.busy:
            return
        freeing.busy = True
        try:
            while freeing.waiting:
                freeing.waiting.pop()
        finally:
            freeing.busy = False


def protect(nodes: Sequence[LiveNode], edges: Iterable[Edge], depths: Sequence[int]) -> None:
    """Make a graph safe to free; `depths[i]` is the length of the longest path from node i to a leaf, in nodes.

    The lowest level needs no holding: nothing below it is deep.
    """
    if max(depths, default=0) < 2 * LEVEL:
        return
    held: dict[int, list[LiveNode]] = {}
    for edge in edges:
        level = depths[edge.producer] // LEVEL
        if level and level != depths[edge.consumer] // LEVEL:
            held.setdefault(edge.consumer, []).append(nodes[edge.producer])
    for consumer, inputs in held.items():
        _hold(nodes[consumer], inputs)


def protect_unfinished(nexts: Nexts) -> None:
    """Make what an interrupted walk has read safe to free: depths are not known, so every node holds its inputs."""
    if len(nexts) >= 2 * LEVEL:
        for node in nexts:
            hold_inputs(node)


def hold_inputs(node: LiveNode) -> None:
    """Let a node hold all of its inputs, where nothing is known of the depth of its graph."""
    _hold(node, [child for child, _ in node.next_functions if child is not None])


def _hold(node: LiveNode, inputs: list[LiveNode]) -> None:
    metadata: dict[str, object] = node.metadata  # type: ignore[assignment]  # a property, declared as a method
    metadata[KEEP] = _Hold(inputs)
