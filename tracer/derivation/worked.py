"""An expression at one place with its numbers put in: ¾ · 2 · (−1), as a person would work it out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from tracer.algebra import index
from tracer.algebra.evaluate import evaluate
from tracer.algebra.expressions import Expr, parts, substitute
from tracer.algebra.functions import CONSTANTS
from tracer.algebra.index import Entry, Floor, Index, Symbol
from tracer.algebra.style import number as written
from tracer.derivation.adjoints import Adjoint
from tracer.derived import Term
from tracer.quantities import figure, number

SUM, PRODUCT, POWER, ATOM = range(4)  # how tightly the outermost sign of a piece holds
MOST = 4  # terms of a sum that are written out
LONG, DIGITS = 7, 4  # characters of a number that is written whole; significant digits of a longer one
Places = Mapping[Symbol, int]


class Piece(NamedTuple):
    """A part of a calculation: its terms, how tightly its outermost sign holds, what it is if it is certainly 0 or 1,
    and the terms without the minus that it begins with, where that is one of all of it."""

    terms: tuple[Term, ...]
    level: int
    plain: int | None = None
    size: tuple[Term, ...] | None = None


class Pen(NamedTuple):
    """What is needed to put numbers in: the values of tensors, the dtype that says how they are written, and a list of
    those that were rounded."""

    values: Callable[[Any], Any]
    dtype: str
    rounded: list[str]


MINUS_ONE = (Term("−1", "sign"),)
ZERO_PIECE, ONE_PIECE = Piece((Term("0", "sign"),), ATOM, 0), Piece((Term("1", "sign"),), ATOM, 1)


def worked(e: Expr, at: Places, values: Callable[[Any], Any], dtype: str) -> tuple[tuple[Term, ...], bool]:
    """Write an expression with numbers in the place of its elements, and tell whether none of them was rounded."""
    pen = Pen(values, dtype, [])
    return joined(_piece(pen, e, at).terms), not pen.rounded


def shortened(value: float, dtype: str) -> tuple[str, bool]:
    """Write a number with few enough digits to be read, and tell whether that is all of it."""
    whole = number(float(f"{value:.12g}"), dtype)
    short = whole if len(whole) <= LONG else figure(value, DIGITS)
    return short, short == whole


def joined(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Join neighbours of one role."""
    found = []
    for role, same in itertools.groupby(terms, key=lambda term: term.role):
        found.append(Term("".join(term.text for term in same), role))
    return tuple(found)


def place(where: Index, at: Places, values: Callable[[Any], Any]) -> int:
    """Compute an index."""
    return where[0] + sum(c * _atom(one, at, values) for one, c in where[1])


def _atom(one: Any, at: Places, values: Callable[[Any], Any]) -> int:
    if isinstance(one, Symbol):
        return at[one]
    if isinstance(one, Entry):
        return int(values(one.table)[tuple(place(a, at, values) for a in one.at)])
    inner = place(one.of, at, values)
    return inner // one.by if isinstance(one, Floor) else inner % one.by


def _piece(pen: Pen, e: Expr, at: Places) -> Piece:
    return _RULES[e[0]](pen, e, at)


def _sign(text: str) -> Term:
    return Term(text, "sign")


def _held(piece: Piece, least: int) -> tuple[Term, ...]:
    """Give a piece, in brackets where its outermost sign holds less tightly."""
    return piece.terms if piece.level >= least else (_sign("("), *piece.terms, _sign(")"))


def _number(pen: Pen, e: Expr, at: Places) -> Piece:
    text = written(e[1])
    level = SUM if e[1] < 0 else ATOM if e[1].denominator == 1 or len(text) == 1 else PRODUCT
    size = (_sign(text[1:]),) if e[1] < 0 else None
    return Piece((_sign(text),), level, int(e[1]) if e[1] in (0, 1) else None, size)


def _element(pen: Pen, e: Expr, at: Places) -> Piece:
    array = pen.values(e[1])
    index = tuple(
        min(max(place(a, at, pen.values), 0), size - 1) for a, size in zip(e[2], array.shape, strict=True)
    )  # outside, a bracket beside it is 0
    value = array[index].item()
    role: Literal["gradient", "value"] = "gradient" if isinstance(e[1], Adjoint) else "value"
    text, whole = shortened(value, pen.dtype) if isinstance(value, float) else (number(value), True)
    pen.rounded.extend([] if whole else [text])
    size = (Term(text[1:], role),) if text.startswith("−") else None
    return Piece((Term(text, role),), SUM if size else ATOM, None, size)


def _constant(pen: Pen, e: Expr, at: Places) -> Piece:
    return Piece((_sign(e[1] if e[1] in CONSTANTS else str(e[1])),), ATOM)


def _index(pen: Pen, e: Expr, at: Places) -> Piece:
    text = number(place(e[1], at, pen.values))
    return Piece((_sign(text),), SUM if text.startswith("−") else ATOM)


def _sum(pen: Pen, e: Expr, at: Places) -> Piece:
    return _added([_piece(pen, term, at) for term in e[1]])


def _added(pieces: Sequence[Piece]) -> Piece:
    """Join the terms of a sum with + and −; of many, the first and the last."""
    kept = [piece for piece in pieces if piece.plain != 0]
    if len(kept) < 2:
        return kept[0] if kept else ZERO_PIECE
    found = list[Term]()
    for number_, piece in enumerate(kept):
        if len(kept) > MOST and MOST - 1 <= number_ < len(kept) - 1:
            found += [_sign(" + …")] if number_ == MOST - 1 else []
            continue
        minus = bool(found) and piece.size is not None
        terms = (piece.size or ()) if minus else piece.terms
        if found and not minus and terms[0].text.startswith("−"):
            terms = (_sign("("), *terms, _sign(")"))
        found += [*([_sign(" − " if minus else " + ")] if found else []), *terms]
    return Piece(tuple(found), SUM)


def _product(pen: Pen, e: Expr, at: Places) -> Piece:
    return _multiplied([_piece(pen, factor, at) for factor in e[1]])


def _multiplied(pieces: Sequence[Piece]) -> Piece:
    """Join factors with a dot; what is certainly 1 is left out, and what is certainly 0 is the whole."""
    if any(piece.plain == 0 for piece in pieces):
        return ZERO_PIECE
    minus = sum(piece.terms == MINUS_ONE for piece in pieces) % 2 == 1
    kept = [piece for piece in pieces if piece.plain != 1 and piece.terms != MINUS_ONE] or [ONE_PIECE]
    first, rest = kept[0], list[Term]()
    for piece in kept[1:]:
        over = piece.level == PRODUCT and piece.terms[0].text.startswith("1 / ")
        rest += [_sign(" / "), *_stripped(piece)] if over else [_sign(" · "), *_held(piece, PRODUCT)]
    if minus:
        size = (*_held(first, PRODUCT), *rest)
        return Piece((_sign("−"), *size), SUM, None, size)
    if not rest:
        return first
    if first.size is not None:
        return Piece((*first.terms, *rest), SUM, None, (*first.size, *rest))
    return Piece((*_held(first, PRODUCT), *rest), PRODUCT)


def _stripped(piece: Piece) -> list[Term]:
    first = piece.terms[0]
    rest = first.text.removeprefix("1 / ")
    return [*([Term(rest, first.role)] if rest else []), *piece.terms[1:]]


def _power(pen: Pen, e: Expr, at: Places) -> Piece:
    base, p = _piece(pen, e[1], at), e[2]
    if p < 0:
        below = _raised(base, -p)
        return Piece((_sign("1 / "), *_held(below, POWER)), PRODUCT)
    return _raised(base, p)


def _raised(base: Piece, p: Any) -> Piece:
    if p == 1:
        return base
    if p.denominator == 2 and p.numerator == 1:
        return Piece((_sign("√"), *_held(base, ATOM)), POWER)
    exponent = str(p).translate(_UP) if p.denominator == 1 else f"^({written(p)})"
    return Piece((*_held(base, ATOM), _sign(exponent)), POWER)


_UP = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _exponential(pen: Pen, e: Expr, at: Places) -> Piece:
    base, exponent = _piece(pen, e[1], at), _piece(pen, e[2], at)
    return Piece((*_held(base, ATOM), _sign("^"), *_held(exponent, ATOM)), POWER)


def _function(pen: Pen, e: Expr, at: Places) -> Piece:
    inner = _piece(pen, e[2], at)
    if e[1] == "1/":
        return Piece((_sign("1 / "), *_held(inner, POWER)), PRODUCT)
    if e[1] == "abs":
        return Piece((_sign("|"), *inner.terms, _sign("|")), ATOM)
    return Piece((_sign(f"{e[1]}("), *inner.terms, _sign(")")), ATOM)


def _function_2(pen: Pen, e: Expr, at: Places) -> Piece:
    a, b = _piece(pen, e[2], at), _piece(pen, e[3], at)
    return Piece((_sign(f"{e[1]}("), *a.terms, _sign(", "), *b.terms, _sign(")")), ATOM)


def _places(symbols: Sequence[Symbol], at: Places) -> Iterator[dict[Symbol, int]]:
    for chosen in itertools.product(*(range(one.size) for one in symbols)):
        yield {**at, **dict(zip(symbols, chosen, strict=True))}


def _total(pen: Pen, e: Expr, at: Places) -> Piece:
    return _added([_piece(pen, e[2], where) for where in _places(e[1], at)])


def _all_factors(pen: Pen, e: Expr, at: Places) -> Piece:
    but = tuple(place(a, at, pen.values) for a in e[2])
    wheres = [where for where in _places(e[1], at) if not e[2] or tuple(where[one] for one in e[1]) != but]
    return _multiplied([_piece(pen, e[3], where) for where in wheres])


def _bracket(pen: Pen, e: Expr, at: Places) -> Piece:
    """Tell whether [index = 0] or [index ≥ 0] holds at this place."""
    where = place(e[1], at, pen.values)
    return ONE_PIECE if where == 0 or (e[0] == "g" and where > 0) else ZERO_PIECE


def _relation(pen: Pen, e: Expr, at: Places) -> Piece:
    a, b = _piece(pen, e[2], at), _piece(pen, e[3], at)
    return Piece((_sign("["), *a.terms, _sign(f" {e[1]} "), *b.terms, _sign("]")), ATOM)


def _opposite(pen: Pen, e: Expr, at: Places) -> Piece:
    inner = _piece(pen, e[1], at)
    if inner.plain is not None:
        return ZERO_PIECE if inner.plain else ONE_PIECE
    return Piece((_sign("(1 − "), *_held(inner, PRODUCT), _sign(")")), ATOM)


def _choice(pen: Pen, e: Expr, at: Places) -> Piece:
    """Take what was chosen at this place."""
    p, a, b = e[1:]
    holds = evaluate(substitute(p, {one: index.constant(where) for one, where in at.items()}), (), pen.values)
    return _piece(pen, a if holds else b, at)


_RULES: Mapping[str, Callable[[Pen, Expr, Places], Piece]] = {
    "n": _number,
    "c": _constant,
    "x": _element,
    "i": _index,
    "+": _sum,
    "*": _product,
    "^": _power,
    "**": _exponential,
    "f": _function,
    "f2": _function_2,
    "S": _total,
    "P": _all_factors,
    "d": _bracket,
    "g": _bracket,
    "v": _relation,
    "~": _opposite,
    "k": lambda pen, e, at: _piece(pen, e[1], at),
    "w": _choice,
}


def size(e: Expr) -> int:
    """Count the numbers that are put into an expression, written out in full."""
    times = math.prod(one.size for one in e[1]) if e[0] in ("S", "P") else 1
    return times * max(1, sum(map(size, parts(e))))
