"""Elements read by an index: x[1, 2], x[:, 1:], x[i], gather, and their family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tracer.algebra import index
from tracer.algebra.expressions import Expr
from tracer.algebra.index import Entry
from tracer.ops.activations import with_index
from tracer.ops.extremes import gathered
from tracer.ops.joining import narrow, select
from tracer.ops.operator import TORCH, Operator
from tracer.ops.shape import reshape, unsqueeze
from tracer.ops.tensor import At, NoRule, Tensor, axis, given, mapped, tensor


def item(x: Any, key: Any) -> Tensor:
    """Give x[key]: whole numbers, slices, None and … one after the other, or tensors of whole numbers or True/False."""
    x = tensor(x)
    keys = _filled(x, list(key) if isinstance(key, tuple) else [key])
    place = 0
    tables: list[tuple[int, Tensor]] = []
    for one in keys:
        if one is None:
            x = unsqueeze(x, place)
        elif isinstance(one, bool):
            raise NoRule("an index True or False has no rule")
        elif isinstance(one, int):
            x, place = select(x, place, one), place - 1
        elif isinstance(one, slice):
            x = _slice(x, place, one)
        elif isinstance(one, Tensor | list):
            tables.append((place, _table(one)))
        else:
            raise NoRule(f"an index {one!r:.30} has no rule")
        place += 1
    return _by_tables(x, tables) if tables else x


def _filled(x: Tensor, keys: list[Any]) -> list[Any]:
    """Write … and what is left out as full slices."""
    named = sum(one is not None and one is not Ellipsis for one in keys)
    rest = [slice(None)] * (x.rank - named)
    where = next((n for n, one in enumerate(keys) if one is Ellipsis), len(keys))
    return [*keys[:where], *rest, *keys[where + 1 :]]


def _slice(x: Tensor, place: int, one: slice) -> Tensor:
    start, stop, step = one.indices(x.shape[place])
    length = len(range(start, stop, step))
    return x if length == x.shape[place] and step == 1 else narrow(x, place, start, length, step)


def _table(one: Any) -> Tensor:
    found = given(np.asarray(one), "p") if isinstance(one, list) else one
    if found.kind == "bool":
        if found.rank != 1:
            raise NoRule("a mask of several axes has no rule")
        return given(np.nonzero(found.value)[0], "p", told="the places where the mask holds")
    if found.kind != "int":
        raise NoRule("an index of other than whole numbers has no rule")
    return found if found.stage is not None else given(found.value, "p")


def _by_tables(x: Tensor, tables: list[tuple[int, Tensor]]) -> Tensor:
    """Read by tables of places, which are broadcast together; they must stand side by side."""
    axes = [place for place, _ in tables]
    if axes != list(range(axes[0], axes[0] + len(axes))):
        raise NoRule("tables of indices have a rule where they stand side by side")
    shape = tuple(np.broadcast_shapes(*(table.shape for _, table in tables)))
    first, last = axes[0], axes[-1] + 1
    positive = [_positive(table, x.shape[place]) for place, table in tables]

    def at(place: At) -> Expr:
        middle = place[first : first + len(shape)]
        entries = []
        for (axis_, _), table in zip(tables, positive, strict=True):
            own = middle[len(middle) - table.rank :]
            inner = tuple(index.ZERO if size == 1 else one for one, size in zip(own, table.shape, strict=True))
            entries.append(index.atom(Entry(table.stage, inner, x.shape[axis_])) if x.shape[axis_] > 1 else index.ZERO)
        found: Expr = x.at((*place[:first], *entries, *place[first + len(shape) :]))
        return found

    return Tensor((*x.shape[:first], *shape, *x.shape[last:]), at, x.tracked, x.kind)


def _positive(table: Tensor, size: int) -> Tensor:
    """Count places from the front."""
    values = table.value
    if bool(((values < -size) | (values >= size)).any()):
        raise NoRule("the index is outside")
    return table if not (values < 0).any() else given(values % size, "p", told="the index, counted from the front")


def gather(x: Any, dim: int, places: Any, **options: Any) -> Tensor:
    """y at (i, j) = x at (pᵢⱼ, j), along an axis."""
    x, table = tensor(x), _table(places)
    return gathered(x, axis(x, dim), table, table.shape, lambda at: at)


def index_select(x: Any, dim: int, places: Any) -> Tensor:
    """y = x at the places along an axis."""
    x, table = tensor(x), _table(places)
    d = axis(x, dim)

    def at(place: At) -> Expr:
        entry = index.atom(Entry(table.stage, (place[d],), x.shape[d]))
        found: Expr = x.at(with_index(place, d, entry if x.shape[d] > 1 else index.ZERO))
        return found

    return Tensor((*x.shape[:d], table.shape[0], *x.shape[d + 1 :]), at, x.tracked, x.kind)


def _take(x: Any, places: Any) -> Tensor:
    return item(reshape(tensor(x), -1), _table(places))


def _embedding(places: Any, weight: Any) -> Tensor:
    return item(weight, _table(places))


def _masked_fill(x: Any, mask: Any, value: Any) -> Tensor:
    return mapped(lambda a, c, v: ("w", ("k", c), v, a), x, mask, value)


def _masked_select(x: Any, mask: Any) -> Tensor:
    x, mask = tensor(x), tensor(mask)
    if x.shape != mask.shape:
        raise NoRule("masked_select has a rule for a mask of the same shape")
    return item(reshape(x, -1), given(np.nonzero(mask.value.reshape(-1))[0], "p"))


_ROWS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "[…]": ("x at the index", item),
    "gather": ("x at (pᵢⱼ, j)", gather),
    "take_along_dim": ("x at (pᵢⱼ, j)", lambda x, places, dim: gather(x, dim, places)),
    "index_select": ("x at pᵢ", index_select),
    "take": ("x as a vector, at pᵢ", _take),
    "embedding": ("W at pᵢ", _embedding),
    "masked_fill": ("v where the mask holds, else x", _masked_fill),
    "masked_select": ("x where the mask holds", _masked_select),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{TORCH}{name}.html") for name, (label, rule) in _ROWS.items()
}
