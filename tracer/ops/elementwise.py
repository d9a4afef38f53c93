"""Operators that act element by element: arithmetic, powers, and functions of one number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from tracer.algebra.expressions import (
    ONE,
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
    opposite,
    power,
    subtract,
)
from tracer.ops.operator import TORCH, Operator, nothing
from tracer.ops.tensor import NoRule, Tensor, kind_of, mapped, tensor

Formula = Callable[..., Expr]


def _f(name: str) -> Formula:
    return lambda u: function(name, u)


UNARY: Mapping[str, tuple[str, Formula]] = {
    "neg": ("−x", negative),
    "positive": ("x", lambda x: x),
    "abs": ("|x|", _f("abs")),
    "sign": ("sgn x", _f("sgn")),
    "square": ("x²", lambda x: power(x, 2)),
    "sqrt": ("√x", lambda x: power(x, Fraction(1, 2))),
    "rsqrt": ("1 / √x", lambda x: power(x, Fraction(-1, 2))),
    "reciprocal": ("1 / x", lambda x: power(x, -1)),
    "exp": ("exp x", _f("exp")),
    "exp2": ("2ˣ", lambda x: ("**", number(2), x)),
    "expm1": ("exp x − 1", lambda x: subtract(function("exp", x), ONE)),
    "log": ("log x", _f("log")),
    "log2": ("log x / log 2", lambda x: divide(function("log", x), function("log", number(2)))),
    "log10": ("log x / log 10", lambda x: divide(function("log", x), function("log", number(10)))),
    "log1p": ("log(1 + x)", lambda x: function("log", add(ONE, x))),
    "sin": ("sin x", _f("sin")),
    "cos": ("cos x", _f("cos")),
    "tan": ("tan x", _f("tan")),
    "asin": ("asin x", _f("asin")),
    "acos": ("acos x", _f("acos")),
    "atan": ("atan x", _f("atan")),
    "sinh": ("sinh x", _f("sinh")),
    "cosh": ("cosh x", _f("cosh")),
    "tanh": ("tanh x", _f("tanh")),
    "asinh": ("asinh x", _f("asinh")),
    "acosh": ("acosh x", _f("acosh")),
    "atanh": ("atanh x", _f("atanh")),
    "sigmoid": ("σ(x) = 1 / (1 + exp(−x))", _f("σ")),
    "erf": ("erf x", _f("erf")),
    "erfc": ("1 − erf x", lambda x: subtract(ONE, function("erf", x))),
    "lgamma": ("log Γ(x)", _f("lgamma")),
    "digamma": ("ψ(x)", _f("ψ")),
    "logit": ("log(x / (1 − x))", lambda x: function("log", divide(x, subtract(ONE, x)))),
    "floor": ("⌊x⌋", _f("floor")),
    "ceil": ("⌈x⌉", _f("ceil")),
    "round": ("round x", _f("round")),
    "trunc": ("trunc x", _f("trunc")),
    "frac": ("x − trunc x", lambda x: subtract(x, function("trunc", x))),
    "deg2rad": ("x·π / 180", lambda x: multiply(number(Fraction(1, 180)), ("c", "π"), x)),
    "rad2deg": ("180x / π", lambda x: divide(multiply(number(180), x), ("c", "π"))),
}
"""Functions of one tensor: how they are written, and their elements."""

_WHOLE = ("neg", "positive", "abs", "sign", "square", "floor", "ceil", "round", "trunc")


def _unary(name: str, how: Formula) -> Callable[..., Tensor]:
    def rule(x: Any) -> Tensor:
        x = tensor(x)
        return mapped(how, x, kind=x.kind if name in _WHOLE else "float")

    return rule


def remainder_of(rounding: str) -> Formula:
    """Give x − y·round(x / y)."""
    return lambda x, y: subtract(x, multiply(y, function(rounding, divide(x, y))))


def _add(x: Any, y: Any, alpha: Any = 1) -> Tensor:
    return mapped(add, x, y) if alpha == 1 else mapped(lambda a, b: add(a, multiply(number(alpha), b)), x, y)


def _sub(x: Any, y: Any, alpha: Any = 1) -> Tensor:
    return mapped(subtract, x, y) if alpha == 1 else _add(x, y, alpha=-alpha)


def _div(x: Any, y: Any, rounding_mode: str | None = None) -> Tensor:
    if rounding_mode is None:
        return mapped(divide, x, y, kind="float")
    return mapped(lambda a, b: function(rounding_mode, divide(a, b)), x, y)


def _floor_divide(x: Any, y: Any) -> Tensor:
    if tensor(x).tracked or tensor(y).tracked:
        raise NoRule("there is no derivative of //, as torch has none")
    return mapped(lambda a, b: function("floor", divide(a, b)), x, y)


def _pow(x: Any, y: Any) -> Tensor:
    if isinstance(y, int | float) and not isinstance(y, bool) and np.isfinite(y):
        x = tensor(x)
        whole = x.kind != "float" and isinstance(y, int) and y >= 0
        return mapped(lambda a: power(a, y), x, kind=x.kind if whole else "float")
    return mapped(lambda a, b: ("**", a, b), x, y)


def _halved(a: Expr, b: Expr) -> Expr:
    return multiply(number(Fraction(1, 2)), add(a, b))


def _maximum(x: Any, y: Any) -> Tensor:
    return _extreme(x, y, ">")


def _minimum(x: Any, y: Any) -> Tensor:
    return _extreme(x, y, "<")


def _extreme(x: Any, y: Any, sign: str) -> Tensor:
    """Give the greater or the smaller; where both are equal at this run, each counts half."""
    if bool(np.any(tensor(x).value == tensor(y).value)) and (tensor(x).tracked or tensor(y).tracked):
        return mapped(lambda a, b: choose(holds(sign, a, b), a, choose(holds("=", a, b), _halved(a, b), b)), x, y)
    return mapped(lambda a, b: choose(holds(sign, a, b), a, b), x, y)


def _clamp(x: Any, min: Any = None, max: Any = None) -> Tensor:
    found: Tensor = tensor(x)
    if min is not None:
        found = mapped(lambda a, low: choose(holds("<", a, low), low, a), found, min)
    if max is not None:
        found = mapped(lambda a, high: choose(holds(">", a, high), high, a), found, max)
    return found


def _where(condition: Any, x: Any, y: Any) -> Tensor:
    """Choose by a condition; its derivative is a factor 0 or 1, so that 0·NaN stays NaN, as in torch."""
    p = tensor(condition)
    return mapped(lambda c, a, b: ("w", ("k", c), a, b), p, x, y, kind=kind_of(tensor(x), tensor(y)))


def _compare(relation: str) -> Callable[..., Tensor]:
    return lambda x, y: mapped(lambda a, b: holds(relation, a, b), x, y, kind="bool")


def _either(a: Expr, b: Expr) -> Expr:
    return opposite(multiply(opposite(a), opposite(b)))


def _bools(name: str, how: Formula) -> Callable[..., Tensor]:
    def rule(*operands: Any) -> Tensor:
        if any(tensor(x).kind != "bool" for x in operands):
            raise NoRule(f"{name} of numbers has no rule, only that of True and False")
        return mapped(how, *operands, kind="bool")

    return rule


def _equal_somewhere(x: Any, y: Any) -> str | None:
    tie = bool(np.any(tensor(x).value == tensor(y).value)) and (tensor(x).tracked or tensor(y).tracked)
    return "both are equal somewhere: torch gives each half of the gradient there, which is a choice" if tie else None


def at_value(where: float, sentence: str) -> Callable[..., str | None]:
    """Tell a sentence where an element is exactly a value."""
    return lambda x, *rest, **options: sentence if bool(np.any(tensor(x).value == where)) else None


_ABS = at_value(0, "|x| has a kink at 0: torch takes the derivative 0 there, which is a choice")
_SQRT = at_value(0, "√x has no finite slope at 0: torch gives infinity there")


def _edges(x: Any, min: Any = None, max: Any = None) -> str | None:
    values = tensor(x).value
    hit = any(bool(np.any(values == tensor(edge).value)) for edge in (min, max) if edge is not None)
    return "clamp has kinks at its bounds: torch takes the derivative 1 there, which is a choice" if hit else None


_BINARY: Mapping[str, tuple[str, Callable[..., Any], Callable[..., str | None] | None]] = {
    "add": ("x + y", _add, None),
    "sub": ("x − y", _sub, None),
    "mul": ("x·y", lambda x, y: mapped(multiply, x, y), None),
    "div": ("x / y", _div, None),
    "floor_divide": ("⌊x / y⌋", _floor_divide, None),
    "remainder": ("x − y·⌊x / y⌋", lambda x, y: mapped(remainder_of("floor"), x, y), None),
    "fmod": ("x − y·trunc(x / y)", lambda x, y: mapped(remainder_of("trunc"), x, y), None),
    "pow": ("xʸ", _pow, None),
    "maximum": ("max(x, y)", _maximum, _equal_somewhere),
    "minimum": ("min(x, y)", _minimum, _equal_somewhere),
    "atan2": ("the angle of (y, x)", lambda x, y: mapped(lambda a, b: ("f2", "atan2", a, b), x, y), None),
    "hypot": ("√(x² + y²)", lambda x, y: mapped(lambda a, b: ("f2", "hypot", a, b), x, y), None),
    "rsub": ("y − x", lambda x, y: mapped(lambda a, b: subtract(b, a), x, y), None),
    "lerp": ("x + w·(y − x)", lambda x, y, weight: mapped(_lerp, x, y, weight), None),
    "addcmul": ("x + c·y·z", lambda x, y, z, value=1: _added(x, mapped(multiply, y, z), value), None),
    "addcdiv": ("x + c·y / z", lambda x, y, z, value=1: _added(x, mapped(divide, y, z), value), None),
    "logaddexp": ("log(exp x + exp y)", lambda x, y: mapped(_log_add, x, y), None),
    "xlogy": ("x·log y, and 0 where x = 0", lambda x, y: mapped(_x_log_y, x, y), None),
    "clamp": ("min(max(x, l), u)", _clamp, _edges),
    "where": ("x where c holds, else y", _where, None),
    "logical_and": ("x and y", _bools("and", multiply), None),
    "logical_or": ("x or y", _bools("or", _either), None),
    "logical_not": ("not x", _bools("not", opposite), None),
    "gt": ("x > y", _compare(">"), None),
    "lt": ("x < y", _compare("<"), None),
    "ge": ("x ≥ y", _compare("≥"), None),
    "le": ("x ≤ y", _compare("≤"), None),
    "eq": ("x = y", _compare("="), None),
    "ne": ("x ≠ y", _compare("≠"), None),
}


def _lerp(x: Expr, y: Expr, weight: Expr) -> Expr:
    return add(x, multiply(weight, subtract(y, x)))


def _added(x: Any, y: Tensor, value: Any) -> Tensor:
    return mapped(lambda a, b, c: add(a, multiply(c, b)), x, y, value)


def _log_add(x: Expr, y: Expr) -> Expr:
    return function("log", add(function("exp", x), function("exp", y)))


def _x_log_y(x: Expr, y: Expr) -> Expr:
    return choose(holds("=", x, ZERO), ZERO, multiply(x, function("log", y)))


_TOLD: Mapping[str, Callable[..., str | None]] = {"abs": _ABS, "sqrt": _SQRT}

TABLE: Mapping[str, Operator] = {
    **{
        name: Operator(_unary(name, how), label, f"{TORCH}{name}.html", _TOLD.get(name, nothing))
        for name, (label, how) in UNARY.items()
    },
    **{
        name: Operator(rule, label, f"{TORCH}{name}.html", told or nothing)
        for name, (label, rule, told) in _BINARY.items()
    },
}
