"""A second reading: an expression in indices as one of vectors and matrices, Σⱼ Xⱼᵢ·uⱼ as Xᵀ u, where there is one.

A reading is ("t", tensor), ("T", a), ("@", parts), ("⊙", parts), ("+", ((number, a), …)), ("c", number, scalars, a),
("^", a, p), ("f", name, a), ("v", relation, a, number), ("1",) for a vector of ones, ("diag", a).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from tracer.algebra import index
from tracer.algebra.expressions import ONE, Expr, free
from tracer.algebra.index import Index, Symbol
from tracer.algebra.memory import remembered
from tracer.algebra.tidy import split

Reading = tuple[Any, ...]
ONES: Reading = ("1",)


def read(e: Expr, over: Sequence[Symbol]) -> Reading | None:
    """Read an expression of the free symbols `over`: none a scalar, one a vector, two a matrix of rows and columns."""
    return None if len(over) > 2 else _any(e, tuple(over))


def _any(e: Expr, over: tuple[Symbol, ...]) -> Reading | None:
    if e[0] == "+":
        return _sum(e, over)
    c, rest = split(e)
    factors = rest[1] if rest[0] == "*" else (rest,)
    numbers = [factor for factor in factors if factor[0] == "n"]
    for factor in numbers:
        c *= factor[1]
    others = [factor for factor in factors if factor[0] != "n" and factor != ONE]
    if c == 0 or not others:
        return None
    scalars = [factor for factor in others if not _bare(factor) & set(over)] if over else []
    inner = _product([factor for factor in others if factor not in scalars], over)
    told = [_any(factor, ()) for factor in scalars]
    if inner is None or any(one is None for one in told):
        return None
    return inner if c == 1 and not told else ("c", c, tuple(told), inner)


@remembered
def _bare(e: Expr) -> frozenset[Symbol]:
    """List the symbols that are free in an expression."""
    found = set(free(e))
    stack = [e]
    while stack:
        one = stack.pop()
        if one[0] in ("S", "P"):
            found -= set(one[1])
        if one[0] in ("+", "*"):
            stack += one[1]
        elif one[0] in ("S", "^", "f"):
            stack.append(one[2] if one[0] != "^" else one[1])
    return frozenset(found)


def _sum(e: Expr, over: tuple[Symbol, ...]) -> Reading | None:
    terms: list[tuple[Fraction, Reading]] = []
    for term in e[1]:
        c, rest = split(term)
        inner = _constant(rest, over) if over and not _bare(term) & set(over) else _any(rest, over)
        if inner is None:
            return None
        terms.append((c, inner))
    return "+", tuple(terms)


def _constant(e: Expr, over: tuple[Symbol, ...]) -> Reading | None:
    """Read a term that is the same for all elements: s 𝟏 for a vector, a number alone for a matrix."""
    if len(over) == 2:
        return ("n", Fraction(1)) if e == ONE else None
    if e == ONE:
        return ONES
    scalar = _any(e, ())
    return None if scalar is None else ("c", Fraction(1), (scalar,), ONES)


def _product(factors: list[Expr], over: tuple[Symbol, ...]) -> Reading | None:
    """Read factors by what they depend on: all of it, the rows, or the columns."""
    if not factors:
        return ONES if len(over) == 1 else None
    if len(over) < 2:
        read_ = [_one(factor, over) for factor in factors]
        if any(one is None for one in read_):
            return None
        return read_[0] if len(read_) == 1 else ("⊙" if over else "·", tuple(read_))
    i, j = over
    whole = [f for f in factors if {i, j} <= _bare(f)]
    rows = [f for f in factors if i in _bare(f) and j not in _bare(f)]
    columns = [f for f in factors if j in _bare(f) and i not in _bare(f)]
    parts: list[Reading | None]
    if whole:
        each = [_one(f, over) for f in whole]
        body = None if None in each else each[0] if len(each) == 1 else ("⊙", tuple(each))
        parts = [*([_diagonal(rows, i)] if rows else []), body, *([_diagonal(columns, j)] if columns else [])]
    elif rows and columns:
        parts = [_product(rows, (i,)), _turned(_product(columns, (j,)))]
    else:
        return None
    if None in parts:
        return None
    return parts[0] if len(parts) == 1 else ("@", tuple(parts))


def _diagonal(factors: list[Expr], one: Symbol) -> Reading | None:
    inner = _product(factors, (one,))
    return None if inner is None else ("diag", inner)


def _one(e: Expr, over: tuple[Symbol, ...]) -> Reading | None:
    """Read one factor."""
    if e[0] == "x":
        return _element(e, over)
    if e[0] == "S":
        return _contraction(e, over)
    if e[0] == "+":
        return _sum(e, over)
    if e[0] == "^" and e[2].denominator == 1 and e[2] > 0:
        inner = _one(e[1], over)
        return None if inner is None else ("^", inner, e[2])
    if e[0] == "f" and e[1] != "1/":
        inner = _any(e[2], over)
        return None if inner is None else ("f", e[1], inner)
    if e[0] == "v" and e[3][0] == "n":
        inner = _any(e[2], over)
        return None if inner is None else ("v", e[1], inner, e[3][1])
    return None


def _element(e: Expr, over: tuple[Symbol, ...]) -> Reading | None:
    at: tuple[Index, ...] = e[2]
    if at == index.indices(over) and all(one.size != 1 for one in over):
        return "t", e[1]
    if len(over) == 2 and at == index.indices((over[1], over[0])):
        return "T", ("t", e[1])
    return None


def _contraction(e: Expr, over: tuple[Symbol, ...]) -> Reading | None:
    """Read Σ_q: the factors of the row, those of the column, and what depends on q alone between them."""
    if len(e[1]) != 1:
        return None
    (q,) = e[1]
    factors = list(e[2][1] if e[2][0] == "*" else (e[2],))
    c = Fraction(1)
    for factor in factors:
        c *= factor[1] if factor[0] == "n" else 1
    factors = [factor for factor in factors if factor[0] != "n"]
    i, j = (over[0] if over else None), (over[1] if len(over) == 2 else None)
    left = [f for f in factors if i is not None and i in _bare(f)]
    right = [f for f in factors if f not in left and j is not None and j in _bare(f)]
    middle = [f for f in factors if f not in left and f not in right]
    if any(j in _bare(f) for f in left if j is not None):
        return None
    read_ = _halves(left, middle, right, q, i, j)
    return read_ if read_ is None or c == 1 else ("c", c, (), read_)


def _halves(
    left: list[Expr], middle: list[Expr], right: list[Expr], q: Symbol, i: Symbol | None, j: Symbol | None
) -> Reading | None:
    if i is None:  # a scalar: aᵀ b, or 𝟏ᵀ a
        if not middle:
            return None
        first = ("T", ONES) if len(middle) == 1 else _turned(_product(middle[:1], (q,)))
        second = _product(middle[1:] or middle, (q,))
    elif j is None:  # a vector
        first = _product(left, (i, q)) if left else None
        second = _product(middle, (q,)) if middle else ONES
    else:
        first, second = (_product(left, (i, q)) if left else None), (_product(right, (q, j)) if right else None)
        if middle:
            between = _diagonal(middle, q)
            first = None if between is None or first is None else ("@", (first, between))
    return None if first is None or second is None else ("@", (first, second))


def _turned(a: Reading | None) -> Reading | None:
    return None if a is None else ("T", a)


def is_linear_algebra(a: Reading) -> bool:
    """Tell whether a reading multiplies matrices or vectors."""
    if a[0] in ("@", "T"):
        return True
    return any(is_linear_algebra(part) for part in _inside(a))


def adds_up(a: Reading) -> bool:
    """Tell whether a reading has 𝟏ᵀ, which only says that all elements are added up."""
    return a == ("T", ONES) or any(adds_up(part) for part in _inside(a))


def _inside(a: Reading) -> list[Reading]:
    kind = a[0]
    if kind in ("⊙", "·", "@"):
        return list(a[1])
    if kind == "+":
        return [one for _, one in a[1]]
    if kind == "c":
        return [*a[2], a[3]]
    return [a[2]] if kind in ("f", "v") else [a[1]] if kind in ("T", "^", "diag") else []
