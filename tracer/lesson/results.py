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
_SHAPE = re.compile(r"\s*shape\(\s*[\w.]+\s*\)\s*")
_PLACE = re.compile(r"\{([^{}]+)\}")


def result(value: Value, kind: Kind | None = None) -> Result:
    """Take what a query gave as a value of a kind; of `None`, of whatever kind it is.

    Raises:
        InvalidSetting: it is of another kind.
    """
    kind_found: Kind = "word" if isinstance(value, str) else "list" if isinstance(value, np.ndarray) else "number"
    wanted = kind_found if kind is None else "list" if kind == "shape" else kind
    if kind_found != wanted:
        what = f"A {kind} is expected, and the query gives a {kind_found}"
        raise InvalidSetting(what, "", f"Use the kind “{kind_found}”")
    if isinstance(value, str):
        return Result(word=value, text=value)
    numbers = value.reshape(-1).tolist() if isinstance(value, np.ndarray) else [value]
    exact = all(isinstance(number, Fraction) for number in numbers)
    if kind == "shape" and not all(isinstance(number, Fraction) and _is_size(number) for number in numbers):
        raise InvalidSetting("A shape is made of whole numbers from 0 on", "", "Use the kind “list”")
    shape = value.shape if isinstance(value, np.ndarray) else ()
    return Result(shape, tuple(map(_text, numbers)), exact, text=WRITE[kind or kind_found](value))


def filled(text: str, facts: Facts) -> str:
    """Put into a text what its queries in curly brackets find: "y is {value(y)[0]}".

    Raises:
        InvalidSetting: a query finds nothing.
    """
    return _PLACE.sub(lambda place: found(facts, place[1]).text, text)


def found(facts: Facts, query: str) -> Result:
    """Give what a query finds; a whole shape as one, 16 × 2 × 3.

    Raises:
        InvalidSetting: it finds nothing.
    """
    return result(ask(facts, query), "shape" if _SHAPE.fullmatch(query) else None)


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


def _list(value: Any) -> str:
    """Write a list: as decimals where they end and fifths are among them, as in 51.2, else as fractions."""
    numbers = [number for number in value.reshape(-1).tolist() if isinstance(number, Fraction)]
    if any(number.denominator % 5 == 0 for number in numbers) and all(map(_ends, numbers)):
        return _nested(value.astype(float).tolist())
    return _nested(value.tolist())


def _ends(number: Fraction) -> bool:
    """Tell whether a fraction is a decimal of at most six digits after the point."""
    return 10**6 % number.denominator == 0


def both(found: Result) -> str:
    """Write a number as a fraction, and as a decimal where that ends: 9/2 = 4.5."""
    if found.shape or found.word or not found.exact or "/" not in found.numbers[0]:
        return found.text
    number = Fraction(found.numbers[0])
    return f"{found.text} = {quantities.number(float(number))}" if _ends(number) else found.text


WRITE: dict[str, Callable[[Any], str]] = {
    "number": _number,
    "shape": lambda value: quantities.shape([int(size) for size in value]),
    "list": _list,
}
