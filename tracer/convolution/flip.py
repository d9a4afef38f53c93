"""Convolution beside correlation: torch's layers do not flip the kernel, the convolution of the textbooks does.

A convolution layer of torch is a correlation: y[o] = Σ x[o + t]·w[t]. A transposed one spreads x over w, so it is a
convolution as it stands: y[o] = Σ x[i]·w[o − i]. For either, the other is the same layer with its kernel flipped.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer.convolution.layer import Settings
from tracer.convolution.toeplitz import Floats, positions_bias, toeplitz


class Both(NamedTuple):
    """The output of both, in float64 and of y's shape."""

    correlation: Floats
    convolution: Floats


def flipped(settings: Settings, weight: NDArray[Any]) -> NDArray[Any]:
    """Flip a kernel along each axis of the signal; channels stay where they are."""
    return np.flip(weight, axis=tuple(range(weight.ndim - settings.dims, weight.ndim)))


def both(settings: Settings, x: NDArray[Any], weight: NDArray[Any], bias: NDArray[Any] | None) -> Both:
    """Compute the layer with its kernel as it is and flipped, and say which of them is which."""
    as_is, other = (_output(settings, x, kernel, bias) for kernel in (weight, flipped(settings, weight)))
    return Both(other, as_is) if settings.transposed else Both(as_is, other)


def _output(settings: Settings, x: NDArray[Any], weight: NDArray[Any], bias: NDArray[Any] | None) -> Floats:
    matrix, added = toeplitz(settings, weight), positions_bias(settings, bias)
    return np.stack([matrix.matvec(signal) + added for signal in x.reshape(settings.batch or 1, -1)])
