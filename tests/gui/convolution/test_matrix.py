"""The tabs of the matrix and of the channels, driven as a person does."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from gui.convolution.fields import check
from gui.convolution.presets import PRESETS
from tracer.convolution.readings import counts_rows
from tracer.experiment import Convolution

LESSON = Convolution(
    layer="Conv1d", in_channels=1, out_channels=2, kernel_size=3, input_size=7, bias=False,
    input=[[[1, 3, 2, 0, -1, 4, 5]]], weight=[[[1, 0, -1]], [[1, 2, 1]]], loss="sum",
)  # fmt: skip
STEREO = Convolution(
    layer="Conv1d", in_channels=2, out_channels=1, kernel_size=3, input_size=5, bias=False,
    input=[[[1, 2, 0, -1, 3], [0, 1, 1, 2, -2]]], weight=[[[1, 0, -1], [2, 1, 0]]], loss="sum",
)  # fmt: skip


@pytest.fixture
def opened(session, settled, part, front):
    """A function that shows an experiment in a tab, and gives its canvas."""

    def show(experiment, tab, canvas):
        session.edit("convolution", experiment)
        front(tab)
        settled()
        found = part(canvas)
        found.setFocus()
        found.stepped.emit("escape")
        return found

    return show


def owned(canvas, owner):
    return next(area for area in canvas.picture.areas if area.owner == owner)


def over(canvas, owner) -> QPoint:
    area = owned(canvas, owner)
    return QPointF(area.x + area.width / 2, area.y + area.height / 2).toPoint()


def said(canvas) -> str:
    return canvas.accessibleDescription()


def test_rows_and_columns_are_walked_by_mouse_and_keys(opened):
    canvas = opened(LESSON, "Matrix (Toeplitz)", "convolution.matrix.canvas")
    canvas.stepped.emit("first")
    QTest.mouseMove(canvas, over(canvas, "y 7"))
    canvas.hovered.emit("y 7")
    assert "y[0, 1, 2] = 2·1 + 0·2 + (−1)·1 = 1" in said(canvas)
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert "y[0, 1, 1] = 3·1 + 2·2 + 0·1 = 7" in said(canvas)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=over(canvas, "x 3"))
    assert "x.grad[0, 0, 3] = 1·1 + 1·0 + 1·(−1) + 1·1 + 1·2 + 1·1 = 4" in said(canvas)
    canvas.hovered.emit("y 0")
    assert "x.grad[0, 0, 3]" in said(canvas), "what was clicked is held"
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    canvas.hovered.emit("y 0")
    assert "y[0, 0, 0] = 1·1 + 3·0 + 2·(−1) = −1" in said(canvas)


def test_the_check_and_the_flip_are_told_and_no_edit_is_made(opened, part, qtbot, session):
    canvas = opened(LESSON, "Matrix (Toeplitz)", "convolution.matrix.canvas")
    qtbot.waitUntil(lambda: "exact" in part("convolution.matrix.check").text(), timeout=20_000)
    assert part("convolution.matrix.check").text() == "A·x equals Conv1d on all 10 outputs ✓ exact"
    assert "[2, 4, 4, 4, 4, 2, 0]" in part("convolution.matrix.backward").text()
    assert "[[1, −3, −3, 4, 6], [9, 7, 1, 2, 12]]" in part("convolution.matrix.flip_words").text()
    edits = session.history.count()
    part("convolution.matrix.flip").click()
    canvas.stepped.emit("first")
    assert owned(canvas, "y 0").label == "y[0, 0, 0] = 1" and "flipped" in said(canvas)
    part("convolution.matrix.flipped").click()
    assert owned(canvas, "y 0").label.endswith("= −1")
    assert session.history.count() == edits


def test_a_large_matrix_is_scrolled_and_says_what_is_in_view(opened, part, qtbot):
    canvas = opened(PRESETS["Lesson 2D"], "Matrix (Toeplitz)", "convolution.matrix.canvas")
    assert "123\u202f008 × 163\u202f840" in said(canvas)
    part("convolution.matrix.rows").setValue(0)
    part("convolution.matrix.columns").setValue(163_840)
    assert "rows 0–" in said(canvas) and "163\u202f839 of 163\u202f840" in said(canvas)
    part("convolution.matrix.kernel").setValue(15)
    assert "y[0, 15, 30, 61]" in said(canvas) and "15 of 16" in said(canvas)
    part("convolution.matrix.cells").chosen.emit(5.0)
    assert "✓" in said(canvas)
    qtbot.waitUntil(lambda: "123\u202f008 outputs" in part("convolution.matrix.check").text(), timeout=60_000)
    part("convolution.matrix.cells").chosen.emit(0.0)


def test_channels_are_added_up_forward_and_backward(opened, part):
    canvas = opened(STEREO, "Channel by channel", "convolution.channels.canvas")
    canvas.stepped.emit("first")
    part("convolution.channels.forward").click()
    assert "y[0, 0, 0] = 1 + 1 = 2" in said(canvas)
    QTest.keyClick(canvas, Qt.Key.Key_End)
    assert "y[0, 0, 2] = (−3) + 4 = 1. Summed over 2 channels. PyTorch gave the same ✓" in said(canvas)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=over(canvas, "channel 1"))
    assert part("convolution.channels.channel").value() == 1
    part("convolution.channels.backward").click()
    assert "x.grad[0, 1, " in said(canvas) and "✓" in said(canvas)


def test_the_counts_of_the_lesson():
    rows = counts_rows(check(LESSON))
    assert [(row.stored, row.free, row.zeros) for row in rows] == [(70, 70, 0), (30, 30, 40), (6, 6, 40)]
    assert rows[1].why == "sparsity: an output reads 3 inputs"
