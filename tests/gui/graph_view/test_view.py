import sys

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from gui.graph_view.painting import font
from gui.graph_view.view import GraphView
from tracer.drawing.display_list import Area, DisplayList
from tracer.drawing.font_widths import width
from tracer.drawing.palette import PALETTES


def place_of(view: GraphView, owner: str) -> QPoint:
    """The middle of a card, on the viewport."""
    assert view.selection.scene is not None
    area = view.selection.scene.areas[owner]
    middle = QPointF(area.x + area.width / 2, area.y + area.height / 2)
    return (view.camera.origin() + middle * view.camera.zoom).toPoint()


def colours(view: GraphView) -> set[str]:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    found = {image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(image.height())}
    return {QColor.fromRgb(pixel).name() for pixel in found}


def wheel(view: GraphView, place: QPointF, turn: int, held: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        place,
        view.viewport().mapToGlobal(place),
        QPoint(0, 0),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        held,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def test_the_first_picture_is_fitted(view: GraphView, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    seen = view.camera.seen()
    assert seen.left <= 0
    assert seen.top <= 0
    assert seen.right >= lesson.width
    assert seen.bottom >= lesson.height
    assert 0.5 < view.camera.zoom <= 1.2


def test_a_small_picture_is_enlarged_a_little(view: GraphView) -> None:
    view.set_picture(DisplayList(60, 40, (), (Area("node 0", 0, 0, 60, 40, "x"),)))
    assert view.camera.zoom == pytest.approx(1.2)


def test_a_view_that_grows_is_fitted_again_until_the_person_zooms(view: GraphView, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    before = view.camera.zoom
    view.resize(800, 1000)
    assert view.camera.zoom > before
    view.actual_size()
    view.resize(800, 400)
    assert view.camera.zoom == 1.0


def test_zoom_stays_for_a_picture_of_as_many_cards_and_is_fitted_for_another(
    view: GraphView, lesson: DisplayList
) -> None:
    view.set_picture(lesson)
    view.camera.zoom_to(2.0)
    view.set_picture(replace(lesson, title="another"))
    assert view.camera.zoom == 2.0
    view.set_picture(DisplayList(60, 40, (), (Area("node 0", 0, 0, 60, 40, "x"),)))
    assert view.camera.zoom == pytest.approx(1.2)


@pytest.mark.parametrize(("turn", "larger"), [(120, True), (-120, False), (15, True)])
def test_control_and_wheel_zoom_at_the_pointer(view: GraphView, lesson: DisplayList, turn: int, larger: bool) -> None:
    view.set_picture(lesson)
    view.camera.zoom_to(2.0)
    view.verticalScrollBar().setValue(300)
    place = QPointF(400, 200)
    before, zoom = view.camera.to_scene(place), view.camera.zoom
    wheel(view, place, turn, Qt.KeyboardModifier.ControlModifier)
    assert (view.camera.zoom > zoom) is larger
    assert view.camera.to_scene(place) == pytest.approx(before, abs=1.0)


def test_the_plain_wheel_scrolls(view: GraphView, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    view.camera.zoom_to(2.0)
    before = view.verticalScrollBar().value()
    wheel(view, QPointF(400, 200), -120, Qt.KeyboardModifier.NoModifier)
    assert view.camera.zoom == 2.0
    assert view.verticalScrollBar().value() > before


@pytest.mark.parametrize("by_space", [True, False])
def test_the_hand_pans(view: GraphView, lesson: DisplayList, by_space: bool) -> None:
    view.set_picture(lesson)
    view.camera.zoom_to(2.0)
    before = view.verticalScrollBar().value()
    button = Qt.MouseButton.LeftButton if by_space else Qt.MouseButton.MiddleButton
    if by_space:
        QTest.keyPress(view, Qt.Key.Key_Space)
    QTest.mousePress(view.viewport(), button, pos=QPoint(400, 300))
    QTest.mouseMove(view.viewport(), QPoint(400, 250))
    QTest.mouseRelease(view.viewport(), button, pos=QPoint(400, 250))
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert view.verticalScrollBar().value() == before + 50
    assert view.selection.owner == ""


def test_a_click_selects_and_says_so(view: GraphView, lesson: DisplayList, qtbot) -> None:
    view.set_picture(lesson)
    with qtbot.waitSignal(view.selected) as said:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, "node 2"))
    assert said.args == ["node 2"]
    with qtbot.waitSignal(view.selected) as said:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert said.args == [""]


def test_a_second_click_on_the_same_says_nothing_new(view: GraphView, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    told = list[str]()
    view.selected.connect(told.append)
    for _ in range(2):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, "node 2"))
    assert told == ["node 2"]


def test_a_double_click_and_enter_open(view: GraphView, lesson: DisplayList, qtbot) -> None:
    view.set_picture(lesson)
    with qtbot.waitSignal(view.activated) as said:
        QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, "node 1"))
    assert said.args == ["node 1"]
    view.select("node 3")
    with qtbot.waitSignal(view.activated) as said:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert said.args == ["node 3"]


def test_arrows_walk_along_the_edges(view: GraphView, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    told = list[str]()
    view.selected.connect(told.append)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Escape):
        QTest.keyClick(view, key)
    assert told == ["node 0", "node 1", "node 2", "node 1", "node 4", ""]


def test_keys_zoom(view: GraphView, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    fitted = view.camera.zoom
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.camera.zoom > fitted
    QTest.keyClick(view, Qt.Key.Key_Minus)
    assert view.camera.zoom == pytest.approx(fitted)
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.camera.zoom == 1.0
    QTest.keyClick(view, Qt.Key.Key_F)
    assert view.camera.zoom == pytest.approx(fitted)


def test_selecting_by_name_tells_no_one_and_brings_it_into_view(view: GraphView, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    view.camera.zoom_to(3.0)
    told = list[str]()
    view.selected.connect(told.append)
    view.select("node 4")
    area = lesson.areas[-1]
    assert area.owner == "node 4"
    assert view.camera.seen().holds((area.x + area.width / 2, area.y + area.height / 2))
    assert told == []
    view.select("node 99")
    assert view.selection.owner == ""


def test_what_is_gone_is_not_selected_any_more(view: GraphView, lesson: DisplayList, qtbot) -> None:
    view.set_picture(lesson)
    view.select("node 4")
    with qtbot.waitSignal(view.selected) as said:
        view.set_picture(None)
    assert said.args == [""]


def test_screen_readers_are_told(view: GraphView, lesson: DisplayList) -> None:
    assert view.accessibleName() == "Graph"
    assert view.accessibleDescription() == "No picture yet" or not view.accessibleDescription()
    view.set_picture(lesson)
    assert view.accessibleDescription() == "The autograd graph of a: 5 nodes"
    view.select("node 1")
    assert "Selected: SubBackward0, y = x − 2" in view.accessibleDescription()


def test_a_tooltip_is_plain_words(view: GraphView, lesson: DisplayList) -> None:
    bold = tuple(replace(a, label="<b>x</b> & y") if a.owner == "node 0" else a for a in lesson.areas)
    view.set_picture(replace(lesson, areas=bold))
    place = place_of(view, "node 0")
    QApplication.sendEvent(view.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, view.mapToGlobal(place)))
    assert QToolTip.text() == "<p>&lt;b&gt;x&lt;/b&gt; &amp; y</p>"
    QToolTip.hideText()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_painted_in_the_colours_of_the_theme(view: GraphView, lesson: DisplayList, theme) -> None:
    view.set_theme(theme)
    view.set_picture(lesson)
    view.actual_size()
    roles = ("card", "leaf", "forward", "badge", "value_fill", "backward_fill")
    assert {PALETTES[theme][role] for role in roles} <= colours(view)


def test_a_picture_that_is_not_the_newest_is_dimmed(view: GraphView, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    view.actual_size()
    view.set_dimmed(True)
    assert PALETTES["light"]["leaf"] not in colours(view)
    view.set_dimmed(False)
    assert PALETTES["light"]["leaf"] in colours(view)


def test_focus_is_seen(view: GraphView, qtbot) -> None:
    view.clearFocus()
    without = view.grab().toImage().pixelColor(1, 200).name()
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    assert view.grab().toImage().pixelColor(1, 200).name() != without


@pytest.mark.parametrize("name", ["sans", "semibold", "mono"])
def test_texts_are_as_wide_as_they_were_measured(view: GraphView, name) -> None:
    from PySide6.QtGui import QFontMetricsF

    for text in (
        "y = x − 2",
        "AVATAR To Wy.",
        "AccumulateGrad · leaf",
        "1 × 20 × 64 × 128",
        "‖g‖ 0.06034",
        "[[−1.5, 0], [1.5, 3]]",
    ):
        measured = QFontMetricsF(font(name, 14.0)).horizontalAdvance(text)
        assert measured == pytest.approx(width(text, 14.0, name), abs=0.6)


def test_painting_a_thousand_times_keeps_the_count_of_none(view: GraphView, lesson: DisplayList) -> None:
    view.resize(120, 90)
    view.set_picture(lesson)
    for _ in range(50):
        view.viewport().repaint()
    before = sys.getrefcount(None)
    for _ in range(1000):
        view.viewport().repaint()
    assert abs(sys.getrefcount(None) - before) < 100
