"""Finding nodes: what matches, how it is marked and counted, and how one goes from match to match."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.graph_view.find import matching, spoken
from gui.graph_view.view import GraphView
from tracer.drawing.display_list import Area, DisplayList, Rect


def more(owner: str) -> str:
    return "float32 [2, 2]" if owner == "node 1" else ""


WORDS = [
    ("", []),
    ("sub", ["node 1"]),
    ("MUL", ["node 2", "node 3"]),
    ("2x2", ["node 0", "node 1", "node 2", "node 3"]),
    ("2 × 2 mul", ["node 2", "node 3"]),
    ("line 2", ["node 2", "node 3"]),
    ("4.5", ["node 4"]),
    ("-1.5", ["node 0", "node 1"]),
    ("y = x - 2", ["node 1"]),
    ("float32", ["node 1"]),
    ("[2, 2]", ["node 1"]),
    ("accumulategrad", ["node 0"]),
    ("grad", ["node 0", "node 1", "node 2", "node 3", "node 4"]),  # AccumulateGrad, and "gradient" of the others
    ("line 2 mul", ["node 2", "node 3"]),
    ("line 22", []),
    ("relu", []),
]


@pytest.mark.parametrize(("words", "owners"), WORDS)
def test_what_matches(lesson: DisplayList, words: str, owners: list[str]) -> None:
    assert list(matching(words, spoken(lesson.areas, more))) == owners


@pytest.fixture
def finder(view: GraphView, lesson: DisplayList):
    view.setObjectName("test.graph")
    view.set_picture(lesson)
    view.finder.begin()
    return view.finder


def test_typing_marks_and_counts_and_goes_to_the_first(view: GraphView, finder) -> None:
    told = list[str]()
    view.selected.connect(told.append)
    QTest.keyClicks(finder.entry, "mul")
    assert view.marks.owners["found"] == {"node 2", "node 3"}
    assert (finder.count.text(), told[-1]) == ("1 of 2", "node 2")
    QTest.keyClick(finder.entry, Qt.Key.Key_Return)
    assert (finder.count.text(), told[-1]) == ("2 of 2", "node 3")
    QTest.keyClick(finder.entry, Qt.Key.Key_Return)
    assert (finder.count.text(), told[-1]) == ("1 of 2", "node 2")
    QTest.keyClick(finder.entry, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert (finder.count.text(), told[-1]) == ("2 of 2", "node 3")
    QTest.keyClicks(finder.entry, "x")
    assert (finder.count.text(), view.marks.owners["found"]) == ("none", frozenset())


@pytest.mark.parametrize("from_graph", [True, False])
def test_escape_takes_the_marks_away(view: GraphView, finder, from_graph: bool) -> None:
    QTest.keyClicks(finder.entry, "mul")
    QTest.keyClick(view if from_graph else finder.entry, Qt.Key.Key_Escape)
    assert finder.isHidden() and view.marks.owners["found"] == frozenset()
    assert view.selection.owner == "node 2"  # where one has come to stays selected


def test_going_on_without_words_begins(view: GraphView, finder) -> None:
    finder.end()
    finder.step(1)
    assert not finder.isHidden() and view.selection.owner == ""


def test_marks_are_seen_by_more_than_their_colour(view: GraphView, finder) -> None:
    from PySide6.QtWidgets import QWidget

    view.actual_size()
    QTest.keyClicks(finder.entry, "mean")
    finder.entry.clearFocus()

    def shot():
        return view.viewport().grab(view.viewport().rect()).toImage()

    with_marks = shot()
    view.marks.set("found", ())
    without = shot()
    changed = sum(
        with_marks.pixel(x, y) != without.pixel(x, y) for x in range(without.width()) for y in range(without.height())
    )
    assert changed > 300  # a dashed frame and a diamond, not a tint
    assert isinstance(finder, QWidget)


def test_another_picture_is_looked_through_again(view: GraphView, finder) -> None:
    QTest.keyClicks(finder.entry, "mul")
    areas = (Area("node 0", 0, 0, 60, 40, "MulBackward0, a"), Area("node 1", 0, 90, 60, 40, "AddBackward0, b"))
    view.set_picture(DisplayList(60, 130, (Rect(0, 0, 60, 40),), areas))
    assert finder.matches == ("node 0",) and finder.count.text() == "1"  # another node is selected


def test_a_match_far_away_is_brought_near(view: GraphView) -> None:
    areas = tuple(Area(f"node {at}", 0, at * 100, 60, 40, f"node number {at};", (at, at + 1)) for at in range(200))
    marks = tuple(Rect(0, at * 100, 60, 40) for at in range(200))
    view.set_picture(DisplayList(60, 20_000, marks, areas))
    assert view.camera.zoom < 0.1
    view.finder.begin()
    QTest.keyClicks(view.finder.entry, "number 150;")
    QTest.keyClick(view.finder.entry, Qt.Key.Key_Return)
    assert view.camera.zoom >= 0.55
    assert view.camera.seen().holds((30, 15_020))


def test_the_bar_stays_inside_of_a_narrow_view(view: GraphView, finder) -> None:
    view.resize(260, 300)
    assert view.viewport().geometry().contains(finder.geometry())
    assert finder.entry.objectName() == "test.graph.find.words" and finder.entry.accessibleName() == "Find a node"
