"""What a query gave, as a plain value: numbers as text, exact where they are known so, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from tracer import quantities
from tracer.errors import InvalidSetting
from tracer.facts import Facts
from tracer.lesson.queries import ask
from tracer.lesson.query_syntax import Value
from tracer.lesson.steps import Kind, Result

FIGURES = 7  # significant digits in which an inexact number is written
_PLACE = re.compile(r"\{([^{}]+)\}")


def result(value: Value, kind: Kind | None = None) -> Result:
    """Take what a query gave as a value of a kind; of `None`, of whatever kind it is.

    Raises:
        InvalidSetting: it is of another kind.
    """
    found = "word" if isinstance(value, str) else "list" if isinstance(value, np.ndarray) else "number"
    wanted = found if kind is None else "list" if kind == "shape" else kind
    if found != wanted:
        raise InvalidSetting(f"A {kind} is expected, and the query gives a {found}", "", f"Use the kind “{found}”")
    if isinstance(value, str):
        return Result(word=value, text=value)
    numbers = value.reshape(-1).tolist() if isinstance(value, np.ndarray) else [value]
    exact = all(isinstance(number, Fraction) for number in numbers)
    if kind == "shape" and not all(isinstance(number, Fraction) and _is_size(number) for number in numbers):
        raise InvalidSetting("A shape is made of whole numbers from 0 on", "", "Use the kind “list”")
    shape = value.shape if isinstance(value, np.ndarray) else ()
    return Result(shape, tuple(map(_text, numbers)), exact, text=WRITE[kind or found](value))


def filled(text: str, facts: Facts) -> str:
    """Put into a text what its queries in curly brackets find: "y is {value(y)[0]}".

    Raises:
        InvalidSetting: a query finds nothing.
    """
    return _PLACE.sub(lambda found: result(ask(facts, found[1])).text, text)


def queries(text: str) -> list[str]:
    """List the queries of a text."""
    return _PLACE.findall(text)


def _is_size(number: Fraction) -> bool:
    return number.denominator == 1 and number >= 0


def _text(number: Fraction | float) -> str:
    return str(number) if isinstance(number, Fraction) else repr(float(number))


def _number(value: Any) -> str:
    if isinstance(value, Fraction):
        whole = value.denominator == 1
        return quantities.count(int(value)) if whole and abs(value) >= 10_000 else quantities.fractions(str(value))
    return quantities.figure(float(value), FIGURES)


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested, value))}]"
    return _number(value)


WRITE: dict[str, Callable[[Any], str]] = {
    "number": _number,
    "shape": lambda value: quantities.shape([int(size) for size in value]),
    "list": lambda value: _nested(value.tolist()),
}
