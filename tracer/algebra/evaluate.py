"""Expressions → numbers in float64: each free or bound symbol is an axis, and elements are gathered on the grid."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer.algebra.expressions import Expr
from tracer.algebra.functions import CONSTANTS, FUNCTIONS, FUNCTIONS_2
from tracer.algebra.index import Atom, Entry, Floor, Index, Symbol

Array = NDArray[Any]
Axes = Mapping[Symbol, int]
Values = Callable[[Any], Array]
GRID = 4_000_000  # elements of a grid that are computed at most


class TooLarge(ValueError):
    """The grid of an expression has more elements than are computed."""


def evaluate(e: Expr, over: Sequence[Symbol], values: Values) -> Array:
    """Compute an expression for all values of its free symbols; `values` gives the numbers of a named tensor.

    Raises:
        TooLarge: it would take too long.
    """
    axes = {one: place for place, one in enumerate(over)}
    _check(math.prod(one.size for one in over))
    with np.errstate(all="ignore"):
        found = _Grid(values).at(e, axes)
    return np.broadcast_to(found, tuple(one.size for one in over)).copy()


class _Grid:
    """Evaluates on a grid. Every result has one axis a symbol, of its extent or of 1 where it does not matter."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def at(self, e: Expr, axes: Axes) -> Array:
        return _RULES[e[0]](self, e, axes)

    def index(self, at: Index, axes: Axes) -> Array:
        found = np.full((1,) * len(axes), at[0], dtype=np.int64)
        for one, coefficient in at[1]:
            found = found + coefficient * self.atom(one, axes)
        return found

    def atom(self, one: Atom, axes: Axes) -> Array:
        if isinstance(one, Symbol):
            shape = [1] * len(axes)
            shape[axes[one]] = one.size
            return np.arange(one.size).reshape(shape)
        if isinstance(one, Entry):
            return self.gathered(one.table, one.at, axes)
        inner = self.index(one.of, axes)
        return inner // one.by if isinstance(one, Floor) else inner % one.by

    def gathered(self, tensor: Any, at: Sequence[Index], axes: Axes) -> Array:
        """Read elements; an index outside is clipped, since a bracket beside it is 0 there."""
        array = self.values(tensor)
        if not at:
            return array.reshape((1,) * len(axes))
        if 0 in array.shape:
            return np.zeros((1,) * len(axes))
        places = [np.clip(self.index(a, axes), 0, size - 1) for a, size in zip(at, array.shape, strict=True)]
        _check(math.prod(np.broadcast_shapes(*(place.shape for place in places))))
        found: Array = array[tuple(places)]
        return found

    def inner(self, e: Expr, axes: Axes) -> tuple[Array, tuple[int, ...], int]:
        """Evaluate the body of a sum or product, with an axis for each of its symbols."""
        wider = {**axes, **{one: len(axes) + place for place, one in enumerate(e[1])}}
        body = self.at(e[-1], wider)
        own = tuple(range(len(axes), len(wider)))
        shape = tuple(one.size for one in e[1])
        missing = math.prod(size for axis, size in zip(own, shape, strict=True) if body.shape[axis] == 1)
        return body, own, missing


def _check(elements: int) -> None:
    if elements > GRID:
        raise TooLarge(f"{elements} elements")


def _shaped(array: Array, axes: Axes) -> Array:
    return array.reshape((1,) * len(axes))


def _sum(grid: _Grid, e: Expr, axes: Axes) -> Array:
    found = grid.at(e[1][0], axes)
    for term in e[1][1:]:
        found = found + grid.at(term, axes)
        _check(found.size)
    return found


_BRACKETS = "dgv~"


def _product(grid: _Grid, e: Expr, axes: Axes) -> Array:
    """Multiply; where a bracket is 0 the product is 0, whatever stands beside it."""
    found: Array = np.ones((1,) * len(axes))
    mask: Array | None = None
    for factor in e[1]:
        value = grid.at(factor, axes)
        if factor[0] in _BRACKETS:
            mask = value if mask is None else mask * value
        else:
            found = found * value
        _check(found.size)
    if mask is None:
        return found
    _check(math.prod(np.broadcast_shapes(found.shape, mask.shape)))
    return np.where(mask != 0, found, 0.0)


def _total(grid: _Grid, e: Expr, axes: Axes) -> Array:
    body, own, missing = grid.inner(e, axes)
    return np.asarray(body.sum(axis=own)) * missing


def _all_factors(grid: _Grid, e: Expr, axes: Axes) -> Array:
    """Multiply over the symbols, but for one place."""
    body, own, missing = grid.inner(e, axes)
    if not e[2]:
        return np.asarray((body**missing if missing > 1 else body).prod(axis=own))
    wider = {**axes, **{one: len(axes) + place for place, one in enumerate(e[1])}}
    apart: Array = np.zeros((1,) * len(wider), dtype=bool)
    for one, but in zip(e[1], e[2], strict=True):
        apart = apart | (grid.atom(one, wider) != grid.index(but, wider))
    return np.asarray(np.where(apart, body, 1.0).prod(axis=own))


def _power(grid: _Grid, e: Expr, axes: Axes) -> Array:
    base, p = grid.at(e[1], axes), e[2]
    if p.denominator == 1:
        return np.power(base.astype(np.float64), int(p))
    if p == 0.5:
        return np.sqrt(base)
    return np.power(base.astype(np.float64), float(p))


_RELATIONS: Mapping[str, Callable[[Array, Array], Array]] = {
    ">": np.greater, "<": np.less, "≥": np.greater_equal, "≤": np.less_equal, "=": np.equal, "≠": np.not_equal,
}  # fmt: skip


def _where(grid: _Grid, e: Expr, axes: Axes) -> Array:
    return np.where(grid.at(e[1], axes) != 0, grid.at(e[2], axes), grid.at(e[3], axes))


_RULES: Mapping[str, Callable[[_Grid, Expr, Axes], Array]] = {
    "n": lambda grid, e, axes: _shaped(np.array(float(e[1])), axes),
    "c": lambda grid, e, axes: _shaped(np.array(CONSTANTS[e[1]]), axes),
    "x": lambda grid, e, axes: grid.gathered(e[1], e[2], axes),
    "i": lambda grid, e, axes: grid.index(e[1], axes).astype(np.float64),
    "+": _sum,
    "*": _product,
    "^": _power,
    "**": lambda grid, e, axes: np.power(grid.at(e[1], axes).astype(np.float64), grid.at(e[2], axes)),
    "f": lambda grid, e, axes: FUNCTIONS[e[1]].compute(grid.at(e[2], axes)),
    "f2": lambda grid, e, axes: FUNCTIONS_2[e[1]].compute(grid.at(e[2], axes), grid.at(e[3], axes)),
    "S": _total,
    "P": _all_factors,
    "d": lambda grid, e, axes: (grid.index(e[1], axes) == 0).astype(np.float64),
    "g": lambda grid, e, axes: (grid.index(e[1], axes) >= 0).astype(np.float64),
    "v": lambda grid, e, axes: _RELATIONS[e[1]](grid.at(e[2], axes), grid.at(e[3], axes)).astype(np.float64),
    "~": lambda grid, e, axes: 1.0 - grid.at(e[1], axes),
    "k": lambda grid, e, axes: grid.at(e[1], axes),
    "w": _where,
}
