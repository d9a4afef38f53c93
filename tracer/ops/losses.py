"""Losses: a formula of each element, then the mean, the sum, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from tracer.algebra import index
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
    power,
    subtract,
)
from tracer.algebra.index import Entry
from tracer.ops.activations import log_softmax
from tracer.ops.operator import FUNCTIONAL, Operator
from tracer.ops.reductions import mean, total_of
from tracer.ops.tensor import At, NoRule, Tensor, given, mapped, staged, tensor


def _finish(x: Tensor, reduction: str) -> Tensor:
    if reduction not in ("mean", "sum", "none"):
        raise NoRule(f"there is no rule for the reduction {reduction!r:.20}")
    return mean(x) if reduction == "mean" else total_of(x) if reduction == "sum" else x


def _pointwise(how: Callable[..., Expr]) -> Callable[..., Tensor]:
    def rule(x: Any, y: Any, *, reduction: str = "mean", **options: Any) -> Tensor:
        return _finish(mapped(lambda a, b: how(a, b, **options), x, y), reduction)

    return rule


def _squared(a: Expr, b: Expr) -> Expr:
    return power(subtract(a, b), 2)


def _distance(a: Expr, b: Expr) -> Expr:
    return function("abs", subtract(a, b))


def _huber(a: Expr, b: Expr, delta: Any = 1.0) -> Expr:
    d, gap = number(delta), subtract(a, b)
    half = number(Fraction(1, 2))
    far = multiply(d, subtract(function("abs", gap), multiply(half, d)))
    return choose(holds("<", function("abs", gap), d), multiply(half, power(gap, 2)), far)


def _smooth(a: Expr, b: Expr, beta: Any = 1.0) -> Expr:
    d, gap = number(beta), subtract(a, b)
    half = number(Fraction(1, 2))
    near = divide(multiply(half, power(gap, 2)), d)
    return choose(holds("<", function("abs", gap), d), near, subtract(function("abs", gap), multiply(half, d)))


def _entropy(p: Expr, t: Expr) -> Expr:
    """−(t·log p + (1 − t)·log(1 − p))."""
    other = multiply(subtract(ONE, t), function("log", subtract(ONE, p)))
    return negative(add(multiply(t, function("log", p)), other))


def _entropy_of_logits(z: Expr, t: Expr) -> Expr:
    """−(t·log σ(z) + (1 − t)·log(1 − σ(z))) = softplus(z) − t·z."""
    return subtract(function("softplus", z), multiply(t, z))


def _divergence(q: Expr, p: Expr, log_target: bool = False) -> Expr:
    """p·(log p − q), of a logarithm q."""
    if log_target:
        return multiply(function("exp", p), subtract(p, q))
    return choose(holds("=", p, ZERO), ZERO, multiply(p, subtract(function("log", p), q)))


def _kl(q: Any, p: Any, *, reduction: str = "mean", log_target: bool = False) -> Tensor:
    each = mapped(lambda a, b: _divergence(a, b, log_target), q, p)
    if reduction == "batchmean":
        return mapped(lambda a: divide(a, number(each.shape[0])), total_of(each))
    return _finish(each, reduction)


def _soft_margin(x: Expr, y: Expr) -> Expr:
    return function("softplus", negative(multiply(y, x)))


def _poisson(x: Expr, t: Expr, log_input: bool = True) -> Expr:
    if log_input:
        return subtract(function("exp", x), multiply(t, x))
    return subtract(x, multiply(t, function("log", add(x, number(1e-8)))))


def _hinge(x: Expr, y: Expr, margin: Any = 1.0) -> Expr:
    low = choose(holds(">", subtract(number(margin), x), ZERO), subtract(number(margin), x), ZERO)
    return choose(holds("=", y, ONE), x, low)


def _margin_ranking(a: Any, b: Any, y: Any, *, margin: Any = 0.0, reduction: str = "mean") -> Tensor:
    def how(p: Expr, q: Expr, t: Expr) -> Expr:
        u = add(multiply(negative(t), subtract(p, q)), number(margin))
        return choose(holds(">", u, ZERO), u, ZERO)

    return _finish(mapped(how, a, b, y), reduction)


def nll(x: Any, target: Any, weight: Any = None, *, reduction: str = "mean", ignore_index: int = -100) -> Tensor:
    """y = −1/N·Σₙ x at (n, tₙ)."""
    x, t = tensor(x), tensor(target)
    if x.rank not in (1, 2) or t.rank != x.rank - 1 or t.kind != "int" or weight is not None:
        raise NoRule("nll_loss has a rule for rows of scores with one class each, all of one weight")
    if bool(np.any(t.value == ignore_index)):
        raise NoRule("nll_loss has a rule where no target is ignored")
    table = t if t.stage is not None and t.stage.body is None else given(t.value, "t")
    classes = x.shape[-1]

    def at(place: At) -> Expr:
        assert table.stage is not None
        return negative(x.at((*place, index.atom(Entry(table.stage, place, classes)))))

    return _finish(Tensor(t.shape, at, x.tracked), reduction)


def cross_entropy(
    x: Any,
    target: Any,
    weight: Any = None,
    *,
    reduction: str = "mean",
    ignore_index: int = -100,
    label_smoothing: float = 0,
) -> Tensor:
    """y = −1/N·Σₙ log softmax(x) at (n, tₙ)."""
    x, t = tensor(x), tensor(target)
    if label_smoothing or weight is not None:
        raise NoRule("cross_entropy has a rule without smoothing, all classes of one weight")
    logs = staged(log_softmax(x, x.rank - 1 if x.rank < 2 else 1))
    if t.kind != "float":
        return nll(logs, t, reduction=reduction, ignore_index=ignore_index)
    each = total_of(mapped(lambda a, b: negative(multiply(b, a)), logs, t), x.rank - 1 if x.rank < 2 else 1)
    return _finish(each, reduction)


_ROWS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "mse_loss": ("(x − t)²", _pointwise(_squared)),
    "l1_loss": ("|x − t|", _pointwise(_distance)),
    "smooth_l1_loss": ("(x − t)² / 2β near t, else |x − t| − β/2", _pointwise(_smooth)),
    "huber_loss": ("(x − t)² / 2 near t, else δ·(|x − t| − δ/2)", _pointwise(_huber)),
    "binary_cross_entropy": ("−(t·log p + (1 − t)·log(1 − p))", _pointwise(_entropy)),
    "binary_cross_entropy_with_logits": ("log(1 + exp z) − t·z", _pointwise(_entropy_of_logits)),
    "kl_div": ("p·(log p − q)", _kl),
    "poisson_nll_loss": ("exp x − t·x", _pointwise(_poisson)),
    "soft_margin_loss": ("log(1 + exp(−y·x))", _pointwise(_soft_margin)),
    "hinge_embedding_loss": ("x, or max(0, m − x)", _pointwise(_hinge)),
    "margin_ranking_loss": ("max(0, −y·(a − b) + m)", _margin_ranking),
    "nll_loss": ("−x at the class", nll),
    "cross_entropy": ("−log softmax(x) at the class", cross_entropy),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{FUNCTIONAL}{name}.html") for name, (label, rule) in _ROWS.items()
}
