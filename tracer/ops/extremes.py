"""Extremes: the largest, the smallest, the middle, and elements in order, at the places where they were at this run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from tracer.algebra import index
from tracer.algebra.expressions import (
    Expr,
    add,
    multiply,
    number,
    total,
)
from tracer.algebra.index import Entry
from tracer.ops.activations import with_index
from tracer.ops.operator import TORCH, Operator, nothing
from tracer.ops.reductions import axes_of, reduced, reduced_shape, spread
from tracer.ops.tensor import At, NoRule, Shape, Tensor, axis, given, tensor


class Pair(NamedTuple):
    """What an operator with two results gives."""

    values: Tensor
    indices: Tensor


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


def _place(how: Callable[..., Any]) -> Callable[..., Tensor]:
    def rule(x: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
        return given(how(tensor(x).value, axis=dim, **({"keepdims": True} if keepdim else {})), "k*")

    return rule


def _tied(x: Any, dim: Any = None, *rest: Any, **options: Any) -> str | None:
    x = tensor(x)
    if not x.value.size or not x.tracked:
        return None
    if dim is None:
        both = [(x.value == x.value.max()).sum() > 1, (x.value == x.value.min()).sum() > 1]
        if any(both):
            return "several are the extreme: torch gives each an equal share, which is a choice"
        return "the extreme is the element that it was at this run"
    values = np.sort(x.value, axis=dim if isinstance(dim, int) else None)
    tie = bool((np.diff(values, axis=dim if isinstance(dim, int) else -1) == 0).any())
    return "several are equal: torch takes one of them (or shares, with amax), which is a choice" if tie else None


_ROWS: Mapping[str, tuple[str, Callable[..., Any], Callable[..., str | None]]] = {
    "max": ("the largest xᵢ", _extreme(False), _tied),
    "min": ("the smallest xᵢ", _extreme(True), _tied),
    "amax": ("the largest xᵢ, shared by equals", _extreme_shared(False), _tied),
    "amin": ("the smallest xᵢ, shared by equals", _extreme_shared(True), _tied),
    "median": ("the middle xᵢ", median, _tied),
    "kthvalue": ("the k-th smallest xᵢ", kthvalue, _tied),
    "sort": ("x at the places in order", sort, _tied),
    "topk": ("the k largest xᵢ", topk, nothing),
    "argmax": ("the place of the largest", _place(np.argmax), nothing),
    "argmin": ("the place of the smallest", _place(np.argmin), nothing),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{TORCH}{name}.html", told) for name, (label, rule, told) in _ROWS.items()
}
