"""∂e/∂x[k], from the rules of sums, products and powers alone; numbers stay as they come, so that steps can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tracer.algebra import index
from tracer.algebra.expressions import (
    MINUS_ONE,
    ZERO,
    Expr,
    add,
    function,
    multiply,
    number,
    opposite,
    parts,
    power,
    same,
    substitute,
    total,
)  # fmt: skip
from tracer.algebra.functions import FUNCTIONS, FUNCTIONS_2
from tracer.algebra.index import Index

At = tuple[Index, ...]


def derivative(e: Expr, tensor: Any, at: At) -> Expr:
    """Give ∂e/∂tensor[at], where ∂x[f(i)]/∂x[k] = [f(i) = k]."""
    return _RULES[e[0]](e, tensor, at)


def _element(e: Expr, tensor: Any, at: At) -> Expr:
    if e[1] is not tensor:
        return ZERO
    return multiply(*(same(a, b) for a, b in zip(e[2], at, strict=True)))


def _sum(e: Expr, tensor: Any, at: At) -> Expr:
    return add(*(derivative(term, tensor, at) for term in e[1]))


def _product(e: Expr, tensor: Any, at: At) -> Expr:
    factors = e[1]
    terms = []
    for place, factor in enumerate(factors):
        found = derivative(factor, tensor, at)
        if found != ZERO:
            terms.append(multiply(*factors[:place], found, *factors[place + 1 :]))
    return add(*terms)


def _power(e: Expr, tensor: Any, at: At) -> Expr:
    inner = derivative(e[1], tensor, at)
    return ZERO if inner == ZERO else multiply(number(e[2]), power(e[1], e[2] - 1), inner)


def _exponential(e: Expr, tensor: Any, at: At) -> Expr:
    """∂(aᵇ) = b·aᵇ⁻¹·∂a + aᵇ·log a·∂b."""
    base, exponent = e[1], e[2]
    by_base, by_exponent = derivative(base, tensor, at), derivative(exponent, tensor, at)
    return add(
        multiply(exponent, ("**", base, add(exponent, MINUS_ONE)), by_base),
        multiply(e, function("log", base), by_exponent),
    )


def _function(e: Expr, tensor: Any, at: At) -> Expr:
    inner = derivative(e[2], tensor, at)
    return ZERO if inner == ZERO else multiply(FUNCTIONS[e[1]].derivative(e[2]), inner)


def _function_2(e: Expr, tensor: Any, at: At) -> Expr:
    rule = FUNCTIONS_2[e[1]]
    return add(
        multiply(rule.first(e[2], e[3]), derivative(e[2], tensor, at)),
        multiply(rule.second(e[2], e[3]), derivative(e[3], tensor, at)),
    )


def _total(e: Expr, tensor: Any, at: At) -> Expr:
    """Differentiate under the sum, over fresh symbols, since the sum itself may stand beside its derivative."""
    fresh = substitute(e, {})
    if fresh[0] != "S":
        return derivative(fresh, tensor, at)
    return total(fresh[1], derivative(fresh[2], tensor, at))


def _all_factors(e: Expr, tensor: Any, at: At) -> Expr:
    """∂Πₗ uₗ = Σₗ ∂uₗ·Π over the others, true where a factor is 0 too."""
    chosen = index.symbols([one.size for one in e[1]])
    here = {old: index.atom(new) for old, new in zip(e[1], chosen, strict=True)}
    inner = derivative(substitute(e[3], here), tensor, at)
    others = ("P", e[1], tuple(index.atom(one) for one in chosen), e[3])
    return total(chosen, multiply(inner, others))


def _chosen(e: Expr, tensor: Any, at: At) -> Expr:
    p, a, b = parts(e)
    return add(multiply(p, derivative(a, tensor, at)), multiply(opposite(p), derivative(b, tensor, at)))


def _nothing(e: Expr, tensor: Any, at: At) -> Expr:
    return ZERO


_RULES: Mapping[str, Callable[[Expr, Any, At], Expr]] = {
    "x": _element,
    "+": _sum,
    "*": _product,
    "^": _power,
    "**": _exponential,
    "f": _function,
    "f2": _function_2,
    "S": _total,
    "P": _all_factors,
    "w": _chosen,
    **dict.fromkeys(("n", "c", "i", "d", "g", "v", "~", "k"), _nothing),
}
