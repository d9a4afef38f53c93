"""Numbers as they are filled and put back: pure functions."""

import math

import pytest
import torch

from gui.convolution import values
from gui.convolution.fields import check
from gui.convolution.presets import PRESETS
from tracer.errors import InvalidSetting
from tracer.runners.convolution import FILLS


@pytest.mark.parametrize("word", list(values.PATTERNS))
@pytest.mark.parametrize("size", [(7,), (4, 5), (2, 3, 4)])
def test_a_pattern_is_that_of_the_runner(word, size):
    filled = torch.tensor(values.filled(word, (2, 3, *size)), dtype=torch.float64)
    assert torch.allclose(filled, FILLS[word](size).expand(2, 3, *size), rtol=0, atol=1e-15)


def test_one_number_fills_all():
    assert values.filled("", (2, 2), 0.5) == [[0.5, 0.5], [0.5, 0.5]]


def test_a_slice_goes_back_to_its_place_and_the_rest_stays_the_same_object():
    whole = [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]
    new = values.with_rows(whole, (0, 1), [[9, 6], [7, 8]])
    assert new == [[[[1, 2], [3, 4]], [[9, 6], [7, 8]]]]
    assert new[0][0] is whole[0][0]
    assert values.with_rows([1, 2], (), [[1, 3]]) == [1, 3]
    assert values.rows_at(whole, (0, 1)) == [[5, 6], [7, 8]] and values.rows_at([1, 2], ()) == [[1, 2]]


def test_a_block_never_goes_over_the_edge():
    assert values.with_block([[1, 2], [3, 4]], 1, 0, [[8, 9]]) == [[1, 2], [8, 9]]
    with pytest.raises(InvalidSetting, match="over the edge"):
        values.with_block([[1, 2], [3, 4]], 1, 1, [[8, 9]])


@pytest.mark.parametrize(
    ("pasted", "shape", "fits"),
    [
        ([[1, 2]], (1, 1, 2), [[[1, 2]]]),
        ([1, 2], (1, 1, 2), [[[1, 2]]]),
        ([[1], [2]], (2, 1), [[1], [2]]),
        ([[1, 2]], (2, 2), None),
        ([[1, 2], [3]], (2, 2), None),
    ],
)
def test_a_list_fits_its_tensor_also_without_leading_ones(pasted, shape, fits):
    assert values.matching(pasted, shape) == fits


def test_typed_numbers_are_cut_and_filled_to_a_shape():
    assert values.fitted([[1, 2, 3], [4, 5, 6]], (3, 2)) == [[1, 2], [4, 5], [0, 0]]
    assert values.has_shape([[1], [2]], (2, 1)) and not values.has_shape([[1], [2, 3]], (2, 1))


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_drawn_numbers_come_back_to_the_bit(dtype):
    drawn = torch.randn(3, 5, dtype=dtype, generator=torch.Generator().manual_seed(3))
    assert torch.equal(torch.tensor(values.numbers_of(drawn.numpy()), dtype=torch.float64).to(dtype), drawn)


def test_shapes_and_axes_are_those_of_the_layer():
    settings = check(PRESETS["Lesson 2D"])
    assert values.shape_of(settings, "x") == (1, 20, 64, 128)
    assert values.shape_of(settings, "bias") == (16,)
    assert values.axes_of(settings, "weight") == ("C_out", "C_in/groups", "kH", "kW")
    assert math.prod(values.shape_of(settings, "weight")) <= values.MOST
