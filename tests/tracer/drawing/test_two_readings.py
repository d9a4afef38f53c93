"""The picture of both readings: what stands in its cells, what is lit, and that all of it fits."""

import math

import pytest

from tracer.drawing.display_list import DisplayList, Path, Rect, Text
from tracer.drawing.number_table import part, shortened
from tracer.drawing.two_readings import picture
from tracer.experiment import MatrixVector
from tracer.matrix_vector.look import Look, kept
from tracer.matrix_vector.readings import readings
from tracer.matrix_vector.settings import Settings, resolve

LESSON = resolve(MatrixVector([[1, 2, 3], [4, 5, 6]], [2, -1, 3]))
SPACE = resolve(MatrixVector([["1/3", 2, 3], [4, 5, -6], [1, 0, 1]], [2, -1, 3]))
LARGE = resolve(MatrixVector([[i * j % 7 for j in range(40)] for i in range(25)], list(range(40))))
ZERO = resolve(MatrixVector([[0, 0], [1, 2]], [0, 0]))
HUGE = resolve(MatrixVector([["1e300", "inf"], [1, "1/7"]], ["1e300", 2]))

FAR = resolve(MatrixVector([["1e300", 1], [1, "1/7"]], ["1e300", 2]))

FIRST = Look()


def drawn(settings: Settings, look: Look = FIRST, width: float = 830.0, height: float = 550.0) -> DisplayList:
    return picture(settings, readings(settings), kept(look, settings), width, height)


def texts(shown: DisplayList) -> list[str]:
    return [mark.text for mark in shown.marks if isinstance(mark, Text)]


def test_the_lesson() -> None:
    said = texts(drawn(LESSON))
    for words in (
        "⟨a(1), x⟩ = 1·2 + 2·(−1) + 3·3 = 9",
        "⟨a(2), x⟩ = 4·2 + 5·(−1) + 6·3 = 21",
        "cos = 0.6429 · along the row 9 / ‖a‖ = 2.405",
        "+ (−1)·[2, 5]",
        "[0, 3]",
        "[9, 21]",
    ):
        assert words in said
    assert drawn(LESSON).title == "A·x = [9, 21] by rows and by columns; 2 outputs, 3 columns"


def test_the_sum_so_far_is_that_of_the_columns_that_are_added() -> None:
    for added, sums in ((0, "[0, 0]"), (1, "[2, 8]"), (2, "[0, 3]"), (3, "[9, 21]")):
        shown = drawn(LESSON, Look(0, added))
        assert texts(shown)[-1] == sums, "the end of the arrows"
        lit = [mark for mark in shown.marks if isinstance(mark, Rect) and mark.fill == "kernel 1 lit"]
        assert len(lit) == (2 if added else 0)


def test_the_projection_is_to_scale() -> None:
    shown = drawn(LESSON, Look(1))
    bar = next(mark for mark in shown.marks if isinstance(mark, Path) and mark.stroke == "backward")
    row, x = (
        next(mark for mark in shown.marks if isinstance(mark, Path) and mark.fill == role and mark.closed)
        for role in ("forward", "leaf")
    )
    start = bar.points[0][0], bar.points[0][1] - 7
    length, along, slant = (math.dist(start, row.points[0]), math.dist(*bar.points), math.dist(start, x.points[0]))
    assert along / length == pytest.approx(2.393172 / 8.774964, abs=1e-3)
    assert slant / length == pytest.approx(3.741657 / 8.774964, abs=1e-3)


def test_arrows_have_axes_of_equal_scale() -> None:
    shown = drawn(LESSON)
    tips = [mark.points[0] for mark in shown.marks if isinstance(mark, Path) and mark.closed][2:]
    first, second, third = tips
    assert (third[0] - second[0]) / (first[0] - second[0]) == pytest.approx(9 / 2, rel=1e-6)
    assert (second[1] - third[1]) / (third[0] - second[0]) == pytest.approx(18 / 9, rel=1e-6)


@pytest.mark.parametrize("settings", [LESSON, SPACE, LARGE, ZERO, HUGE, FAR])
@pytest.mark.parametrize(("width", "height"), [(830.0, 550.0), (520.0, 330.0), (1700.0, 1000.0)])
@pytest.mark.parametrize("look", [Look(), Look(1, 1), Look(10**6, 0)])
def test_everything_fits_its_half(settings: Settings, width: float, height: float, look: Look) -> None:
    shown = drawn(settings, look, width, height)
    for mark in shown.marks:
        if isinstance(mark, Text):
            start = mark.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor] * mark.width
            half = width / 2 if start < width / 2 - 1 else width
            assert start >= 0 and start + mark.width <= half + 1, mark.text
            assert mark.y <= height, mark.text
    for area in shown.areas:
        assert area.x >= 0 and area.x + area.width <= width + 1 and area.label


def test_a_part_is_around_what_is_looked_at() -> None:
    assert part(40, 5, 20) == range(18, 23) and part(40, 5, 0) == range(5) and part(40, 5, 39) == range(35, 40)
    assert part(3, 9, 1) == range(3) and part(3, 0, 2) == range(2, 3)
    assert "rows 8–15 of 25" in " ".join(texts(drawn(LARGE, Look(11, 17))))


def test_a_long_sum_keeps_its_end() -> None:
    assert shortened("1·2 + 3·4 + 5·6 + 7·8 = 100", 130, 12.0, "mono") == "1·2 + 3·4… = 100"
    assert shortened("1·2 = 2", 500, 12.0, "mono") == "1·2 = 2"
