"""Indices: whole numbers that depend on symbols, such as i, i + j − 1, ⌊i / 3⌋, or an entry of a table of indices.

An index is (constant, ((atom, coefficient), …)). A symbol carries its extent, so no table of extents is needed, and
is fresh wherever it is made, so nothing is ever captured.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

_numbers = itertools.count()


class Symbol(NamedTuple):
    """An index symbol, which runs over 0 … size − 1."""

    number: int
    size: int


class Floor(NamedTuple):
    """⌊of / by⌋."""

    of: Index
    by: int


class Rest(NamedTuple):
    """The rest of of / by, from 0 to by − 1."""

    of: Index
    by: int


class Entry(NamedTuple):
    """An entry of a tensor of whole numbers from 0 to size − 1."""

    table: Any
    at: tuple[Index, ...]
    size: int


Atom = Symbol | Floor | Rest | Entry
Index = tuple[int, tuple[tuple[Any, int], ...]]
ZERO: Index = (0, ())


def symbol(size: int) -> Symbol:
    """Make a fresh symbol."""
    return Symbol(next(_numbers), size)


def symbols(shape: Sequence[int]) -> tuple[Symbol, ...]:
    """Make a fresh symbol for each axis."""
    return tuple(symbol(size) for size in shape)


def indices(of: Sequence[Symbol]) -> tuple[Index, ...]:
    """Give the index that each symbol is; an axis of one element has only the index 0."""
    return tuple(atom(one) if one.size != 1 else ZERO for one in of)


def atom(one: Atom) -> Index:
    """Give an atom as an index."""
    return 0, ((one, 1),)


def constant(value: int) -> Index:
    """Give a constant index."""
    return value, ()


def add(a: Index, b: Index, times: int = 1) -> Index:
    """Give a + times · b."""
    found = dict(a[1])
    for one, coefficient in b[1]:
        found[one] = found.get(one, 0) + times * coefficient
    terms = sorted(((one, c) for one, c in found.items() if c), key=lambda term: _order(term[0]))
    return a[0] + times * b[0], tuple(terms)


def _order(one: Atom) -> tuple[int, int, str]:
    return (0, one.number, "") if isinstance(one, Symbol) else (1, 0, type(one).__name__ + repr(_free(one)))


def _free(one: Any) -> list[int]:
    return sorted(found.number for found in atom_symbols(one))


def shift(a: Index, by: int) -> Index:
    """Give a + by."""
    return a[0] + by, a[1]


def scale(a: Index, times: int) -> Index:
    """Give times · a."""
    return add(ZERO, a, times)


def floor(a: Index, by: int) -> Index:
    """Give ⌊a / by⌋, without ⌊ ⌋ where that is possible."""
    if by == 1:
        return a
    whole, rest = _split(a, by)
    low, high = bounds(rest)
    if low >= 0 and high < by:
        return whole
    if len(rest[1]) == 1 and rest[0] == 0 and rest[1][0][1] == 1 and isinstance(rest[1][0][0], Floor):
        inner = rest[1][0][0]
        return add(whole, floor(inner.of, inner.by * by))
    return add(whole, atom(Floor(rest, by)))


def mod(a: Index, by: int) -> Index:
    """Give the rest of a / by, as a sum where that is possible."""
    if by == 1:
        return ZERO
    rest = _split(a, by)[1]
    low, high = bounds(rest)
    return rest if low >= 0 and high < by else atom(Rest(rest, by))


def _split(a: Index, by: int) -> tuple[Index, Index]:
    """Write a as by · whole + rest."""
    whole = a[0] // by, tuple((one, c // by) for one, c in a[1] if c % by == 0)
    return whole, (a[0] % by, tuple((one, c) for one, c in a[1] if c % by))


def bounds(a: Index) -> tuple[int, int]:
    """Give the least and the greatest value that an index may have."""
    low = high = a[0]
    for one, coefficient in a[1]:
        least, most = _atom_bounds(one)
        low += coefficient * (least if coefficient > 0 else most)
        high += coefficient * (most if coefficient > 0 else least)
    return low, high


def _atom_bounds(one: Atom) -> tuple[int, int]:
    if isinstance(one, Symbol | Entry):
        return 0, one.size - 1
    if isinstance(one, Rest):
        return 0, one.by - 1
    low, high = bounds(one.of)
    return low // one.by, high // one.by


def atom_symbols(one: Atom) -> Iterator[Symbol]:
    """List the symbols that an atom depends on."""
    if isinstance(one, Symbol):
        yield one
    elif isinstance(one, Entry):
        for at in one.at:
            yield from index_symbols(at)
    else:
        yield from index_symbols(one.of)


def index_symbols(a: Index) -> Iterator[Symbol]:
    """List the symbols that an index depends on."""
    for one, _ in a[1]:
        yield from atom_symbols(one)


def replace(a: Index, new: Mapping[Symbol, Index]) -> Index:
    """Put indices in the place of symbols."""
    if not a[1]:
        return a
    found: Index = (a[0], ())
    for one, coefficient in a[1]:
        found = add(found, _replaced(one, new), coefficient)
    return found


def _replaced(one: Atom, new: Mapping[Symbol, Index]) -> Index:
    if isinstance(one, Symbol):
        return new.get(one) or atom(one)
    if isinstance(one, Entry):
        return atom(one._replace(at=tuple(replace(at, new) for at in one.at)))
    return (floor if isinstance(one, Floor) else mod)(replace(one.of, new), one.by)
