"""Facts → the rows of the Gradients table, and those of the gradients on edges."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from tracer.errors import TracerError
from tracer.facts import Check, EdgeGradient, Facts, Gradient, State, Values
from tracer.graph import Edge

Row = TypeVar("Row")


class GradientRow(msgspec.Struct, frozen=True):
    """The gradient of one named tensor, of that tensor's shape. Statistics are over all its elements; `check` is by
    finite differences, `rule` by the rule of a layer; `exact` are the values as fractions, where they are known so."""

    name: str
    made_by: str
    shape: tuple[int, ...] | None
    dtype: str | None
    state: State
    mean: float | None = None
    std: float | None = None
    max_abs: float | None = None
    norm: float | None = None
    zeros: float | None = None
    non_finite: int | None = None
    values: tuple[bool | int | float, ...] | None = None
    check: Check | None = None
    rule: Check | None = None
    exact: tuple[str, ...] | None = None


class EdgeGradientRow(msgspec.Struct, frozen=True):
    """What flows back on one edge, before it is summed at the producer."""

    edge: Edge
    shape: tuple[int, ...] | None
    state: State
    norm: float | None
    share: float | None
    cosine: float | None
    values: tuple[bool | int | float, ...] | None = None
    exact: tuple[str, ...] | None = None


def gradients(facts: Facts) -> tuple[GradientRow, ...]:
    """List the gradients of the tensors that have a name, in the order in which backward finds them.

    A tensor of several names has a row for each.

    Raises:
        TracerError: the recording was made without gradients.
    """
    names: dict[tuple[int, int], dict[str, None]] = {}
    for tensor in facts.tensors:
        if tensor.name is not None and tensor.node is not None:
            names.setdefault((tensor.node, tensor.output_nr), {})[tensor.name] = None
    return tuple(
        _row(facts, gradient, name)
        for gradient in reversed(_asked(facts.gradients))
        for name in names.get((gradient.node, gradient.output_nr)) or filter(None, [gradient.name])
    )


def edge_gradients(facts: Facts) -> tuple[EdgeGradientRow, ...]:
    """List what flows back on each edge.

    Raises:
        TracerError: the recording was made without gradients.
    """
    return tuple(_edge_row(facts, gradient) for gradient in _asked(facts.edge_gradients))


def _asked(rows: tuple[Row, ...] | None) -> tuple[Row, ...]:
    if rows is None:
        raise TracerError("This recording holds no gradients", cure="Trace again with gradients=True")
    return rows


def _row(facts: Facts, gradient: Gradient, name: str) -> GradientRow:
    return GradientRow(
        name=name,
        made_by=facts.graph.nodes[gradient.node].name,
        shape=gradient.shape,
        dtype=gradient.dtype,
        state=gradient.state,
        values=_numbers(gradient.values),
        check=gradient.check,
        rule=gradient.rule,
        exact=gradient.values.exact if gradient.values else None,
        **({} if gradient.statistics is None else msgspec.structs.asdict(gradient.statistics)),
    )


def _edge_row(facts: Facts, gradient: EdgeGradient) -> EdgeGradientRow:
    return EdgeGradientRow(
        edge=facts.graph.edges[gradient.edge],
        shape=gradient.shape,
        state=gradient.state,
        norm=gradient.statistics.norm if gradient.statistics else None,
        share=gradient.share,
        cosine=gradient.cosine,
        values=_numbers(gradient.values),
        exact=gradient.values.exact if gradient.values else None,
    )


def _numbers(values: Values | None) -> tuple[bool | int | float, ...] | None:
    return None if values is None else values.numbers
