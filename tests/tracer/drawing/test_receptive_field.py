"""The picture of a receptive field."""

import pytest

from tracer.convolution.settings import resolve
from tracer.convolution.stack import STACKS, steps, with_stack
from tracer.drawing.display_list import Rect, Text
from tracer.drawing.receptive_field import LIT, Looked, Stack, least_height, picture, sentence
from tracer.experiment import Convolution, Stacked

START = Convolution(layer="Conv2d", in_channels=20, out_channels=16, kernel_size=(3, 5), input_size=(64, 128))


def stacked(experiment=START):
    settings = resolve(experiment)
    found = steps(settings, experiment.stack)
    return Stack(tuple(step.layer for step in found), (settings.input_size, *(step.size for step in found)))


def test_the_sentence_counts_what_the_lessons_output_reads():
    expected = "Depends on H 30–32, W 61–65 of the input: 3 × 5 = 15 of 8\u202f192"
    assert sentence(stacked(), Looked((30, 61), 0)) == expected


def test_holes_of_dilation_are_told_and_not_lit():
    experiment = Convolution(layer="Conv1d", in_channels=1, out_channels=1, kernel_size=3, dilation=2, input_size=12)
    looked = Looked((4,), 0)
    assert "L 4–8 (3 of them)" in sentence(stacked(experiment), looked)
    drawn, _ = picture(stacked(experiment), looked, 700, 300)
    lit = [mark for mark in drawn.marks if isinstance(mark, Rect) and mark.shade == LIT]
    assert len(lit) == 3
    assert {area.label for area in drawn.areas if area.owner in ("cell 0 4", "cell 0 5")} == {
        "input x, L = 4: the output depends on it",
        "input x, L = 5: not read",
    }


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize("width", [480, 800])
def test_everything_stays_inside_and_texts_of_a_line_do_not_overlap(name, width):
    dims = int(STACKS[name].layer[-2])
    first = Convolution(
        layer=STACKS[name].layer, in_channels=1, out_channels=1, kernel_size=1, input_size=(64, 128)[-dims:]
    )
    stack = stacked(with_stack(first, name))
    height = least_height(stack)
    drawn, _ = picture(stack, Looked(tuple(size // 2 for size in stack.sizes[-1]), 0), width, height)
    texts = [mark for mark in drawn.marks if isinstance(mark, Text)]
    spans = [
        (text.y, text.x - {"start": 0, "middle": text.width / 2, "end": text.width}[text.anchor], text.width)
        for text in texts
    ]
    assert all(x >= 0 and x + wide <= width and 0 < y < height for y, x, wide in spans)
    for y, x, wide in spans:
        assert not [1 for b, a, other in spans if (b, a) != (y, x) and b == y and a < x + wide and x < a + other]


def test_a_long_signal_is_cut_to_a_part_that_stays_while_the_output_moves_in_it():
    experiment = Convolution(layer="Conv1d", in_channels=1, out_channels=1, kernel_size=9, input_size=5000)
    _, first = picture(stacked(experiment), Looked((2000,), 0), 700, 300)
    _, moved = picture(stacked(experiment), Looked((2010,), 0, first), 700, 300)
    _, away = picture(stacked(experiment), Looked((4000,), 0, first), 700, 300)
    assert first == moved < 2000 < away < 4000
    drawn, _ = picture(stacked(experiment), Looked((4000,), 0, first), 700, 300)
    assert "cell 1 4000" in {area.owner for area in drawn.areas}
    assert len(drawn.areas) < 300


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_three_axes_and_a_transposed_stack_can_be_drawn(axis):
    experiment = Convolution(
        layer="ConvTranspose3d", in_channels=1, out_channels=1, kernel_size=3, stride=2, input_size=(4, 6, 8),
        stack=(Stacked("AvgPool", 2, 2), Stacked("Conv", 3, 1, "same", 2)),
    )  # fmt: skip
    stack = stacked(experiment)
    drawn, _ = picture(stack, Looked((0, 0, 0), axis), 900, 400)
    assert drawn.title.startswith("Depends on D ")
    assert f"cell 3 {stack.sizes[-1][axis] - 1}" in {area.owner for area in drawn.areas}
