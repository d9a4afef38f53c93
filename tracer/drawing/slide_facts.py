"""What is told of the element that is looked at: what it reads or feeds, in true counts, its value and gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tracer import quantities
from tracer.convolution import tap_places
from tracer.convolution.chosen import Chosen, Index, Numbers
from tracer.convolution.layer import Settings
from tracer.convolution.reads import Feeds, Reads, feeds, reads
from tracer.convolution.tap_places import OUTSIDE, Ints
from tracer.drawing.slide_sheets import across
from tracer.drawing.slide_sum import element

WORDS = {1: ("columns",), 2: ("rows", "columns"), 3: ("slices", "rows", "columns")}
APART = 6  # places that are listed one by one where they are not neighbours


class Told(NamedTuple):
    """A title, facts as (key, value), and a sentence about backward."""

    title: str
    facts: tuple[tuple[str, str], ...]
    backward: str


def told(settings: Settings, numbers: Numbers, chosen: Chosen) -> Told:
    """Tell of what leads."""
    if chosen.leads == "output":
        return _of_output(settings, numbers, chosen)
    fed = feeds(settings, chosen.input)
    facts = (*_read_by(settings, fed), *_values(settings, numbers, "x", chosen.input))
    return Told(element("x", chosen.input), facts, _backward(settings, fed))


def _of_output(settings: Settings, numbers: Numbers, chosen: Chosen) -> Told:
    read = reads(settings, chosen.output)
    beside = feeds(settings, across(settings, chosen))
    return Told(
        element("y", read.output),
        (*_seen(settings, read), *_values(settings, numbers, "y", read.output)),
        _backward(settings, beside),
    )


def _seen(settings: Settings, read: Reads) -> list[tuple[str, str]]:
    """Say which part of x an output reads, and how many products that makes."""
    start = 0 if settings.batch is None else 1
    found = []
    for axis, word in enumerate(WORDS[settings.dims]):
        at = read.output[start + 1 + axis]
        every = tap_places.read(settings, axis, at, np.arange(settings.kernel_size[axis]))
        found.append((f"sees x {word}", ranges(every[every != OUTSIDE])))
    groups, inputs, kernels = tap_places.channels(settings)
    first = read.output[start] // kernels * inputs
    all_ = f"all {inputs}" if groups == 1 else f"{_from_to(first, first + inputs - 1)} (group {first // inputs})"
    found += [("channels", all_), ("products", quantities.count(len(read.weights)))]
    if read.padding:
        found.append(("on the padding", f"{quantities.count(read.padding)} of them, × 0"))
    return found


def _read_by(settings: Settings, fed: Feeds) -> list[tuple[str, str]]:
    """Say which outputs read an input."""
    start = 0 if settings.batch is None else 1
    found = []
    for axis, word in enumerate(WORDS[settings.dims]):
        outputs = tap_places.feeds(settings, axis, fed.input[start + 1 + axis]).outputs
        found.append((f"feeds y {word}", ranges(outputs)))
    groups, inputs, kernels = tap_places.channels(settings)
    first = fed.input[start] // inputs * kernels
    all_ = f"all {kernels}" if groups == 1 else f"{_from_to(first, first + kernels - 1)} (group {first // kernels})"
    return [*found, ("kernels", all_), ("products", quantities.count(len(fed.outputs)))]


def _values(settings: Settings, numbers: Numbers, name: str, index: Index) -> list[tuple[str, str]]:
    names = ((name, "value"), (f"{name}.grad", "gradient"))
    return [
        (word, quantities.number(float(numbers.arrays[array][index]), settings.dtype))
        for array, word in names
        if numbers.fresh and array in numbers.arrays
    ]


def _backward(settings: Settings, fed: Feeds) -> str:
    """Say how many products the gradient of an input is the sum of."""
    called = element("x", fed.input)
    if not len(fed.outputs):
        return f"{called} is read by no output, so its gradient is 0."
    positions = _counted(fed.positions, "position")
    kernels, outputs = _counted(fed.kernels, "kernel"), _counted(fed.positions * fed.kernels, "product")
    if len(np.unique(fed.outputs)) == len(fed.outputs):
        outputs = _counted(len(fed.outputs), "output")
    return (
        f"{called} is read by {positions} × {kernels} = {outputs}. Its gradient is the sum of y.grad·weight over "
        f"them{_as_a_whole(settings)}."
    )


def _as_a_whole(settings: Settings) -> str:
    """Say what operation gives all of x.grad, where that is one with a short name."""
    if settings.transposed:
        return ": x.grad is a convolution of y.grad with the same weight"
    plain = max(settings.stride) == max(settings.dilation) == 1 and not any(map(any, settings.padding))
    return ": x.grad is the full convolution of y.grad with the flipped kernel" if plain else ""


def ranges(places: Ints | Sequence[int]) -> str:
    """Write places as ranges: 3–5, or 3, 5, 7; many with gaps from the first to the last with their number."""
    every = sorted({int(at) for at in places})
    if not every:
        return "none"
    if every[-1] - every[0] + 1 == len(every):
        return _from_to(every[0], every[-1])
    if len(every) <= APART:
        return ", ".join(map(str, every))
    return f"{len(every)} of {_from_to(every[0], every[-1])}"


def _from_to(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _counted(number: int, word: str) -> str:
    return f"{quantities.count(number)} {word}{'' if number == 1 else 's'}"
