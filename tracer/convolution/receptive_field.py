"""The receptive field of a stack of layers: which numbers of the first input one output of each layer depends on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from tracer.convolution.layer import AXES, Settings
from tracer.convolution.reading import per_axis
from tracer.convolution.shapes import size_after
from tracer.convolution.taps import PLACES
from tracer.errors import InvalidSetting

COUNTED = 100_000  # numbers that are followed one by one at most, so that an edit stays quick


class Layer(msgspec.Struct, frozen=True):
    """What a layer does to places: its kernel moves over the signal. One number an axis, `padding` (before, after).

    A pooling layer is one too: its window is the kernel. Channels play no part.
    """

    name: str
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    output_padding: tuple[int, ...]
    padding_mode: str = "zeros"
    transposed: bool = False


class Field(msgspec.Struct, frozen=True):
    """The receptive field after a layer, along one axis.

    Output number i depends on the `size` numbers of the first input from `start` + `jump`·i on (with dilation, not on
    each of those between); `centre` is the middle of the first field. A negative `start` lies in the padding.
    Where outputs differ in their fields, as after a transposed layer with a stride, these four are `None`, `why` says
    so, and `smallest` and `largest` are the sizes that occur (`None` where that would take too long to count).
    """

    layer: int
    name: str
    axis: str
    size: int | None
    jump: int | None
    start: int | None
    centre: float | None
    smallest: int | None
    largest: int | None
    why: str = ""


def layer_of(settings: Settings) -> Layer:
    """Take what plays a part from the settings of a convolution."""
    return Layer(
        name=settings.layer,
        kernel_size=settings.kernel_size,
        stride=settings.stride,
        padding=settings.padding,
        dilation=settings.dilation,
        output_padding=settings.output_padding,
        padding_mode=settings.padding_mode,
        transposed=settings.transposed,
    )


def pooling(name: str, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> Layer:
    """Make the layer of a pooling: MaxPool1d, 2d, 3d or AvgPool1d, 2d, 3d. Its stride is the kernel's size by default.

    Raises:
        InvalidSetting: it is another layer, a number does not work, or the padding is more than half of the kernel.
    """
    if name not in POOLINGS:
        what = f"The receptive field of “{str(name)[:40]}” is not known here"
        raise InvalidSetting(what, "layer", f"Use a convolution, or one of {', '.join(POOLINGS)}")
    dims = int(name[-2])
    kernel = per_axis("kernel_size", kernel_size, dims, least=1)
    before = per_axis("padding", padding, dims, least=0)
    for size, most in zip(before, (size // 2 for size in kernel), strict=True):
        if size > most:
            what = f"The padding of a pooling can be at most half of its kernel, {most}, and is {size}"
            raise InvalidSetting(what, "padding", f"Use padding {most}")
    return Layer(
        name=name,
        kernel_size=kernel,
        stride=kernel if stride is None else per_axis("stride", stride, dims, least=1),
        padding=tuple((size, size) for size in before),
        dilation=per_axis("dilation", dilation, dims, least=1),
        output_padding=(0,) * dims,
    )


POOLINGS = ("MaxPool1d", "MaxPool2d", "MaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d")


def fields(layers: Sequence[Layer]) -> tuple[Field, ...]:
    """Tell the receptive field after each layer of a stack, along each axis: layers in order, then axes.

    With size r, jump j and start a before it (1, 1 and 0 at the input), a layer makes r + dilation·(kernel − 1)·j,
    j·stride and a − padding·j. Padding counts as if the signal went on.

    Raises:
        InvalidSetting: the layers have different numbers of axes.

    Source: https://distill.pub/2019/computing-receptive-fields/
    """
    dims = _dims(layers)
    return tuple(
        _field(layers[: last + 1], axis, AXES[dims][axis]) for last in range(len(layers)) for axis in range(dims)
    )


def support(layers: Sequence[Layer], input_size: Sequence[int], place: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """List, for each axis, the numbers of the first input that the last layer's output at a place depends on.

    These are exact: dilation leaves gaps, padding of zeros and what lies outside is not read, a copy is its original.

    Raises:
        InvalidSetting: the layers have different numbers of axes.
        ValueError: there are other than one number an axis, or the last layer has no output at that place.
    """
    dims = _dims(layers)
    found = []
    for axis, (size, number) in enumerate(zip(input_size, place, strict=True)):
        sizes = [size]
        for layer in layers:
            sizes.append(_after(layer, axis, sizes[-1]))
        if min(sizes) < 1 or not 0 <= number < sizes[-1] or len(place) != dims:
            raise ValueError(f"There is no output {number} along {AXES[dims][axis]}: the sizes are {sizes}.")
        places = {number}
        for layer, length in zip(reversed(layers), reversed(sizes[:-1]), strict=True):
            places = _inside(layer, _read(layer, axis, places), length)
        found.append(tuple(sorted(places)))
    return tuple(found)


def taps_of(layer: Layer, axis: int, number: int) -> tuple[int, ...]:
    """List what a layer's output reads along an axis, in a signal without ends: what lies outside is padding."""
    return tuple(sorted(_read(layer, axis, {number})))


def _field(layers: Sequence[Layer], axis: int, name: str) -> Field:
    named = (len(layers) - 1, layers[-1].name, name)
    steady = [layer for layer in layers if not layer.transposed or layer.stride[axis] == 1]
    if len(steady) == len(layers):
        size, jump, start = _steady(layers, axis)
        return Field(*named, size, jump, start, start + (size - 1) / 2, size, size)
    period, shift = _period(layers, axis)
    if period * math.prod(layer.kernel_size[axis] for layer in layers) > COUNTED:
        return Field(*named, None, None, None, None, None, None, "too many numbers to count")
    spans = [_span(layers, axis, number) for number in range(period)]
    sizes = [last - first + 1 for first, last in spans]
    starts = [first for first, _ in spans]
    jump, left = divmod(shift, period)
    if left or len(set(sizes)) > 1 or not sizes[0] or any(a != starts[0] + jump * i for i, a in enumerate(starts)):
        why = "differs from output to output"
        return Field(*named, None, None, None, None, min(sizes), max(sizes), why)
    return Field(*named, sizes[0], jump, starts[0], starts[0] + (sizes[0] - 1) / 2, sizes[0], sizes[0])


def _steady(layers: Sequence[Layer], axis: int) -> tuple[int, int, int]:
    """Compute size, jump and start where no stride is a transposed one; a transposed layer of stride 1 is a
    convolution with padding dilation·(kernel − 1) − padding."""
    size, jump, start = 1, 1, 0
    for layer in layers:
        reach = layer.dilation[axis] * (layer.kernel_size[axis] - 1)
        before = layer.padding[axis][0]
        start -= (reach - before if layer.transposed else before) * jump
        size += reach * jump
        jump *= layer.stride[axis]
    return size, jump, start


def _period(layers: Sequence[Layer], axis: int) -> tuple[int, int]:
    """Give after how many outputs the fields repeat, and by how much they have moved on then."""
    period, shift = 1, 1
    for layer in reversed(layers):
        if layer.transposed:
            more = layer.stride[axis] // math.gcd(shift, layer.stride[axis])
            period, shift = period * more, shift * more // layer.stride[axis]
        else:
            shift *= layer.stride[axis]
    return period, shift


def _span(layers: Sequence[Layer], axis: int, number: int) -> tuple[int, int]:
    """Give the first and the last number that an output depends on, in a signal without ends; (0, −1) for none."""
    places = {number}
    for layer in reversed(layers):
        places = _read(layer, axis, places)
    return (min(places), max(places)) if places else (0, -1)


def _read(layer: Layer, axis: int, places: set[int]) -> set[int]:
    """Give the numbers that a layer reads, in a signal without ends, for some of its outputs."""
    stride, before = layer.stride[axis], layer.padding[axis][0]
    taps = range(0, layer.dilation[axis] * layer.kernel_size[axis], layer.dilation[axis])
    if layer.transposed:
        stood = (place + before - tap for place in places for tap in taps)
        return {number // stride for number in stood if number % stride == 0}
    return {place * stride - before + tap for place in places for tap in taps}


def _inside(layer: Layer, numbers: set[int], size: int) -> set[int]:
    """Leave out what lies outside the signal, or take what it is a copy of."""
    if layer.padding_mode == "zeros":
        return {number for number in numbers if 0 <= number < size}
    return {PLACES[layer.padding_mode](number, size) for number in numbers}


def _after(layer: Layer, axis: int, size: int) -> int:
    reach = layer.dilation[axis] * (layer.kernel_size[axis] - 1) + 1
    padding, extra = sum(layer.padding[axis]), layer.output_padding[axis]
    return size_after(size, reach, layer.stride[axis], padding, extra, transposed=layer.transposed)


def _dims(layers: Sequence[Layer]) -> int:
    """Count the axes of the signal, the same for each layer."""
    dims = {len(layer.kernel_size): layer.name for layer in layers}
    if len(dims) > 1:
        what = f"The layers have different numbers of axes: {' and '.join(dims.values())}"
        raise InvalidSetting(what, "layer", "Use layers of the same number of axes")
    if not dims:
        raise InvalidSetting("There is no layer", "layer", "Give at least one")
    return next(iter(dims))
