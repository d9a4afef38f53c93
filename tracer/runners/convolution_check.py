"""Finite differences of a convolution, each of the part of it that one element has a hand in.

A convolution and its loss are sums of products, so what an element has no hand in cancels in f(v + h) − f(v − h). What
is left is small, and is written out here without torch's convolution backward: the outputs that read an element of x,
the one tap that a number of the weight is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch.nn import functional

from tracer.backward.finite_difference import ROUNDINGS, STEP, Line, check_lines
from tracer.convolution import shapes
from tracer.convolution.layer import Settings
from tracer.convolution.rules import Sum
from tracer.facts import Check

Tensors = Mapping[str, torch.Tensor]
Index = tuple[int, ...]


class Part(NamedTuple):
    """The share of the output that one element has a hand in: its numbers (N, K, *places) as a function of the
    element's value, and where each of them stands in y, one range an axis."""

    of: Callable[[float], torch.Tensor]
    places: tuple[range, ...]


def check(
    settings: Settings, named: Tensors, gradients: Sequence[torch.Tensor | None], sums: Mapping[str, Mapping[int, Sum]]
) -> list[Check]:
    """Check the gradients of the tensors in `named` (x, weight, bias, y) on up to 16 elements of each.

    `sums` has each of these as a sum of products, whose size says how far rounding may put it off.
    """
    names = list(named)

    def line(which: int, element: int) -> Line:
        name = names[which]
        part = _part(settings, named, name, index_of(element, tuple(named[name].shape)))
        return lambda value: _loss(settings, part.of(value), part.places)

    terms = [terms_of(settings, name) for name in names]
    largest = _largest(settings, named)

    def off(which: int, element: int) -> float:
        name = names[which]
        size = sums[name][element].size
        of_difference = ROUNDINGS / STEP * size * largest[name] if math.isfinite(size) else 0.0
        return rounding(named[name].dtype, size, terms[which]) + of_difference

    return check_lines(line, list(named.values()), gradients, terms=terms, rounding=off)


def rounding(dtype: torch.dtype, size: float, terms: int) -> float:
    """Say how far autograd's sum of so many products, with absolute values of `size` in all, may be off: some roundings
    of what it adds up in (float32 for what is shorter), more of them the longer it is, and what is too small to write.
    """
    if not math.isfinite(size):
        return 0.0
    info, least = torch.finfo(dtype), torch.finfo(torch.float32).eps
    return (16 + math.sqrt(terms)) * min(info.eps, least) * size + info.smallest_normal * info.eps


def index_of(element: int, shape: Sequence[int]) -> Index:
    """Give the index of an element that is counted in row-major order."""
    index: list[int] = []
    for length in reversed(shape):
        element, at = divmod(element, length)
        index.append(at)
    return tuple(reversed(index))


def _part(settings: Settings, named: Tensors, name: str, index: Index) -> Part:
    batch = settings.batch or 1
    size = shapes.output_size(settings)
    if name in ("x", "y") and settings.batch is None:
        index = (0, *index)
    if name == "y":
        return _constant(tuple(range(at, at + 1) for at in index))
    if name == "bias":
        return _constant((range(batch), _one(index[0]), *map(range, size)))
    return PARTS[name, settings.transposed](settings, named, index)


def _constant(places: tuple[range, ...]) -> Part:
    """Take outputs that are the element itself: y's own, and the bias, which is added to each."""
    return Part(lambda value: torch.tensor(value, dtype=torch.float64).expand([len(at) for at in places]), places)


def _reading_x(settings: Settings, named: Tensors, index: Index) -> Part:
    """Take the outputs that read one element of x: all kernels of its group, at the places that reach it."""
    row, channel, *at = index
    group, inside = divmod(channel, settings.in_channels // settings.groups)
    kernels = _kernels(settings, group)
    weight = named["weight"][kernels.start : kernels.stop, inside : inside + 1].double()
    signal = _batched(settings, named["x"])[row : row + 1, channel : channel + 1].to(torch.float64, copy=True)
    places = tuple(_places_reading(settings, axis, number) for axis, number in enumerate(at))
    crop = tuple(
        slice(reads.start * stride, (reads.stop - 1) * stride + step.reach)
        for reads, stride, step in zip(places, settings.stride, shapes.steps(settings), strict=True)
    )

    def of(value: float) -> torch.Tensor:
        signal[(0, 0, *at)] = value
        return _convolve(settings, _pad(settings, signal)[(slice(None), slice(None), *crop)], weight)

    return Part(of, (_one(row), kernels, *places))


def _spreading_x(settings: Settings, named: Tensors, index: Index) -> Part:
    """Take the outputs over which a transposed layer spreads one element of x."""
    row, channel, *at = index
    kernels = _kernels(settings, channel // (settings.in_channels // settings.groups))
    weight = named["weight"][channel : channel + 1].double()
    places = tuple(
        range(number * stride - before, number * stride - before + step.reach)
        for number, stride, (before, _), step in zip(
            at, settings.stride, settings.padding, shapes.steps(settings), strict=True
        )
    )
    one = torch.ones([1] * (settings.dims + 2), dtype=torch.float64, device=weight.device)
    return Part(lambda value: _spread(settings, one * value, weight), (_one(row), kernels, *places))


def _tap(settings: Settings, named: Tensors, index: Index) -> Part:
    """Take the products with one number of the weight: its input channel, moved by the place of the tap."""
    kernel, inside, *at = index
    group = kernel // (settings.out_channels // settings.groups)
    channel = group * (settings.in_channels // settings.groups) + inside
    padded = _pad(settings, _batched(settings, named["x"])[:, channel : channel + 1].double())
    moved = tuple(
        slice(tap * dilation, tap * dilation + (size - 1) * stride + 1, stride)
        for tap, dilation, stride, size in zip(
            at, settings.dilation, settings.stride, shapes.output_size(settings), strict=True
        )
    )
    read = padded[(slice(None), slice(None), *moved)]
    return Part(lambda value: read * value, (range(len(read)), _one(kernel), *map(range, read.shape[2:])))


def _transposed_tap(settings: Settings, named: Tensors, index: Index) -> Part:
    """Take the products with one number of a transposed weight: its input channel, spread by the stride."""
    channel, inside, *at = index
    group = channel // (settings.in_channels // settings.groups)
    kernel = _kernels(settings, group)[inside]
    read = _batched(settings, named["x"])[:, channel : channel + 1].double()
    places = tuple(
        range(tap * dilation - before, tap * dilation - before + size * stride, stride)
        for tap, dilation, (before, _), size, stride in zip(
            at, settings.dilation, settings.padding, settings.input_size, settings.stride, strict=True
        )
    )
    return Part(lambda value: read * value, (range(len(read)), _one(kernel), *places))


PARTS: dict[tuple[str, bool], Callable[[Settings, Tensors, Index], Part]] = {
    ("x", False): _reading_x,
    ("x", True): _spreading_x,
    ("weight", False): _tap,
    ("weight", True): _transposed_tap,
}


def _loss(settings: Settings, part: torch.Tensor, places: tuple[range, ...]) -> float:
    """Give what some outputs add to the loss; those outside y, which the padding cuts off, add nothing."""
    whole = (settings.batch or 1, settings.out_channels, *shapes.output_size(settings))
    if isinstance(settings.loss, str):
        inside = tuple(_inside(stand, size) for stand, size in zip(places, whole, strict=True))
        return float(part[inside].sum()) / (math.prod(whole) if settings.loss == "mean" else 1)
    chosen = settings.loss if settings.batch is not None else (0, *settings.loss)
    if not all(number in stand for number, stand in zip(chosen, places, strict=True)):
        return 0.0
    return float(part[tuple(stand.index(number) for number, stand in zip(chosen, places, strict=True))])


def _inside(places: range, size: int) -> slice:
    """Give those of the places that are from 0 to size − 1."""
    first, last = -(places.start // places.step), -((places.start - size) // places.step)
    return slice(max(0, first), max(0, last))


def _places_reading(settings: Settings, axis: int, number: int) -> range:
    """Give the outputs along an axis whose kernel reaches that input number, or a copy of it in the padding."""
    step, (before, after) = shapes.steps(settings)[axis], settings.padding[axis]
    copies = [number + before]
    if settings.padding_mode != "zeros":
        numbered = torch.arange(step.input, dtype=torch.float64)[None, None]
        padded = functional.pad(numbered, (before, after), mode=settings.padding_mode)[0, 0]
        copies = (padded == number).nonzero().flatten().tolist()
    first = max(0, -((step.reach - 1 - min(copies)) // step.stride))
    last = min(step.output - 1, max(copies) // step.stride)
    return range(first, last + 1) if first <= last else range(1)  # where none does, any output shows it


def _pad(settings: Settings, signal: torch.Tensor) -> torch.Tensor:
    mode = "constant" if settings.padding_mode == "zeros" else settings.padding_mode
    return functional.pad(signal, [number for pair in reversed(settings.padding) for number in pair], mode=mode)


def _convolve(settings: Settings, signal: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return CONVOLVE[settings.dims](signal, weight, None, settings.stride, 0, settings.dilation)


def _spread(settings: Settings, signal: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return SPREAD[settings.dims](signal, weight, dilation=settings.dilation)


CONVOLVE: dict[int, Callable[..., torch.Tensor]] = {
    1: functional.conv1d,
    2: functional.conv2d,
    3: functional.conv3d,
}
SPREAD: dict[int, Callable[..., torch.Tensor]] = {
    1: functional.conv_transpose1d,
    2: functional.conv_transpose2d,
    3: functional.conv_transpose3d,
}


def _largest(settings: Settings, named: Tensors) -> dict[str, float]:
    """Say by what a difference's products are larger than those of the gradient: by the element itself, and, where the
    element is one of x, by all the taps that the same outputs read."""
    taps = math.prod(settings.kernel_size)
    largest = {name: float(tensor.detach().abs().max()) for name, tensor in named.items()}
    return {
        name: (max(1.0, most) if math.isfinite(most) else 1.0) * (taps if name == "x" else 1)
        for name, most in largest.items()
    }


def terms_of(settings: Settings, name: str) -> int:
    """Count the products that autograd sums for one element of a gradient, at most."""
    places = (settings.batch or 1) * math.prod(shapes.output_size(settings))
    if name in ("weight", "bias"):
        return places
    return settings.out_channels * math.prod(settings.kernel_size) if name == "x" else 1


def _kernels(settings: Settings, group: int) -> range:
    each = settings.out_channels // settings.groups
    return range(group * each, (group + 1) * each)


def _batched(settings: Settings, tensor: torch.Tensor) -> torch.Tensor:
    return tensor[None] if settings.batch is None else tensor


def _one(number: int) -> range:
    return range(number, number + 1)
