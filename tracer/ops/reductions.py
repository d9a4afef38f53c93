"""Reductions: sums, means, products, norms, extremes, and running sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from tracer.algebra import index
from tracer.algebra.expressions import (
    Expr,
    choose,
    function,
    least,
    multiply,
    number,
    power,
    product,
    same,
    subtract,
    total,
)
from tracer.algebra.index import Symbol
from tracer.ops.activations import with_index
from tracer.ops.operator import TORCH, Operator, nothing
from tracer.ops.tensor import At, NoRule, Shape, Tensor, axis, given, own, staged, tensor


def axes_of(x: Tensor, dim: Any) -> tuple[int, ...]:
    """List the axes that are reduced: all, or those given."""
    if dim is None or (isinstance(dim, tuple | list) and not dim):
        return tuple(range(x.rank))
    dims = dim if isinstance(dim, tuple | list) else (dim,)
    return tuple(sorted({axis(x, one) for one in dims})) if x.rank else ()


def reduced_shape(x: Tensor, axes: Sequence[int], keepdim: bool) -> Shape:
    """Give the shape after a reduction."""
    kept = [1 if place in axes else size for place, size in enumerate(x.shape)]
    return tuple(kept) if keepdim else tuple(size for place, size in enumerate(kept) if place not in axes)


def spread(x: Tensor, axes: Sequence[int], keepdim: bool, at: At, inside: Mapping[int, index.Index]) -> At:
    """Give the place in x that belongs to a place in the result and to indices along the reduced axes."""
    outer = iter(at)
    found = []
    for place in range(x.rank):
        if place in axes:
            if keepdim:
                next(outer)
            found.append(inside[place])
        else:
            found.append(next(outer))
    return tuple(found)


Over = tuple[Symbol, ...]


def reduced(x: Any, dim: Any, keepdim: bool, how: Callable[[Over, Expr], Expr], kind: Any = "float") -> Tensor:
    """Reduce axes by a formula of the symbols that run along them and of the element there."""
    x = tensor(x)
    axes = axes_of(x, dim)

    def at(place: At) -> Expr:
        over = index.symbols([x.shape[one] for one in axes])
        inside = dict(zip(axes, index.indices(over), strict=True))
        return how(over, x.at(spread(x, axes, keepdim, place, inside)))

    return Tensor(reduced_shape(x, axes, keepdim), at, x.tracked and kind == "float", kind)


def count_of(x: Tensor, dim: Any) -> int:
    """Count the elements that go into one of the result."""
    return int(np.prod([x.shape[one] for one in axes_of(x, dim)], dtype=np.int64))


def total_of(x: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """y = Σᵢ xᵢ."""
    x = tensor(x)
    return reduced(x, dim, keepdim, total, "float" if x.kind == "float" else "int")


def mean(x: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """y = 1/n·Σᵢ xᵢ."""
    x = tensor(x)
    n = count_of(x, dim)
    if n == 0:
        raise NoRule("the mean of no elements has no value")
    return reduced(x, dim, keepdim, lambda over, e: multiply(number(Fraction(1, n)), total(over, e)))


def var(x: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, correction: Any = 1) -> Tensor:
    """y = Σᵢ (xᵢ − m)² / (n − c); ∂y/∂xₖ = 2(xₖ − m) / (n − c), since Σᵢ (xᵢ − m) = 0."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    correction = correction if unbiased is None else int(unbiased)
    x = staged(tensor(x))
    n, axes = count_of(x, dim), axes_of(x, dim)
    if n <= correction:
        raise NoRule("there are too few elements for a variance")
    m = staged(mean(x, dim, True), "μ")
    share = number(Fraction(1, n) if correction == 0 else Fraction(1) / Fraction(repr(n - correction)))

    def centred(place: At) -> Expr:
        middle = tuple(index.ZERO if at in axes else one for at, one in enumerate(place))
        return subtract(x.at(place), m.at(middle))

    def body(place: At) -> Expr:
        over = index.symbols([x.shape[one] for one in axes])
        inside = dict(zip(axes, index.indices(over), strict=True))
        return multiply(share, total(over, power(centred(spread(x, axes, keepdim, place, inside)), 2)))

    def local(j: At, k: At) -> Expr:
        back = spread(x, axes, keepdim, j, {one: k[one] for one in axes})
        return multiply(share, number(2), centred(k), *(same(a, b) for a, b in zip(back, k, strict=True)))

    return own("v", reduced_shape(x, axes, keepdim), body, {x: local})


def std(x: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, correction: Any = 1) -> Tensor:
    """y = √var."""
    v = var(x, dim, unbiased, keepdim, correction)
    return Tensor(v.shape, lambda at: power(v.at(at), Fraction(1, 2)), v.tracked)


def norm(x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, p: Any = None, dtype: Any = None) -> Tensor:
    """y = √Σᵢ xᵢ²; ∂y/∂xₖ = xₖ / y, and 0 where y = 0."""
    q = ord if p is None else p
    q = 2 if q in (None, "fro") else q
    if q == 1:
        return reduced(x, dim, keepdim, lambda over, e: total(over, function("abs", e)))
    if not isinstance(q, int | float) or not np.isfinite(q) or q <= 0:
        raise NoRule(f"the norm of order {q!r:.20} has no rule")
    if q != 2:
        inner = lambda over, e: power(total(over, power(function("abs", e), q)), 1 / q)  # noqa: E731
        return reduced(x, dim, keepdim, inner)
    x = staged(tensor(x))
    axes = axes_of(x, dim)
    plain = reduced(x, dim, keepdim, lambda over, e: power(total(over, power(e, 2)), Fraction(1, 2)))

    def local(j: At, k: At) -> Expr:
        back = spread(x, axes, keepdim, j, {one: k[one] for one in axes})
        return multiply(x.at(k), function("1/", y.at(j)), *(same(a, b) for a, b in zip(back, k, strict=True)))

    y = own("n", plain.shape, plain.at, {x: local})
    return y


def log_sum_exp(x: Any, dim: Any, keepdim: bool = False) -> Tensor:
    """y = log Σᵢ exp(xᵢ); ∂y/∂xₖ = exp(xₖ − y)."""
    x = staged(tensor(x))
    axes = axes_of(x, dim)
    plain = reduced(x, dim, keepdim, lambda over, e: function("log", total(over, function("exp", e))))

    def compute() -> Any:
        top = x.value.max(axis=axes, keepdims=True)
        found = top + np.log(np.exp(x.value - top).sum(axis=axes, keepdims=True))
        return found.reshape(plain.shape)

    def local(j: At, k: At) -> Expr:
        back = spread(x, axes, keepdim, j, {one: k[one] for one in axes})
        weight = function("exp", subtract(x.at(k), y.at(j)))
        return multiply(weight, *(same(a, b) for a, b in zip(back, k, strict=True)))

    y = own("l", plain.shape, plain.at, {x: local}, compute)
    return y


def product_of(x: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """y = Πᵢ xᵢ; ∂y/∂xₖ is the product of the others, true where an element is 0 too."""
    x = tensor(x)
    return reduced(x, dim, keepdim, product, "float" if x.kind == "float" else "int")


def cumsum(x: Any, dim: int, dtype: Any = None) -> Tensor:
    """yᵢ = Σⱼ xⱼ·[j ≤ i]."""
    x = tensor(x)
    d = axis(x, dim)

    def at(place: At) -> Expr:
        q = index.symbol(x.shape[d])
        earlier = least(index.add(place[d], index.atom(q), -1))
        return total((q,), multiply(earlier, x.at(with_index(place, d, index.atom(q)))))

    return Tensor(x.shape, at, x.tracked, x.kind)


def cumprod(x: Any, dim: int, dtype: Any = None) -> Tensor:
    """yᵢ = Πⱼ xⱼ over j ≤ i."""
    x = tensor(x)
    d = axis(x, dim)

    def at(place: At) -> Expr:
        q = index.symbol(x.shape[d])
        earlier = least(index.add(place[d], index.atom(q), -1))
        element = x.at(with_index(place, d, index.atom(q)))
        return product((q,), choose(earlier, element, number(1)) if earlier[0] != "n" else element)

    return Tensor(x.shape, at, x.tracked, x.kind)


def _truth(how: Callable[..., Any]) -> Callable[..., Tensor]:
    def rule(x: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
        x = tensor(x)
        found = how(x.value, axis=axes_of(x, dim), keepdims=keepdim)
        return given(np.asarray(found), "c")

    return rule


def _at_zero(x: Any, *rest: Any, **options: Any) -> str | None:
    if tensor(x).value.size and not np.any(tensor(x).value):
        return "A norm has a kink at 0: torch takes the derivative 0 there, which is a choice"
    return None


_ROWS: Mapping[str, tuple[str, Callable[..., Any], Callable[..., str | None]]] = {
    "sum": ("Σᵢ xᵢ", total_of, nothing),
    "mean": ("1/n·Σᵢ xᵢ", mean, nothing),
    "var": ("Σᵢ (xᵢ − m)² / (n − 1)", var, nothing),
    "std": ("√var", std, nothing),
    "prod": ("Πᵢ xᵢ", product_of, nothing),
    "norm": ("√Σᵢ xᵢ²", norm, _at_zero),
    "logsumexp": ("log Σᵢ exp xᵢ", log_sum_exp, nothing),
    "cumsum": ("Σⱼ xⱼ over j ≤ i", cumsum, nothing),
    "cumprod": ("Πⱼ xⱼ over j ≤ i", cumprod, nothing),
    "any": ("one holds", _truth(np.any), nothing),
    "all": ("all hold", _truth(np.all), nothing),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{TORCH}{name}.html", told) for name, (label, rule, told) in _ROWS.items()
}
