"""What is looked at in a layer: one element of y and one of x, always in range, which all views of it share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tracer.convolution import shapes
from tracer.convolution.layer import Settings

Side = Literal["output", "input"]
Index = tuple[int, ...]


class Chosen(msgspec.Struct, frozen=True):
    """One element of y, (n, k, *place), and one of x, (n, c, *place), without n where there is no batch.

    `leads` tells which of them was chosen last: "output" looks forward (what y[…] reads), "input" looks backward (which
    outputs read x[…], and how its gradient is their sum). The kernel that is shown is the output's channel, the input
    channel that is shown is the input's. `pinned`: the pointer does not move it.
    """

    output: Index
    input: Index
    leads: Side = "output"
    pinned: bool = False


class Numbers(NamedTuple):
    """The arrays of a layer by name: x, weight, bias, y, and the gradients "x.grad" and so on; empty until they come.

    `fresh`: they are those of the settings that are shown. If not, they are those of the settings before, whose shapes
    were the same; their colours may be shown, but no sum may be written of them.
    """

    arrays: Mapping[str, NDArray[Any]] = {}
    fresh: bool = False


def first(settings: Settings) -> Chosen:
    """Choose what is looked at first: the middle of y and of x, their first channels."""
    return Chosen(_middle(shapes.output_shape(settings), settings), _middle(shapes.input_shape(settings), settings))


def kept(chosen: Chosen, settings: Settings) -> Chosen:
    """Keep what is looked at where the settings have become others: each number as near as there is one."""
    output, given = shapes.output_shape(settings), shapes.input_shape(settings)
    if (len(chosen.output), len(chosen.input)) != (len(output), len(given)):
        return first(settings)
    return msgspec.structs.replace(chosen, output=_inside(chosen.output, output), input=_inside(chosen.input, given))


def moved(chosen: Chosen, settings: Settings, axis: int, by: int) -> Chosen:
    """Move the element that leads along one of its axes (0 is the batch, or the channel where there is none)."""
    index = list(chosen.output if chosen.leads == "output" else chosen.input)
    index[axis] += by
    return with_index(chosen, settings, chosen.leads, tuple(index))


def with_index(chosen: Chosen, settings: Settings, side: Side, index: Index) -> Chosen:
    """Choose an element of y ("output") or x ("input"), as near as there is one; the batch goes along in both."""
    output = index if side == "output" else _same_batch(settings, chosen.output, index)
    given = index if side == "input" else _same_batch(settings, chosen.input, index)
    return kept(Chosen(output, given, side, chosen.pinned), settings)


def next_output(chosen: Chosen, settings: Settings, by: int = 1) -> Chosen:
    """Go to the next output in row-major order of the places of this kernel, and round at the end."""
    size = shapes.output_size(settings)
    start = len(chosen.output) - len(size)
    flat = int(np.ravel_multi_index(chosen.output[start:], size)) + by
    place = map(int, np.unravel_index(flat % math.prod(size), size))
    return with_index(chosen, settings, "output", (*chosen.output[:start], *place))


def _middle(shape: Index, settings: Settings) -> Index:
    start = len(shape) - settings.dims
    return (*(0 for _ in range(start)), *((length - 1) // 2 for length in shape[start:]))


def _inside(index: Index, shape: Index) -> Index:
    return tuple(min(max(at, 0), length - 1) for at, length in zip(index, shape, strict=True))


def _same_batch(settings: Settings, index: Index, other: Index) -> Index:
    return index if settings.batch is None else (other[0], *index[1:])
