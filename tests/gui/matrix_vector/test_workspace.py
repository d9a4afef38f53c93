"""The Matrix × vector workspace as a person drives it."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tracer.drawing.display_list import Text
from tracer.experiment import MatrixVector


@pytest.fixture
def matvec(window, session, settled):
    """The workspace, in front and answered."""
    session.show("matvec")
    settled()
    window.activateWindow()
    yield next(child for child in window.children() if hasattr(child, "workspaces")).workspaces["matvec"]
    session.show("convolution")
    settled()


def texts(matvec):
    return [mark.text for mark in matvec.readings.picture.marks if isinstance(mark, Text)]


def test_the_lesson_is_there_in_both_readings_and_torch_agrees(matvec):
    assert "⟨a(1), x⟩ = 1·2 + 2·(−1) + 3·3 = 9" in texts(matvec) and "+ (−1)·[2, 5]" in texts(matvec)
    rows = matvec.both.rows_model.rows
    assert [(row.by_rows, row.by_columns, row.torch, row.agree) for row in rows] == [
        ("9", "9", 9.0, "exact"),
        ("21", "21", 21.0, "exact"),
    ]
    gradients = {row.name: row.values for row in matvec.gradients.rows_model.rows}
    assert gradients["x"] == (5, 7, 9) and gradients["A"] == (2, -1, 3, 2, -1, 3)


def test_typing_into_a_cell_changes_both_readings_at_once(matvec, part, session, settled):
    cell = part("matvec.matrix.0.1")
    cell.setFocus()
    cell.selectAll()
    QTest.keyClicks(cell, "1")  # the slip of the notes: a11 a11 … a1n
    assert "⟨a(1), x⟩ = 1·2 + 1·(−1) + 3·3 = 10" in texts(matvec), "without waiting for torch"
    settled()
    assert [row.torch for row in matvec.both.rows_model.rows] == [10.0, 21.0]
    session.history.undo()
    settled()
    assert session.value("matvec").matrix == [[1, 2, 3], [4, 5, 6]]


def test_a_number_that_is_none_is_said_and_the_last_result_stays(matvec, part, settled):
    cell = part("matvec.vector.0.2")
    cell.setFocus()
    cell.selectAll()
    QTest.keyClicks(cell, "1/")
    settled()
    assert "“1/” is no number" in part("matvec.vector.problem").text()
    assert "⟨a(1), x⟩ = 1·2 + 2·(−1) + 3·1 = 3" in texts(matvec)
    QTest.keyClicks(cell, "3")
    settled()
    assert part("matvec.vector.problem").text() == ""
    assert [row.by_rows for row in matvec.both.rows_model.rows] == ["1", "5"]


def test_rows_and_columns_come_and_go_with_the_vector(matvec, part, session, settled):
    part("matvec.add_column").click()
    part("matvec.add_row").click()
    settled()
    assert session.value("matvec").vector == [2, -1, 3, 0] and len(session.value("matvec").matrix) == 3
    part("matvec.drop_column").click()
    part("matvec.drop_row").click()
    settled()
    assert session.value("matvec").matrix == [[1, 2, 3], [4, 5, 6]]


def test_cells_of_a_spreadsheet_are_pasted(matvec, part, session, settled):
    QGuiApplication.clipboard().setText("1\t2\n3\t1/3\n")
    cell = part("matvec.matrix.0.0")
    cell.setFocus()
    QTest.keyClick(cell, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    settled()
    assert session.value("matvec") == MatrixVector([[1, 2], [3, "1/3"]], [2, -1])
    assert [row.by_rows for row in matvec.both.rows_model.rows] == ["0", "17/3"]


def test_pointer_and_keys_share_one_highlight(matvec, part):
    canvas = part("matvec.readings")
    area = next(area for area in canvas.picture.areas if area.owner == "row 1")
    QTest.mouseMove(canvas, QPoint(round(area.x + area.width / 2), round(area.y + area.height / 2)))
    matvec.readings.go_to_row(1)
    assert part("matvec.selected").text() == "y[1] = 21"
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert part("matvec.selected").text() == "y[0] = 9"
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert part("matvec.added").value() == 2 and "makes the sum [0, 3], after 2 of 3" in part("matvec.column").text()
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert part("matvec.column").text() == "No column is added yet: the sum is zero."
    QTest.keyClick(canvas, Qt.Key.Key_End)
    assert part("matvec.added.count").text() == "3 of 3"


def test_columns_are_added_one_after_the_other(matvec, part, qtbot):
    part("matvec.play").click()
    assert part("matvec.added").value() == 0
    qtbot.waitUntil(lambda: part("matvec.added").value() == 3, timeout=20_000)
    qtbot.waitUntil(lambda: not part("matvec.play").isChecked(), timeout=5_000)


def test_the_same_numbers_open_as_an_expression(matvec, part, session, settled):
    part("matvec.expression").click()
    settled()
    assert session.workspace == "expression" and session.value("expression").program == "y = A @ x\ns = y.sum()"
    session.history.undo()
    settled()


def test_a_toeplitz_matrix_opens_as_the_convolution_that_it_is(matvec, part, session, settled):
    part("matvec.convolution").click()
    settled()
    assert session.workspace == "convolution" and session.value("convolution").layer == "Conv1d"
    session.history.undo()
    settled()


def test_the_picture_in_view_can_be_exported(matvec, window):
    title, picture = matvec.in_view()
    assert title == "Two readings" and picture is not None and picture.marks
    assert window.commands["export"].text() == "Export the two readings…"


def test_every_control_has_a_name_and_a_way_to_it_by_keyboard(matvec, part):
    for name in ("matvec.readings", "matvec.added", "matvec.play", "matvec.add_row", "matvec.matrix.0.0"):
        control = part(name)
        assert control.accessibleName() and control.focusPolicy() & Qt.FocusPolicy.TabFocus
