"""Programs and their inputs for the tests of derivations, and what reads them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.derivation.derive import ByHand, derive
from tracer.derivation.walk import walk
from tracer.expression.syntax import read


def array(value: Any) -> Any:
    """Give numbers as an array: lists as they are, a shape as text ("2x3") as numbers that look drawn but are not."""
    if not isinstance(value, str):
        found = np.array(value)
        return found.astype(np.float64) if found.dtype.kind == "f" else found
    shape = tuple(int(n) for n in value.split("x"))
    numbers = np.arange(1, np.prod(shape) + 1)
    return (np.sin(numbers * 1.7) + 0.1 * np.cos(numbers)).reshape(shape)


def derived(
    program: str, inputs: dict[str, Any], constants: str = "", output: str | None = None, gradient: Any = None
) -> ByHand:
    """Derive a program; the inputs named in `constants` have no gradient."""
    given = {name: (array(value), name not in constants.split()) for name, value in inputs.items()}
    plain = {name: (values, follow and values.dtype.kind == "f") for name, (values, follow) in given.items()}
    return derive(walk(read(program, inputs), plain, output, gradient))


def text(by_hand: ByHand, name: str) -> list[str]:
    """Give the lines of one input's derivation."""
    return [line.text for one in by_hand.derived if one.name == name for line in one.lines]
