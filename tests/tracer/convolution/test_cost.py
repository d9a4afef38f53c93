"""Costs: the numbers of the lesson, and counting them a second way."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings, strategies
from torch import nn

from tracer.convolution.cost import Cost, cost
from tracer.convolution.settings import resolve
from tracer.errors import TracerError
from tracer.experiment import Convolution

LESSON = [
    (Convolution("Conv1d", 2, 16, 3, 64), 112, 992, 5_952, 6, 126_976, 0.408248),
    (Convolution("Conv1d", 2, 16, 5, 64), 176, 960, 9_600, 10, 122_880, 0.316228),
    (Convolution("Conv1d", 2, 16, 3, 64, padding=1), 112, 1_024, 6_144, 6, 131_072, 0.408248),
    (Convolution("Conv2d", 20, 16, (3, 5), (64, 128)), 4_816, 123_008, 36_902_400, 300, 20_153_630_720, 0.057735),
    (
        Convolution("Conv2d", 20, 16, (3, 5), (64, 128), padding=(1, 2)),
        *(4_816, 131_072, 39_321_600, 300, 21_474_836_480, 0.057735),
    ),
]


@pytest.mark.parametrize(("experiment", "parameters", "outputs", "multiply_adds", "taps", "cells", "bound"), LESSON)
def test_costs_of_the_lesson(
    experiment: Convolution, parameters: int, outputs: int, multiply_adds: int, taps: int, cells: int, bound: float
) -> None:
    found = cost(resolve(experiment))
    assert (found.parameters, found.outputs, found.multiply_adds) == (parameters, outputs, multiply_adds)
    assert (found.taps, found.dense_cells) == (taps, cells)
    assert found.bound == pytest.approx(bound, abs=5e-7)


def test_the_lessons_dense_matrix() -> None:
    found = cost(resolve(Convolution("Conv2d", 20, 16, (3, 5), (64, 128))))
    assert (found.dense_rows, found.dense_columns, found.joined) == (123_008, 163_840, 36_902_400)
    assert found.share == pytest.approx(0.00183, abs=5e-6)
    assert found.saved_bytes == 674_560


def test_the_toeplitz_matrix_of_the_lesson() -> None:
    found = cost(resolve(Convolution("Conv1d", 1, 2, 3, 7)))
    assert (found.weights, found.joined, found.dense_cells) == (6, 30, 70)


def test_padding_of_zeros_joins_no_cell() -> None:
    """At a padded 3×5 output, corners have 6 real taps, edges 9 and 10, inner ones 15."""
    found = cost(resolve(Convolution("Conv2d", 1, 1, (3, 5), (64, 128), padding=(1, 2))))
    cells = {6: 4, 8: 4, 9: 124, 10: 248, 12: 124, 15: 7688}
    assert found.joined == sum(taps * count for taps, count in cells.items())


def test_a_batch_costs_as_often() -> None:
    one, three = (cost(resolve(Convolution("Conv1d", 2, 4, 3, 9, batch=batch))) for batch in (1, 3))
    assert three.multiply_adds == 3 * one.multiply_adds
    assert (three.dense_cells, three.parameters) == (one.dense_cells, one.parameters)


def test_what_is_too_long_to_count_is_not_told() -> None:
    found = cost(resolve(Convolution("Conv1d", 1, 1, 1000, 50_000, padding=1, padding_mode="reflect")))
    assert (found.joined, found.share) == (None, None)


small = strategies.integers(1, 3)
experiments = strategies.builds(
    Convolution,
    layer=strategies.sampled_from(["Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d"]),
    in_channels=strategies.sampled_from([1, 2]),
    out_channels=strategies.sampled_from([2, 4]),
    kernel_size=small,
    input_size=strategies.integers(1, 6),
    stride=small,
    padding=strategies.integers(0, 3),
    dilation=small,
    groups=strategies.sampled_from([1, 2]),
    padding_mode=strategies.sampled_from(["zeros", "reflect", "replicate", "circular"]),
)


@settings(max_examples=150, deadline=None)
@given(experiments)
def test_joined_cells_are_those_of_the_real_matrix(experiment: Convolution) -> None:
    found = dense(experiment)
    assume(found is not None)
    matrix, counted = found or (torch.empty(0), cost(resolve(experiment)))
    assert tuple(matrix.shape) == (counted.dense_rows, counted.dense_columns)
    assert int((matrix != 0).sum()) == counted.joined


def dense(experiment: Convolution) -> tuple[torch.Tensor, Cost] | None:
    """Run the layer, all weights 1, on every unit vector: the columns of its matrix; `None` where it is refused."""
    try:
        resolved = resolve(experiment)
    except TracerError:
        return None
    transposed = experiment.layer.startswith("ConvTranspose")
    arguments: dict[str, Any] = {} if transposed else {"padding_mode": experiment.padding_mode}
    layer = getattr(nn, experiment.layer)(
        experiment.in_channels,
        experiment.out_channels,
        experiment.kernel_size,
        stride=experiment.stride,
        padding=experiment.padding,
        dilation=experiment.dilation,
        groups=experiment.groups,
        bias=False,
        **arguments,
    )
    count = experiment.in_channels * resolved.input_size[0] ** resolved.dims
    with torch.no_grad():
        nn.init.ones_(layer.weight)
        units = torch.eye(count).reshape(count, experiment.in_channels, *resolved.input_size)
        return layer(units).reshape(count, -1).T, cost(resolved)
