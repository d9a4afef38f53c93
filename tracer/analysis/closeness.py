"""Tells whether two gradients are the same but for rounding."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from tracer.facts import Facts, Gradient, Number, Statistics

RTOL = {"float64": 1e-7, "float32": 1e-4, "float16": 1e-2, "bfloat16": 5e-2}
RTOL |= {"complex128": RTOL["float64"], "complex64": RTOL["float32"]}
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
EPSILON |= {"complex128": EPSILON["float64"], "complex64": EPSILON["float32"]}
ROUNDINGS = 10  # of the largest gradient: what is smaller is noise where large numbers cancel


class Tolerance(NamedTuple):
    """How far apart two numbers may be: |a − b| ≤ atol + rtol · max(|a|, |b|). NaN equals NaN."""

    rtol: float
    atol: float

    def allows(self, a: Number, b: Number) -> bool:
        """Tell whether two numbers are the same but for rounding."""
        if a == b or (a != a and b != b):
            return True
        return math.isfinite(a) and math.isfinite(b) and abs(a - b) <= self.atol + self.rtol * max(abs(a), abs(b))


def tolerances(a: Facts, b: Facts, rtol: float | None, atol: float | None) -> dict[str | None, Tolerance]:
    """Give the tolerance for each dtype.

    Where none is given, `rtol` is that of the dtype, and `atol` ten roundings of the largest finite gradient in either
    recording: a gradient that is zero but for noise, as that of a bias before a batch norm, is no difference.
    """
    every = [*(a.gradients or ()), *(b.gradients or ())]
    known = [g.statistics.max_abs for g in every if g.statistics and g.statistics.max_abs is not None]
    largest = max((value for value in known if math.isfinite(value)), default=0.0)
    found = {}
    for dtype in {gradient.dtype for gradient in every}:
        name = dtype if dtype in RTOL else "float32"
        noise = ROUNDINGS * EPSILON[name] * largest
        found[dtype] = Tolerance(RTOL[name] if rtol is None else rtol, noise if atol is None else atol)
    return found


def apart(a: Gradient, b: Gradient, within: Tolerance) -> tuple[str, str] | None:
    """Say in what two measured gradients of one shape differ, before and after; `None`: in nothing that is known.

    Elements are compared where both recordings hold them, else norm, mean, deviation and largest element.
    """
    if a.values is not None and b.values is not None and a.values.shape == b.values.shape:
        numbers = list(zip(a.values.numbers, b.values.numbers, strict=False))
        off = [pair for pair in numbers if not within.allows(*pair)]
        if len(a.values.numbers) != len(b.values.numbers) or off:
            worst = max(off, key=lambda pair: _distance(*pair), default=(math.nan, math.nan))
            return f"{worst[0]:.6g}", f"{worst[1]:.6g} ({_of(len(off), len(numbers))} differ)"
        return None
    if a.statistics is None or b.statistics is None:
        return None
    return _statistics_apart(a.statistics, b.statistics, within, math.prod(a.shape or (1,)))


def _statistics_apart(a: Statistics, b: Statistics, within: Tolerance, elements: int) -> tuple[str, str] | None:
    if a.non_finite != b.non_finite:
        return f"{a.non_finite} not finite", f"{b.non_finite} not finite"
    wide = Tolerance(within.rtol, within.atol * math.sqrt(max(elements, 1)))
    rows = (
        ("norm", a.norm, b.norm, wide),
        ("largest", a.max_abs, b.max_abs, within),
        ("mean", a.mean, b.mean, Tolerance(within.rtol, within.atol + within.rtol * min(_size(a), _size(b)))),
        ("deviation", a.std, b.std, within),
    )
    for name, one, other, allowed in rows:
        if one is not None and other is not None and not allowed.allows(one, other):
            return f"{name} {one:.6g}", f"{name} {other:.6g}"
    return None


def _size(statistics: Statistics) -> float:
    """Give the largest element: a mean of terms that cancel is known only to a rounding of those."""
    return statistics.max_abs if statistics.max_abs is not None and math.isfinite(statistics.max_abs) else 0.0


def _distance(a: Number, b: Number) -> float:
    return abs(a - b) if math.isfinite(a) and math.isfinite(b) else math.inf


def _of(some: int, all_: int) -> str:
    return f"{some} of {all_} element{'' if all_ == 1 else 's'}"


def not_compared(gradients: Iterable[tuple[Gradient, Gradient]]) -> int:
    """Count the gradients that were not measured in one of the recordings."""
    return sum("not measured" in (a.state, b.state) for a, b in gradients)
