"""The Slide in the window: the cursor moves by pointer, keys and sliders, and no move is an edit."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QSlider, QTabWidget

import tracer
from gui.convolution.presets import LESSON, PRESETS
from tracer.convolution.reads import feeds
from tracer.convolution.settings import resolve
from tracer.drawing.display_list import Shades, Text
from tracer.experiment import Convolution


@pytest.fixture
def slide(workspace, front, settled):
    """The view, in front, with the lesson's numbers."""
    settled()
    front("Slide")
    view = workspace.pictures.views["Slide"]
    view._cursor.pin(False)
    view._cursor.choose("output", (0, 7, 3, 5))
    yield view
    view._cursor.pin(False)
    view.controls.stop()


def words(view):
    return [mark.text for mark in view.canvas.picture.marks if isinstance(mark, Text)]


def point(view, owner):
    """Where the cell of an owner is on the canvas."""
    name, row, column = owner.split()
    area = next(area for area in view.canvas.picture.areas if area.owner == name)
    first_row, first_column, rows, columns = area.cells
    x = area.x + (int(column) - first_column + 0.5) * area.width / columns
    y = area.y + (int(row) - first_row + 0.5) * area.height / rows
    found = QPoint(round(x), round(y))
    assert view.canvas.owner(found.toPointF()) == owner
    return found


def test_it_is_the_first_tab_and_tells_the_lessons_output(slide, part):
    assert part("convolution.pictures").tabText(0) == "Slide"
    assert isinstance(part("convolution.pictures"), QTabWidget)
    assert part("convolution.slide.selected").text() == "y[0, 7, 3, 5]"
    assert "15 positions × 16 kernels = 240 outputs" in part("convolution.slide.sentence").text()
    value = np.array(slide._shown.numbers.arrays["y"])[0, 7, 3, 5]
    shown = next(text for text in words(slide) if text.startswith("torch: y[0, 7, 3, 5] = "))
    assert float(shown.partition(" = ")[2].split()[0].replace("−", "-")) == pytest.approx(float(value))
    assert "✓" in shown


def test_hovering_moves_and_a_click_pins(slide, qtbot):
    canvas, cursor = slide.canvas, slide._cursor
    qtbot.mouseMove(canvas, point(slide, "y 4 6"))
    assert cursor.chosen.output == (0, 7, 4, 6)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=point(slide, "y 4 6"))
    assert cursor.chosen.pinned
    qtbot.mouseMove(canvas, point(slide, "y 5 7"))
    assert cursor.chosen.output == (0, 7, 4, 6)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not cursor.chosen.pinned
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=point(slide, "x 4 6"))
    assert (cursor.chosen.leads, cursor.chosen.input, cursor.chosen.pinned) == ("input", (0, 0, 4, 6), True)


def test_keys_move_what_leads(slide, qtbot, session):
    canvas, cursor, edits = slide.canvas, slide._cursor, session.history.count()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_PageDown):
        qtbot.keyClick(canvas, key)
    assert cursor.chosen.output == (0, 8, 4, 6)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert cursor.chosen.pinned
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert cursor.chosen.output == (0, 8, 4, 5)
    qtbot.keyClick(slide.controls.backward, Qt.Key.Key_Space)
    assert cursor.chosen.leads == "input"
    index = cursor.chosen.input
    read = feeds(slide._shown.settings, index).outputs
    assert np.ravel_multi_index(cursor.chosen.output, (1, 16, 62, 124)) in read  # the other way, of what was looked at
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert cursor.chosen.input == (*index[:3], index[3] + 1)
    assert session.history.count() == edits


def test_sliders_choose_channel_and_kernel_and_the_way_stays(slide, part, qtbot):
    channel = part("convolution.slide.channel")
    channel.setFocus()
    channel.selectAll()
    qtbot.keyClicks(channel, "3")
    assert (slide._cursor.chosen.input[1], slide._cursor.chosen.leads) == (3, "output")
    assert "channel 3 of 0–19" in words(slide)
    part("convolution.slide.kernel.slider").setValue(9)
    assert slide._cursor.chosen.output == (0, 9, 3, 5)


def test_playing_and_scrubbing_run_over_the_outputs_and_are_no_edit(slide, part, qtbot, session):
    edits = session.history.count()
    part("convolution.slide.speed").chosen.emit(30)
    part("convolution.slide.play").click()
    qtbot.waitUntil(lambda: slide._cursor.chosen.output >= (0, 7, 3, 7), timeout=20_000)
    part("convolution.slide.play").click()
    stopped = slide._cursor.chosen.output
    assert not slide.controls.playing
    part("convolution.slide.back").click()
    assert slide._cursor.chosen.output == (*stopped[:3], stopped[3] - 1)
    part("convolution.slide.scrub").setValue(124 * 62 - 1)
    assert slide._cursor.chosen.output == (0, 7, 61, 123)
    part("convolution.slide.next").click()
    assert slide._cursor.chosen.output == (0, 7, 0, 0)
    assert session.history.count() == edits


def test_the_window_stays_in_view_and_x_can_be_panned(slide, qtbot):
    slide._cursor.choose("output", (0, 7, 61, 123))
    area = next(area for area in slide.canvas.picture.areas if area.owner == "x")
    first_row, first_column, rows, columns = area.cells
    assert (first_row + rows, first_column + columns) == (64, 128)
    slide.canvas.turned.emit("x 60 120", 1.0, False)
    area = next(area for area in slide.canvas.picture.areas if area.owner == "x")
    assert area.cells[0] == first_row - 3
    slide.canvas.turned.emit("x 60 120", 2.0, True)
    area = next(area for area in slide.canvas.picture.areas if area.owner == "x")
    assert area.cells[3] < columns


def test_a_drag_pans_and_pins_nothing(slide, qtbot):
    start = point(slide, "x 4 6")
    before = next(area for area in slide.canvas.picture.areas if area.owner == "x")
    first, cell = before.cells, before.width / before.cells[3]
    qtbot.mousePress(slide.canvas, Qt.MouseButton.LeftButton, pos=start)
    slide.canvas.dragged.emit("x 4 6", QPointF(-2.2 * cell, -2.2 * cell))
    qtbot.mouseRelease(slide.canvas, Qt.MouseButton.LeftButton, pos=start)
    area = next(area for area in slide.canvas.picture.areas if area.owner == "x")
    assert area.cells[:2] == (first[0] + 2, first[1] + 2)
    assert (slide._cursor.chosen.output, slide._cursor.chosen.leads) == ((0, 7, 3, 5), "output")
    assert not slide._cursor.chosen.pinned


SHOWN = {
    "Conv3d": Convolution("Conv3d", 2, 3, 3, (4, 5, 6), padding=1, batch=2),
    "ConvTranspose2d": Convolution("ConvTranspose2d", 4, 3, 4, (5, 5), stride=2, padding=1),
    "Conv1d": PRESETS["Lesson 1D"],
    "Depthwise": PRESETS["Depthwise"],
    "unbatched": Convolution("Conv2d", 1, 1, 3, (4, 4), batch=None, padding=2, padding_mode="reflect"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_every_layer_is_shown_both_ways_and_agrees_with_torch(slide, session, settled, part, name):
    session.edit("convolution", SHOWN[name])
    settled()
    recording = tracer.run(SHOWN[name])
    for way, side in (("backward", "input"), ("forward", "output")):
        part(f"convolution.slide.{way}").click()
        assert slide._cursor.chosen.leads == side
        assert sum("✓" in text for text in words(slide)) == 1
    value = recording.value("y")
    for at in slide._cursor.chosen.output:
        value = value[at]
    said = next(text for text in words(slide) if text.startswith("torch: y["))
    assert float(said.partition(" = ")[2].split()[0].replace("−", "-")) == pytest.approx(value)
    assert part("convolution.slide.tap").isVisible() == (name == "Conv3d")
    assert resolve(SHOWN[name]) == slide._shown.settings


def test_until_numbers_come_no_sum_is_shown(slide, session, settled):
    session.edit("convolution", msgspec.structs.replace(LESSON, seed=5))
    assert "running…" in words(slide)
    assert not any("torch:" in text for text in words(slide))
    assert any(len(set(mark.steps)) > 3 for mark in slide.canvas.picture.marks if isinstance(mark, Shades))
    session.edit("convolution.kernel_size", (4, 4))
    assert not any(len(set(mark.steps)) > 3 for mark in slide.canvas.picture.marks if isinstance(mark, Shades))
    settled()
    assert sum("✓" in text for text in words(slide)) == 1


def test_every_control_has_its_names_and_a_tooltip(slide):
    for kind in (QAbstractButton, QComboBox, QLineEdit, QSlider):
        for control in slide.controls.findChildren(kind):
            assert control.objectName().startswith("convolution.slide."), control
            assert control.accessibleName(), control.objectName()
            assert control.toolTip(), control.objectName()
