"""Expressions over elements of tensors: nested tuples, equal where they are written alike.

("n", number)  ("c", constant)  ("x", tensor, indices)  ("i", index)  ("+", terms)  ("*", factors)
("^", base, rational)  ("**", base, exponent)  ("f", function, argument)  ("f2", function, a, b)
("S", symbols, body): a sum  ("P", symbols, but, body): a product, without the place `but`
("d", index): 1 where the index is 0  ("g", index): 1 where it is ≥ 0  ("v", relation, a, b): 1 where it holds
("~", p): 1 − p  ("k", p): p as a factor that meets NaN  ("w", p, a, b): a where p holds, else b
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from tracer.algebra import index
from tracer.algebra.index import Index, Symbol
from tracer.algebra.memory import remembered

Expr = tuple[Any, ...]


def number(value: int | float | Fraction) -> Expr:
    """Give a number; a float is the fraction that its shortest decimal says.

    Raises:
        ValueError: it is not finite.
    """
    exact = value if isinstance(value, Fraction | int) else Fraction(repr(value))
    return _held(exact.numerator, exact.denominator)


class _Exact(Fraction):
    """A fraction that knows its hash: expressions are looked up again and again, and each time all that is in them."""

    __slots__ = ("_hash",)

    _hash: int

    def __hash__(self) -> int:  # type: ignore[override]  # numbers.Complex has None there
        return self._hash

    def __eq__(self, other: object) -> bool:
        if type(other) is _Exact:
            return self is other or (self.numerator == other.numerator and self.denominator == other.denominator)
        return Fraction.__eq__(self, other)


@lru_cache(maxsize=4096)
def _held(numerator: int, denominator: int) -> Expr:
    exact = _Exact(numerator, denominator)
    exact._hash = hash(Fraction(numerator, denominator))
    return "n", exact


ZERO, ONE, MINUS_ONE = number(0), number(1), number(-1)
PI: Expr = ("c", "π")


def element(tensor: Any, at: tuple[Index, ...]) -> Expr:
    """Give an element of a named tensor."""
    return "x", tensor, at


def add(*terms: Expr) -> Expr:
    """Add, without adding numbers up."""
    flat = [part for term in terms for part in (term[1] if term[0] == "+" else (term,)) if part != ZERO]
    return ZERO if not flat else flat[0] if len(flat) == 1 else ("+", tuple(flat))


def multiply(*factors: Expr) -> Expr:
    """Multiply, without multiplying numbers out."""
    flat = [part for factor in factors for part in (factor[1] if factor[0] == "*" else (factor,)) if part != ONE]
    if ZERO in flat:
        return ZERO
    return ONE if not flat else flat[0] if len(flat) == 1 else ("*", tuple(flat))


def negative(a: Expr) -> Expr:
    """Give −a."""
    if a[0] == "n":
        return number(-a[1])
    return multiply(MINUS_ONE, a)


def subtract(a: Expr, b: Expr) -> Expr:
    """Give a − b."""
    return add(a, negative(b))


def power(base: Expr, exponent: int | float | Fraction) -> Expr:
    """Give base to a rational number."""
    p = number(exponent)[1]
    if p == 0 or base == ONE:
        return ONE
    return base if p == 1 else ("^", base, p)


def divide(a: Expr, b: Expr) -> Expr:
    """Give a / b."""
    if b[0] == "n" and b[1] != 0:
        return multiply(number(1 / b[1]), a)
    return multiply(a, power(b, -1))


def function(name: str, argument: Expr) -> Expr:
    """Apply a function of one number."""
    return "f", name, argument


def total(over: tuple[Symbol, ...], body: Expr) -> Expr:
    """Sum over symbols; one of extent 1 is only the index 0."""
    single = {one: index.ZERO for one in over if one.size == 1}
    rest = tuple(one for one in over if one.size != 1)
    body = substitute(body, single) if single else body
    return body if not rest or body == ZERO else ("S", rest, body)


def product(over: tuple[Symbol, ...], body: Expr) -> Expr:
    """Multiply over symbols; one of extent 1 is only the index 0."""
    single = {one: index.ZERO for one in over if one.size == 1}
    rest = tuple(one for one in over if one.size != 1)
    body = substitute(body, single) if single else body
    return ("P", rest, (), body) if rest else body


def same(a: Index, b: Index) -> Expr:
    """Give [a = b]: 1 where two indices are equal."""
    gap = index.add(a, b, -1)
    low, high = index.bounds(gap)
    if not gap[1]:
        return ONE if gap[0] == 0 else ZERO
    return ZERO if low > 0 or high < 0 else ("d", gap)


def least(a: Index, bound: int = 0) -> Expr:
    """Give [a ≥ bound]."""
    gap = index.shift(a, -bound)
    low, high = index.bounds(gap)
    return ONE if low >= 0 else ZERO if high < 0 else ("g", gap)


def inside(a: Index, size: int) -> Expr:
    """Give [0 ≤ a < size]."""
    return multiply(least(a), least(index.scale(index.shift(a, 1 - size), -1)))


def holds(relation: str, a: Expr, b: Expr) -> Expr:
    """Give 1 where a relation of two values holds."""
    return "v", relation, a, b


_OPPOSITE = {">": "≤", "≤": ">", "<": "≥", "≥": "<", "=": "≠", "≠": "="}


def opposite(p: Expr) -> Expr:
    """Give 1 − p for p that is 0 or 1."""
    if p[0] == "~":
        return p[1]  # type: ignore[no-any-return]
    if p[0] == "k":
        return "k", opposite(p[1])
    if p[0] == "v":
        return "v", _OPPOSITE[p[1]], p[2], p[3]
    if p[0] == "n":
        return number(1 - p[1])
    return "~", p


def choose(p: Expr, a: Expr, b: Expr) -> Expr:
    """Give a where p holds, else b."""
    return a if a == b else ("w", p, a, b)


def parts(e: Expr) -> tuple[Expr, ...]:
    """List the expressions right inside of an expression."""
    kind = e[0]
    if kind in ("+", "*"):
        return e[1]  # type: ignore[no-any-return]
    return _PARTS[kind](e)


_PARTS: Mapping[str, Callable[[Expr], tuple[Expr, ...]]] = {
    "**": lambda e: (e[1], e[2]),
    "^": lambda e: (e[1],),
    "f": lambda e: (e[2],),
    "f2": lambda e: (e[2], e[3]),
    "S": lambda e: (e[2],),
    "P": lambda e: (e[3],),
    "v": lambda e: (e[2], e[3]),
    "~": lambda e: (e[1],),
    "k": lambda e: (e[1],),
    "w": lambda e: (e[1], e[2], e[3]),
    **dict.fromkeys(("n", "c", "x", "i", "d", "g"), lambda e: ()),
}


def rebuilt(e: Expr, new: tuple[Expr, ...]) -> Expr:
    """Give the same expression with other expressions right inside of it."""
    kind = e[0]
    if kind == "+":
        return add(*new)
    if kind == "*":
        return multiply(*new)
    return _REBUILD[kind](e, new) if kind in _REBUILD else e


_REBUILD: Mapping[str, Callable[[Expr, tuple[Expr, ...]], Expr]] = {
    "**": lambda e, new: ("**", *new),
    "^": lambda e, new: power(new[0], e[2]),
    "f": lambda e, new: ("f", e[1], new[0]),
    "f2": lambda e, new: ("f2", e[1], *new),
    "S": lambda e, new: total(e[1], new[0]),
    "P": lambda e, new: ("P", e[1], e[2], new[0]),
    "v": lambda e, new: ("v", e[1], *new),
    "~": lambda e, new: opposite(new[0]),
    "k": lambda e, new: ("k", new[0]),
    "w": lambda e, new: ("w", *new),
}


def every(e: Expr) -> Iterator[Expr]:
    """Go through an expression and all that is inside of it."""
    stack = [e]
    while stack:
        one = stack.pop()
        yield one
        stack += reversed(parts(one))


@remembered
def free(e: Expr) -> frozenset[Symbol]:
    """List the symbols that stand in an expression, bound ones too, since those are never free elsewhere."""
    found: set[Symbol] = set()
    for at in indices_of(e):
        found.update(index.index_symbols(at))
    for part in parts(e):
        found |= free(part)
    return frozenset(found)


@remembered
def kinds(e: Expr) -> frozenset[str]:
    """List the kinds of expressions that stand in an expression."""
    return frozenset((e[0],)).union(*(kinds(part) for part in parts(e)))


def indices_of(e: Expr) -> tuple[Index, ...]:
    """List the indices right in an expression."""
    if e[0] == "x":
        return e[2]  # type: ignore[no-any-return]
    if e[0] == "P":
        return e[2]  # type: ignore[no-any-return]
    return (e[1],) if e[0] in ("d", "g", "i") else ()


def substitute(e: Expr, new: Mapping[Symbol, Index]) -> Expr:
    """Put indices in the place of symbols, and give every sum inside fresh symbols of its own."""
    kind = e[0]
    if kind == "x":
        return "x", e[1], tuple(index.replace(at, new) for at in e[2])
    if kind == "i":
        return "i", index.replace(e[1], new)
    if kind == "d":
        return same(index.replace(e[1], new), index.ZERO)
    if kind == "g":
        return least(index.replace(e[1], new))
    if kind in ("S", "P"):
        fresh = index.symbols([one.size for one in e[1]])
        inner = {**new, **{old: index.atom(one) for old, one in zip(e[1], fresh, strict=True)}}
        body = substitute(e[-1], inner)
        if kind == "S":
            return total(fresh, body)
        return "P", fresh, tuple(index.replace(at, new) for at in e[2]), body
    return rebuilt(e, tuple(substitute(part, new) for part in parts(e)))


def replaced(e: Expr, how: Callable[[Expr], Expr | None]) -> Expr:
    """Replace, from the outside in, each expression for which `how` gives another."""
    other = how(e)
    if other is not None:
        return other
    inner = parts(e)
    return rebuilt(e, tuple(replaced(part, how) for part in inner)) if inner else e
