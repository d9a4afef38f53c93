"""A sum taken apart: one output channel by channel of x, and the gradient of one input kernel by kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer.convolution import shapes, tap_places
from tracer.convolution.agreement import Agreement, agreement
from tracer.convolution.arithmetic import total
from tracer.convolution.layer import Settings
from tracer.convolution.reads import Reads, batched, feeds, reads
from tracer.convolution.tap_places import OUTSIDE, Ints

Arrays = Mapping[str, NDArray[Any]]


class Part(NamedTuple):
    """What one channel brings: the patch it is read at and the slice of the kernel that lies on it, of one shape, their
    scalar product, and the sum so far. `places` are the flat numbers of the patch in x (or y), OUTSIDE for a zero of
    the padding. Backward, a channel is a kernel, and the patch is of the gradient of y."""

    channel: int
    patch: NDArray[np.float64]
    places: Ints
    weights: NDArray[np.float64]
    taps: Ints
    product: float
    so_far: float


class Sum(NamedTuple):
    """The parts of a sum, what is added at the end, the whole, what torch gave, and whether the two agree."""

    parts: tuple[Part, ...]
    bias: float | None
    whole: float
    gave: float
    agreement: Agreement


def of_output(settings: Settings, arrays: Arrays, output: Sequence[int]) -> Sum:
    """Take y[…] apart: of each input channel that its kernel reads, the scalar product; then the bias."""
    found = reads(settings, output)
    inputs = tap_places.channels(settings).inputs
    kernel = batched(settings, found.output)[1]
    first = kernel // tap_places.channels(settings).kernels * inputs
    shape = (inputs, *_patch_shape(settings, found))
    numbers = arrays["x"].reshape(-1)[found.inputs].astype(np.float64)
    numbers[found.inputs == OUTSIDE] = 0.0
    bias = None if found.bias is None else float(arrays["bias"][found.bias])
    places, taps = found.inputs.reshape(shape), found.weights.reshape(shape)
    return _sum(settings, first, (numbers.reshape(shape), places), arrays, taps, bias, float(arrays["y"][found.output]))


def of_input(settings: Settings, arrays: Arrays, element: Sequence[int]) -> Sum:
    """Take x.grad[…] apart: of each kernel that reads x[…], the scalar product of y.grad where it does and the weights
    through which it does."""
    found = feeds(settings, element)
    groups = tap_places.channels(settings)
    _, channel, *at = batched(settings, found.input)
    along = [len(tap_places.feeds(settings, axis, place).outputs) for axis, place in enumerate(at)]
    shape = (found.kernels, *along)
    numbers = arrays["y.grad"].reshape(-1)[found.outputs].astype(np.float64).reshape(shape)
    first = channel // groups.inputs * groups.kernels
    places, taps = found.outputs.reshape(shape), found.weights.reshape(shape)
    return _sum(settings, first, (numbers, places), arrays, taps, None, float(arrays["x.grad"][found.input]))


def _patch_shape(settings: Settings, found: Reads) -> tuple[int, ...]:
    """Give the shape of what one kernel slice lies on: a transposed layer leaves out the taps at which nothing
    stands."""
    if not settings.transposed:
        return settings.kernel_size
    place = found.output[len(found.output) - settings.dims :]
    return tuple(
        int(np.count_nonzero(tap_places.read(settings, axis, at, np.arange(length)) != OUTSIDE))
        for axis, (at, length) in enumerate(zip(place, settings.kernel_size, strict=True))
    )


def _sum(
    settings: Settings,
    first: int,
    patches: tuple[NDArray[np.float64], Ints],
    arrays: Arrays,
    taps: Ints,
    bias: float | None,
    gave: float,
) -> Sum:
    weights = arrays["weight"].reshape(-1)[taps].astype(np.float64)
    numbers, places = patches
    products = numbers * weights
    products_of = [total(here.reshape(-1).tolist()) for here in products]
    parts = tuple(
        Part(first + at, numbers[at], places[at], weights[at], taps[at], product, total(products_of[: at + 1]))
        for at, product in enumerate(products_of)
    )
    terms = [*products.reshape(-1).tolist(), *([] if bias is None else [bias])]
    absolute = total([abs(term) for term in terms])
    whole = total(terms)
    return Sum(parts, bias, whole, gave, agreement([whole], [absolute], [gave], len(terms), settings.dtype))


def names(settings: Settings, element: str, flat: int) -> str:
    """Write an element of x, y or weight by its flat number: x[0, 2, 5]."""
    shape = {"x": shapes.input_shape, "y": shapes.output_shape, "weight": shapes.weight_shape}[element](settings)
    return f"{element}[{', '.join(str(int(at)) for at in np.unravel_index(flat, shape))}]"
