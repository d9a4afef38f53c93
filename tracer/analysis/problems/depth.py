"""Where a gradient vanishes or explodes with depth: the two ends of the path that it comes along, and the factor.

The path goes from a leaf towards the loss, at each join along the part with the largest norm. Its layers are the
operations on it that use a parameter. Compared are the norms of what arrives at the first and at the last of them, so
a loss that is scaled changes both alike. It is said to vanish or to explode where they are a factor of FAR apart over
at least LAYERS layers; both are figures of ours, and torch draws no such line.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tracer.analysis.problems.flow import Flow, Place
from tracer.facts import Facts, Gradient
from tracer.graph import Node

LAYERS = 4
FAR = 1e4


class Depth(NamedTuple):
    """The norms that arrive at the layer next to the loss and at the one next to the leaf, and how many layers there
    are between and with them; `factor` is the second norm by the first."""

    late: Node
    late_norm: float
    early: Node
    early_norm: float
    layers: int

    @property
    def factor(self) -> float:
        """How many times as large the norm is at the end of backward."""
        return self.early_norm / self.late_norm


class _Path(NamedTuple):
    """What lies between a node and the loss: the layer next to the loss, and the number of layers."""

    late: int | None
    layers: int


def depths(flow: Flow) -> dict[Place, Depth]:
    """Measure, for each leaf whose gradient is far from that at the loss, how far it is."""
    found: dict[Place, Depth] = {}
    if flow.facts.gradients is None:
        return found
    layers = _layers(flow.facts)
    paths: dict[int, tuple[_Path, int | None]] = {}
    for node in reversed(flow.facts.graph.nodes):
        consumer = _main_consumer(flow, node)
        above, nearest = paths[consumer] if consumer is not None else (_Path(None, 0), None)
        if node.index in layers:
            above, nearest = _Path(node.index if above.late is None else above.late, above.layers + 1), node.index
        paths[node.index] = above, nearest
        if node.kind == "leaf" and above.layers >= LAYERS:
            depth = _depth(flow, above, nearest)
            if depth is not None and not 1 / FAR < depth.factor < FAR:
                found[node.index, 0] = depth
    return found


def _layers(facts: Facts) -> set[int]:
    """Find the operations that use a parameter, as it is or as an operation of one input gave it on."""
    producers: dict[int, list[int]] = {}
    for edge in facts.graph.edges:
        producers.setdefault(edge.consumer, []).append(edge.producer)
    parameters, found = set[int](), set[int]()
    for node in facts.graph.nodes:
        uses = any(producer in parameters for producer in producers.get(node.index, ()))
        if node.kind == "leaf":
            parameters.update([node.index] if node.role != "input" else [])
        elif uses:
            (parameters if node.slots == 1 else found).add(node.index)
    return found


def _main_consumer(flow: Flow, node: Node) -> int | None:
    """Give the operation that hands a node the largest part of its gradient."""
    numbers = [number for output in range(len(node.outputs)) for number in flow.coming[node.index, output]]
    sized = [(statistics.norm, number) for number in numbers if (statistics := flow.on_edges[number].statistics)]
    return flow.facts.graph.edges[max(sized)[1]].consumer if sized else None


def _depth(flow: Flow, path: _Path, nearest: int | None) -> Depth | None:
    if path.late is None or nearest is None:
        return None
    late, early = _norm(flow.arrived[path.late]), _norm(flow.arrived[nearest])
    if not (late and early and math.isfinite(late) and math.isfinite(early)):
        return None
    nodes = flow.facts.graph.nodes
    return Depth(nodes[path.late], late, nodes[nearest], early, path.layers)


def _norm(gradients: list[Gradient]) -> float:
    return max((gradient.statistics.norm for gradient in gradients if gradient.statistics), default=0.0)
