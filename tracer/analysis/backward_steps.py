"""Facts → the steps of backward in the engine's order: what arrives at each node, and what it hands on."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from tracer.analysis.backward_order import backward_order
from tracer.errors import TracerError
from tracer.facts import EdgeGradient, Facts, Gradient


class BackwardStep(msgspec.Struct, frozen=True):
    """A step: the `node`, of how many `parts` the gradient that arrives there is the sum, its `norm` (of all outputs
    together), what it hands on (`to`: a node and the norm), and how many elements of both are NaN or infinite. A norm
    is `None` where it was not measured, or nothing flows."""

    number: int
    node: int
    parts: int
    norm: float | None
    to: tuple[tuple[int, float | None], ...]
    non_finite: int


def backward_steps(facts: Facts) -> tuple[BackwardStep, ...]:
    """List the steps of backward, the first from the traced tensors, the last into the leaves.

    Raises:
        TracerError: the recording was made without gradients.
    """
    if facts.gradients is None or facts.edge_gradients is None:
        raise TracerError("This recording holds no gradients", cure="Trace again with gradients=True")
    arrived: dict[int, list[Gradient]] = {}
    for gradient in facts.gradients:
        arrived.setdefault(gradient.node, []).append(gradient)
    parts: dict[int, int] = {}
    out: dict[int, list[int]] = {}
    for number, edge in enumerate(facts.graph.edges):
        parts[edge.producer] = parts.get(edge.producer, 0) + 1
        out.setdefault(edge.consumer, []).append(number)
    for end in facts.graph.outputs:
        if end.node is not None:
            parts[end.node] = parts.get(end.node, 0) + 1
    steps = []
    for number, node in enumerate(backward_order(facts.graph), 1):
        flows = [facts.edge_gradients[edge] for edge in out.get(node, ())]
        to = tuple(
            (facts.graph.edges[edge].producer, _norm([flow]))
            for edge, flow in zip(out.get(node, ()), flows, strict=True)
        )
        came = arrived.get(node, [])
        broken = _non_finite(came) + _non_finite(flows)
        steps.append(BackwardStep(number, node, parts.get(node, 0), _norm(came), to, broken))
    return tuple(steps)


def _norm(flows: Iterable[Gradient | EdgeGradient]) -> float | None:
    norms = [flow.statistics.norm for flow in flows if flow.state == "measured" and flow.statistics is not None]
    return math.hypot(*norms) if norms else None


def _non_finite(flows: Iterable[Gradient | EdgeGradient]) -> int:
    return sum(flow.statistics.non_finite for flow in flows if flow.statistics is not None)
