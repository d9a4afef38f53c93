"""Random settings of all six layers: the matrix, the index sets and the rules against torch's layer and autograd."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from tracer.convolution import reads, rules, shapes
from tracer.convolution.layer import LAYERS, Settings
from tracer.convolution.settings import resolve
from tracer.convolution.sparse import sparse
from tracer.convolution.toeplitz import counts, positions_bias, toeplitz
from tracer.errors import TracerError
from tracer.experiment import Convolution
from tracer.runners.convolution import run

CLOSE = {"rtol": 1e-12, "atol": 1e-13}


class Found:
    """A layer that torch ran, as arrays, with the gradients that autograd found."""

    def __init__(self, settings: Settings) -> None:
        ran = run(settings, torch.device("cpu"))
        self.settings, self.batch = settings, settings.batch or 1
        gradients = torch.autograd.grad(ran.loss, list(ran.named.values()))
        self.values = {name: tensor.detach().numpy() for name, tensor in ran.named.items()}
        self.gradients = {name: found.numpy() for name, found in zip(ran.named, gradients, strict=True)}
        self.matrix = toeplitz(settings, self.values["weight"])

    def rows(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return array.reshape(self.batch, -1)


def drawn(seed: int, wanted: int) -> Iterator[Found]:
    """Give random layers that can be built, in float64."""
    draw = random.Random(seed)
    while wanted:
        layer = draw.choice(list(LAYERS))
        dims, transposed = LAYERS[layer]
        groups = draw.choice([1, 1, 2, 3])

        def axes(*choices: int, dims: int = dims) -> tuple[int, ...]:
            return tuple(draw.choice(choices) for _ in range(dims))

        experiment = Convolution(
            layer,
            in_channels=groups * draw.choice([1, 2]),
            out_channels=groups * draw.choice([1, 2, 3]),
            kernel_size=axes(1, 2, 3, 4),
            input_size=axes(2, 3, 4, 5, 7),
            stride=axes(1, 1, 2, 3),
            padding=axes(0, 1, 2) if transposed else draw.choice(["same", axes(0, 1, 2, 3), axes(0, 1)]),
            output_padding=axes(0, 1) if transposed else 0,
            dilation=axes(1, 1, 2, 3),
            groups=groups,
            bias=draw.choice([True, False]),
            padding_mode="zeros" if transposed else draw.choice(["zeros", "zeros", "reflect", "replicate", "circular"]),
            batch=draw.choice([None, 1, 2]),
            loss=draw.choice(["mean", "sum", "one"]),
            dtype="float64",
            device="cpu",
            seed=wanted,
        )
        try:
            settings = resolve(msgspec.structs.replace(experiment, loss="sum"))
        except TracerError:
            continue
        one = tuple(draw.randrange(length) for length in shapes.output_shape(settings))
        yield Found(
            resolve(msgspec.structs.replace(experiment, loss=one if experiment.loss == "one" else experiment.loss))
        )
        wanted -= 1


CASES = list(drawn(seed=5, wanted=40))


def test_the_drawn_layers_are_of_every_kind() -> None:
    assert {found.settings.layer for found in CASES} == set(LAYERS)
    assert {found.settings.padding_mode for found in CASES} == {"zeros", "reflect", "replicate", "circular"}
    assert any(found.settings.groups > 1 and found.settings.transposed for found in CASES)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("found", CASES, ids=lambda found: f"{found.settings.layer} {found.settings.padding_mode}")
class TestEveryLayer:
    def test_the_matrix_gives_the_output_and_its_transpose_the_gradient(self, found: Found) -> None:
        bias = positions_bias(found.settings, found.values.get("bias"))
        y = np.stack([found.matrix.matvec(x) + bias for x in found.rows(found.values["x"])])
        assert np.allclose(y, found.rows(found.values["y"]), **CLOSE)
        g = np.stack([found.matrix.rmatvec(g) for g in found.rows(found.gradients["y"])])
        assert np.allclose(g, found.rows(found.gradients["x"]), **CLOSE)

    def test_all_ways_of_writing_the_matrix_agree(self, found: Found) -> None:
        x, matrix = found.rows(found.values["x"])[0], found.matrix
        dense, told = matrix.dense(), counts(found.settings)
        assert dense.shape == matrix.shape == (told.rows, told.columns)
        assert np.allclose(dense @ x, matrix.matvec(x), **CLOSE)
        rows = [matrix.row(index) for index in range(told.rows)]
        columns = [matrix.column(index) for index in range(told.columns)]
        assert np.allclose(_filled(rows, told.columns), dense, **CLOSE)
        assert np.allclose(_filled(columns, told.rows).T, dense, **CLOSE)
        some = matrix.window(range(1, told.rows, 2), range(0, told.columns, 3))
        assert np.allclose(some, dense[1::2, ::3], **CLOSE)

    def test_the_entries_are_counted_right_and_named_right(self, found: Found) -> None:
        names, dense, told = found.matrix.weights(), found.matrix.dense(), counts(found.settings)
        assert told.entries == np.count_nonzero(names != -1)
        assert told.zeros == np.count_nonzero(names == -1) == np.size(dense) - (told.entries or 0)
        assert np.array_equal(dense[names >= 0], found.values["weight"].reshape(-1)[names[names >= 0]])
        assert not dense[names == -1].any()

    def test_the_sparse_matrix_has_the_same_entries(self, found: Found) -> None:
        entries = counts(found.settings).entries
        assert entries is not None
        written, dense = sparse(found.matrix, entries), found.matrix.dense()
        rows = np.repeat(np.arange(len(dense)), np.diff(written.starts))
        assert len(written.data) == len(rows) == entries
        assert np.all(np.diff(rows * dense.shape[1] + written.columns) > 0)
        cells = np.zeros_like(dense)
        cells[rows, written.columns] = written.data
        assert np.allclose(cells, dense, **CLOSE)
        x = found.rows(found.values["x"])[0]
        assert np.allclose(written.matvec(x), dense @ x, **CLOSE)

    def test_an_output_is_the_sum_over_what_it_reads(self, found: Found) -> None:
        x, weight = found.values["x"].reshape(-1), found.values["weight"].reshape(-1)
        for index in _some(found.values["y"]):
            read = reads.reads(found.settings, index)
            numbers = np.where(read.inputs < 0, 0, x[read.inputs])
            bias = 0 if read.bias is None else found.values["bias"][read.bias]
            assert np.isclose(numbers @ weight[read.weights] + bias, found.values["y"][index], **CLOSE)
            assert found.settings.transposed or len(read.inputs) == found.values["weight"][0].size

    def test_a_gradient_is_the_sum_over_what_is_fed_and_used(self, found: Found) -> None:
        x, weight, g = (part.reshape(-1) for part in (*map(found.values.get, ("x", "weight")), found.gradients["y"]))
        for index in _some(found.values["x"]):
            fed = reads.feeds(found.settings, index)
            assert len(fed.outputs) == fed.positions * fed.kernels
            assert np.isclose(g[fed.outputs] @ weight[fed.weights], found.gradients["x"][index], **CLOSE)
        for index in _some(found.values["weight"]):
            used = reads.uses(found.settings, index)
            assert np.isclose(g[used.outputs] @ x[used.inputs], found.gradients["weight"][index], **CLOSE)

    def test_what_reads_an_input_is_what_it_feeds(self, found: Found) -> None:
        x = np.prod(shapes.input_shape(found.settings))
        pairs = {
            (place, int(np.ravel_multi_index(index, found.values["y"].shape)), weight)
            for index in np.ndindex(*found.values["y"].shape)
            for read in [reads.reads(found.settings, index)]
            for place, weight in zip(read.inputs.tolist(), read.weights.tolist(), strict=True)
            if place >= 0
        }
        for place in {0, int(x) // 2, int(x) - 1}:
            fed = reads.feeds(found.settings, np.unravel_index(place, found.values["x"].shape))
            told = {(place, *pair) for pair in zip(fed.outputs.tolist(), fed.weights.tolist(), strict=True)}
            assert told == {pair for pair in pairs if pair[0] == place}

    def test_the_rules_give_autograds_gradients(self, found: Found) -> None:
        for name, gradient in found.gradients.items():
            for index in _some(gradient):
                assert np.isclose(
                    rules.gradient(found.settings, found.values, name, index).value, gradient[index], **CLOSE
                ), name


def _filled(entries: list[tuple[Any, Any]], width: int) -> np.ndarray[Any, Any]:
    cells = np.zeros((len(entries), width))
    for row, (places, values) in enumerate(entries):
        cells[row, places] = values
    return cells


def _some(array: np.ndarray[Any, Any]) -> list[tuple[int, ...]]:
    """Give the first, the last and a few elements in between."""
    step = max(1, array.size // 5)
    return [tuple(map(int, np.unravel_index(at, array.shape))) for at in {*range(0, array.size, step), array.size - 1}]
