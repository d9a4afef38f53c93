"""The order in which autograd's engine goes through a graph."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict

from tracer.graph import Graph

_FIRST = 2**64 - 1  # a leaf's number: it takes its gradient as soon as all of it has come


class _Turn(int):
    """A node in the engine's queue, compared by its number alone: of equals, the heap itself decides, as the engine's
    does, whose steps are those of `heapq`."""

    node: int


def backward_order(graph: Graph) -> list[int]:
    """List the nodes as the engine meets them: of those whose gradient has come from all sides, the last recorded.

    Where threads recorded together, whose numbers are their own, the engine's order among them is this one too; on
    several devices each has an order of its own.
    """
    waiting = Counter(edge.producer for edge in graph.edges)
    producers: dict[int, list[int]] = defaultdict(list)
    for edge in graph.edges:
        producers[edge.consumer].append(edge.producer)
    ready: list[_Turn] = []
    for node in _first(graph):
        if not waiting[node]:
            heapq.heappush(ready, _turn(graph, node))
    order: list[int] = []
    while ready:
        index = heapq.heappop(ready).node
        order.append(index)
        for producer in producers[index]:
            waiting[producer] -= 1
            if not waiting[producer]:
                heapq.heappush(ready, _turn(graph, producer))
    return order


def _first(graph: Graph) -> list[int]:
    """List the nodes of the traced tensors, one of several with its last; then all others, should one feed nothing."""
    ends = [end.node for end in graph.outputs if end.node is not None]
    return list(dict.fromkeys([*dict.fromkeys(reversed(ends))][::-1] + [node.index for node in graph.nodes]))


def _turn(graph: Graph, index: int) -> _Turn:
    sequence = graph.nodes[index].sequence
    turn = _Turn(-(_FIRST if sequence is None else sequence))
    turn.node = index
    return turn
