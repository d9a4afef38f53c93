"""Normalisation by mean and deviation, and attention."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from tracer.algebra import index
from tracer.algebra.expressions import Expr, add, divide, holds, multiply, negative, number, power, same, subtract
from tracer.ops.activations import softmax
from tracer.ops.linear_algebra import matmul
from tracer.ops.operator import FUNCTIONAL, Operator
from tracer.ops.reductions import mean, norm, total_of
from tracer.ops.shape import reshape, transpose
from tracer.ops.tensor import At, NoRule, Tensor, mapped, own, staged, tensor


def normalised(x: Tensor, axes: Sequence[int], eps: float) -> Tensor:
    """n̂ = (x − μ) / s with s = √(mean of (x − μ)² + ε); ∂n̂ⱼ/∂xᵢ = ([j = i] − 1/n − n̂ⱼ·n̂ᵢ/n) / s along the axes."""
    x = staged(x)
    axes = tuple(axes)
    n = math.prod(x.shape[one] for one in axes)
    if n == 0:
        raise NoRule("a normalisation of no elements has no value")
    middle = staged(mean(x, axes, True), "μ")
    square = mean(mapped(lambda a, m: power(subtract(a, m), 2), x, middle), axes, True)
    s = staged(mapped(lambda v: power(add(v, number(eps)), Fraction(1, 2)), square), "s")

    def small(place: At) -> At:
        return tuple(index.ZERO if at in axes else one for at, one in enumerate(place))

    def body(place: At) -> Expr:
        return divide(subtract(x.at(place), middle.at(small(place))), s.at(small(place)))

    def local(j: At, k: At) -> Expr:
        group = [same(j[one], k[one]) for one in range(x.rank) if one not in axes]
        mixed = tuple(k[one] if one in axes else j[one] for one in range(x.rank))
        here = multiply(*(same(j[one], k[one]) for one in axes))
        share = number(Fraction(1, n))
        pull = add(here, negative(share), negative(multiply(share, y.at(j), y.at(mixed))))
        return multiply(*group, pull, power(s.at(small(j)), -1))

    y = own("n̂", x.shape, body, {x: local})
    return y


def _affine(y: Tensor, weight: Any, bias: Any, shape: tuple[int, ...]) -> Tensor:
    """Scale and shift, each value of weight and bias along the axes of `shape`."""
    if weight is not None:
        y = mapped(multiply, y, reshape(weight, shape))
    return y if bias is None else mapped(add, y, reshape(bias, shape))


def layer_norm(x: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Tensor:
    """Normalise over the last axes."""
    x = tensor(x)
    last = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    y = normalised(x, range(x.rank - len(last), x.rank), eps)
    return _affine(y, weight, bias, last)


def _channels(x: Tensor) -> tuple[int, ...]:
    return (x.shape[1], *(1,) * (x.rank - 2))


def batch_norm(
    x: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel over the batch, or by running statistics where it is not training."""
    x = tensor(x)
    shape = _channels(x)
    if training:
        y = normalised(x, [one for one in range(x.rank) if one != 1], eps)
    else:
        deviation = mapped(lambda v: power(add(v, number(eps)), Fraction(1, 2)), reshape(running_var, shape))
        y = mapped(divide, mapped(subtract, x, reshape(running_mean, shape)), deviation)
    return _affine(y, weight, bias, shape)


def instance_norm(x: Any, *unused: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Tensor:
    """Normalise each channel of each sample."""
    x = tensor(x)
    if unused:
        raise NoRule("instance_norm has a rule without running statistics")
    return _affine(normalised(x, range(2, x.rank), eps), weight, bias, _channels(x))


def group_norm(x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Tensor:
    """Normalise groups of channels of each sample."""
    x = tensor(x)
    grouped = reshape(x, x.shape[0], num_groups, -1)
    y = reshape(normalised(grouped, (2,), eps), x.shape)
    return _affine(y, weight, bias, _channels(x))


def rms_norm(x: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Tensor:
    """y = x / √(mean of x² + ε)."""
    x = tensor(x)
    last = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    axes = tuple(range(x.rank - len(last), x.rank))
    small = number(2.220446049250313e-16 if eps is None else eps)
    square = mean(mapped(lambda a: power(a, 2), x), axes, True)
    r = staged(mapped(lambda v: power(add(v, small), Fraction(1, 2)), square), "r")
    return _affine(mapped(divide, x, r), weight, None, last)


def _at_least(x: Tensor, eps: float) -> Tensor:
    return mapped(lambda n: ("w", holds(">", n, number(eps)), n, number(eps)), x)


def normalize(x: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """y = x / ‖x‖."""
    x = tensor(x)
    return mapped(divide, x, _divisor(norm(x, p, dim, True), eps))


def _divisor(n: Tensor, eps: float) -> Tensor:
    return n if bool((n.value > eps).all()) else _at_least(n, eps)


def cosine_similarity(x: Any, y: Any, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """y = Σᵢ aᵢ·bᵢ / (‖a‖·‖b‖)."""
    dots = total_of(mapped(multiply, x, y), dim)
    lengths = [_divisor(norm(tensor(one), 2, dim), eps) for one in (x, y)]
    return mapped(divide, dots, mapped(multiply, *lengths))


def attention(q: Any, k: Any, v: Any, *masks: Any, scale: float | None = None) -> Tensor:
    """softmax(Q·Kᵀ / √d)·V."""
    if masks:
        raise NoRule("attention has a rule without a mask")
    q, k = tensor(q), tensor(k)
    by = power(number(q.shape[-1]), Fraction(-1, 2)) if scale is None else number(scale)
    scores = mapped(lambda a: multiply(by, a), matmul(q, transpose(k, -1, -2)))
    return matmul(softmax(staged(scores, "z"), -1), v)


def dropout(x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Hand x on; with training the dropped elements are random, and that has no rule."""
    if training and p:
        raise NoRule("dropout draws at random, which has no rule")
    return mapped(lambda a: a, x)


_ROWS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "layer_norm": ("(x − μ) / √(var + ε) over the last axes", layer_norm),
    "batch_norm": ("(x − μ) / √(var + ε) of each channel", batch_norm),
    "instance_norm": ("(x − μ) / √(var + ε) of each channel of a sample", instance_norm),
    "group_norm": ("(x − μ) / √(var + ε) of groups of channels", group_norm),
    "rms_norm": ("x / √(mean of x² + ε)", rms_norm),
    "normalize": ("x / ‖x‖", normalize),
    "cosine_similarity": ("Σᵢ aᵢ·bᵢ / (‖a‖·‖b‖)", cosine_similarity),
    "scaled_dot_product_attention": ("softmax(Q·Kᵀ / √d)·V", attention),
    "dropout": ("x", dropout),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{FUNCTIONAL}{name}.html") for name, (label, rule) in _ROWS.items()
}
