"""The places over which a kernel slides, along one axis: the input with its padding, or stretched by a stride.

A convolution slides over the padded input, so that a place may hold a number of the input, a zero of the padding, or a
copy. A transposed layer slides its kernel, flipped, over the input stretched by the stride: input i stands at place
i·stride, and between and around the inputs nothing does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tracer.convolution import shapes, tap_places
from tracer.convolution.layer import Settings
from tracer.convolution.tap_places import OUTSIDE, Ints


class Line(NamedTuple):
    """All places of an axis in order: the input number that stands at each, or OUTSIDE; `first` is where they begin,
    so that input 0 stands at place −first; a place outside of `own` (first, one past the last) is padding or a copy."""

    inputs: Ints
    first: int
    own: tuple[int, int]


def line(settings: Settings, axis: int) -> Line:
    """List the places of an axis."""
    size, stride = settings.input_size[axis], settings.stride[axis]
    before, after = settings.padding[axis]
    if not settings.transposed:
        places = np.arange(-before, size + after, dtype=np.int64)
        return Line(tap_places.PLACES[settings.padding_mode](places, size), -before, (before, before + size))
    step, last = shapes.steps(settings)[axis], (size - 1) * stride
    first = min(0, before - step.reach + 1)
    places = np.arange(first, max(last, step.output - 1 + before) + 1, dtype=np.int64)
    inputs, rest = np.divmod(places, stride)
    here = (rest == 0) & (inputs >= 0) & (inputs < size)
    return Line(np.where(here, inputs, OUTSIDE), first, (-first, last + 1 - first))


def taps(settings: Settings, axis: int, output: int) -> Ints:
    """Give the place, counted from the first, at which each tap of an output stands."""
    moved = np.arange(settings.kernel_size[axis], dtype=np.int64) * settings.dilation[axis]
    if settings.transposed:
        return output + settings.padding[axis][0] - moved - line(settings, axis).first
    return output * settings.stride[axis] + moved
