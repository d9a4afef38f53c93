"""Sums over brackets, against the same sums computed number by number."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tracer.algebra import index
from tracer.algebra.contract import contract
from tracer.algebra.evaluate import evaluate
from tracer.algebra.expressions import Expr, add, element, every, kinds, least, multiply, number, same, total
from tracer.algebra.index import Index, Symbol
from tracer.algebra.tidy import best, tidy
from tracer.derivation.adjoints import number_of
from tracer.ops.tensor import Stage, given

R, J, K, M = index.symbols((4, 4, 3, 2))
i, j, k, m = index.indices((R, J, K, M))
VALUES = np.random.default_rng(0).standard_normal


def stage(*shape: int) -> Stage:
    found = given(VALUES(shape), "x").stage
    assert found is not None
    return found


A, B, V, W = stage(4, 4), stage(4, 3), stage(4), stage(24)


def x(tensor: Stage, *at: Index) -> Expr:
    return element(tensor, at)


SUMS: dict[str, tuple[tuple[Symbol, ...], Expr, tuple[Symbol, ...], bool]] = {
    "one bracket": ((J,), multiply(same(j, i), x(V, j)), (R,), True),
    "two brackets": ((R, J), multiply(same(i, j), same(j, (1, ())), x(A, i, j)), (), True),
    "shifted, with a guard": ((J,), multiply(same(index.shift(j, 1), i), x(V, j)), (R,), True),
    "turned around": ((J,), multiply(same(index.add((3, ()), j, -1), i), x(V, j)), (R,), True),
    "over a sum": ((J,), multiply(add(same(j, i), number(2)), x(V, j)), (R,), True),
    "nested": ((J,), multiply(total((K,), multiply(same(j, i), x(B, j, k))), x(V, j)), (R,), True),
    "not used": ((K,), x(V, i), (R,), True),
    "with an edge": ((J,), multiply(same(j, i), least(j, 2), x(V, j)), (R,), True),
    "a stride stays": ((J,), multiply(same(index.scale(j, 2), i), x(V, j)), (R,), False),
    "the digits of an index": ((J, K), multiply(same(index.add(index.scale(j, 3), k), (7, ())), x(B, j, k)), (), True),
    "a whole turn": ((J,), multiply(same(index.mod(index.shift(j, 3), 4), i), x(V, j)), (R,), True),
    "read back": (
        (R, J),
        multiply(same(index.floor(index.add(index.scale(i, 4), j), 4), (2, ())), x(A, i, j)),
        (),
        True,
    ),
}


@pytest.mark.parametrize("name", SUMS)
def test_a_sum_is_carried_out_and_stays_the_same(name: str) -> None:
    over, body, free, solved = SUMS[name]
    before = total(over, body)
    after = contract(before)
    np.testing.assert_allclose(evaluate(after, free, number_of), evaluate(before, free, number_of), 1e-12)
    assert ("d" in kinds(after)) is not solved


def test_rest_and_whole_are_joined_to_one_index() -> None:
    """Σₙ w at n·[n mod 4 = i]·[⌊n/4⌋ mod 3 = k]·[⌊n/12⌋ = m] is w at 12m + 4k + i."""
    (n,) = index.symbols((24,))
    at = index.atom(n)
    digits = (
        same(index.mod(at, 4), i),
        same(index.mod(index.floor(at, 4), 3), k),
        same(index.floor(at, 12), m),
    )
    for order in itertools.permutations(digits):
        found = contract(total((n,), multiply(*order, x(W, at))))
        assert found == x(W, index.add(index.add(i, k, 4), m, 12))


FORMS: dict[str, Any] = {
    "like terms": (add(x(V, i), multiply(number(2), x(V, i))), multiply(number(3), x(V, i))),
    "powers": (multiply(x(V, i), x(V, i), number(3), x(V, i)), multiply(number(3), ("^", x(V, i), 3))),
    "zero": (multiply(number(0), x(V, i)), number(0)),
    "sums alike": (
        add(total((J,), x(A, i, j)), total((K,), x(A, i, k))),
        None,
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_tidy_and_best_keep_the_value(name: str) -> None:
    before, after = FORMS[name]
    for short in (tidy(before), best(before)):
        np.testing.assert_allclose(evaluate(short, (R,), number_of), evaluate(before, (R,), number_of), 1e-12)
        assert after is None or short == after


def random_expression(random: np.random.Generator, depth: int) -> Expr:
    if depth == 0:
        return [x(V, i), x(V, j), x(A, i, j), number(int(random.integers(-3, 4))), same(i, j)][random.integers(5)]
    kind = random.integers(4)
    inner = [random_expression(random, depth - 1) for _ in range(2)]
    if kind == 0:
        return add(*inner)
    if kind == 1:
        return multiply(*inner)
    if kind == 2:
        (q,) = index.symbols((4,))
        return total((q,), multiply(inner[0], x(A, index.atom(q), i)))
    return ("^", add(inner[0], number(9)), -1) if inner[0] != number(-9) else inner[0]


@pytest.mark.parametrize("seed", range(40))
def test_every_short_form_of_a_random_expression_is_equal(seed: int) -> None:
    before = random_expression(np.random.default_rng(seed), 4)
    value = evaluate(before, (R, J), number_of)
    for short in (contract(before), tidy(before), best(before)):
        np.testing.assert_allclose(evaluate(short, (R, J), number_of), value, 1e-8, 1e-8)
    assert sum(1 for _ in every(tidy(before))) <= 3 * sum(1 for _ in every(before))
