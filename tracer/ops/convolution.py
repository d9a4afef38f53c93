"""Convolutions and pooling over one or two axes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from tracer.algebra import index
from tracer.algebra.expressions import Expr, add, inside, multiply, number, same, total
from tracer.algebra.index import Entry, Index
from tracer.ops.joining import select
from tracer.ops.operator import FUNCTIONAL, Operator
from tracer.ops.reductions import mean
from tracer.ops.shape import unsqueeze
from tracer.ops.tensor import At, NoRule, Tensor, given, tensor


def _each(value: Any, axes: int) -> tuple[int, ...]:
    return (value,) * axes if isinstance(value, int) else tuple(value)


def _paddings(padding: Any, kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Give what is padded before and after each axis."""
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding == "same":
        return tuple((d * (k - 1) // 2, d * (k - 1) - d * (k - 1) // 2) for k, d in zip(kernel, dilation, strict=True))
    return tuple((p, p) for p in _each(padding, len(kernel)))


def _read(start: Index, size: int, pad: bool) -> tuple[Index, Expr]:
    """Give the index where a window reads, and the bracket that is 0 where it reads the padding."""
    return (index.ZERO if size == 1 and not pad else start), inside(start, size) if pad else number(1)


def _conv(axes: int) -> Callable[..., Tensor]:
    def rule(
        x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
    ) -> Tensor:
        """y at (b, o, t) = Σ over c and k of w at (o, c, k)·x at (b, c, s·t + d·k − p), plus the bias."""
        x, w = tensor(x), tensor(weight)
        if x.rank == axes + 1:
            return select(rule(unsqueeze(x, 0), w, bias, stride, padding, dilation, groups), 0, 0)
        if x.rank != axes + 2 or w.rank != axes + 2:
            raise NoRule(f"conv{axes}d needs {axes + 2} axes")
        s, d, kernel = _each(stride, axes), _each(dilation, axes), w.shape[2:]
        pads = _paddings(padding, kernel, d)
        sizes = tuple(
            (n + sum(p) - g * (k - 1) - 1) // t + 1
            for n, p, g, k, t in zip(x.shape[2:], pads, d, kernel, s, strict=True)
        )

        def at(place: At) -> Expr:
            over = index.symbols((w.shape[1], *kernel))
            c, *taps = index.indices(over)
            brackets, reads = list[Expr](), list[Index]()
            for t, k, n, p, g, step in zip(place[2:], taps, x.shape[2:], pads, d, s, strict=True):
                start = index.shift(index.add(index.scale(t, step), k, g), -p[0])
                read, bracket = _read(start, n, any(p))
                reads.append(read)
                brackets.append(bracket)
            block = index.floor(place[1], w.shape[0] // groups) if groups > 1 else index.ZERO
            channel = index.add(c, block, w.shape[1])
            body = multiply(w.at((place[1], c, *taps)), x.at((place[0], channel, *reads)), *brackets)
            return _with_bias(total(over, body), bias, place[1])

        tracked = x.tracked or w.tracked or (bias is not None and tensor(bias).tracked)
        return Tensor((x.shape[0], w.shape[0], *sizes), at, tracked)

    return rule


def _with_bias(e: Expr, bias: Any, channel: Index) -> Expr:
    if bias is None:
        return e
    b = tensor(bias)
    return add(e, b.at((index.ZERO if b.shape[0] == 1 else channel,)))


def _conv_transpose(axes: int) -> Callable[..., Tensor]:
    def rule(
        x: Any,
        weight: Any,
        bias: Any = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        dilation: Any = 1,
    ) -> Tensor:
        """y at (b, o, u) = Σ over c, t and k of x at (b, c, t)·w at (c, o, k)·[s·t + d·k − p = u], plus the bias."""
        x, w = tensor(x), tensor(weight)
        if x.rank != axes + 2 or groups != 1:
            raise NoRule(f"conv_transpose{axes}d has a rule for one group and {axes + 2} axes")
        s, d, p = _each(stride, axes), _each(dilation, axes), _each(padding, axes)
        more, kernel = _each(output_padding, axes), w.shape[2:]
        sizes = tuple(
            (n - 1) * t - 2 * q + g * (k - 1) + o + 1
            for n, t, q, g, k, o in zip(x.shape[2:], s, p, d, kernel, more, strict=True)
        )

        def at(place: At) -> Expr:
            over = index.symbols((x.shape[1], *x.shape[2:], *kernel))
            c, *others = index.indices(over)
            spots, taps = others[:axes], others[axes:]
            hits = [
                same(index.shift(index.add(index.scale(t, step), k, g), -q), u)
                for t, k, u, step, g, q in zip(spots, taps, place[2:], s, d, p, strict=True)
            ]
            body = multiply(x.at((place[0], c, *spots)), w.at((c, place[1], *taps)), *hits)
            return _with_bias(total(over, body), bias, place[1])

        tracked = x.tracked or w.tracked or (bias is not None and tensor(bias).tracked)
        return Tensor((x.shape[0], w.shape[1], *sizes), at, tracked)

    return rule


def _windows(
    x: Tensor, axes: int, kernel: Any, stride: Any
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    size = _each(kernel, axes)
    step = size if stride is None or stride == () else _each(stride, axes)
    shape = tuple((n - k) // s + 1 for n, k, s in zip(x.shape[-axes:], size, step, strict=True))
    return size, step, shape


def _no_options(options: Mapping[str, Any]) -> None:
    if any(value not in (0, False, None, 1) or (key == "padding" and value) for key, value in options.items()):
        raise NoRule("pooling has a rule without padding and dilation")


def _avg_pool(axes: int) -> Callable[..., Tensor]:
    def rule(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, **options: Any) -> Tensor:
        """y at t = the mean of x at s·t + k over the window."""
        _no_options({"padding": padding, **options})
        x = tensor(x)
        size, step, shape = _windows(x, axes, kernel_size, stride)
        share = number(Fraction(1, math.prod(size)))

        def at(place: At) -> Expr:
            over = index.symbols(size)
            reads = _reads(place[-axes:], index.indices(over), step, x.shape[-axes:])
            return multiply(share, total(over, x.at((*place[:-axes], *reads))))

        return Tensor((*x.shape[:-axes], *shape), at, x.tracked)

    return rule


def _reads(place: At, taps: At, step: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[Index, ...]:
    return tuple(
        index.add(index.scale(t, s), k) if n > 1 else index.ZERO
        for t, k, s, n in zip(place, taps, step, sizes, strict=True)
    )


def _max_pool(axes: int) -> Callable[..., Tensor]:
    def rule(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, **options: Any) -> Tensor:
        """y at t = the largest x of the window, at the place where it was at this run."""
        _no_options({"padding": padding, **options})
        x = tensor(x)
        size, step, shape = _windows(x, axes, kernel_size, stride)
        outer = x.shape[:-axes]
        places = np.zeros((axes, *outer, *shape), dtype=np.int64)
        for spot in itertools.product(*map(range, shape)):
            corner = tuple(slice(t * s, t * s + k) for t, s, k in zip(spot, step, size, strict=True))
            window = x.value[(..., *corner)].reshape(*outer, -1)
            found = np.unravel_index(window.argmax(-1), size)
            for one in range(axes):
                where: tuple[Any, ...] = (one, ..., *spot)
                places[where] = found[one] + spot[one] * step[one]
        tables = [given(one, "k*", told="where the largest of each window was at this run") for one in places]

        def at(place: At) -> Expr:
            entries = [
                index.atom(Entry(table.stage, place, n)) if n > 1 else index.ZERO
                for table, n in zip(tables, x.shape[-axes:], strict=True)
            ]
            found: Expr = x.at((*place[:-axes], *entries))
            return found

        return Tensor((*outer, *shape), at, x.tracked)

    return rule


def _adaptive(axes: int) -> Callable[..., Tensor]:
    def rule(x: Any, output_size: Any) -> Tensor:
        """The mean over as many equal windows as are asked for."""
        x = tensor(x)
        wanted = _each(output_size, axes)
        if all(one == 1 for one in wanted):
            return mean(x, tuple(range(x.rank - axes, x.rank)), True)
        if any(n % one for n, one in zip(x.shape[-axes:], wanted, strict=True)):
            raise NoRule("adaptive pooling has a rule where the sizes divide")
        size = tuple(n // one for n, one in zip(x.shape[-axes:], wanted, strict=True))
        return _avg_pool(axes)(x, size)

    return rule


_ROWS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "conv1d": ("Σ w·x at s·t + d·k − p, + b", _conv(1)),
    "conv2d": ("Σ w·x at s·t + d·k − p, + b", _conv(2)),
    "conv_transpose1d": ("Σ x·w·[s·t + d·k − p = u], + b", _conv_transpose(1)),
    "conv_transpose2d": ("Σ x·w·[s·t + d·k − p = u], + b", _conv_transpose(2)),
    "avg_pool1d": ("the mean of each window", _avg_pool(1)),
    "avg_pool2d": ("the mean of each window", _avg_pool(2)),
    "max_pool1d": ("the largest of each window", _max_pool(1)),
    "max_pool2d": ("the largest of each window", _max_pool(2)),
    "adaptive_avg_pool1d": ("the mean of each part", _adaptive(1)),
    "adaptive_avg_pool2d": ("the mean of each part", _adaptive(2)),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{FUNCTIONAL}{name}.html") for name, (label, rule) in _ROWS.items()
}
