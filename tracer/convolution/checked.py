"""A layer checked as a matrix, on all of its outputs: A·x + bias against y, and Aᵀ·y.grad against x.grad."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer.convolution import flip, shapes
from tracer.convolution.agreement import Agreement, agreement
from tracer.convolution.cost import cost
from tracer.convolution.layer import Settings
from tracer.convolution.toeplitz import Floats, positions_bias, toeplitz

MOST = 2_000_000_000  # multiply–adds: a few seconds; larger layers are not checked


class Checked(NamedTuple):
    """How y and x.grad agree with the matrix, and y with the kernel flipped; `None` where it was too much to find."""

    y: Agreement | None = None
    gradient: Agreement | None = None
    flipped: NDArray[Any] | None = None


def check(settings: Settings, arrays: Mapping[str, NDArray[Any]]) -> Checked:
    """Multiply the matrix with x, and its transpose with y.grad, and compare with what the layer gave."""
    if "y" not in arrays or cost(settings).multiply_adds > MOST:
        return Checked()
    batch, weight, bias = settings.batch or 1, arrays["weight"], arrays.get("bias")
    whole, absolute = toeplitz(settings, weight), toeplitz(settings, np.abs(weight))
    added = positions_bias(settings, bias)
    signals, upstream = (np.asarray(arrays[name], np.float64).reshape(batch, -1) for name in ("x", "y.grad"))
    y = np.stack([whole.matvec(x) + added for x in signals])
    most = np.stack([absolute.matvec(x) + np.abs(added) for x in np.abs(signals)])
    gradient = np.stack([whole.rmatvec(g) for g in upstream])
    most_back = np.stack([absolute.rmatvec(g) for g in np.abs(upstream)])
    return Checked(
        agreement(y, most, arrays["y"], terms(settings), settings.dtype),
        agreement(gradient, most_back, arrays["x.grad"], terms_back(settings), settings.dtype),
        _flipped(settings, signals, weight, added),
    )


def terms(settings: Settings) -> int:
    """Count the products of one output, at most."""
    return settings.in_channels // settings.groups * math.prod(settings.kernel_size) + 1


def terms_back(settings: Settings) -> int:
    """Count the products of the gradient of one input, at most; padding may put a number at several places."""
    places = math.prod(settings.kernel_size)
    if settings.padding_mode != "zeros":
        places *= math.prod(1 + before + after for before, after in settings.padding)
    return settings.out_channels // settings.groups * places


def _flipped(settings: Settings, signals: Floats, weight: NDArray[Any], added: Floats) -> Floats:
    turned = toeplitz(settings, flip.flipped(settings, weight))
    found = np.stack([turned.matvec(x) + added for x in signals])
    return found.reshape(shapes.output_shape(settings))
