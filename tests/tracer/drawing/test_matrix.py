"""What a matrix picture draws: the cells of the dense matrix, no more and no less, and sums that equal the layer's."""

import re

import numpy as np
import pytest

from tests.pictures import assert_inside
from tests.tracer.drawing.layers import CASES, LESSON, PLANES, inside, made, texts
from tracer.convolution import chosen, flip
from tracer.convolution.chosen import Numbers
from tracer.drawing.cells import cell_text
from tracer.drawing.display_list import Rect
from tracer.drawing.matrix import layout, matrix
from tracer.drawing.matrix_layout import Part, clipped, followed
from tracer.drawing.sheets import sheets

SIZES = [(814.0, 430.0), (496.0, 300.0)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_the_cells_are_those_of_the_dense_matrix(case, size):
    settings, shown, _ = made(CASES[case])
    picked = chosen.first(settings)
    placed = layout(shown, Part(), *size)
    part = followed(Part(), settings, shown.matrix, picked, placed)
    picture = matrix(shown, picked, part, *size)
    drawn = {tuple(map(int, a.owner.split()[1:])): a for a in picture.areas if a.owner.startswith("cell")}
    rows = {int(a.owner.split()[1]) for a in picture.areas if a.owner.startswith("row")}
    assert len(rows) == placed.sheets * placed.rows
    columns = range(part.column, part.column + placed.columns)
    for row in rows:
        cells = shown.matrix.window(range(row, row + 1), columns)[0]
        entries = set(shown.matrix.row(row)[0].tolist())
        assert {column for at, column in drawn if at == row} == entries & set(columns)
        for column in entries & set(columns):
            value = cells[column - part.column]
            assert cell_text(value, settings.dtype, placed.wide - 3) in inside(picture, drawn[row, column])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lead", ["output", "input"])
@pytest.mark.parametrize("case", CASES)
def test_the_picture_follows_what_is_looked_at_and_stays_inside(case, lead, size):
    settings, shown, arrays = made(CASES[case])
    for end in (0, -1):
        index = tuple((n - 1) * -end for n in arrays["y" if lead == "output" else "x"].shape)
        picked = chosen.with_index(chosen.first(settings), settings, lead, index)
        placed = layout(shown, Part(), *size)
        part = followed(Part(), settings, shown.matrix, picked, placed)
        assert part == clipped(part, settings, placed)
        picture = matrix(shown, picked, part, *size)
        owner = np.ravel_multi_index(index[1:], arrays["y" if lead == "output" else "x"].shape[1:])
        assert f"{'y' if lead == 'output' else 'x'} {owner}" in [area.owner for area in picture.areas]
        assert "✓" in picture.title and "✗" not in picture.title
        assert_inside(picture, *size)


def test_the_lesson_is_told_as_the_lesson_tells_it():
    settings, shown, _ = made(LESSON)
    picked = chosen.with_index(chosen.first(settings), settings, "output", (0, 1, 2))
    said = texts(matrix(shown, picked, Part(), 814, 430))
    assert "The whole matrix: 10 × 7, in 2 sheets" in said
    assert "kernel 1 = [1, 2, 1], shifted: 5 × 7" in said
    assert "y[0, 1, 2] = 2·1 + 0·2 + (−1)·1 = 1" in said
    assert said.count("∅") == 4
    back = chosen.with_index(picked, settings, "input", (0, 0, 3))
    assert "x.grad[0, 0, 3] = 1·1 + 1·0 + 1·(−1) + 1·1 + 1·2 + 1·1 = 4" in texts(matrix(shown, back, Part(), 814, 430))


def test_a_flipped_kernel_gives_the_convolution():
    settings, _, arrays = made(LESSON)
    y = flip.both(settings, arrays["x"], arrays["weight"], None).convolution.reshape(arrays["y"].shape)
    shown = sheets(settings, Numbers(arrays, True), True, y)
    picked = chosen.first(settings)
    picture = matrix(shown, picked, Part(), 814, 430)
    owners = {area.owner: area for area in picture.areas}
    assert [inside(picture, owners[f"y {row}"])[0] for row in range(5)] == ["1", "−3", "−3", "4", "6"]
    assert "kernel 0 flipped = [−1, 0, 1], shifted: 5 × 7" in texts(picture)
    assert "✓" not in picture.title


def test_no_number_is_written_of_other_settings():
    settings, shown, _ = made(PLANES, fresh=False)
    picture = matrix(shown, chosen.first(settings), Part(), 814, 430)
    assert not [text for text in texts(picture) if re.fullmatch(r"−?\d+\.\d+(e.*)?", text)]
    assert "come when PyTorch" in picture.title
    never = matrix(sheets(settings, Numbers({}, True)), chosen.first(settings), Part(), 814, 430)
    assert "too many to hand over" in never.title


def test_small_cells_show_more_of_a_large_matrix():
    settings, shown, _ = made(PLANES)
    picked = chosen.first(settings)
    small = layout(shown, Part(side=5.0), 814, 430)
    assert small.columns > 80 and small.rows > 15
    picture = matrix(shown, picked, followed(Part(side=5.0), settings, shown.matrix, picked, small), 814, 430)
    lit = [m for m in picture.marks if isinstance(m, Rect) and m.fill == "kernel 0 lit" and m.width == 5.0]
    assert len(lit) == 5  # of the kernel's 3 rows one is in view
