"""Reading one field: a whole number, one an axis, a choice, a switch; or a sentence that says why not."""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Iterable
from typing import Any

from tracer.errors import InvalidSetting

LARGEST = 2**31 - 1  # convolution libraries count with 32 bits


def whole(field: str, value: Any, *, least: int, most: int = LARGEST) -> int:
    """Read a whole number between `least` and `most`.

    Raises:
        InvalidSetting: it is of another kind, or outside; the cure names the nearest number that works.
    """
    if isinstance(value, bool):
        raise InvalidSetting(f"The number must be whole, not {value}", field, f"Use {max(least, int(value))}")
    try:
        number = operator.index(value)
    except TypeError:
        raise _not_whole(field, value, least) from None
    if number < least:
        raise InvalidSetting(f"The number must be at least {least}, and is {_shown(number)}", field, f"Use {least}")
    if number > most:
        raise InvalidSetting(
            f"The number can be at most {most}, and is {_shown(number)}", field, "Use a smaller number"
        )
    return number


def per_axis(field: str, value: Any, dims: int, *, least: int) -> tuple[int, ...]:
    """Read one number for all axes, or one an axis.

    Raises:
        InvalidSetting: there are too few or too many numbers, or one does not work.
    """
    if not isinstance(value, list | tuple):
        return (whole(field, value, least=least),) * dims
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
    cure = f"Did you mean “{near[0]}”?" if near else f"Use {otherwise}{either([f'“{word}”' for word in words])}"
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
    numbers = sorted({max(least, math.floor(near)), max(least, math.ceil(near))})
    return InvalidSetting(said, field, f"Use {either(map(str, numbers))}")


def _shown(value: Any) -> str:
    if isinstance(value, int):
        return str(value).replace("-", "−") if abs(value) < 10**30 else "a number of more than 30 digits"
    text = str(value)
    text = text if len(text) <= 40 else text[:39] + "…"
    return f"“{text}”" if isinstance(value, str) else text.replace("-", "−") or "nothing"


def _axes(dims: int) -> str:
    return "1 axis" if dims == 1 else f"{dims} axes"
