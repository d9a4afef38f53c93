"""What one output reads, what one input feeds and where one weight is used: index sets, as flat row-major numbers.

Every gradient is a sum over such a set: of an input over the outputs that it feeds, ∂L/∂x = Σ ∂L/∂y·w; of a weight
over its places and the batch, ∂L/∂w = Σ ∂L/∂y·x; of a bias over its outputs, ∂L/∂b = Σ ∂L/∂y.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tracer.convolution import memory, shapes, tap_places
from tracer.convolution.layer import Settings
from tracer.convolution.tap_places import OUTSIDE, Ints
from tracer.errors import InvalidSetting, LimitPassed
from tracer.quantities import shape as written
from tracer.quantities import size as bytes_written

Index = tuple[int, ...]


class Reads(NamedTuple):
    """What one output reads: pairs of an input (OUTSIDE, −1: a zero of the padding) and the weight on it, in the
    order of the weight. `bias` is its kernel. A transposed layer has no pair for a tap at which nothing stands."""

    output: Index
    inputs: Ints
    weights: Ints
    bias: int | None

    @property
    def padding(self) -> int:
        """How many of the taps read a zero of the padding."""
        return int(np.count_nonzero(self.inputs == OUTSIDE))


class Feeds(NamedTuple):
    """What one input feeds: pairs of an output and the weight through which it does, `positions` of them in each of
    `kernels` kernels."""

    input: Index
    outputs: Ints
    weights: Ints
    positions: int
    kernels: int


class Uses(NamedTuple):
    """Where one weight is used: pairs of an output and the input that it is multiplied with there."""

    weight: Index
    outputs: Ints
    inputs: Ints


def reads(settings: Settings, output: Sequence[int]) -> Reads:
    """Find what one output reads; its index is one of y, (n, k, *place), without n where there is no batch.

    Raises:
        InvalidSetting: y has no such element.
    """
    index = checked(settings, "y", output)
    row, kernel, *at = batched(settings, index)
    groups = tap_places.channels(settings)
    group = kernel // groups.kernels
    sizes = settings.kernel_size
    _refuse_many(groups.inputs * math.prod(sizes))
    along = [tap_places.read(settings, axis, at[axis], np.arange(length)) for axis, length in enumerate(sizes)]
    places = _joined(along, settings.input_size)
    channels = group * groups.inputs + np.arange(groups.inputs)
    first = (row * settings.in_channels + channels)[:, None] * math.prod(settings.input_size)
    inputs = np.where(places == OUTSIDE, OUTSIDE, first + places)
    numbers = np.arange(math.prod(sizes))
    weights = _weights(settings, channels[:, None], np.array(kernel), numbers)
    inputs, weights = inputs.reshape(-1), np.broadcast_to(weights, inputs.shape).reshape(-1)
    if settings.transposed:
        inputs, weights = inputs[inputs != OUTSIDE], weights[inputs != OUTSIDE]
    return Reads(index, inputs, weights, kernel if settings.bias else None)


def feeds(settings: Settings, element: Sequence[int]) -> Feeds:
    """Find the outputs that read one input; its index is one of x, (n, c, *place), without n where there is no batch.

    Raises:
        InvalidSetting: x has no such element.
    """
    index = checked(settings, "x", element)
    row, channel, *at = batched(settings, index)
    groups = tap_places.channels(settings)
    along = [tap_places.feeds(settings, axis, place) for axis, place in enumerate(at)]
    positions = math.prod(len(pairs.outputs) for pairs in along)
    _refuse_many(groups.kernels * positions)
    places = _joined([pairs.outputs for pairs in along], shapes.output_size(settings))
    numbers = _joined([pairs.others for pairs in along], settings.kernel_size)
    kernels = channel // groups.inputs * groups.kernels + np.arange(groups.kernels)
    first = (row * settings.out_channels + kernels)[:, None] * math.prod(shapes.output_size(settings))
    weights = _weights(settings, np.array(channel), kernels[:, None], numbers)
    return Feeds(index, (first + places).reshape(-1), weights.reshape(-1), positions, groups.kernels)


def uses(settings: Settings, weight: Sequence[int]) -> Uses:
    """Find the places at which one weight is used, in the whole batch; its index is one of the weight.

    Raises:
        InvalidSetting: the weight has no such element.
    """
    index = checked(settings, "weight", weight)
    channel, kernel = ends_of(settings, index)
    along = [tap_places.uses(settings, axis, tap) for axis, tap in enumerate(index[2:])]
    rows = np.arange(settings.batch or 1)[:, None]
    _refuse_many(len(rows) * math.prod(len(pairs.outputs) for pairs in along))
    size, signal = shapes.output_size(settings), settings.input_size
    places, read = _joined([p.outputs for p in along], size), _joined([p.others for p in along], signal)
    outputs = (rows * settings.out_channels + kernel) * math.prod(size) + places
    inputs = (rows * settings.in_channels + channel) * math.prod(signal) + read
    return Uses(index, outputs.reshape(-1), inputs.reshape(-1))


def ends_of(settings: Settings, weight: Sequence[int]) -> tuple[int, int]:
    """Give the input channel and the kernel (output channel) that a weight of that index joins."""
    _, inputs, kernels = tap_places.channels(settings)
    first, inside = weight[:2]
    if settings.transposed:
        return first, first // inputs * kernels + inside
    return first // kernels * inputs + inside, first


def checked(settings: Settings, name: str, index: Sequence[int]) -> Index:
    """Check an index of x, y or the weight.

    Raises:
        InvalidSetting: there is no such element; the cure says from where to where its numbers go.
    """
    shape = SHAPES[name](settings)
    if len(index) == len(shape) and all(0 <= at < length for at, length in zip(index, shape, strict=True)):
        return tuple(map(int, index))
    last = ", ".join(str(length - 1) for length in shape)
    what = f"{name} ({written(shape)}) has no element {', '.join(map(str, index)).replace('-', '−')}"
    cure = f"Use {len(shape)} numbers from {', '.join('0' * len(shape))} to {last}"
    raise InvalidSetting(what, f"index of {name}", cure)


def batched(settings: Settings, index: Index) -> Index:
    """Give an index of x or y with its place in the batch, 0 where there is no batch."""
    return (0, *index) if settings.batch is None else index


SHAPES: dict[str, Callable[[Settings], Index]] = {
    "x": shapes.input_shape,
    "y": shapes.output_shape,
    "weight": shapes.weight_shape,
}


def _joined(along: Sequence[Ints], size: Sequence[int]) -> Ints:
    """Give the row-major numbers of a block of places, one array an axis; OUTSIDE where an axis is."""
    total = np.zeros((), dtype=np.int64)
    for places, length in zip(along, size, strict=True):
        before = total[..., None]
        total = np.where((before == OUTSIDE) | (places == OUTSIDE), OUTSIDE, before * length + places)
    return total.reshape(-1)


def _weights(settings: Settings, channels: Any, kernels: Any, numbers: Ints) -> Ints:
    """Give the flat numbers of weights from their input channel, kernel and place in the kernel."""
    _, inputs, per_group = tap_places.channels(settings)
    first, second, width = kernels, channels % inputs, inputs
    if settings.transposed:
        first, second, width = channels, kernels % per_group, per_group
    return np.asarray((first * width + second) * math.prod(settings.kernel_size) + numbers, dtype=np.int64)


def _refuse_many(pairs: int) -> None:
    needed, limit = 4 * 8 * pairs, memory.limit()
    if needed > limit:
        what = f"The list would need {bytes_written(needed)} of memory, and the limit is {bytes_written(limit)}"
        raise LimitPassed(what, cure="Use smaller sizes, or raise the limit GRADTRACE_MEMORY")
