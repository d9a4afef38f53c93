"""Which input number stands at which tap, one axis at a time: the arithmetic under the matrix and the rules.

A tap t of the kernel at output place o reads the input at o·stride − padding + t·dilation. A transposed layer goes the
other way: input i is spread to the outputs i·stride − padding + t·dilation. What holds for one axis holds for all of
them together, since the axes don't mix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer.convolution import shapes
from tracer.convolution.layer import Settings

Ints = NDArray[np.int64]
OUTSIDE = -1  # no input number stands there: a zero of the padding, or a gap that a transposed layer leaves


class Joined(NamedTuple):
    """Pairs that belong together along one axis, as two arrays of one length."""

    outputs: Ints
    others: Ints  # the inputs, or the taps, that go with them


class Channels(NamedTuple):
    """How the channels are split: `inputs` and `kernels` are the numbers of them in each of `groups` groups."""

    groups: int
    inputs: int
    kernels: int


def channels(settings: Settings) -> Channels:
    """Give the numbers of channels in one group."""
    groups = settings.groups
    return Channels(groups, settings.in_channels // groups, settings.out_channels // groups)


def read(settings: Settings, axis: int, outputs: Any, taps: Any) -> Ints:
    """Give the input place that each output reads at each tap (arrays that fit together), or OUTSIDE."""
    outputs, taps = np.asarray(outputs, np.int64), np.asarray(taps, np.int64)
    size, stride = settings.input_size[axis], settings.stride[axis]
    before, moved = settings.padding[axis][0], taps * settings.dilation[axis]
    if settings.transposed:
        places, rest = np.divmod(outputs + before - moved, stride)
        return np.where((rest == 0) & (places >= 0) & (places < size), places, OUTSIDE)
    return PLACES[settings.padding_mode](outputs * stride - before + moved, size)


def feeds(settings: Settings, axis: int, at: int) -> Joined:
    """Give the outputs that read the input at one place, and the tap at which each of them does."""
    taps = np.arange(settings.kernel_size[axis], dtype=np.int64)
    output, stride = shapes.output_size(settings)[axis], settings.stride[axis]
    before, after = settings.padding[axis]
    moved = taps * settings.dilation[axis]
    if settings.transposed:
        outputs = at * stride - before + moved
        here = (outputs >= 0) & (outputs < output)
        return Joined(outputs[here], taps[here])
    size = settings.input_size[axis]
    padded = np.arange(-before, size + after, dtype=np.int64)
    copies = padded[PLACES[settings.padding_mode](padded, size) == at]  # the places at which that number stands
    outputs, rest = np.divmod(copies[:, None] + before - moved, stride)
    which, found = np.nonzero((rest == 0) & (outputs >= 0) & (outputs < output))
    return Joined(outputs[which, found], taps[found])


def uses(settings: Settings, axis: int, tap: int) -> Joined:
    """Give the outputs at which one tap reads an input number, and those inputs."""
    outputs = np.arange(shapes.output_size(settings)[axis], dtype=np.int64)
    inputs = read(settings, axis, outputs, tap)
    here = inputs != OUTSIDE
    return Joined(outputs[here], inputs[here])


def block(*parts: Any) -> Any:
    """Give an index from its parts: whole axes, single numbers, and places that `numpy.ix_` has crossed."""
    return parts


def _zeros(at: Ints, size: int) -> Ints:
    return np.where((at >= 0) & (at < size), at, OUTSIDE)


def _reflect(at: Ints, size: int) -> Ints:
    at = np.abs(at)
    return np.where(at < size, at, 2 * (size - 1) - at)


PLACES: dict[str, Callable[[Ints, int], Ints]] = {  # which input number stands at a place of the padded input
    "zeros": _zeros,
    "reflect": _reflect,
    "replicate": lambda at, size: np.clip(at, 0, size - 1),
    "circular": lambda at, size: at % size,
}
