"""The lesson's counts and errors: a convolution as stacked, shifted rows; dimensions in PyTorch; what goes wrong."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import torch
from torch import nn

from tracer.convolution import taps
from tracer.convolution.cost import cost
from tracer.convolution.settings import resolve
from tracer.convolution.shapes import formula, output_shape, output_size, shapes, weight_shape
from tracer.errors import InvalidSetting
from tracer.experiment import Convolution

ROWS = Convolution("Conv1d", 1, 2, 3, 7)  # n = 7, k = 3, m = 2


def test_height_thickness_and_the_ten_numbers() -> None:
    assert output_shape(resolve(ROWS)) == (1, 2, 5)
    assert cost(resolve(ROWS)).outputs == 10


def test_free_parameters_band_cells_dense_cells_and_structural_zeros() -> None:
    found = cost(resolve(ROWS))
    assert (found.weights, found.biases, found.parameters) == (6, 2, 8)
    assert (found.joined, found.dense_cells, found.dense_cells - (found.joined or 0)) == (30, 70, 40)
    one = cost(resolve(msgspec.structs.replace(ROWS, out_channels=1)))
    assert one.dense_cells - (one.joined or 0) == 20


OPTIONS: list[tuple[dict[str, Any], int]] = [
    ({}, 5),
    ({"padding": 1}, 7),
    ({"stride": 2}, 3),
    ({"dilation": 2}, 3),
    ({"input_size": 5, "kernel_size": 2}, 4),  # the finger check
    ({"input_size": 5}, 3),
    ({"in_channels": 2, "out_channels": 1, "input_size": 5}, 3),  # stereo: the channels are summed
]


@pytest.mark.parametrize(("fields", "length"), OPTIONS)
def test_the_general_length(fields: dict[str, Any], length: int) -> None:
    settings = resolve(msgspec.structs.replace(ROWS, **fields))
    assert output_size(settings) == (length,)
    assert formula(settings)[0].size == length


def test_taps_of_the_stacked_rows() -> None:
    assert taps.histogram(resolve(ROWS)) == (taps.TapRow(3, 0, 5),)
    assert taps.histogram(resolve(msgspec.structs.replace(ROWS, padding=1))) == (
        taps.TapRow(2, 1, 2),
        taps.TapRow(3, 0, 5),
    )


DIMENSIONS = [
    (Convolution("Conv1d", 2, 16, 3, 64), 96, 112, 6, 0.408248),
    (Convolution("Conv1d", 2, 16, 5, 64), 160, 176, 10, 0.316228),
    (Convolution("Conv2d", 20, 16, (3, 5), (64, 128)), 4_800, 4_816, 300, 0.057735),
]


@pytest.mark.parametrize(("asked", "weights", "parameters", "count", "bound"), DIMENSIONS)
def test_one_bias_a_kernel_and_the_first_weights(
    asked: Convolution, weights: int, parameters: int, count: int, bound: float
) -> None:
    found = cost(resolve(asked))
    assert (found.weights, found.biases, found.parameters, found.taps) == (weights, 16, parameters, count)
    assert found.bound == pytest.approx(bound, abs=5e-7)


@pytest.mark.parametrize("layer", ["Conv1d", "Conv2d", "Conv3d"])
def test_a_bank_has_two_axes_more_than_the_signal(layer: Any) -> None:
    settings = resolve(Convolution(layer, 2, 4, 3, 5))
    assert len(weight_shape(settings)) == settings.dims + 2
    assert {len(row.axes) for row in shapes(settings) if row.name != "bias"} == {settings.dims + 2}


ERRORS: list[tuple[dict[str, Any], tuple[int, ...], str, str]] = [
    (
        {"input": [[[0.0] * 64] * 3]},
        (1, 3, 64),
        "to have 2 channels, but got 3",
        "input: The values have the shape 1 × 3 × 64, and the layer needs 1 × 2 × 64. "
        "Give lists of 128 numbers in all, nested as 1 × 2 × 64.",
    ),
    (
        {"input_size": 2},
        (1, 2, 2),
        "Kernel size can't be greater than actual input size",
        "kernel_size: The kernel (3) is larger than the padded input (2) along L. "
        "Use a kernel of at most 2 or padding of at least 1.",
    ),
    (
        {"input": [0.0] * 64},
        (64,),
        "Expected 2D (unbatched) or 3D (batched) input to conv1d",
        "input: The values have the shape 64, and the layer needs 1 × 2 × 64. "
        "Give lists of 128 numbers in all, nested as 1 × 2 × 64.",
    ),
]


@pytest.mark.parametrize(("fields", "shape", "theirs", "ours"), ERRORS, ids=["channels", "too short", "1-D"])
def test_errors_in_plain_words_where_torch_has_its_own(
    fields: dict[str, Any], shape: tuple[int, ...], theirs: str, ours: str
) -> None:
    with pytest.raises(RuntimeError) as refused:
        nn.Conv1d(2, 16, 3)(torch.zeros(shape))
    assert theirs in str(refused.value)
    with pytest.raises(InvalidSetting) as ours_refused:
        resolve(msgspec.structs.replace(Convolution("Conv1d", 2, 16, 3, 64), **fields))
    assert str(ours_refused.value) == ours


def test_an_input_without_a_batch_works() -> None:
    assert output_shape(resolve(Convolution("Conv1d", 2, 16, 3, 64, batch=None))) == (16, 62)
    assert tuple(nn.Conv1d(2, 16, 3)(torch.zeros(2, 64)).shape) == (16, 62)
