"""Reductions: sums, means, products, norms, extremes, and running sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from tracer.algebra import index
from tracer.algebra.expressions import (
    Expr,
    add,
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
from tracer.algebra.index import Entry, Symbol
from tracer.ops.activations import with_index
from tracer.ops.operator import TORCH, Operator
from tracer.ops.tensor import At, NoRule, Shape, Tensor, axis, given, own, staged, tensor


class Pair(NamedTuple):
    """What an operator with two results gives."""

    values: Tensor
    indices: Tensor


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


def gathered(x: Tensor, d: int, table: Tensor, shape: Shape, where: Callable[[At], At]) -> Tensor:
    """Give x at the entries of a table along one axis; `where` gives the place in the table and on the other axes."""

    def at(place: At) -> Expr:
        assert table.stage is not None
        return x.at(with_index(where(place), d, index.atom(Entry(table.stage, place, x.shape[d]))))

    return Tensor(shape, at, x.tracked, x.kind)


def _winner(x: Tensor, d: int, keepdim: bool, places: Any) -> Pair:
    """Give the elements at the places that won along an axis, and these places."""
    shape = reduced_shape(x, (d,), keepdim)
    table = given(np.asarray(places).reshape(shape), "k*", told="the place of the extreme, as it was at this run")
    values = gathered(x, d, table, shape, lambda at: spread(x, (d,), keepdim, at, {d: index.ZERO}))
    return Pair(values, table)


def _extreme(least_first: bool) -> Callable[..., Any]:
    def rule(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
        x = tensor(x)
        if dim is None:
            return _of_all(x, x.value.min() if least_first else x.value.max())
        if isinstance(dim, Tensor):
            raise NoRule("max of two tensors has the rule of maximum")
        if x.rank == 0:
            return Pair(x, given(np.array(0), "k*"))
        d = axis(x, dim)
        places = x.value.argmin(axis=d) if least_first else x.value.argmax(axis=d)
        return _winner(x, d, keepdim, places)

    return rule


def _of_all(x: Tensor, extreme: Any) -> Tensor:
    """Give the element that is the extreme at this run; where several are, torch gives each an equal share."""
    places = list(zip(*np.nonzero(np.atleast_1d(x.value == extreme)), strict=True))
    if not places:
        raise NoRule("the extreme of NaN has no place")
    if x.rank == 0:
        return x
    terms = [x.at(tuple(index.constant(int(at)) for at in place)) for place in places]
    share = number(Fraction(1, len(terms)))
    return Tensor((), lambda at: multiply(share, add(*terms)), x.tracked, x.kind)


def _extreme_shared(least_first: bool) -> Callable[..., Tensor]:
    def rule(x: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
        x = tensor(x)
        axes = axes_of(x, dim)
        extreme = (np.min if least_first else np.max)(x.value, axis=axes, keepdims=True)
        ties = x.value == extreme
        count = ties.sum(axis=axes, keepdims=True)
        if len(axes) == 1 and bool((count == 1).all()):
            return _winner(x, axes[0], keepdim, ties.argmax(axis=axes[0])).values
        share = given(ties / count, "t", told="the share of each where several are the extreme")
        weighted = Tensor(x.shape, lambda at: multiply(share.at(at), x.at(at)), x.tracked)
        return reduced(weighted, dim, keepdim, total)

    return rule


def _order(descending: bool, x: Tensor, d: int) -> Any:
    values = -x.value if descending else x.value
    return np.argsort(values, axis=d, kind="stable")


def _picked(x: Tensor, d: int, places: Any) -> Pair:
    table = given(places, "p", told="the places, in order, as they were at this run")
    values = gathered(x, d, table, tuple(places.shape), lambda at: at)
    return Pair(values, table)


def sort(x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Pair:
    """yᵢ = x at the place that is i-th in order."""
    x = tensor(x)
    d = axis(x, dim)
    return _picked(x, d, _order(descending, x, d))


def topk(x: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Pair:
    """Give the k largest, in order."""
    x = tensor(x)
    d = axis(x, dim)
    return _picked(x, d, np.take(_order(largest, x, d), range(k), axis=d))


def median(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Give the middle element: of an even number, the lower of both."""
    x = tensor(x)
    if dim is None:
        middle = np.sort(x.value, axis=None)[(x.value.size - 1) // 2]
        return _of_all(x, middle)
    return kthvalue(x, (x.shape[axis(x, dim)] - 1) // 2 + 1, dim, keepdim)


def kthvalue(x: Any, k: int, dim: int = -1, keepdim: bool = False) -> Pair:
    """Give the k-th smallest."""
    x = tensor(x)
    d = axis(x, dim)
    return _winner(x, d, keepdim, np.take(_order(False, x, d), k - 1, axis=d))


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


def _place(how: Callable[..., Any]) -> Callable[..., Tensor]:
    def rule(x: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
        return given(how(tensor(x).value, axis=dim, **({"keepdims": True} if keepdim else {})), "k*")

    return rule


def _at_zero(x: Any, *rest: Any, **options: Any) -> str | None:
    if tensor(x).value.size and not np.any(tensor(x).value):
        return "A norm has a kink at 0: torch takes the derivative 0 there, which is a choice"
    return None


def _tied(x: Any, dim: Any = None, *rest: Any, **options: Any) -> str | None:
    x = tensor(x)
    if not x.value.size or not x.tracked:
        return None
    if dim is None:
        both = [(x.value == x.value.max()).sum() > 1, (x.value == x.value.min()).sum() > 1]
        return "several are the extreme: torch gives each an equal share, which is a choice" if any(both) else None
    values = np.sort(x.value, axis=dim if isinstance(dim, int) else None)
    tie = bool((np.diff(values, axis=dim if isinstance(dim, int) else -1) == 0).any())
    return "several are equal: torch takes one of them (or shares, with amax), which is a choice" if tie else None


def _none(*arguments: Any, **options: Any) -> str | None:
    return None


_ROWS: Mapping[str, tuple[str, Callable[..., Any], Callable[..., str | None]]] = {
    "sum": ("Σᵢ xᵢ", total_of, _none),
    "mean": ("1/n·Σᵢ xᵢ", mean, _none),
    "var": ("Σᵢ (xᵢ − m)² / (n − 1)", var, _none),
    "std": ("√var", std, _none),
    "prod": ("Πᵢ xᵢ", product_of, _none),
    "norm": ("√Σᵢ xᵢ²", norm, _at_zero),
    "logsumexp": ("log Σᵢ exp xᵢ", log_sum_exp, _none),
    "max": ("the largest xᵢ", _extreme(False), _tied),
    "min": ("the smallest xᵢ", _extreme(True), _tied),
    "amax": ("the largest xᵢ, shared by equals", _extreme_shared(False), _tied),
    "amin": ("the smallest xᵢ, shared by equals", _extreme_shared(True), _tied),
    "median": ("the middle xᵢ", median, _tied),
    "kthvalue": ("the k-th smallest xᵢ", kthvalue, _tied),
    "sort": ("x at the places in order", sort, _tied),
    "topk": ("the k largest xᵢ", topk, _none),
    "cumsum": ("Σⱼ xⱼ over j ≤ i", cumsum, _none),
    "cumprod": ("Πⱼ xⱼ over j ≤ i", cumprod, _none),
    "argmax": ("the place of the largest", _place(np.argmax), _none),
    "argmin": ("the place of the smallest", _place(np.argmin), _none),
    "any": ("one holds", _truth(np.any), _none),
    "all": ("all hold", _truth(np.all), _none),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{TORCH}{name}.html", told) for name, (label, rule, told) in _ROWS.items()
}
