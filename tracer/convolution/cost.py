"""What a convolution costs: parameters, multiply–adds, memory kept for backward, and its size as a dense matrix."""

from __future__ import annotations

import math

import msgspec

from tracer.convolution import memory, shapes, taps
from tracer.convolution.layer import Settings


class Cost(msgspec.Struct, frozen=True):
    """The cost of one forward pass, and what backward needs.

    `taps` is how many input numbers one output reads, zeros of the padding included (`None` for a transposed layer,
    where it differs from output to output). `multiply_adds` counts one for each tap of each output, for the whole
    batch; `real_multiply_adds` leaves out those with a zero of the padding, and what a transposed layer's padding cuts
    away (`None` where that would take too long to count). `saved_bytes` is what torch keeps for backward: x, the
    weight, and the padded input where it is written out.
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
    real_multiply_adds: int | None
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
    multiply_adds = batch * fan_in * (inputs if settings.transposed else outputs)
    real = None if joined is None else batch * joined
    return Cost(
        parameters=weights + biases,
        weights=weights,
        biases=biases,
        inputs=batch * inputs,
        outputs=batch * outputs,
        taps=None if settings.transposed else fan_in,
        multiply_adds=multiply_adds,
        real_multiply_adds=real if settings.padding_mode == "zeros" else multiply_adds,
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


def _joined(settings: Settings) -> int | None:
    """Count the cells (output, input) that are joined by a tap; it is a product over channels and axes."""
    counts = [_joined_axis(settings, axis) for axis in range(settings.dims)]
    channels = settings.in_channels * settings.out_channels // settings.groups
    return None if any(count is None for count in counts) else channels * math.prod(c for c in counts if c is not None)


def _joined_axis(settings: Settings, axis: int) -> int | None:
    """Count the pairs (output, input) of one axis, a number that is read twice by an output counted once."""
    if settings.padding_mode == "zeros":
        counts = taps.along(settings, axis)
        return None if counts is None else sum(real * outputs for real, outputs in counts.items())
    step, kernel, dilation = shapes.steps(settings)[axis], settings.kernel_size[axis], settings.dilation[axis]
    if step.output * kernel > taps.COUNTED:
        return None
    place, before = taps.PLACES[settings.padding_mode], settings.padding[axis][0]
    offsets = range(-before, dilation * kernel - before, dilation)
    return sum(len({place(at * step.stride + offset, step.input) for offset in offsets}) for at in range(step.output))
