"""What a convolution costs: parameters, multiply–adds, memory kept for backward, and its size as a dense matrix."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from tracer.convolution import memory, shapes
from tracer.convolution.layer import Settings

COUNTED = 200_000  # above this many steps an axis, joined cells are not counted, so that an edit stays quick


class Cost(msgspec.Struct, frozen=True):
    """The cost of one forward pass, and what backward needs.

    `taps` is how many input numbers one output reads, zeros of the padding included (`None` for a transposed layer,
    where it differs from output to output). `multiply_adds` counts one for each tap of each output, for the whole
    batch. `saved_bytes` is what torch keeps for backward: x, the weight, and the padded input where it is written out.
    `dense_*` is the same map as one matrix, for one element of the batch; `joined` counts its cells that a kernel
    number stands in, `share` is joined / cells. `bound` is that of torch's first weights: uniform in ±bound.
    """

    parameters: int
    weights: int
    biases: int
    inputs: int
    outputs: int
    taps: int | None
    multiply_adds: int
    saved_bytes: int
    dense_rows: int
    dense_columns: int
    dense_cells: int
    joined: int | None
    share: float | None
    bound: float


def cost(settings: Settings) -> Cost:
    """Count all of it from the sizes alone.

    Source: `bound` is 1/√fan_in, from torch.nn.init.kaiming_uniform_ with a = √5 and the bias's own rule.
    """
    batch = settings.batch or 1
    weight = shapes.weight_shape(settings)
    weights, biases = math.prod(weight), settings.out_channels if settings.bias else 0
    inputs = settings.in_channels * math.prod(settings.input_size)
    outputs = settings.out_channels * math.prod(shapes.output_size(settings))
    fan_in = math.prod(weight[1:])  # for a transposed layer torch counts C_out/groups here
    joined = _joined(settings)
    return Cost(
        parameters=weights + biases,
        weights=weights,
        biases=biases,
        inputs=batch * inputs,
        outputs=batch * outputs,
        taps=None if settings.transposed else fan_in,
        multiply_adds=batch * fan_in * (inputs if settings.transposed else outputs),
        saved_bytes=saved_bytes(settings),
        dense_rows=outputs,
        dense_columns=inputs,
        dense_cells=inputs * outputs,
        joined=joined,
        share=None if joined is None else joined / (inputs * outputs),
        bound=1 / math.sqrt(fan_in),
    )


def saved_bytes(settings: Settings) -> int:
    """Compute the bytes that backward keeps: the weight, and the input as the convolution reads it, padded where torch
    writes that out; x besides where the padding's own backward needs it (reflect, replicate)."""
    padded = memory.padded_copy(settings)
    kept = math.prod(shapes.weight_shape(settings)) + padded
    if not padded or settings.padding_mode in ("reflect", "replicate"):
        kept += math.prod(shapes.input_shape(settings))
    return kept * settings.itemsize


def keep_size(settings: Settings) -> tuple[int, ...] | None:
    """Give the smallest padding, one number an axis, for which the output has the size of the input.

    `None` where no padding does: a stride above 1 mostly, an even reach, or more than the padding mode allows.
    """
    found = tuple(_keeping(settings, axis) for axis in range(settings.dims))
    return None if any(padding is None for padding in found) else tuple(p for p in found if p is not None)


def _keeping(settings: Settings, axis: int) -> int | None:
    size, stride = settings.input_size[axis], settings.stride[axis]
    reach = settings.dilation[axis] * (settings.kernel_size[axis] - 1) + 1
    if settings.transposed:
        twice = (size - 1) * stride + reach + settings.output_padding[axis] - size
        return twice // 2 if twice >= 0 and twice % 2 == 0 else None
    padding = max(0, math.ceil(((size - 1) * stride - size + reach) / 2))
    most = {"reflect": size - 1, "circular": size}.get(settings.padding_mode, padding)
    keeps = size + 2 * padding >= reach and (size + 2 * padding - reach) // stride + 1 == size
    return padding if keeps and padding <= most else None


def _joined(settings: Settings) -> int | None:
    """Count the cells (output, input) that are joined by a tap; it is a product over channels and axes."""
    counts = [_joined_axis(settings, axis) for axis in range(settings.dims)]
    channels = settings.in_channels * settings.out_channels // settings.groups
    return None if any(count is None for count in counts) else channels * math.prod(c for c in counts if c is not None)


def _joined_axis(settings: Settings, axis: int) -> int | None:
    """Count the pairs (output, input) of one axis; `large` is the side whose numbers a kernel's place picks from."""
    step = shapes.steps(settings)[axis]
    small, large = (step.input, step.output) if settings.transposed else (step.output, step.input)
    kernel, stride, before = settings.kernel_size[axis], settings.stride[axis], settings.padding[axis][0]
    offsets = range(-before, settings.dilation[axis] * kernel - before, settings.dilation[axis])
    if settings.padding_mode == "zeros":
        return None if kernel > COUNTED else sum(_hits(offset, stride, small, large) for offset in offsets)
    if small * kernel > COUNTED:
        return None
    place = _PLACES[settings.padding_mode]
    return sum(len({place(at * stride + offset, large) for offset in offsets}) for at in range(small))


def _hits(offset: int, stride: int, places: int, size: int) -> int:
    """Count the places 0 ≤ i < places for which 0 ≤ i·stride + offset < size."""
    first = max(0, -(offset // stride))
    last = min(places - 1, (size - 1 - offset) // stride)
    return max(0, last - first + 1)


_PLACES: dict[str, Callable[[int, int], int]] = {  # which input number stands at a place outside the input
    "reflect": lambda at, size: abs(at) if at < size else 2 * (size - 1) - at,
    "replicate": lambda at, size: min(max(at, 0), size - 1),
    "circular": lambda at, size: at % size,
}
