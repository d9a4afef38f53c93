"""An answer as a person types it: read forgivingly, and compared with the right one and with the slips that are known.

Fractions (3/2), decimals with a point (1.5; a comma is not read, and the person is told), whole numbers with or without
thin groups (36 902 400), shapes (16×62, (16, 62), 16, 62), lists and matrices ([[1, 2], [3, 4]], or 1 2; 3 4). Spaces,
the true minus sign and brackets make no difference.

A decimal with at least three digits after the point, of which three count, is right where it is the right number
rounded to as many digits: 0.333 for 1/3. Fewer digits must be the number itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from tracer.lesson.steps import Kind, Result, Solved, Verdict

DIGITS = 3  # after the point, from which on a decimal may be rounded
NOISE = Fraction(1, 1_000_000)  # share by which a number that is not known exactly may differ
LONGEST = 2_000  # letters of an answer
RIGHT, WRONG = "Right.", "Not yet. This is not the number, and no slip that is known here gives it."
FLAT = "The numbers are right. Now write them in their shape: one pair of brackets for each axis."
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?(?:/\d+)?", re.IGNORECASE)
_TENSOR = re.compile(r"\s*tensor\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL)
_SQUARE = str.maketrans("(){}", "[][]")
_GROUPED = re.compile(r"\d{1,3}(?:[ _\u00a0\u2009\u202f]\d{3})+(?![\d.])")
HINTS: Mapping[Kind, str] = {
    "number": "A number such as 3/2 or 1.5",
    "shape": "A shape such as 2 × 5 × 9",
    "list": "Numbers such as [[1, 2], [3, 4]]",
    "word": "A word",
}


class Unread(ValueError):
    """An answer can't be read; the text is the cure."""


class Typed(NamedTuple):
    """A number that was typed; `slack` is how far the right one may be where it was rounded."""

    value: Fraction
    slack: Fraction


class Given(NamedTuple):
    """An answer that was read: numbers with their shape, or a word."""

    shape: tuple[int, ...]
    numbers: tuple[Typed, ...]
    word: str = ""


def hint(kind: Kind) -> str:
    """Say how an answer of a kind is written."""
    return HINTS[kind]


def check(solved: Solved, text: str) -> Verdict:
    """Tell whether an answer is right, which slip it is, or that it is neither or can't be read."""
    try:
        given = read(solved.kind, text)
    except Unread as unread:
        return Verdict("unreadable", str(unread))
    if same(given, solved.expected):
        return Verdict("right", RIGHT)
    slip = next((slip for slip in solved.slips if same(given, slip.result)), None)
    if slip is not None:
        return Verdict("slip", f"Not yet. {slip.says}", slip.name)
    if len(solved.expected.shape) > 1 and _alike(given.numbers, solved.expected) and len(given.shape) == 1:
        return Verdict("slip", f"Not yet. {FLAT}", "flat")
    return Verdict("wrong", WRONG if solved.kind != "word" else "Not yet.")


def same(given: Given, result: Result) -> bool:
    """Tell whether an answer is a result."""
    if result.word or given.word:
        return given.word.casefold() == result.word.casefold()
    return given.shape == result.shape and _alike(given.numbers, result)


def _alike(numbers: Sequence[Typed], result: Result) -> bool:
    return len(numbers) == len(result.numbers) and all(
        _near(typed, Fraction(number), result.exact) for typed, number in zip(numbers, result.numbers, strict=True)
    )


def _near(typed: Typed, number: Fraction, exact: bool) -> bool:
    return abs(typed.value - number) <= (typed.slack if exact else max(typed.slack, NOISE * abs(number)))


def read(kind: Kind, text: str) -> Given:
    """Read an answer of a kind.

    Raises:
        Unread: it is none; the text says how to write it.
    """
    plain = text.strip().replace("−", "-").replace("–", "-")
    if not plain:
        raise Unread(f"Type an answer first. {HINTS[kind]}.")
    if len(plain) > LONGEST:
        raise Unread(f"This is longer than any answer. {HINTS[kind]}.")
    return READERS[kind](plain)


def _read_number(text: str) -> Given:
    bare = text.strip("[](){} ")
    if re.fullmatch(r"[+-]?\d+,\d+", bare):
        raise Unread("A decimal has a point here, as in Python: write 1.5. A whole number has no comma.")
    return Given((), (_typed(bare),))


def _read_shape(text: str) -> Given:
    bare = re.sub(r"^torch\.Size", "", text, flags=re.IGNORECASE).strip("[](){} ")
    parts = [part for part in re.split(r"[\s,;×xX*·]+", bare) if part]
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts):
        raise Unread(f"Write the sizes as whole numbers, one for each axis. {HINTS['shape']}.")
    return Given((len(parts),), tuple(Typed(Fraction(part), Fraction(0)) for part in parts))


def _read_list(text: str) -> Given:
    """Read nested lists; or rows with ; or line ends between them, which need no brackets."""
    bare = _TENSOR.sub(r"\1", text).translate(_SQUARE)
    plain = re.sub(r"\s*/\s*", "/", bare)
    rows = [row for part in re.split(r"[;\n]", plain) if (row := part.strip("[], \t"))]
    by_rows = len(rows) > 1 and not plain.startswith("[[[")
    value = [_items(row) for row in rows] if by_rows else _items(plain)
    if len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    found = np.array(value, dtype=object)
    if not found.size or any(isinstance(item, list) for item in found.flat):
        raise Unread(f"Each row needs as many numbers as the others. {HINTS['list']}.")
    return Given(found.shape, tuple(map(_typed, found.flat)))


def _items(text: str) -> list[Any]:
    """Read lists in brackets, in one another, as lists of text."""
    open_: list[list[Any]] = [[]]
    for token in re.findall(r"[\[\]]|[^\[\],\s]+", text):
        if token == "[":
            open_.append([])
        elif token != "]":
            open_[-1].append(token)
        elif len(open_) > 1:
            open_[-2].append(open_.pop())
        else:
            raise Unread(f"A bracket is closed that was not opened. {HINTS['list']}.")
    if len(open_) > 1:
        raise Unread(f"A bracket is not closed. {HINTS['list']}.")
    return open_[0]


def _read_word(text: str) -> Given:
    bare = text.strip("<>\"'“”.() ").removesuffix(" object")
    return Given((), (), bare or text)


READERS: Mapping[Kind, Callable[[str], Given]] = {
    "number": _read_number,
    "shape": _read_shape,
    "list": _read_list,
    "word": _read_word,
}


def _typed(text: str) -> Typed:
    """Read a number: a fraction, a whole number or a decimal with its slack."""
    signed = text.removeprefix("+").strip()
    sign = "-" if signed.startswith("-") else ""
    digits = signed.removeprefix("-").strip()
    if _GROUPED.fullmatch(digits):
        digits = re.sub(r"\D", "", digits)
    compact = re.sub(r"\s*/\s*", "/", sign + digits)
    if not _NUMBER.fullmatch(compact):
        raise Unread(f"“{text[:40]}” is no number. {HINTS['number']}.")
    top, _, bottom = compact.partition("/")
    if bottom and not int(bottom):
        raise Unread("A fraction has something other than 0 below its line.")
    return Typed(Fraction(top) / Fraction(bottom or 1), _slack(top) if not bottom else Fraction(0))


def _slack(text: str) -> Fraction:
    mantissa, _, exponent = text.lower().partition("e")
    after = mantissa.partition(".")[2]
    counting = mantissa.lstrip("+-0.").replace(".", "")
    if len(after) < DIGITS or len(counting) < DIGITS:
        return Fraction(0)
    return Fraction(1, 2) * Fraction(10) ** (int(exponent or 0) - len(after))


def same_result(one: Result, other: Result) -> bool:
    """Tell whether two results can't be told apart by an answer."""
    typed = tuple(Typed(Fraction(number), Fraction(0) if one.exact else NOISE) for number in one.numbers)
    return same(Given(one.shape, typed, one.word), other)
