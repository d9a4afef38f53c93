"""What each line of a program gave: kept while it runs, with the values of that moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from tracer.backward.statistics import Budget
from tracer.capture.nodes import dtype_name, known_shape
from tracer.facts import VALUES_PER_TENSOR, Line, Values
from tracer.runners.interpreter.operators import kind
from tracer.runners.interpreter.shadows import Shadows, written

WHOLE = 2**53  # larger whole numbers are not held, since a file would round them


@dataclass
class Given:
    """What a line gave last (of a tensor a copy, since the program may change it), and how often it gave something."""

    value: Any
    tracked: bool
    passes: int
    exact: Any = None


class Account:
    """Notes by line and name what was given last, in the order in which each was given first."""

    def __init__(self, shadows: Shadows) -> None:
        self._shadows = shadows
        self._given: dict[tuple[int, str | None], Given] = {}

    def note(self, line: int, name: str | None, value: Any) -> None:
        """Note that a line gave a value to a name (`None`: to no name)."""
        before = self._given.get((line, name))
        tracked = isinstance(value, torch.Tensor) and value.requires_grad
        self._given[line, name] = Given(
            _held(value), tracked, before.passes + 1 if before else 1, self._shadows.of(value)
        )

    def lines(self) -> Iterator[Line]:
        """Tell all that was noted, by line."""
        budget = Budget()
        for (line, name), given in sorted(self._given.items(), key=lambda item: item[0][0]):
            yield told(line, name, given, budget)


def told(line: int, name: str | None, given: Given, budget: Budget) -> Line:
    """Tell what a line gave to a name."""
    value, plain = given.value, written(_plain(given.value), given.exact)
    if isinstance(value, torch.Tensor):
        shape, dtype = known_shape(value), dtype_name(value.dtype)
        values = None if value.is_meta else written(budget.values(value), given.exact)
        return Line(line, name, "a tensor", shape, dtype, values, given.tracked, given.passes)
    if plain is not None:
        return Line(line, name, kind(value), plain.shape, plain.dtype, plain, passes=given.passes)
    return Line(line, name, kind(value), passes=given.passes)


def _held(value: Any) -> Any:
    """Copy a small tensor; of a large one keep its kind alone."""
    if not isinstance(value, torch.Tensor):
        return value
    with torch.no_grad():
        return value.detach().clone() if value.numel() <= VALUES_PER_TENSOR else value.detach().to("meta")


def _plain(value: Any) -> Values | None:
    """Give a Python number as values; `None` for what is no number, or too large a one."""
    if isinstance(value, complex):
        return Values((), "complex128", (value.real, value.imag))
    if isinstance(value, bool):
        return Values((), "bool", (value,))
    if isinstance(value, int):
        return Values((), "int64", (value,)) if abs(value) <= WHOLE else None
    return Values((), "float64", (value,)) if isinstance(value, float) else None
