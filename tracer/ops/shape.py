"""Operators that move elements: their element at a place is that of the input at another place."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tracer.algebra import index
from tracer.algebra.expressions import Expr, multiply, same
from tracer.algebra.index import Index
from tracer.ops.operator import TORCH, Operator
from tracer.ops.tensor import At, NoRule, Shape, Tensor, axis, broadcast, moved, tensor

RULE_FOR_ZEROS = "a shape without elements has no rule"


def sizes_of(sizes: Sequence[Any]) -> tuple[int, ...]:
    """Read sizes or axes, given one by one or as one tuple."""
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else tuple(sizes)


def permute(x: Any, *dims: Any) -> Tensor:
    """Put the axes in another order."""
    x = tensor(x)
    order = [axis(x, one) for one in sizes_of(dims)]
    return moved(x, tuple(x.shape[one] for one in order), lambda at: tuple(at[order.index(n)] for n in range(x.rank)))


def transpose(x: Any, dim0: int, dim1: int) -> Tensor:
    """Swap two axes."""
    x = tensor(x)
    order = list(range(x.rank))
    a, b = axis(x, dim0), axis(x, dim1)
    if order:
        order[a], order[b] = order[b], order[a]
    return permute(x, order)


def turned(x: Any) -> Tensor:
    """Give the transpose of a matrix; of a vector, itself."""
    x = tensor(x)
    return permute(x, list(reversed(range(x.rank))))


def _movedim(x: Any, source: int, destination: int) -> Tensor:
    x = tensor(x)
    order = [one for one in range(x.rank) if one != axis(x, source)]
    order.insert(axis(x, destination), axis(x, source))
    return permute(x, order)


def reshape(x: Any, *shape: Any) -> Tensor:
    """Read the elements in the same order into another shape."""
    x = tensor(x)
    wanted = list(sizes_of(shape))
    n = math.prod(x.shape)
    if n == 0:
        raise NoRule(RULE_FOR_ZEROS)
    if -1 in wanted:
        wanted[wanted.index(-1)] = n // math.prod(size for size in wanted if size != -1)
    new = tuple(wanted)
    if math.prod(new) != n:
        raise NoRule("the sizes do not fit")

    def where(at: At) -> At:
        flat, step = index.ZERO, 1
        for one, size in zip(reversed(at), reversed(new), strict=True):
            flat, step = index.add(flat, one, step), step * size
        found, step = list[Index](), 1
        for place, size in enumerate(reversed(x.shape)):
            whole = index.floor(flat, step)
            first = place == x.rank - 1
            found.append(whole if first and size > 1 else index.mod(whole, size))
            step *= size
        return tuple(reversed(found))

    return moved(x, new, where)


def _flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    x = tensor(x)
    if not x.rank:
        return reshape(x, 1)
    a, b = axis(x, start_dim), axis(x, end_dim)
    return reshape(x, (*x.shape[:a], math.prod(x.shape[a : b + 1]), *x.shape[b + 1 :]))


def _unflatten(x: Any, dim: int, sizes: Sequence[int]) -> Tensor:
    x = tensor(x)
    d, n = axis(x, dim), -math.prod(sizes)
    filled = [x.shape[axis(x, dim)] // n if size == -1 else size for size in sizes]
    return reshape(x, (*x.shape[:d], *filled, *x.shape[d + 1 :]))


def _squeeze(x: Any, dim: Any = None) -> Tensor:
    x = tensor(x)
    dims = range(x.rank) if dim is None else [axis(x, one) for one in (dim if isinstance(dim, tuple) else (dim,))]
    gone = {one for one in dims if x.shape and x.shape[one] == 1}
    kept = [one for one in range(x.rank) if one not in gone]

    def where(at: At) -> At:
        outer = iter(at)
        return tuple(index.ZERO if one in gone else next(outer) for one in range(x.rank))

    return moved(x, tuple(x.shape[one] for one in kept), where)


def unsqueeze(x: Any, dim: int) -> Tensor:
    """Add an axis of one element."""
    x = tensor(x)
    d = axis(x, dim, 1)
    return moved(x, (*x.shape[:d], 1, *x.shape[d:]), lambda at: (*at[:d], *at[d + 1 :]))


def expand(x: Any, *sizes: Any) -> Tensor:
    """Repeat axes of one element without copying."""
    x = tensor(x)
    wanted = sizes_of(sizes)
    offset = len(wanted) - x.rank
    new = tuple(x.shape[n - offset] if size == -1 else size for n, size in enumerate(wanted))

    def where(at: At) -> At:
        return tuple(index.ZERO if size == 1 else one for one, size in zip(at[offset:], x.shape, strict=True))

    return moved(x, new, where)


def _repeat(x: Any, *sizes: Any) -> Tensor:
    x = tensor(x)
    times = sizes_of(sizes)
    offset = len(times) - x.rank
    whole = (1,) * offset + x.shape

    def where(at: At) -> At:
        return tuple(index.mod(one, size) for one, size in zip(at[offset:], x.shape, strict=True))

    return moved(x, tuple(size * n for size, n in zip(whole, times, strict=True)), where, view=False)


def _tile(x: Any, *sizes: Any) -> Tensor:
    x, times = tensor(x), sizes_of(sizes)
    return _repeat(x, (1,) * (x.rank - len(times)) + times)


def _repeat_interleave(x: Any, repeats: int, dim: Any = None) -> Tensor:
    x = tensor(x) if dim is not None else _flatten(x)
    if not isinstance(repeats, int):
        raise NoRule("repeat_interleave has a rule for one number of repeats")
    d = axis(x, dim or 0)
    shape = (*x.shape[:d], x.shape[d] * repeats, *x.shape[d + 1 :])
    return moved(x, shape, lambda at: (*at[:d], index.floor(at[d], repeats), *at[d + 1 :]), view=False)


def diagonal(x: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Give the diagonal of a matrix: yᵢ = xᵢᵢ."""
    x = tensor(x)
    if x.rank != 2 or (dim1, dim2) != (0, 1):
        raise NoRule("the diagonal has a rule for a matrix")
    down, right = max(-offset, 0), max(offset, 0)
    length = max(min(x.shape[0] - down, x.shape[1] - right), 0)
    return moved(x, (length,), lambda at: (index.shift(at[0], down), index.shift(at[0], right)))


def diagonal_matrix(x: Any, diagonal_: int = 0) -> Tensor:
    """Give a matrix with this diagonal: yᵢⱼ = [i = j]·xᵢ; of a matrix, its diagonal."""
    x = tensor(x)
    if x.rank == 2:
        return diagonal(x, diagonal_)
    if x.rank != 1 or diagonal_:
        raise NoRule("diag has a rule for the main diagonal of one vector")
    n = x.shape[0]

    def at(place: At) -> Expr:
        return multiply(same(place[0], place[1]), x.at((place[0],)))

    return Tensor((n, n), at, x.tracked, x.kind)


def _same_view(x: Any, *arguments: Any, **options: Any) -> Tensor:
    """Give x as it is: what `contiguous`, `clone` and conversions between floats do to its values."""
    x = tensor(x)
    return Tensor(x.shape, x.at, x.tracked, x.kind, None, view=False)


def _expand_as(x: Any, other: Tensor) -> Tensor:
    return expand(x, other.shape)


def _view_as(x: Any, other: Tensor) -> Tensor:
    return reshape(x, other.shape)


def _view(x: Any, *shape: Any) -> Tensor:
    if any(not isinstance(size, int) for size in sizes_of(shape)):
        raise NoRule("a view as another dtype has no rule")
    return reshape(x, *shape)


def _broadcast_tensors(*xs: Any) -> tuple[Tensor, ...]:
    shape: Shape = broadcast(*map(tensor, xs))
    return tuple(expand(x, shape) for x in xs)


_ROWS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "permute": ("x with its axes in another order", permute),
    "transpose": ("xⱼᵢ", transpose),
    "t": ("xⱼᵢ", turned),
    "movedim": ("x with an axis moved", _movedim),
    "reshape": ("x in another shape", reshape),
    "view": ("x in another shape", _view),
    "view_as": ("x in another shape", _view_as),
    "flatten": ("x with axes joined", _flatten),
    "ravel": ("x as a vector", lambda x: reshape(x, -1)),
    "unflatten": ("x with an axis split", _unflatten),
    "squeeze": ("x without axes of one element", _squeeze),
    "unsqueeze": ("x with an axis of one element", unsqueeze),
    "expand": ("x, repeated", expand),
    "expand_as": ("x, repeated", _expand_as),
    "broadcast_to": ("x, repeated", expand),
    "broadcast_tensors": ("each, repeated", _broadcast_tensors),
    "repeat": ("x at i mod n", _repeat),
    "tile": ("x at i mod n", _tile),
    "repeat_interleave": ("x at ⌊i / n⌋", _repeat_interleave),
    "diagonal": ("xᵢᵢ", diagonal),
    "diag": ("[i = j]·xᵢ, or xᵢᵢ", diagonal_matrix),
    "diag_embed": ("[i = j]·xᵢ", diagonal_matrix),
    "contiguous": ("x", _same_view),
    "clone": ("x", _same_view),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{TORCH}{name}.html") for name, (label, rule) in _ROWS.items()
}
