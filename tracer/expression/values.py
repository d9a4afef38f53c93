"""Values that a person gives: nested lists of numbers or fractions → a shape and flat numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import msgspec

from tracer.errors import InvalidSetting
from tracer.experiment import Input
from tracer.expression.names import DTYPES
from tracer.numerals import refusal

AXES = 16
Scalar = bool | int | float | complex


def given(name: str, value: Any) -> Input:
    """Take an input as it was given: an Input, the same as plain data (from a file or a message), or bare values.

    Raises:
        InvalidSetting: plain data that is no Input, or a dtype that torch does not have.
    """
    where = f"inputs.{name}"
    if isinstance(value, dict):
        try:
            value = msgspec.convert(value, Input)
        except msgspec.ValidationError as error:
            raise InvalidSetting(f"This is no input: {error}", where, "Give nested lists, or tracer.Input(…)") from None
    found: Input = value if isinstance(value, Input) else Input(value)
    if f"torch.{found.dtype}" not in DTYPES:
        raise InvalidSetting(f"There is no dtype “{str(found.dtype)[:40]}”", where, "Use float32, float64 or int64")
    return found


def flat(where: str, values: Any) -> tuple[tuple[int, ...], list[Scalar]]:
    """Flatten nested lists in row-major order, and give their shape; a bare number has the shape ().

    Raises:
        InvalidSetting: rows of one axis differ in length, or an entry is no number; `where` names the field.
    """
    shape, level = laid(where, values)
    return shape, [number(where, item) for item in level]


def laid(where: str, values: Any) -> tuple[tuple[int, ...], Sequence[Any]]:
    """Flatten nested lists, and leave each entry as it was typed.

    Raises:
        InvalidSetting: rows of one axis differ in length, or are nested too deep.
    """
    shape: list[int] = []
    level: Sequence[Any] = [values]
    while level and any(isinstance(item, list | tuple) for item in level):
        lengths = {len(item) if isinstance(item, list | tuple) else -1 for item in level}
        if len(lengths) > 1:
            told = " and ".join("a single number" if n < 0 else f"{n} numbers" for n in sorted(lengths)[:2])
            raise InvalidSetting(f"The rows differ: some have {told}", where, "Give every row the same length")
        if len(shape) == AXES:
            raise InvalidSetting(f"The lists are nested more than {AXES} deep", where, "Use fewer axes")
        shape.append(lengths.pop())
        level = [entry for item in level for entry in item]
    return tuple(shape), level


def number(where: str, item: Any) -> Scalar:
    """Read a number, or one as text: 2, "0.5", "1/3", "−2", "NaN", "1+2j".

    Raises:
        InvalidSetting: it is none.
    """
    if isinstance(item, bool | int | float | complex):
        return item
    text = str(item).strip().replace("−", "-")
    for read in (int, float, Fraction, complex):
        try:
            value = read(text)
            return float(value) if isinstance(value, Fraction) else value
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
    raise refusal(where, item)
