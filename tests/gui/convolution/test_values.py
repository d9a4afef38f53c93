"""Numbers as they are pasted, filled and put back: pure functions."""

import math

import pytest
import torch

from gui.convolution import values
from gui.convolution.fields import check
from gui.convolution.presets import PRESETS
from tracer.errors import InvalidSetting
from tracer.runners.convolution import FILLS

PASTED = [
    ("1\t2\r\n3\t4\r\n", [[1, 2], [3, 4]]),
    ("0.5\n1/3\n", [[0.5], ["1/3"]]),
    ("1;2\n3;4", [[1, 2], [3, 4]]),
    ("1 2 3", [[1, 2, 3]]),
    ("[[1, -2], [1/3, 4.0]]", [[1, -2], ["1/3", 4.0]]),
    ("tensor([[ 0.5000, -1.0000]], requires_grad=True)", [[0.5, -1.0]]),
    ("torch.tensor([1., 2.])", [1.0, 2.0]),
    ("Parameter containing:\ntensor([3.], requires_grad=True)", [3.0]),
    ("np.array([[1, −2]])", [[1, -2]]),
]


@pytest.mark.parametrize(("text", "read"), PASTED)
def test_cells_and_nested_lists_are_read(text, read):
    assert values.read_pasted(text) == read


REFUSED = [
    ("", "There are no numbers on the clipboard"),
    ("1\t2\n3", "different lengths"),
    ("1\ttwo", "“two” is no number"),
    ("[[1, 2], [", "no nested list"),
    ("[1, open('x')]", "is no number"),
    ("[1, True]", "“True” is no number"),
    ("tensor([[1., ..., 2.]])", "is no number"),
    ("1" * (values.MOST_LETTERS + 1), "letters"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_holds_no_numbers_is_refused(text, said):
    with pytest.raises(InvalidSetting) as refused:
        values.read_pasted(text)
    assert said in refused.value.what and refused.value.cure


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
