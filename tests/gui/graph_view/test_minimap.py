"""The minimap: hidden where all is seen, painted once, and a click goes there."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gui.graph_view import minimap
from gui.graph_view.view import GraphView
from tracer.drawing.display_list import Area, DisplayList, Rect


@pytest.fixture
def grid() -> DisplayList:
    places = [(x * 120, y * 90) for y in range(40) for x in range(60)]
    areas = tuple(Area(f"node {at}", x, y, 100, 60, f"node {at}", (at, at + 1)) for at, (x, y) in enumerate(places))
    return DisplayList(7180, 3570, tuple(Rect(x, y, 100, 60, stroke="border") for x, y in places), areas)


def test_it_is_hidden_while_all_is_seen(view: GraphView, grid: DisplayList) -> None:
    assert view.minimap.isHidden()
    view.set_picture(grid)
    assert view.minimap.isHidden()
    view.actual_size()
    assert view.minimap.isVisible()
    assert view.viewport().geometry().contains(view.minimap.geometry())
    view.setObjectName("some.graph")
    assert view.minimap.objectName() == "some.graph.minimap"
    view.fit()
    assert view.minimap.isHidden()


def test_a_click_and_a_drag_go_there(view: GraphView, grid: DisplayList) -> None:
    view.set_picture(grid)
    view.actual_size()
    told = list[str]()
    view.selected.connect(told.append)
    for place in (QPoint(75, 48), QPoint(40, 40)):
        QTest.mouseClick(view.minimap, Qt.MouseButton.LeftButton, pos=place)
        seen = view.camera.seen()
        middle = (seen.left + seen.right) / 2, (seen.top + seen.bottom) / 2
        scale = 136 / 7180
        expected = (place.x() - 7) / scale, (place.y() - (96 - 3570 * scale) / 2) / scale
        assert middle == pytest.approx(expected, abs=5)
    QTest.mousePress(view.minimap, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    QTest.mouseMove(view.minimap, QPoint(100, 40))
    assert view.camera.seen().left > seen.left + 1000
    assert told == []


def test_the_picture_is_painted_once(view: GraphView, grid: DisplayList, monkeypatch) -> None:
    painted = []
    paint = minimap.Minimap._paint_boxes
    monkeypatch.setattr(
        minimap.Minimap, "_paint_boxes", lambda self, painter: (painted.append(1), paint(self, painter))
    )
    view.set_picture(grid)
    view.actual_size()
    for step in range(5):
        view.horizontalScrollBar().setValue(100 * step)
        view.minimap.grab()
    assert len(painted) == 1
    view.set_theme("dark")
    view.minimap.grab()
    assert len(painted) == 2


def test_it_shows_the_frame_of_what_is_seen(view: GraphView, grid: DisplayList) -> None:
    view.set_picture(grid)
    view.actual_size()
    before = view.minimap.grab().toImage()
    view.horizontalScrollBar().setValue(3000)
    assert view.minimap.grab().toImage() != before


def test_a_view_that_is_too_small_has_none(view: GraphView, grid: DisplayList) -> None:
    view.set_picture(grid)
    view.actual_size()
    view.resize(200, 150)
    assert view.minimap.isHidden()
