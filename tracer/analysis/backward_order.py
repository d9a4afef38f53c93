"""The order in which autograd's engine goes through a graph."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict

from tracer.graph import Graph

_FIRST = 2**64 - 1  # a leaf's number: it takes its gradient as soon as all of it has come


def backward_order(graph: Graph) -> list[int]:
    """List the nodes as the engine meets them: of those whose gradient has come from all sides, the last recorded.

    Where threads recorded together, whose numbers are their own, the engine's order among them is this one too; on
    several devices each has an order of its own.
    """
    waiting = Counter(edge.producer for edge in graph.edges)
    producers: dict[int, list[int]] = defaultdict(list)
    for edge in graph.edges:
        producers[edge.consumer].append(edge.producer)
    ready = [_rank(graph, node.index, 0) for node in graph.nodes if not waiting[node.index]]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        *_, index = heapq.heappop(ready)
        order.append(index)
        for producer in producers[index]:
            waiting[producer] -= 1
            if not waiting[producer]:
                heapq.heappush(ready, _rank(graph, producer, len(order)))
    return order


def _rank(graph: Graph, index: int, came: int) -> tuple[int, int, int]:
    sequence = graph.nodes[index].sequence
    return -(_FIRST if sequence is None else sequence), came, index
