"""What becomes of a derivation once it is held to autograd: its numbers, and whether they are equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracer.algebra.evaluate import Array
from tracer.derivation.derive import Derived
from tracer.derivation.layout import left, numbers
from tracer.derived import Derivation, Line, Part
from tracer.quantities import count, shape
from tracer.values import Values

SHOWN = 64  # numbers that are written out
BY_DIFFERENCES = 1e-4


@dataclass(frozen=True)
class Verdict:
    """How the numbers of a derivation compare with those of autograd, and with finite differences."""

    value: Array | None
    expected: Array | None
    agree: int
    differs: str = ""

    @staticmethod
    def of(value: Array | None, expected: Array | None, differences: Array | None, tolerance: float) -> Verdict:
        """Compare the numbers element by element; where they differ, finite differences tell which one is off."""
        if value is None or expected is None:
            return Verdict(value, expected, 0)
        equal = _equal(value, expected, tolerance)
        agree = int(equal.sum())
        if agree == value.size:
            return Verdict(value, expected, agree)
        return Verdict(value, expected, agree, _which(value, expected, differences, ~equal))


def _equal(a: Array, b: Array, tolerance: float) -> Array:
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= tolerance * (1 + np.abs(b))
    found: Array = near | (a == b) | (np.isnan(a) & np.isnan(b))
    return found


def _which(value: Array, expected: Array, differences: Array | None, off: Array) -> str:
    """Say which of three ways differs from the two others."""
    if not np.isfinite(expected[off]).all() or not np.isfinite(value[off]).all():
        return "not all numbers are finite there, where 0·∞ is not 0 as the algebra has it"
    if differences is None:
        return "no finite differences tell which one is off"
    hand = bool(_equal(value, differences, BY_DIFFERENCES)[off].all())
    autograd = bool(_equal(expected, differences, BY_DIFFERENCES)[off].all())
    if hand == autograd:
        return "finite differences agree with neither" if not hand else "finite differences can't tell which one is off"
    return f"finite differences agree with {'the derivation' if hand else 'autograd'}"


def derivation(one: Derived, verdict: Verdict, dtype: str = "float64") -> Derivation:
    """Add the numbers to a derivation, and what they equal; one that differs from autograd is not shown."""
    if verdict.differs:
        size = count(verdict.value.size) if verdict.value is not None else "all"
        off = f"The derivation equals autograd on {count(verdict.agree)} of {size} elements of {one.name} only"
        return Derivation(one.name, one.of, False, (), f"{off}, so it is not shown: {verdict.differs}", True)
    found, held = _numbers(one, verdict, dtype)
    lines = (*one.lines, *found)
    if one.missing:
        return Derivation(one.name, one.of, False, lines, "; ".join(one.missing))
    if verdict.value is None or verdict.expected is None:
        return Derivation(one.name, one.of, False, lines, "Its numbers are too many to be computed by hand")
    return Derivation(one.name, one.of, True, lines, values=held)


def _numbers(one: Derived, verdict: Verdict, dtype: str) -> tuple[list[Line], Values | None]:
    """Write the numbers in the shape of the input, as its dtype holds them, and that they are those of autograd."""
    if verdict.value is None or verdict.expected is None or one.missing:
        return [], None
    shown = verdict.value + 0.0  # without −0
    size, held = shown.size, None
    if size <= SHOWN:
        held = Values(shown.shape, dtype, tuple(shown.round(12).reshape(-1).tolist()))
        lines = numbers(one.name, one.of, held)
    else:
        lines = [Line("numbers", (left(one.name, one.of), Part(f"{shape(shown.shape)} numbers")), one.name)]
    elements = "its 1 element" if size == 1 else f"all {count(size)} elements"
    verdicts = [Line("verdict", (Part(f"equals {one.name}.grad on {elements}"),), one.name)] if size else []
    return [*lines, *verdicts], held


def not_derived(name: str, of: str, why: str) -> Derivation:
    """Give an input for which there is no derivation."""
    return Derivation(name, of, False, (), why)
