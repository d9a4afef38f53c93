"""Facts → the gradient by depth: of each module that has parameters, in the order in which they ran."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from tracer.errors import TracerError
from tracer.facts import Facts, Gradient


class DepthRow(msgspec.Struct, frozen=True):
    """A module and the Euclidean norm of the gradients of all its own parameters together; `None` where one of them was
    not measured, or nothing flows to any. `names` are those of the parameters."""

    module: str
    norm: float | None
    names: tuple[str, ...]


def gradient_by_depth(facts: Facts) -> tuple[DepthRow, ...]:
    """List the modules with parameters that the graph uses, from the input to the loss, by their first use.

    Raises:
        TracerError: the recording was made without gradients.
    """
    if facts.gradients is None:
        raise TracerError("This recording holds no gradients", cure="Trace again with gradients=True")
    found = {gradient.node: gradient for gradient in facts.gradients}
    first: dict[int, int] = {}
    for edge in facts.graph.edges:
        first.setdefault(edge.producer, edge.consumer)
    together: dict[str, list[int]] = {}
    for node in sorted(first, key=first.__getitem__):
        told = facts.graph.nodes[node]
        if told.kind == "leaf" and told.role == "parameter" and told.label:
            together.setdefault(told.label.partition(" = ")[0].rpartition(".")[0], []).append(node)
    return tuple(
        DepthRow(
            module,
            _norm([found.get(leaf) for leaf in leaves]),
            tuple(facts.graph.nodes[leaf].label or "" for leaf in leaves),
        )
        for module, leaves in together.items()
    )


def _norm(gradients: Sequence[Gradient | None]) -> float | None:
    """Give the norm of gradients together; where nothing flows to one of them, that of the others."""
    if not all(gradient is not None and gradient.state in ("measured", "none") for gradient in gradients):
        return None
    norms = [gradient.statistics.norm for gradient in gradients if gradient and gradient.statistics is not None]
    return math.hypot(*norms) if norms else None
