"""The sheets over the form: numbers, a wanted shape, a pasted layer; all by keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

import tracer
from gui.convolution.presets import PRESETS
from tracer.convolution.pasted import paste


def type_into(qtbot, widget, text):
    widget.setFocus()
    widget.selectAll()
    qtbot.keyClicks(widget, text) if text else qtbot.keyClick(widget, Qt.Key.Key_Delete)


@pytest.fixture
def values(window, part, session, settled):
    """The sheet of numbers, with the lesson's small example."""
    session.edit("convolution", PRESETS["Toeplitz 7, 3"])
    session.history.clear()
    settled()
    window.commands["values"].trigger()
    part("convolution.values.x").click()
    yield part("convolution.values.cells")
    part("convolution.values.close").click()


def type_cell(qtbot, cells, row, column, text):
    cells.setFocus()
    cells.setCurrentIndex(cells.model().index(row, column))
    qtbot.keyClicks(cells, text[0])
    qtbot.keyClicks(QApplication.focusWidget(), text[1:])
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)


def shown(cells):
    model = cells.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def test_typing_in_a_cell_is_one_step_and_shows_in_the_result(values, part, session, settled, qtbot):
    assert shown(values) == [["1", "3", "2", "0", "−1", "4", "5"]]
    type_cell(qtbot, values, 0, 2, "1/4")
    type_cell(qtbot, values, 0, 3, "-10")
    settled()
    assert session.value("convolution.input") == [[[1, 3, "1/4", -10, -1, 4, 5]]]
    assert session.history.count() == 2
    ran = tracer.run(session.value("convolution"))
    assert {row.name: row.norm for row in part("convolution.gradients").rows_model.rows} == {
        row.name: row.norm for row in ran.gradients()
    }
    session.history.undo()
    assert shown(values)[0][2:4] == ["1/4", "0"]


def test_a_wrong_cell_is_marked_says_why_and_keeps_the_last_result(values, part, session, settled, qtbot):
    settled()
    before = part("convolution.gradients").rows_model.rows
    type_cell(qtbot, values, 0, 1, "two")
    settled()
    said = "x: “two” is no number. Use numbers such as 2, 0.5, 1e-3 or 1/3."
    assert part("convolution.values.problem").text() == said
    at = values.model().index(0, 1)
    assert "no number" in at.data(Qt.ItemDataRole.AccessibleTextRole)
    assert at.data(Qt.ItemDataRole.BackgroundRole) is not None
    assert values.model().index(0, 0).data(Qt.ItemDataRole.BackgroundRole) is None
    assert part("convolution.gradients").rows_model.rows == before
    session.history.undo()
    settled()
    assert part("convolution.values.problem").isHidden()


def test_a_drawn_weight_becomes_typed_with_all_its_other_numbers(values, part, session, settled, qtbot):
    session.edit("convolution", PRESETS["Lesson 2D"])
    session.history.clear()
    settled()
    drawn = {row.name: row for row in tracer.run(session.value("convolution")).gradients()}
    part("convolution.values.weight").click()
    part("convolution.values.place.0").edited.emit("15")
    value = values.model().index(2, 4).data(Qt.ItemDataRole.EditRole)
    type_cell(qtbot, values, 2, 4, value.replace("−", "-") + "0")  # the same number, typed another way
    settled()
    assert session.value("convolution.weight")[15][0][2][4] == value.replace("−", "-") + "0"
    assert session.history.count() == 1
    assert {row.name: row for row in part("convolution.gradients").rows_model.rows} == drawn
    part("convolution.values.drawn").click()
    assert session.value("convolution.weight") is None


def test_a_tensor_too_large_for_cells_says_so_and_can_be_filled(values, part, session, settled):
    session.edit("convolution", PRESETS["Lesson 2D"])
    settled()
    assert values.isHidden()
    assert part("convolution.values.instead").text().startswith("Up to 20\u202f000 numbers are shown in cells")
    part("convolution.values.fill").chosen.emit("ramp")
    assert session.value("convolution.fill") == "ramp"
    part("convolution.values.constant").edited.emit("1/2")
    assert session.value("convolution.input")[0][19][63][127] == 0.5
    part("convolution.values.fill").chosen.emit("noise")
    assert (session.value("convolution.fill"), session.value("convolution.input")) == ("noise", None)


def test_cells_and_lists_are_pasted_in_one_step(values, part, session, settled, qtbot):
    QApplication.clipboard().setText("7\t1/3\n")
    values.setFocus()
    values.setCurrentIndex(values.model().index(0, 5))
    qtbot.keyClick(values, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert session.value("convolution.input") == [[[1, 3, 2, 0, -1, 7, "1/3"]]]
    QApplication.clipboard().setText("tensor([[[2., 0., 0., 0., 0., 0., 1.]]])")
    part("convolution.values.paste").click()
    assert session.value("convolution.input") == [[[2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]]
    assert session.history.count() == 2
    QApplication.clipboard().setText("[1, 2]")
    values.setCurrentIndex(values.model().index(0, 6))
    part("convolution.values.paste").click()
    assert "over the edge" in part("convolution.values.problem").text()
    assert session.history.count() == 2
    values.clearSelection()
    values.setFocus()
    qtbot.keyClick(values, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "2\t0\t0\t0\t0\t0\t1\n"


def test_typed_numbers_of_another_shape_can_be_fitted(values, part, session, settled):
    session.edit("convolution.kernel_size", (4,))
    settled()
    part("convolution.values.weight").click()
    assert "2 × 1 × 3" in part("convolution.values.problem").text()
    assert part("convolution.shapes").rows_model.rows[-1].shape == (1, 2, 5)
    part("convolution.values.fit").click()
    assert session.value("convolution.weight") == [[[1, 0, -1, 0]], [[1, 2, 1, 0]]]
    settled()
    assert part("convolution.shapes").rows_model.rows[-1].shape == (1, 2, 4)
    assert part("convolution.values.problem").isHidden()


def test_the_sheet_closes_with_escape_and_gives_the_focus_back(window, part, qtbot):
    part("convolution.groups").setFocus()
    window.commands["solve"].trigger()
    assert QApplication.focusWidget() is part("convolution.solve.size.0")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is part("convolution.groups")


def solve(window, part, qtbot, *sizes):
    window.commands["solve"].trigger()
    for at, size in enumerate(sizes):
        type_into(qtbot, part(f"convolution.solve.size.{at}"), size)
    return [row.words for row in part("convolution.solve.table").rows_model.rows]


def test_the_settings_for_a_shape_are_listed_previewed_and_applied(window, part, session, qtbot):
    listed = solve(window, part, qtbot, "64", "128")
    assert listed[:2] == ["padding (1, 2)", "kernel 1"]
    assert part("convolution.shapes").rows_model.rows[-1].shape == (1, 16, 64, 128)
    assert part("convolution.sizes").tabText(0) == "Shapes · preview"
    assert session.history.count() == 0
    table = part("convolution.solve.table")
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert part("convolution.shapes").rows_model.rows[1].shape == (16, 20, 1, 1)
    qtbot.keyClick(table, Qt.Key.Key_Up)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert session.value("convolution.padding") == (1, 2)
    assert session.history.count() == 1
    assert part("convolution.sizes").tabText(0) == "Shapes"
    assert part("convolution.side").currentWidget() is part("convolution.form")


def test_only_what_may_change_does_and_a_preview_leaves_no_trace(window, part, session, qtbot):
    solve(window, part, qtbot, "31", "")
    qtbot.mouseClick(part("convolution.solve.padding"), Qt.MouseButton.LeftButton)
    rows = part("convolution.solve.table").rows_model.rows
    assert rows and not any("padding" in row.solution.changed for row in rows)
    assert rows[0].words.startswith("31 × ")  # the open axis says what it becomes
    assert all(row.solution.output_size[0] == 31 for row in rows)
    type_into(qtbot, part("convolution.solve.size.0"), "0")
    assert part("convolution.solve.table").rows_model.rows == ()
    qtbot.mouseClick(part("convolution.solve.padding"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(part("convolution.solve.close"), Qt.MouseButton.LeftButton)
    assert part("convolution.shapes").rows_model.rows[-1].shape == (1, 16, 62, 124)
    assert session.history.count() == 0


def test_a_layer_on_the_clipboard_is_taken_at_once(window, part, session, settled):
    QApplication.clipboard().setText("nn.Conv2d(3, 64, 7, stride=2, padding=3)")
    before = session.value("convolution")
    window.commands["paste_layer"].trigger()
    assert session.value("convolution") == paste("nn.Conv2d(3, 64, 7, stride=2, padding=3)", before)
    assert part("convolution.shapes").rows_model.rows[-1].shape == (1, 64, 32, 64)
    assert session.history.count() == 1
    settled()
    session.history.undo()
    assert session.value("convolution") == before


def test_a_layer_that_can_not_be_read_is_refused_with_a_cure(window, part, session, qtbot):
    QApplication.clipboard().setText("nn.Conv2d(3, 64, 7, strid=2)")
    window.commands["paste_layer"].trigger()
    assert session.history.count() == 0
    assert part("convolution.paste.problem").text() == "Conv2d has no argument “strid”. Did you mean stride?"
    text = part("convolution.paste.text")
    text.selectAll()
    qtbot.keyClicks(text, "nn.Conv1d(in_channels=2, out_channels=4, kernel_size=3)")
    assert part("convolution.paste.told").text() == "y is 1 × 4 × 126."
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert session.value("convolution.layer") == "Conv1d"
    assert session.history.count() == 1
