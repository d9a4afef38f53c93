"""Functions of one number, one a line: how it is computed, its derivative, and how it is written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer.algebra.expressions import (
    ONE,
    PI,
    ZERO,
    Expr,
    add,
    divide,
    function,
    multiply,
    negative,
    number,
    power,
    subtract,
)  # fmt: skip

Array = NDArray[Any]


class Function(NamedTuple):
    """How a function is computed on an array, its derivative at u, its name in LaTeX where that is another."""

    compute: Callable[[Array], Array]
    derivative: Callable[[Expr], Expr]
    latex: str = ""


def _each(compute: Callable[[float], float]) -> Callable[[Array], Array]:
    """Compute number by number what numpy does not have."""
    return np.vectorize(compute, otypes=[np.float64])


def _sigmoid(u: Array) -> Array:
    return np.exp(np.minimum(u, 0)) / (1 + np.exp(-np.abs(u)))  # type: ignore[no-any-return]


def _log_gamma(u: float) -> float:
    return math.inf if u <= 0 and u == int(u) else math.lgamma(u)


def _digamma(u: float) -> float:
    """Compute ψ(u): raised by ψ(u) = ψ(u + 1) − 1/u until the asymptotic series is exact to double precision."""
    if u <= 0:
        return math.nan if u == int(u) else _digamma(1 - u) - math.pi / math.tan(math.pi * u)
    below = 0.0
    while u < 12:
        below, u = below + 1 / u, u + 1
    s = 1 / (u * u)
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * 691 / 32760)))))
    return math.log(u) - 1 / (2 * u) - series - below


def _trigamma(u: float) -> float:
    """Compute ψ′(u) in the same way."""
    if u <= 0:
        return math.nan if u == int(u) else (math.pi / math.sin(math.pi * u)) ** 2 - _trigamma(1 - u)
    above = 0.0
    while u < 12:
        above, u = above + 1 / (u * u), u + 1
    s = 1 / (u * u)
    series = s * (1 / 6 - s * (1 / 30 - s * (1 / 42 - s * (1 / 30 - s * (5 / 66 - s * 691 / 2730)))))
    return (1 + series) / u + s / 2 + above


def _soft(u: Array) -> Array:
    return np.logaddexp(u, 0.0)


def _nothing(u: Expr) -> Expr:
    return ZERO


def _square(u: Expr) -> Expr:
    return power(u, 2)


HALF, HALVED = Fraction(1, 2), Fraction(-1, 2)
_of = function

FUNCTIONS: Mapping[str, Function] = {
    "exp": Function(np.exp, lambda u: _of("exp", u), r"\exp"),
    "log": Function(np.log, lambda u: power(u, -1), r"\log"),
    "sin": Function(np.sin, lambda u: _of("cos", u), r"\sin"),
    "cos": Function(np.cos, lambda u: negative(_of("sin", u)), r"\cos"),
    "tan": Function(np.tan, lambda u: add(ONE, _square(_of("tan", u))), r"\tan"),
    "asin": Function(np.arcsin, lambda u: power(subtract(ONE, _square(u)), HALVED), r"\arcsin"),
    "acos": Function(np.arccos, lambda u: negative(power(subtract(ONE, _square(u)), HALVED)), r"\arccos"),
    "atan": Function(np.arctan, lambda u: power(add(ONE, _square(u)), -1), r"\arctan"),
    "sinh": Function(np.sinh, lambda u: _of("cosh", u), r"\sinh"),
    "cosh": Function(np.cosh, lambda u: _of("sinh", u), r"\cosh"),
    "tanh": Function(np.tanh, lambda u: subtract(ONE, _square(_of("tanh", u))), r"\tanh"),
    "asinh": Function(np.arcsinh, lambda u: power(add(ONE, _square(u)), HALVED)),
    "acosh": Function(np.arccosh, lambda u: power(subtract(_square(u), ONE), HALVED)),
    "atanh": Function(np.arctanh, lambda u: power(subtract(ONE, _square(u)), -1)),
    "σ": Function(_sigmoid, lambda u: multiply(_of("σ", u), subtract(ONE, _of("σ", u))), "σ"),
    "softplus": Function(_soft, lambda u: _of("σ", u)),
    "erf": Function(
        _each(math.erf),
        lambda u: multiply(number(2), power(PI, HALVED), _of("exp", negative(_square(u)))),
    ),
    "abs": Function(np.abs, lambda u: _of("sgn", u)),
    "sgn": Function(np.sign, _nothing),
    "floor": Function(np.floor, _nothing),
    "ceil": Function(np.ceil, _nothing),
    "round": Function(np.round, _nothing),
    "trunc": Function(np.trunc, _nothing),
    "lgamma": Function(_each(_log_gamma), lambda u: _of("ψ", u), r"\log Γ"),
    "ψ": Function(_each(_digamma), lambda u: _of("ψ′", u), "ψ"),
    "ψ′": Function(_each(_trigamma), lambda u: _of("ψ″", u), "ψ′"),
    "1/": Function(lambda u: np.divide(1.0, u, out=np.zeros_like(u, dtype=float), where=u != 0), _nothing),
}
"""`1/` is 1/u with 0 at u = 0: what torch takes for the derivative of a norm at 0."""


class Function2(NamedTuple):
    """A function of two numbers: how it is computed, and its derivatives by both."""

    compute: Callable[[Array, Array], Array]
    first: Callable[[Expr, Expr], Expr]
    second: Callable[[Expr, Expr], Expr]


def _circle(a: Expr, b: Expr) -> Expr:
    return add(_square(a), _square(b))


FUNCTIONS_2: Mapping[str, Function2] = {
    "atan2": Function2(
        np.arctan2, lambda a, b: divide(b, _circle(a, b)), lambda a, b: divide(negative(a), _circle(a, b))
    ),
    "hypot": Function2(
        np.hypot,
        lambda a, b: divide(a, power(_circle(a, b), HALF)),
        lambda a, b: divide(b, power(_circle(a, b), HALF)),
    ),
}
CONSTANTS: Mapping[str, float] = {"π": math.pi, "e": math.e, "∞": math.inf}
