"""What leads where in a graph: what a node feeds, what it depends on, and all that lies on a path between two.

Edges stand in the order of their consumers, and producers before them, so that one pass over the edges is enough.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracer.graph import Graph


def feeds(graph: Graph, starts: Iterable[int]) -> bytearray:
    """Mark (by 1) these nodes and all that use what they give, directly or through others."""
    reached = _marked(graph, starts)
    for edge in graph.edges:
        if reached[edge.producer]:
            reached[edge.consumer] = 1
    return reached


def depends(graph: Graph, ends: Iterable[int]) -> bytearray:
    """Mark (by 1) these nodes and all that they are made of, directly or through others."""
    reached = _marked(graph, ends)
    for edge in reversed(graph.edges):
        if reached[edge.consumer]:
            reached[edge.producer] = 1
    return reached


def between(graph: Graph, starts: Iterable[int], ends: Iterable[int]) -> list[int]:
    """List the nodes that lie on any path, the way the data flows, from one of the first to one of the second."""
    forward, back = feeds(graph, starts), depends(graph, ends)
    return [index for index, both in enumerate(map(int.__and__, forward, back)) if both]


def listed(marked: bytearray) -> list[int]:
    """List the nodes that are marked."""
    return [index for index, mark in enumerate(marked) if mark]


def _marked(graph: Graph, nodes: Iterable[int]) -> bytearray:
    marks = bytearray(len(graph.nodes))
    for node in nodes:
        marks[node] = 1
    return marks
