"""The gradients of a convolution by their rules, one element at a time, from x, the weight and the loss alone.

∂L/∂y is that of the loss. ∂L/∂x is the full correlation of it with the flipped kernel (a transposed convolution): the
sum over the outputs that read x. ∂L/∂w is the correlation of the input and ∂L/∂y, ∂L/∂b the sum of ∂L/∂y. All of it is
index arithmetic in float64, with no convolution of torch and no autograd, so that it is a second way of computing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer.convolution import shapes, taps
from tracer.convolution.layer import Settings
from tracer.convolution.reads import Index, batched, ends_of, feeds

Arrays = Mapping[str, NDArray[Any]]


def gradient(settings: Settings, arrays: Arrays, name: str, index: Index) -> float:
    """Compute the gradient of one element of x, weight, bias or y by its rule; `arrays` holds x and weight."""
    return RULES[name](settings, arrays, index)


def upstream(settings: Settings) -> float:
    """Give ∂L/∂y at each output that the loss is made of: 1/numel for the mean, 1 for the sum or for one output."""
    return 1 / math.prod(shapes.output_shape(settings)) if settings.loss == "mean" else 1.0


def _of_x(settings: Settings, arrays: Arrays, index: Index) -> float:
    found = feeds(settings, index)
    weights = found.weights
    if not isinstance(settings.loss, str):
        weights = weights[found.outputs == np.ravel_multi_index(settings.loss, shapes.output_shape(settings))]
    return upstream(settings) * _sum(arrays["weight"].reshape(-1)[weights])


def _of_weight(settings: Settings, arrays: Arrays, index: Index) -> float:
    channel, kernel = ends_of(settings, index)
    along = [taps.uses(settings, axis, tap) for axis, tap in enumerate(index[2:])]
    inputs, rows = [pairs.others for pairs in along], slice(None)
    if not isinstance(settings.loss, str):
        row, k, *at = batched(settings, settings.loss)
        if k != kernel:
            return 0.0
        rows, inputs = slice(row, row + 1), [p.others[p.outputs == o] for p, o in zip(along, at, strict=True)]
    signal = arrays["x"].reshape(-1, settings.in_channels, *settings.input_size)[rows, channel]
    return upstream(settings) * _sum(signal[taps.block(slice(None), *np.ix_(*inputs))])


def _of_bias(settings: Settings, _: Arrays, index: Index) -> float:
    if isinstance(settings.loss, str):
        return upstream(settings) * (settings.batch or 1) * math.prod(shapes.output_size(settings))
    return float(batched(settings, settings.loss)[1] == index[0])


def _of_y(settings: Settings, _: Arrays, index: Index) -> float:
    return upstream(settings) if isinstance(settings.loss, str) else float(settings.loss == index)


def _sum(numbers: NDArray[Any]) -> float:
    return float(numbers.sum(dtype=np.float64))


RULES: dict[str, Callable[[Settings, Arrays, Index], float]] = {
    "x": _of_x,
    "weight": _of_weight,
    "bias": _of_bias,
    "y": _of_y,
}
