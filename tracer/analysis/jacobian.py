"""The Jacobian of a small program: one backward for each element of the output, each from a unit vector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from tracer.errors import LimitPassed
from tracer.experiment import Expression
from tracer.facts import Facts, Values
from tracer.quantities import count

ROWS = 64


def asked(experiment: Expression, shape: Sequence[int]) -> tuple[Expression, ...]:
    """List the experiments whose gradients are the rows of the Jacobian of an output of this shape.

    Raises:
        LimitPassed: the output has too many elements.
    """
    elements = math.prod(shape)
    if elements > ROWS:
        what = f"The output has {count(elements)} elements, and a Jacobian is written out up to {count(ROWS)} rows"
        raise LimitPassed(what, "output", "Choose a smaller output")
    return tuple(
        msgspec.structs.replace(experiment, gradient=_nested([int(at == row) for at in range(elements)], shape))
        for row in range(elements)
    )


def rows(found: Sequence[Facts], name: str) -> tuple[Values | None, ...]:
    """Take from what was found the rows of ∂output/∂name, each of that input's shape: its numbers, and fractions where
    they are known. `None` where nothing flows."""
    return tuple(_gradient(facts, name) for facts in found)


def _gradient(facts: Facts, name: str) -> Values | None:
    place = next(((t.node, t.output_nr) for t in facts.tensors if t.name == name and t.node is not None), None)
    return next((row.values for row in facts.gradients or () if (row.node, row.output_nr) == place), None)


def _nested(flat: list[Any], shape: Sequence[int]) -> Any:
    for length in reversed(shape[1:]):
        flat = [flat[start : start + length] for start in range(0, len(flat), length)]
    return flat if shape else flat[0]
