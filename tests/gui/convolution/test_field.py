"""The Receptive field tab in the window: the stack grows, is undone, and says what does not work."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from gui.convolution.stack_editor import numbers, written
from tracer.experiment import Stacked


@pytest.fixture
def canvas(front, part):
    front("Receptive field")
    return part("convolution.field.canvas")


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def table(part):
    return [row.size for row in part("convolution.field.table").rows_model.rows]


def test_the_stack_grows_by_keys_and_each_edit_is_undone(canvas, part, session, qtbot):
    qtbot.keyClick(part("convolution.field.add"), Qt.Key.Key_Space)
    assert session.value("convolution.stack") == (Stacked("Conv"),)
    assert table(part) == ["1 × 1", "3 × 5", "5 × 7"]
    entry = part("convolution.field.stack.0.kernel_size")
    entry.setFocus()
    entry.selectAll()
    qtbot.keyClicks(entry, "5, 3")
    assert session.value("convolution.stack")[0].kernel_size == (5, 3)
    assert table(part)[-1] == "7 × 7"
    session.history.undo()
    session.history.undo()
    assert session.value("convolution.stack") == ()
    assert table(part) == ["1 × 1", "3 × 5"]
    assert not [each for each in canvas.window().findChildren(type(entry)) if each.objectName() == entry.objectName()
                and each.isVisible()]  # fmt: skip


def test_a_stack_does_not_change_what_is_run(canvas, part, session, settled):
    before = part("convolution.gradients").rows_model.rows
    session.edit("convolution.stack", (Stacked("MaxPool", 2, 2),))
    settled()
    assert part("convolution.gradients").rows_model.rows == before
    assert part("convolution.preset").currentText() == "Lesson 2D"


def test_what_does_not_work_is_said_under_its_row_and_the_last_picture_stays(canvas, part, session, settled):
    session.edit("convolution.stack", (Stacked("Conv"), Stacked("MaxPool", 3, 2, 1)))
    title, rows = canvas.picture.title, table(part)
    session.edit("convolution.stack", (Stacked("Conv"), Stacked("MaxPool", 3, 2, 2)))
    problem = part("convolution.field.stack.1.problem")
    assert not problem.isHidden()
    assert problem.text().endswith("Use padding 1.")
    assert part("convolution.field.stack.1.padding").property("wrong")
    assert part("convolution.field.stack.0.problem").isHidden()
    assert (canvas.picture.title, table(part)) == (title, rows)
    session.edit("convolution.stack", (Stacked("Conv"), Stacked("MaxPool", 3, 2, "")))
    assert "There is no number yet" in problem.text()
    session.edit("convolution.stack", (Stacked("Conv"), Stacked("MaxPool", 3, 2, 1)))
    assert problem.isHidden()


def test_layers_are_moved_and_removed(canvas, part, session, qtbot):
    first, second = Stacked("Conv", 5), Stacked("MaxPool", 2, 2)
    session.edit("convolution.stack", (first, second))
    assert not part("convolution.field.stack.0.up").isEnabled()
    click(qtbot, part("convolution.field.stack.1.up"))
    assert session.value("convolution.stack") == (second, first)
    click(qtbot, part("convolution.field.stack.0.remove"))
    assert session.value("convolution.stack") == (first,)
    session.history.undo()
    assert session.value("convolution.stack") == (second, first)


@pytest.mark.parametrize(("ready", "field"), [("vgg", "14 × 14"), ("resnet", "11 × 11"), ("wavenet", "16")])
def test_well_known_stacks_are_one_step_of_undo(canvas, part, session, qtbot, ready, field):
    before = session.value("convolution")
    click(qtbot, part(f"convolution.field.ready.{ready}"))
    assert table(part)[-1] == field
    session.history.undo()
    assert session.value("convolution") == before


def test_arrows_and_pointer_move_the_output_and_all_tabs_follow(canvas, part, session, qtbot):
    canvas.setFocus()
    assert QApplication.focusWidget() is canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert "H 1–3" in canvas.picture.title
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    area = next(area for area in canvas.picture.areas if area.owner == "cell 1 40")
    canvas.hovered.emit(area.owner)
    assert "H 40–42" in canvas.picture.title
    click(qtbot, part("convolution.field.axis.1"))
    qtbot.keyClick(canvas, Qt.Key.Key_End)
    assert "W 123–127" in canvas.picture.title


def test_the_stack_follows_the_number_of_axes(canvas, part, session, settled):
    session.edit("convolution.stack", (Stacked("AvgPool", 2, 2),))
    part("convolution.layer").chosen.emit("ConvTranspose3d")
    settled()
    assert [row.layer for row in part("convolution.field.table").rows_model.rows][-1] == "2  AvgPool3d"
    assert part("convolution.field.axis.2").isVisible()
    assert part("convolution.field.stack.0.dilation").isHidden()


TEXTS = {"3": 3, "3, 5": (3, 5), "3×5": (3, 5), "": "", "3,": "3,", "two": "two", "same": "same", "−1": -1}


@pytest.mark.parametrize("text", TEXTS)
def test_numbers_are_read_one_or_one_an_axis(text):
    assert numbers(text) == TEXTS[text]
    assert numbers(written(TEXTS[text])) == TEXTS[text]


def test_a_stack_is_kept_in_the_session(session):
    stacked = msgspec.structs.replace(session.value("convolution"), stack=(Stacked("Conv", ""),))
    session.edit("convolution", stacked)
    assert session.keepable()[0].stack == (Stacked("Conv", ""),)
