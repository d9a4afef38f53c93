"""What is known of a step before any answer: the numbers that its experiment was given, and the size of its input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from tracer import quantities
from tracer.convolution.layer import Settings
from tracer.convolution.settings import resolve
from tracer.convolution.shapes import shapes
from tracer.errors import TracerError
from tracer.experiment import Convolution, Expression, MatrixVector
from tracer.expression.values import given
from tracer.lesson.steps import Taught

Rows = tuple[tuple[str, ...], ...]


class Given(msgspec.Struct, frozen=True):
    """A tensor that was given: its name, how large it is in words, and its numbers in rows where there are at most two
    axes of them ("" where there are more, or they were drawn)."""

    name: str
    size: str
    rows: Rows = ()


def givens(experiment: Taught) -> tuple[Given, ...]:
    """List what an experiment was given, in the order in which it is used; nothing where it does not work."""
    try:
        if isinstance(experiment, MatrixVector):
            x = tuple((_text(entry),) for entry in experiment.vector)  # a column, as it stands beside A
            return (_typed("A", experiment.matrix), Given("x", quantities.shape((len(x),)), x))
        if isinstance(experiment, Expression):
            inputs = {name: given(name, value).values for name, value in experiment.inputs.items()}
            return tuple(_typed(name, values) for name, values in inputs.items())
        return _layer(experiment, resolve(experiment))
    except TracerError:
        return ()


def _layer(experiment: Convolution, settings: Settings) -> tuple[Given, ...]:
    x = experiment.input
    size = next(row.shape for row in shapes(settings) if row.name == "x")
    found = [Given("x", quantities.shape(size)) if x is None else _typed("x", x)]
    found += [_typed(f"kernel {number}", kernel) for number, kernel in enumerate(experiment.weight or (), 1)]
    if experiment.bias_values is not None:
        found.append(_typed("bias", experiment.bias_values))
    return tuple(found)


def _typed(name: str, values: Any) -> Given:
    """Give typed numbers as rows, without the axes in front that have one entry only."""
    shape = _shape(values)
    while len(_shape(values)) > 2 and len(values) == 1:
        values = values[0]
    depth = len(_shape(values))
    rows = [[values]] if depth == 0 else [values] if depth == 1 else values if depth == 2 else []
    return Given(name, quantities.shape(shape), tuple(tuple(map(_text, row)) for row in rows))


def _shape(values: Any) -> tuple[int, ...]:
    return (len(values), *_shape(values[0])) if isinstance(values, Sequence) and not isinstance(values, str) else ()


def _text(entry: Any) -> str:
    return str(entry).replace("-", quantities.MINUS)
