"""Real taps at each place: the lesson's histogram, and counting them a second way, by torch and by hand."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings, strategies
from torch import nn

from tracer.convolution import taps
from tracer.convolution.cost import cost
from tracer.convolution.layer import Settings
from tracer.convolution.settings import resolve
from tracer.convolution.shapes import output_size
from tracer.errors import TracerError
from tracer.experiment import Convolution

LESSON = Convolution("Conv2d", 20, 16, (3, 5), (64, 128), padding=(1, 2))


def test_the_lessons_real_taps() -> None:
    rows = taps.histogram(resolve(LESSON)) or ()
    assert {row.real: row.outputs for row in rows} == {6: 4, 8: 4, 9: 124, 10: 248, 12: 124, 15: 7_688}
    assert sum(row.outputs for row in rows) == 8_192 == 64 * 128
    assert [(row.real, row.padding) for row in rows] == [(6, 9), (8, 7), (9, 6), (10, 5), (12, 3), (15, 0)]


PLACES = [
    ("corner", (0, 0), 6),
    ("next to it", (0, 1), 8),
    ("edge row", (0, 2), 10),
    ("edge column", (1, 0), 9),
    ("second column", (1, 1), 12),
    ("interior", (1, 2), 15),
    ("the other corner", (63, 127), 6),
]


@pytest.mark.parametrize(("name", "place", "real"), PLACES, ids=[row[0] for row in PLACES])
def test_the_lessons_places(name: str, place: tuple[int, int], real: int) -> None:
    assert taps.at(resolve(LESSON), place) == real


def test_multiply_adds_with_and_without_the_zeros_of_the_padding() -> None:
    found = cost(resolve(LESSON))
    assert found.multiply_adds == 39_321_600
    assert found.real_multiply_adds == 20 * 16 * (6 * 4 + 8 * 4 + 9 * 124 + 10 * 248 + 12 * 124 + 15 * 7_688)
    unpadded = cost(resolve(Convolution("Conv2d", 20, 16, (3, 5), (64, 128))))
    assert unpadded.multiply_adds == unpadded.real_multiply_adds == 36_902_400


def test_copies_in_the_padding_are_multiplied_as_any_number() -> None:
    found = cost(resolve(Convolution("Conv1d", 1, 1, 3, 5, padding=1, padding_mode="circular")))
    assert found.multiply_adds == found.real_multiply_adds == 15
    rows = taps.histogram(resolve(Convolution("Conv1d", 1, 1, 3, 5, padding=1, padding_mode="circular")))
    assert rows == (taps.TapRow(2, 1, 2), taps.TapRow(3, 0, 3))


def test_a_transposed_layer_has_outputs_that_read_more_and_less_and_nothing() -> None:
    rows = taps.histogram(resolve(Convolution("ConvTranspose1d", 1, 1, 1, 3, stride=2, output_padding=1)))
    assert rows == (taps.TapRow(0, None, 3), taps.TapRow(1, None, 3))
    overlapping = taps.histogram(resolve(Convolution("ConvTranspose1d", 1, 1, 3, 4, stride=2)))
    assert overlapping == (taps.TapRow(1, None, 6), taps.TapRow(2, None, 3))


def test_long_axes_are_counted_at_once_and_a_long_kernel_is_not_counted() -> None:
    rows = taps.histogram(resolve(Convolution("Conv1d", 1, 1, 3, 10_000_000, padding=1)))
    assert rows == (taps.TapRow(2, 1, 2), taps.TapRow(3, 0, 9_999_998))
    long = resolve(Convolution("Conv1d", 1, 1, 300_000, 300_000))
    assert (taps.histogram(long), cost(long).real_multiply_adds) == (None, None)


number = strategies.integers(1, 4)
experiments = strategies.builds(
    Convolution,
    layer=strategies.sampled_from(["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d"]),
    in_channels=strategies.sampled_from([1, 2]),
    out_channels=strategies.sampled_from([2, 4]),
    kernel_size=number,
    input_size=strategies.integers(1, 6),
    stride=number,
    padding=strategies.integers(0, 5) | strategies.just("same"),
    output_padding=strategies.sampled_from([0, 0, 1, 2]),
    dilation=strategies.integers(1, 3),
    groups=strategies.sampled_from([1, 2]),
    padding_mode=strategies.sampled_from(["zeros", "zeros", "reflect", "replicate", "circular"]),
    batch=strategies.sampled_from([None, 1, 3]),
)


@settings(max_examples=250, deadline=None)
@given(experiments)
def test_real_taps_are_those_that_torch_counts(asked: Convolution) -> None:
    """All ones, padded with zeros whatever the mode: each output is the number of its real taps."""
    try:
        resolved = resolve(asked)
    except TracerError:
        assume(False)
    counted = counted_by_torch(resolved)
    assert tuple(counted.shape) == output_size(resolved)
    rows = taps.histogram(resolved) or ()
    assert {row.real: row.outputs for row in rows} == Counter(counted.flatten().tolist())
    for place in itertools.islice(itertools.product(*map(range, counted.shape)), 30):
        assert taps.at(resolved, place) == counted[place]
    if resolved.padding_mode == "zeros":
        channels = resolved.in_channels * resolved.out_channels // resolved.groups
        assert cost(resolved).real_multiply_adds == (resolved.batch or 1) * channels * int(counted.sum())
    if not resolved.transposed:
        assert all(row.real + (row.padding or 0) == math.prod(resolved.kernel_size) for row in rows)


def counted_by_torch(resolved: Settings) -> torch.Tensor:
    """Run the layer with one channel, all numbers 1."""
    arguments: dict[str, Any] = {"stride": resolved.stride, "dilation": resolved.dilation, "bias": False}
    if resolved.transposed:
        arguments["output_padding"] = resolved.output_padding
    padding = resolved.padding_word or tuple(before for before, _ in resolved.padding)
    layer = getattr(nn, resolved.layer)(1, 1, resolved.kernel_size, padding=padding, **arguments)
    with torch.no_grad():
        nn.init.ones_(layer.weight)
        counted: torch.Tensor = layer(torch.ones(1, 1, *resolved.input_size))[0, 0].round().int()
    return counted
