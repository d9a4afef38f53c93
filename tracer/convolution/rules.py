"""The gradients of a convolution by their rules, one element at a time, from x, the weight and the loss alone.

∂L/∂y is that of the loss. ∂L/∂x is the full correlation of it with the flipped kernel (a transposed convolution): the
sum over the outputs that read x. ∂L/∂w is the correlation of the input and ∂L/∂y, ∂L/∂b the sum of ∂L/∂y. All of it is
index arithmetic in float64, with no convolution of torch and no autograd, so that it is a second way of computing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer.convolution import shapes, tap_places
from tracer.convolution.layer import Settings
from tracer.convolution.reads import Index, batched, ends_of

Arrays = Mapping[str, NDArray[Any]]


class Sum(NamedTuple):
    """A gradient as a sum of products: its value, and the sum of their absolute values, by which rounding goes."""

    value: float
    size: float


def gradient(settings: Settings, arrays: Arrays, name: str, index: Index) -> Sum:
    """Compute the gradient of one element of x, weight, bias or y by its rule; `arrays` holds x and weight."""
    return RULES[name](settings, arrays, index)


def upstream(settings: Settings) -> float:
    """Give ∂L/∂y at each output that the loss is made of: 1/numel for the mean, 1 for the sum or for one output."""
    return 1 / math.prod(shapes.output_shape(settings)) if settings.loss == "mean" else 1.0


def _of_x(settings: Settings, arrays: Arrays, index: Index) -> Sum:
    row, channel, *at = batched(settings, index)
    weight = arrays["weight"].reshape(shapes.weight_shape(settings))
    _, inputs, kernels = tap_places.channels(settings)
    first = channel // inputs * kernels
    of_group = weight[channel] if settings.transposed else weight[first : first + kernels, channel % inputs]
    along = [tap_places.feeds(settings, axis, place) for axis, place in enumerate(at)]
    return _sum(settings, of_group[None], [_all(row, 1), _all(first, kernels), *along])


def _of_weight(settings: Settings, arrays: Arrays, index: Index) -> Sum:
    channel, kernel = ends_of(settings, index)
    signal = arrays["x"].reshape(-1, settings.in_channels, *settings.input_size)[:, channel]
    along = [tap_places.uses(settings, axis, tap) for axis, tap in enumerate(index[2:])]
    return _sum(settings, signal[:, None], [_all(0, len(signal)), _all(kernel, 1), *along])


def _all(first: int, length: int) -> tap_places.Joined:
    """Join the outputs from `first` on with factors that are counted from 0."""
    return tap_places.Joined(first + np.arange(length), np.arange(length))


def _sum(settings: Settings, factors: NDArray[Any], along: list[tap_places.Joined]) -> Sum:
    """Sum ∂L/∂y·factor over the outputs that `along` joins with factors, an axis each: of y, (n, k, *place), and of the
    factors. Where the loss is one output, only that one has a ∂L/∂y."""
    picked = [pairs.others for pairs in along]
    if not isinstance(settings.loss, str):
        one = batched(settings, settings.loss)
        picked = [pairs.others[pairs.outputs == at] for pairs, at in zip(along, one, strict=True)]
    products = factors[np.ix_(*picked)]
    each, total, size = upstream(settings), products.sum(dtype=np.float64), np.abs(products).sum(dtype=np.float64)
    return Sum(each * float(total), each * float(size))


def _of_bias(settings: Settings, _: Arrays, index: Index) -> Sum:
    found = float(not isinstance(settings.loss, str) and batched(settings, settings.loss)[1] == index[0])
    if isinstance(settings.loss, str):
        found = upstream(settings) * (settings.batch or 1) * math.prod(shapes.output_size(settings))
    return Sum(found, found)


def _of_y(settings: Settings, _: Arrays, index: Index) -> Sum:
    found = upstream(settings) if isinstance(settings.loss, str) else float(settings.loss == index)
    return Sum(found, found)


RULES: dict[str, Callable[[Settings, Arrays, Index], Sum]] = {
    "x": _of_x,
    "weight": _of_weight,
    "bias": _of_bias,
    "y": _of_y,
}
