"""Activations: functions of one number with a kink or a parameter, softmax and its family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from tracer.algebra import index
from tracer.algebra.expressions import (
    ONE,
    PI,
    ZERO,
    Expr,
    add,
    choose,
    divide,
    function,
    holds,
    multiply,
    negative,
    number,
    power,
    same,
    subtract,
    total,
)
from tracer.ops.elementwise import at_value
from tracer.ops.operator import FUNCTIONAL, TORCH, Operator, nothing
from tracer.ops.tensor import At, NoRule, Tensor, axis, mapped, own, staged, tensor


def _above(x: Expr, edge: float = 0) -> Expr:
    return holds(">", x, number(edge))


def _relu(x: Expr) -> Expr:
    return choose(_above(x), x, ZERO)


def _between(x: Expr, low: Any, high: Any) -> Expr:
    """Give x between two edges; at an edge it counts as outside, so that the derivative there is 0."""
    a, b = number(low), number(high)
    return choose(holds("≤", x, a), a, choose(holds("≥", x, b), b, x))


def _elu(x: Expr, alpha: Any = 1.0, scale: Any = 1.0) -> Expr:
    low = multiply(number(alpha), subtract(function("exp", x), ONE))
    found = choose(_above(x), x, low)
    return found if scale == 1 else multiply(number(scale), found)


def _celu(x: Expr, alpha: Any = 1.0) -> Expr:
    return choose(_above(x), x, multiply(number(alpha), subtract(function("exp", divide(x, number(alpha))), ONE)))


def _softplus(x: Any, beta: Any = 1, threshold: Any = 20) -> Tensor:
    """log(1 + exp(βx)) / β; torch takes x itself where βx is above the threshold."""
    b = number(beta)
    soft = mapped(lambda a: divide(function("softplus", multiply(b, a)), b), x)
    if not bool(np.any(tensor(x).value * beta > threshold)):
        return soft
    return mapped(lambda a, s: choose(holds(">", multiply(b, a), number(threshold)), a, s), x, soft)


def _gelu(x: Expr, approximate: str = "none") -> Expr:
    half = number(Fraction(1, 2))
    if approximate == "tanh":
        cubic = add(x, multiply(number(0.044715), power(x, 3)))
        slope = power(divide(number(2), PI), Fraction(1, 2))
        return multiply(half, x, add(ONE, function("tanh", multiply(slope, cubic))))
    return multiply(half, x, add(ONE, function("erf", divide(x, power(number(2), Fraction(1, 2))))))


def _softshrink(x: Expr, lambd: Any = 0.5) -> Expr:
    edge = number(lambd)
    low = choose(holds("<", x, negative(edge)), add(x, edge), ZERO)
    return choose(holds(">", x, edge), subtract(x, edge), low)


def _hardshrink(x: Expr, lambd: Any = 0.5) -> Expr:
    edge = number(lambd)
    return choose(holds(">", x, edge), x, choose(holds("<", x, negative(edge)), x, ZERO))


def _sixth(x: Expr) -> Expr:
    return multiply(number(Fraction(1, 6)), add(x, number(3)))


def _hardsigmoid(x: Expr) -> Expr:
    return choose(holds("≤", x, number(-3)), ZERO, choose(holds("≥", x, number(3)), ONE, _sixth(x)))


def _hardswish(x: Expr) -> Expr:
    inner = choose(holds("≥", x, number(3)), x, multiply(x, _sixth(x)))
    return choose(holds("≤", x, number(-3)), ZERO, inner)


def _leaky(x: Expr, negative_slope: Any = 0.01) -> Expr:
    return choose(_above(x), x, multiply(number(negative_slope), x))


def _threshold(x: Expr, threshold: Any, value: Any) -> Expr:
    return choose(_above(x, threshold), x, number(value))


def _each(how: Callable[..., Expr]) -> Callable[..., Tensor]:
    def rule(x: Any, *options: Any, inplace: bool = False, **more: Any) -> Tensor:
        return mapped(lambda a: how(a, *options, **more), x)

    return rule


def _prelu(x: Any, weight: Any) -> Tensor:
    x, w = tensor(x), tensor(weight)
    if w.shape not in ((), (1,)):
        raise NoRule("prelu has a rule for one weight only")
    return mapped(lambda a, b: choose(_above(a), a, multiply(b, a)), x, w)


def with_index(at: At, place: int, new: index.Index) -> At:
    """Put another index at one axis."""
    return (*at[:place], new, *at[place + 1 :])


def others_same(j: At, k: At, but: int) -> Expr:
    """Give 1 where two places agree on all axes but one."""
    return multiply(*(same(a, b) for place, (a, b) in enumerate(zip(j, k, strict=True)) if place != but))


def _dim(x: Tensor, dim: Any) -> int:
    if dim is None:
        raise NoRule("softmax has a rule where dim is given")
    return axis(x, dim)


def _along(x: Tensor, d: int, at: At, how: Callable[[Expr], Expr]) -> Expr:
    """Sum a formula of x over one axis."""
    if not at:
        return how(x.at(at))
    q = index.symbol(x.shape[d])
    return total((q,), how(x.at(with_index(at, d, index.atom(q)))))


def _shifted(values: Any, d: int) -> Any:
    return values - values.max(axis=d, keepdims=True) if values.shape else values - values


def softmax(x: Any, dim: Any = None, dtype: Any = None) -> Tensor:
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ); ∂yⱼ/∂xᵢ = yⱼ·([j = i] − yᵢ)."""
    x = staged(tensor(x), "z")
    d = _dim(x, dim)

    def compute() -> Any:
        e = np.exp(_shifted(x.value, d))
        return e / e.sum(axis=d, keepdims=True) if x.shape else e / e

    def local(j: At, k: At) -> Expr:
        if not j:
            return ZERO
        gap = subtract(same(j[d], k[d]), y.at(with_index(j, d, k[d])))
        return multiply(others_same(j, k, d), y.at(j), gap)

    y = own("s", x.shape, lambda at: divide(_exp(x.at(at)), _along(x, d, at, _exp)), {x: local}, compute)
    return y


def _exp(u: Expr) -> Expr:
    return function("exp", u)


def log_softmax(x: Any, dim: Any = None, dtype: Any = None) -> Tensor:
    """yᵢ = xᵢ − log Σⱼ exp(xⱼ); ∂yⱼ/∂xᵢ = [j = i] − exp(yᵢ)."""
    x = staged(tensor(x), "z")
    d = _dim(x, dim)

    def compute() -> Any:
        shifted = _shifted(x.value, d)
        return shifted - np.log(np.exp(shifted).sum(axis=d, keepdims=True)) if x.shape else shifted

    def local(j: At, k: At) -> Expr:
        if not j:
            return ZERO
        return multiply(others_same(j, k, d), subtract(same(j[d], k[d]), _exp(y.at(with_index(j, d, k[d])))))

    def body(at: At) -> Expr:
        return subtract(x.at(at), function("log", _along(x, d, at, _exp)))

    y = own("ℓ", x.shape, body, {x: local}, compute)
    return y


def _kink(name: str, taken: str = "0", at: float = 0) -> Callable[..., str | None]:
    return at_value(at, f"{name} has a kink at 0: torch takes the derivative {taken} there, which is a choice")


def _kinks(name: str, edges: tuple[float, ...]) -> Callable[..., str | None]:
    def told(x: Any, *rest: Any, **options: Any) -> str | None:
        hit = bool(np.isin(tensor(x).value, edges).any())
        return f"{name} has kinks at its edges: torch takes the derivative 0 there, which is a choice" if hit else None

    return told


_SIGMOID = function
_ROWS: Mapping[str, tuple[str, Callable[..., Any], Callable[..., str | None]]] = {
    "relu": ("max(x, 0)", _each(_relu), _kink("relu")),
    "relu6": ("min(max(x, 0), 6)", _each(lambda x: _between(x, 0, 6)), _kinks("relu6", (0, 6))),
    "hardtanh": (
        "min(max(x, −1), 1)",
        lambda x, min_val=-1.0, max_val=1.0, inplace=False: mapped(lambda a: _between(a, min_val, max_val), x),
        _kinks("hardtanh", (-1, 1)),
    ),
    "leaky_relu": ("x, or s·x below 0", _each(_leaky), _kink("leaky_relu", "of the left side")),
    "prelu": ("x, or w·x below 0", _prelu, _kink("prelu", "of the left side")),
    "threshold": ("x above the threshold, else the value", _each(_threshold), nothing),
    "elu": ("x, or α·(exp x − 1) below 0", _each(_elu), nothing),
    "selu": (
        "λ·elu(x)",
        _each(lambda x: _elu(x, 1.6732632423543772848170429916717, 1.0507009873554804934193349852946)),
        _kink("selu", "of the left side"),
    ),
    "celu": ("x, or α·(exp(x / α) − 1) below 0", _each(_celu), nothing),
    "gelu": ("x·(1 + erf(x / √2)) / 2", _each(_gelu), nothing),
    "silu": ("x·σ(x)", _each(lambda x: multiply(x, _SIGMOID("σ", x))), nothing),
    "mish": ("x·tanh(softplus x)", _each(lambda x: multiply(x, function("tanh", function("softplus", x)))), nothing),
    "softplus": ("log(1 + exp x)", _softplus, nothing),
    "logsigmoid": ("−log(1 + exp(−x))", _each(lambda x: negative(function("softplus", negative(x)))), nothing),
    "softsign": ("x / (1 + |x|)", _each(lambda x: divide(x, add(ONE, function("abs", x)))), nothing),
    "tanhshrink": ("x − tanh x", _each(lambda x: subtract(x, function("tanh", x))), nothing),
    "softshrink": ("x brought closer to 0 by λ", _each(_softshrink), nothing),
    "hardshrink": ("x, or 0 near 0", _each(_hardshrink), nothing),
    "hardsigmoid": ("(x + 3) / 6 between 0 and 1", _each(_hardsigmoid), _kinks("hardsigmoid", (-3, 3))),
    "hardswish": ("x·hardsigmoid(x)", _each(_hardswish), _kinks("hardswish", (-3, 3))),
    "softmax": ("exp xᵢ / Σⱼ exp xⱼ", softmax, nothing),
    "log_softmax": ("xᵢ − log Σⱼ exp xⱼ", log_softmax, nothing),
    "softmin": ("softmax(−x)", lambda x, dim=None: softmax(mapped(negative, x), dim), nothing),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{TORCH if name in ('softmax',) else FUNCTIONAL}{name}.html", told)
    for name, (label, rule, told) in _ROWS.items()
}
