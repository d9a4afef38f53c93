"""What a picture of channels draws: the patches and slices themselves, and sums that equal what the layer gave."""

import numpy as np
import pytest

from tests.pictures import assert_inside
from tests.tracer.drawing.layers import CASES, inside, made, texts
from tracer.convolution import chosen
from tracer.convolution.chosen import Numbers
from tracer.drawing.cells import cell_text
from tracer.drawing.channels import channels, lay_out, taken_apart
from tracer.drawing.display_list import Rect
from tracer.experiment import Convolution

SIZES = [(814.0, 352.0), (440.0, 220.0)]
STEREO = Convolution(
    layer="Conv1d", in_channels=2, out_channels=1, kernel_size=3, input_size=5, bias=False,
    input=[[[1, 2, 0, -1, 3], [0, 1, 1, 2, -2]]], weight=[[[1, 0, -1], [2, 1, 0]]],
)  # fmt: skip
ALL = CASES | {
    "large kernels": Convolution(
        layer="Conv2d", in_channels=3, out_channels=4, kernel_size=11, input_size=(32, 32), stride=4, padding=2
    ),
    "gaps": Convolution(layer="Conv1d", in_channels=1, out_channels=2, kernel_size=1, input_size=7, stride=3),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lead", ["output", "input"])
@pytest.mark.parametrize("case", ALL)
def test_cells_are_those_of_the_parts_and_everything_stays_inside(case, lead, size):
    settings, _, arrays = made(ALL[case])
    numbers = Numbers(arrays, True)
    for end in (0, 1):
        index = tuple((n - 1) * end for n in arrays["y" if lead == "output" else "x"].shape)
        picked = chosen.with_index(chosen.first(settings), settings, lead, index)
        picture = channels(settings, numbers, picked, 0, *size)
        found = taken_apart(settings, numbers, picked)
        placed = lay_out(settings, numbers, found, *size)
        owners = {}
        for area in picture.areas:
            owners.setdefault(area.owner, []).append(area)
        for part in found.parts[: placed.rows * placed.columns]:
            for value, place in zip(part.patch.flat, part.places.flat, strict=True):
                if placed.card.written and place >= 0:
                    cells = owners[f"{'x' if lead == 'output' else 'y'} {place}"]
                    wanted = cell_text(value, settings.dtype, placed.card.wide - 3, 10.5)
                    assert any(wanted in inside(picture, cell) for cell in cells)
        assert "✓" in picture.title and "✗" not in picture.title
        assert_inside(picture, *size)


@pytest.mark.parametrize(("place", "products", "whole"), [(0, "1 + 1", 2), (1, "3 + 3", 6), (2, "(−3) + 4", 1)])
def test_the_stereo_signal_of_the_lesson(place, products, whole):
    settings, _, arrays = made(STEREO)
    picked = chosen.with_index(chosen.first(settings), settings, "output", (0, 0, place))
    said = texts(channels(settings, Numbers(arrays, True), picked, 0, *SIZES[0]))
    assert f"y[0, 0, {place}] = {products} = {whole}" in said
    assert {"channel 0 (left)", "channel 1 (right)"} <= set(said)


def test_every_channel_of_twenty_can_be_brought_into_view():
    settings, _, arrays = made(CASES["planes"])
    numbers, picked = Numbers(arrays, True), chosen.first(settings)
    placed = lay_out(settings, numbers, taken_apart(settings, numbers, picked), *SIZES[0])
    titles = set()
    for first in range(placed.needed - placed.rows + 1):
        titles |= {t for t in texts(channels(settings, numbers, picked, first, *SIZES[0])) if t.startswith("channel")}
    assert titles == {f"channel {number}" for number in range(20)}


def test_all_kernels_at_the_place_are_shown_in_their_colours():
    settings, _, arrays = made(CASES["stereo"])
    picked = chosen.with_index(chosen.first(settings), settings, "output", (0, 1, 3))
    picture = channels(settings, Numbers(arrays, True), picked, 0, *SIZES[0])
    fills = [mark.fill for mark in picture.marks if isinstance(mark, Rect) and (mark.fill or "").startswith("kernel")]
    assert fills == ["kernel 0", "kernel 1 lit", "kernel 2"]


def test_no_sum_is_written_of_numbers_that_are_not_here():
    settings, _, arrays = made(STEREO)
    for numbers in (Numbers(), Numbers(arrays, False)):
        picture = channels(settings, numbers, chosen.first(settings), 0, *SIZES[0])
        assert len(picture.marks) == 1 and "come when PyTorch" in picture.title


def test_numbers_that_are_too_many_to_hand_over_are_told_apart_from_those_that_will_come():
    settings, _, _ = made(STEREO)
    picture = channels(settings, Numbers({}, True), chosen.first(settings), 0, *SIZES[0])
    assert picture.title == "y[0, 0, 1] of this Conv1d. Its numbers are not shown: there are too many to hand over."


def test_of_a_huge_patch_the_first_cells_are_drawn_and_it_says_so():
    tone = Convolution(layer="Conv1d", in_channels=1, out_channels=2, kernel_size=8820, input_size=9000)
    settings, _, arrays = made(tone)
    picture = channels(settings, Numbers(arrays, True), chosen.first(settings), 0, *SIZES[0])
    assert any(text.startswith("x: ") and text.endswith(" of 8\u202f820") for text in texts(picture))
    assert len(picture.marks) < 500
    assert all(mark.x + mark.width <= SIZES[0][0] for mark in picture.marks if isinstance(mark, Rect))


def test_an_input_that_no_output_reads_says_so():
    settings, _, arrays = made(ALL["gaps"])
    picked = chosen.with_index(chosen.first(settings), settings, "input", (0, 0, 1))
    said = texts(channels(settings, Numbers(arrays, True), picked, 0, *SIZES[0]))
    assert "x.grad[0, 0, 1]: no output reads it." in said
    assert np.all(arrays["x.grad"][0, 0, 1] == 0)
