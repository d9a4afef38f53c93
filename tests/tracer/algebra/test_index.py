"""Indices: sums, ⌊ ⌋ and rests simplified wherever their bounds allow, and equal to what they stand for."""

from __future__ import annotations

import itertools

import pytest

from tracer.algebra import index
from tracer.algebra.index import Index, Symbol


def value(at: Index, given: dict[Symbol, int]) -> int:
    total = at[0]
    for one, c in at[1]:
        if isinstance(one, Symbol):
            total += c * given[one]
        elif isinstance(one, index.Floor):
            total += c * (value(one.of, given) // one.by)
        else:
            total += c * (value(one.of, given) % one.by)
    return total


def test_floor_and_rest_of_a_flat_index_are_its_digits() -> None:
    i, j = index.symbols((2, 3))
    flat = index.add(index.scale(index.atom(i), 3), index.atom(j))
    assert index.floor(flat, 3) == index.atom(i)
    assert index.mod(flat, 3) == index.atom(j)
    assert index.bounds(flat) == (0, 5)


@pytest.mark.parametrize("by", [1, 2, 3, 4, 6, 7])
def test_floor_and_rest_are_true_for_all_values(by: int) -> None:
    i, j = index.symbols((4, 5))
    for a, b, c in itertools.product((1, 2, 4), (1, 3, 6), (-2, 0, 5)):
        flat = index.shift(index.add(index.scale(index.atom(i), a), index.atom(j), b), c)
        twice = index.floor(index.floor(flat, 2), by)
        for p, q in itertools.product(range(4), range(5)):
            given = {i: p, j: q}
            whole = a * p + b * q + c
            assert value(index.floor(flat, by), given) == whole // by
            assert value(index.mod(flat, by), given) == whole % by
            assert value(twice, given) == whole // 2 // by
            assert index.bounds(flat)[0] <= whole <= index.bounds(flat)[1]


def test_symbols_are_fresh_and_an_axis_of_one_has_only_the_index_zero() -> None:
    a, b = index.symbols((3, 3))
    assert a != b
    assert index.indices(index.symbols((3, 1)))[1] == index.ZERO
    assert index.replace(index.atom(a), {a: index.constant(2)}) == (2, ())
