"""Sums over brackets are carried out: Σⱼ [j = i]·aⱼ = aᵢ. Numbers are not touched, so that the step can be read."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tracer.algebra import index
from tracer.algebra.expressions import (
    ONE,
    ZERO,
    Expr,
    add,
    free,
    inside,
    kinds,
    multiply,
    number,
    parts,
    rebuilt,
    same,
    substitute,
    total,
)  # fmt: skip
from tracer.algebra.index import Floor, Index, Rest, Symbol

MOST = 40  # terms that a product may be distributed into


def contract(e: Expr) -> Expr:
    """Carry out every sum over a bracket [index = index] inside of an expression."""
    inner = parts(e)
    if not inner or not _has_delta(e):
        return e
    if e[0] == "S":
        return _sum(e[1], contract(e[2]))
    if e[0] == "*":
        return _product([contract(factor) for factor in e[1]])
    return rebuilt(e, tuple(contract(part) for part in inner))


def _has_delta(e: Expr) -> bool:
    return "d" in kinds(e)


def _product(factors: Sequence[Expr]) -> Expr:
    """Pull sums that hold brackets to the front of a product."""
    e = multiply(*factors)
    if e[0] != "*":
        return e
    for place, factor in enumerate(e[1]):
        if factor[0] == "S" and _has_delta(factor):
            fresh = substitute(factor, {})
            if fresh[0] != "S":
                return _product([*e[1][:place], fresh, *e[1][place + 1 :]])
            return _sum(fresh[1], multiply(*e[1][:place], fresh[2], *e[1][place + 1 :]))
    return e


def _sum(bound: tuple[Symbol, ...], body: Expr) -> Expr:
    """Carry out the sum of a body over symbols as far as its brackets allow."""
    if body == ZERO:
        return ZERO
    if body[0] == "S":
        return _sum(bound + body[1], body[2])
    if body[0] == "+" and _has_delta(body):
        return add(*(_sum(bound, term) for term in body[1]))
    factors = list(body[1] if body[0] == "*" else (body,))
    split = next((f for f in factors if f[0] == "+" and _has_delta(f)), None)
    if split is not None and len(split[1]) <= MOST:
        place = factors.index(split)
        return add(*(_sum(bound, multiply(*factors[:place], term, *factors[place + 1 :])) for term in split[1]))
    nested = next((f for f in factors if f[0] == "S" and _has_delta(f)), None)
    if nested is not None:
        place, fresh = factors.index(nested), substitute(nested, {})
        inner = fresh[1:] if fresh[0] == "S" else ((), fresh)
        return _sum(bound + inner[0], multiply(*factors[:place], inner[1], *factors[place + 1 :]))
    solved = _solved(bound, factors)
    if solved is not None:
        return _sum(*solved)
    return taken_out(bound, factors)


def taken_out(bound: tuple[Symbol, ...], factors: Sequence[Expr]) -> Expr:
    """Take what does not depend on the symbols out of a sum; a symbol that is not used counts its extent."""
    used = frozenset[Symbol]().union(*(free(factor) for factor in factors)) if factors else set()
    times = math.prod(one.size for one in bound if one not in used)
    left = tuple(one for one in bound if one in used)
    kept = set(left)
    outside = [factor for factor in factors if not free(factor) & kept]
    within = [factor for factor in factors if free(factor) & kept]
    counted = [number(times)] if times != 1 else []
    return multiply(*counted, *outside, *([total(left, multiply(*within))] if within else []))


def _solved(bound: tuple[Symbol, ...], factors: list[Expr]) -> tuple[tuple[Symbol, ...], Expr] | None:
    """Solve one bracket for bound symbols, and put what they are into the other factors."""
    factors = _joined(factors)
    for place, factor in enumerate(factors):
        if factor[0] != "d":
            continue
        found = _radix(factor[1], bound) or _single(factor[1], bound)
        if found is not None:
            new, guards = found
            others = [substitute(f, new) for f in [*factors[:place], *factors[place + 1 :]]]
            return tuple(one for one in bound if one not in new), multiply(*others, *guards)
    return None


Solution = tuple[dict[Symbol, Index], list[Expr]]


def _single(gap: Index, bound: Sequence[Symbol]) -> Solution | None:
    """Solve gap = 0 for a bound symbol of coefficient ±1; the one that needs no guard is the best."""
    found: list[tuple[bool, Solution]] = []
    for one, coefficient in gap[1]:
        rest = index.add(gap, index.atom(one), -coefficient)
        if isinstance(one, Rest):
            solution = _whole_turn(one, index.scale(rest, -coefficient), bound) if abs(coefficient) == 1 else None
        elif one in bound and abs(coefficient) == 1 and one not in set(index.index_symbols(rest)):
            value = index.scale(rest, -coefficient)
            guard = inside(value, one.size)
            solution = {one: value}, [] if guard == ONE else [guard]
        else:
            continue
        if solution is not None:
            found.append((bool(solution[1]), solution))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _whole_turn(rest: Rest, value: Index, bound: Sequence[Symbol]) -> Solution | None:
    """Solve (±b + c) mod n = value for b, which runs over a whole turn of n."""
    for one, coefficient in rest.of[1]:
        if one in bound and abs(coefficient) == 1 and one.size == rest.by:
            others = index.add(rest.of, index.atom(one), -coefficient)
            low, high = index.bounds(value)
            if low < 0 or high >= rest.by or one in set(index.index_symbols(others)):
                continue
            return {one: index.mod(index.scale(index.add(value, others, -1), coefficient), rest.by)}, []
    return None


def _radix(gap: Index, bound: Sequence[Symbol]) -> Solution | None:
    """Solve 6a + 3b + c = rest for bound a, b, c, whose extents make the way to write a number unique."""
    own = sorted(((one, c) for one, c in gap[1] if one in bound), key=lambda pair: abs(pair[1]))
    if len(own) < 2 or len({c > 0 for _, c in own}) > 1:
        return None
    sign, step = (1 if own[0][1] > 0 else -1), 1
    for one, c in own:
        if abs(c) != step:
            return None
        step *= one.size
    rest = gap
    for one, c in own:
        rest = index.add(rest, index.atom(one), -c)
    value = index.scale(rest, -sign)
    if {found for one, _ in own for found in [one]} & set(index.index_symbols(value)):
        return None
    guard = inside(value, step)
    new = {one: index.mod(index.floor(value, abs(c)), one.size) for one, c in own}
    return new, [] if guard == ONE else [guard]


def _joined(factors: list[Expr]) -> list[Expr]:
    """Join [e mod c = a]·[⌊e/c⌋ = b] into [e = c·b + a], as reading a number by its digits."""
    for place, factor in enumerate(factors):
        for rest, low in _digits(factor, Rest):
            for other, second in enumerate(factors):
                if other == place:
                    continue
                joined = _next_digit(rest, low, second)
                if joined is not None:
                    left = [f for at, f in enumerate(factors) if at not in (place, other)]
                    return _joined([*left, joined])
    return factors


def _digits(e: Expr, kind: type[Rest] | type[Floor]) -> list[tuple[Rest | Floor, Index]]:
    """List the ways to read [atom = index] from a bracket."""
    if e[0] != "d":
        return []
    found = [(one, c) for one, c in e[1][1] if isinstance(one, Rest | Floor) and type(one) is kind and abs(c) == 1]
    return [(one, index.scale(index.add(e[1], index.atom(one), -c), -c)) for one, c in found]


def _next_digit(rest: Rest | Floor, low: Index, second: Expr) -> Expr | None:
    least, most = index.bounds(low)
    if least < 0 or most >= rest.by:
        return None
    for upper, high in _digits(second, Floor):
        if upper.by == rest.by and upper.of == rest.of:
            return same(rest.of, index.add(low, high, rest.by))
    for upper, high in _digits(second, Rest):
        if index.floor(rest.of, rest.by) == upper.of:
            whole = index.mod(rest.of, rest.by * upper.by)
            return same(whole, index.add(low, high, rest.by))
    return None
