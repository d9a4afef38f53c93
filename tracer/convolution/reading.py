"""Reading one field: a whole number, one an axis, a choice, a switch; or a sentence that says why not."""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Iterable
from typing import Any

from tracer.errors import InvalidSetting

LARGEST = 2**31 - 1  # convolution libraries count with 32 bits


class Unfit(InvalidSetting):
    """A number that does not work by itself: it is `value`, and `nearest` are those that would work by themselves."""

    def __init__(self, what: str, where: str, cure: str, value: Any, nearest: tuple[int, ...]) -> None:
        super().__init__(what, where, cure)
        self.value, self.nearest = value, nearest


class TooLarge(Unfit):
    """A number that is larger than torch's libraries can count with."""


def whole(field: str, value: Any, *, least: int, most: int = LARGEST) -> int:
    """Read a whole number between `least` and `most`.

    Raises:
        Unfit: it is of another kind, or outside; the cure names the nearest number that works.
    """
    if isinstance(value, bool):
        near = max(least, int(value))
        raise Unfit(f"The number must be whole, not {value}", field, f"Use {near}", value, (near,))
    try:
        number = operator.index(value)
    except TypeError:
        raise _not_whole(field, value, least) from None
    if number < least:
        what = f"The number must be at least {least}, and is {_shown(number)}"
        raise Unfit(what, field, f"Use {least}", value, (least,))
    if number > most:
        what = f"The number can be at most {most}, and is {_shown(number)}"
        raise TooLarge(what, field, "Use a smaller number", value, (most,))
    return number


def per_axis(field: str, value: Any, dims: int, *, least: int, alone: bool = False) -> tuple[int, ...]:
    """Read one number for all axes, or one an axis; with `alone` also one number in a list, (2,), for all axes.

    Raises:
        InvalidSetting: there are too few or too many numbers, or one does not work.
    """
    if not isinstance(value, list | tuple):
        return (whole(field, value, least=least),) * dims
    if alone and len(value) == 1:
        value = (*value,) * dims
    if len(value) != dims:
        named = "is 1 number" if len(value) == 1 else f"are {len(value)} numbers"
        wanted = "1 number" if dims == 1 else f"1 number, or {dims}: one an axis"
        raise InvalidSetting(f"There {named}, and the signal has {_axes(dims)}", field, f"Use {wanted}")
    return tuple(whole(field, number, least=least) for number in value)


def choice(field: str, value: Any, choices: Iterable[str], otherwise: str = "") -> str:
    """Read one of some words.

    Raises:
        InvalidSetting: it is none of them; the cure names them, or the one that was probably meant.
    """
    words = tuple(choices)
    if isinstance(value, str) and value in words:
        return value
    near = difflib.get_close_matches(str(value)[:40], words, n=1)
    ways = [*filter(None, [otherwise]), *(f"“{word}”" for word in words)]
    cure = f"Did you mean “{near[0]}”?" if near else f"Use {either(ways)}"
    raise InvalidSetting(f"{_shown(value)} is no {field.replace('_', ' ')}", field, cure)


def switch(field: str, value: Any) -> bool:
    """Read true or false.

    Raises:
        InvalidSetting: it is neither.
    """
    if isinstance(value, bool):
        return value
    raise InvalidSetting(f"This must be true or false, not {_shown(value)}", field, "Use True or False")


def either(words: Iterable[str]) -> str:
    """Join words with commas and "or": 1, 2 or 4."""
    *rest, last = list(words)
    return f"{', '.join(rest)} or {last}" if rest else last


def _not_whole(field: str, value: Any, least: int) -> InvalidSetting:
    said = f"The number must be whole, not {_shown(value)}"
    try:
        near = float(value)
    except (TypeError, ValueError, OverflowError):
        return InvalidSetting(said, field, f"Use a whole number from {least} up")
    if not math.isfinite(near) or abs(near) > LARGEST:
        return InvalidSetting(said, field, f"Use a whole number from {least} up")
    numbers = tuple(sorted({max(least, math.floor(near)), max(least, math.ceil(near))}))
    return Unfit(said, field, f"Use {either(map(str, numbers))}", value, numbers)


def _shown(value: Any) -> str:
    if isinstance(value, int):
        return str(value).replace("-", "−") if abs(value) < 10**30 else "a number of more than 30 digits"
    text = str(value)
    text = text if len(text) <= 40 else text[:39] + "…"
    return f"“{text}”" if isinstance(value, str) else text.replace("-", "−") or "nothing"


def _axes(dims: int) -> str:
    return "1 axis" if dims == 1 else f"{dims} axes"
