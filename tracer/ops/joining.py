"""Tensors joined, cut into pieces, turned around and padded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tracer.algebra import index
from tracer.algebra.expressions import Expr, add, inside, least, multiply, opposite, same
from tracer.ops.operator import TORCH, Operator
from tracer.ops.shape import RULE_FOR_ZEROS, reshape, sizes_of, unsqueeze
from tracer.ops.tensor import At, NoRule, Tensor, axis, kind_of, moved, tensor


def cat(tensors: Sequence[Any], dim: int = 0) -> Tensor:
    """Put tensors one after the other along an axis."""
    xs = [x for x in map(tensor, tensors) if x.shape != (0,)]
    if not xs:
        raise NoRule(RULE_FOR_ZEROS)
    d = axis(xs[0], dim)
    starts = [sum(x.shape[d] for x in xs[:n]) for n in range(len(xs) + 1)]

    def at(place: At) -> Expr:
        terms = []
        for x, start in zip(xs, starts, strict=False):
            own = index.shift(place[d], -start)
            inner = index.ZERO if x.shape[d] == 1 else own
            here = same(own, index.ZERO) if x.shape[d] == 1 else inside(own, x.shape[d])
            terms.append(multiply(here, x.at((*place[:d], inner, *place[d + 1 :]))))
        return add(*terms)

    shape = (*xs[0].shape[:d], starts[-1], *xs[0].shape[d + 1 :])
    return Tensor(shape, at, any(x.tracked for x in xs), kind_of(*xs))


def stack(tensors: Sequence[Any], dim: int = 0) -> Tensor:
    """Put tensors side by side along a new axis."""
    return cat([unsqueeze(x, dim) for x in tensors], dim)


def _hstack(tensors: Sequence[Any]) -> Tensor:
    xs = [tensor(x) if tensor(x).rank else reshape(x, 1) for x in tensors]
    return cat(xs, 0 if xs[0].rank == 1 else 1)


def _vstack(tensors: Sequence[Any]) -> Tensor:
    xs = [tensor(x) if tensor(x).rank > 1 else reshape(x, 1, -1) for x in tensors]
    return cat(xs, 0)


def narrow(x: Any, dim: int, start: int, length: int, step: int = 1) -> Tensor:
    """Give a piece of an axis."""
    x = tensor(x)
    d = axis(x, dim)
    start = start + x.shape[d] if start < 0 else start

    def where(at: At) -> At:
        inner = index.constant(start) if length == 1 else index.shift(index.scale(at[d], step), start)
        return (*at[:d], inner if x.shape[d] > 1 else index.ZERO, *at[d + 1 :])

    return moved(x, (*x.shape[:d], length, *x.shape[d + 1 :]), where)


def select(x: Any, dim: int, place: int) -> Tensor:
    """Give what stands at one place of an axis."""
    x = tensor(x)
    d = axis(x, dim)
    if not -x.shape[d] <= place < x.shape[d]:
        raise NoRule("the index is outside")
    chosen = index.constant(place % x.shape[d])
    return moved(x, (*x.shape[:d], *x.shape[d + 1 :]), lambda at: (*at[:d], chosen, *at[d:]))


def unbind(x: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Give what stands at each place of an axis."""
    x = tensor(x)
    return tuple(select(x, dim, place) for place in range(x.shape[axis(x, dim)]))


def _split(x: Any, size: Any, dim: int = 0) -> tuple[Tensor, ...]:
    x = tensor(x)
    n = x.shape[axis(x, dim)]
    sizes = list(size) if isinstance(size, tuple | list) else [min(size, n - at) for at in range(0, n, size)]
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    return tuple(narrow(x, dim, start, length) for start, length in zip(starts, sizes, strict=True))


def _chunk(x: Any, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    n = tensor(x).shape[axis(tensor(x), dim)]
    return _split(x, -(-n // chunks), dim)


def _flip(x: Any, *dims: Any) -> Tensor:
    x = tensor(x)
    axes = {axis(x, one) for one in sizes_of(dims)}

    def where(at: At) -> At:
        return tuple(
            index.add(index.constant(size - 1), one, -1) if place in axes and size > 1 else one
            for place, (one, size) in enumerate(zip(at, x.shape, strict=True))
        )

    return moved(x, x.shape, where, view=False)


def _roll(x: Any, shifts: Any, dims: Any = None) -> Tensor:
    x = tensor(x)
    if dims is None:
        return reshape(_roll(reshape(x, -1), shifts, 0), x.shape)
    by = dict(zip(*((one,) if isinstance(one, int) else tuple(one) for one in (dims, shifts)), strict=True))
    steps = {axis(x, dim): shift for dim, shift in by.items()}

    def where(at: At) -> At:
        return tuple(
            index.mod(index.shift(one, -steps[place]), size) if place in steps else one
            for place, (one, size) in enumerate(zip(at, x.shape, strict=True))
        )

    return moved(x, x.shape, where, view=False)


def _triangle(upper: bool) -> Callable[..., Tensor]:
    def rule(x: Any, diagonal: int = 0) -> Tensor:
        x = tensor(x)

        def at(place: At) -> Expr:
            gap = index.shift(index.add(place[-2], place[-1], -1), diagonal)
            return multiply(least(index.scale(gap, -1) if upper else gap), x.at(place))

        return Tensor(x.shape, at, x.tracked, x.kind)

    return rule


def pad(x: Any, pad: Sequence[int], mode: str = "constant", value: Any = None) -> Tensor:
    """Put a constant around: y = x where there is one, else the value."""
    x = tensor(x)
    if mode != "constant":
        raise NoRule(f"pad has a rule for a constant, not for {mode}")
    before, after = [0] * x.rank, [0] * x.rank
    for place in range(len(pad) // 2):
        before[-1 - place], after[-1 - place] = pad[2 * place], pad[2 * place + 1]
    shape = tuple(b + size + a for b, size, a in zip(before, x.shape, after, strict=True))
    fill = tensor(value or 0)

    def at(place: At) -> Expr:
        own = tuple(index.shift(one, -b) for one, b in zip(place, before, strict=True))
        here = multiply(*(inside(one, size) for one, size in zip(own, x.shape, strict=True)))
        inner = tuple(index.ZERO if size == 1 else one for one, size in zip(own, x.shape, strict=True))
        found = multiply(here, x.at(inner))
        return found if not value else add(found, multiply(opposite(here), fill.at(())))

    return Tensor(shape, at, x.tracked, x.kind)


def _unfold(x: Any, dimension: int, size: int, step: int) -> Tensor:
    x = tensor(x)
    d = axis(x, dimension)
    count = (x.shape[d] - size) // step + 1

    def where(at: At) -> At:
        return (*at[:d], index.add(index.scale(at[d], step), at[-1]), *at[d + 1 : -1])

    return moved(x, (*x.shape[:d], count, *x.shape[d + 1 :], size), where)


_ROWS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "cat": ("one after the other", cat),
    "stack": ("side by side", stack),
    "hstack": ("one after the other", _hstack),
    "vstack": ("one below the other", _vstack),
    "narrow": ("x at i + start", narrow),
    "select": ("x at one place", select),
    "unbind": ("x at each place", unbind),
    "split": ("pieces of x", _split),
    "chunk": ("pieces of x", _chunk),
    "flip": ("x at n − 1 − i", _flip),
    "fliplr": ("x at n − 1 − j", lambda x: _flip(x, 1)),
    "flipud": ("x at n − 1 − i", lambda x: _flip(x, 0)),
    "roll": ("x at (i − s) mod n", _roll),
    "tril": ("[i ≥ j]·xᵢⱼ", _triangle(False)),
    "triu": ("[i ≤ j]·xᵢⱼ", _triangle(True)),
    "pad": ("x, and a constant around", pad),
    "unfold": ("x at s·i + k", _unfold),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{TORCH}{name}.html") for name, (label, rule) in _ROWS.items()
}
