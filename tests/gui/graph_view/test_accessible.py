"""The graph as screen readers see it: a tree of cards with their sentences, which follows the selection."""

import gc

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from gui.graph_view import accessible
from gui.graph_view.view import GraphView
from tracer.drawing.display_list import Area, DisplayList, Rect

NESTED = DisplayList(
    400, 400, (Rect(0, 0, 1, 1),),
    (
        Area("frame outer", 0, 50, 300, 300, "outer, module"),
        Area("frame inner", 10, 100, 200, 200, "inner, module"),
        Area("edge 0", 50, 30, 4, 20, "x goes to Mul", joins=("node 0", "node 1")),
        Area("edge 1", 54, 30, 4, 20, "x goes to Mul", joins=("node 0", "node 1")),
        Area("node 0", 40, 0, 50, 30, "AccumulateGrad, x, input, shape 2, value [1, 2]"),
        Area("node 1", 40, 60, 50, 30, "MulBackward0, y = x*x, shape 2"),
        Area("node 2", 40, 110, 50, 30, "SumBackward0"),
    ),
)  # fmt: skip


@pytest.fixture
def tree(view: GraphView):
    found = QAccessible.queryAccessibleInterface(view)
    assert found is not None
    return found


def name(item) -> str:
    return item.text(QAccessible.Text.Name)


def children(item) -> list:
    return [item.child(at) for at in range(item.childCount())]


def test_the_graph_is_a_tree_of_sentences(view: GraphView, tree, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    assert tree.role() == QAccessible.Role.Tree
    assert tree.childCount() == 5
    labels = [area.label for area in lesson.areas if area.owner.startswith("node ")]
    assert [name(child) for child in children(tree)] == labels
    assert {child.role() for child in children(tree)} == {QAccessible.Role.TreeItem}
    assert [tree.indexOfChild(child) for child in children(tree)] == list(range(5))
    assert name(tree) == "Graph"


def test_what_a_card_is_joined_to_is_its_description(view: GraphView, tree, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    told = [child.text(QAccessible.Text.Description) for child in children(tree)]
    assert told[0] == "Goes to SubBackward0, y = x − 2"
    assert told[2].startswith("Made from SubBackward0, y = x − 2, twice. Goes to MulBackward0")


def test_modules_and_loops_are_items_with_their_cards_inside(view: GraphView, tree) -> None:
    view.set_picture(NESTED)
    assert [name(child) for child in children(tree)] == [
        "AccumulateGrad, x, input, shape 2, value [1, 2]",
        "outer, module",
    ]
    outer = tree.child(1)
    assert [name(child) for child in children(outer)] == ["MulBackward0, y = x*x, shape 2", "inner, module"]
    inner = outer.child(1)
    assert [name(child) for child in children(inner)] == ["SumBackward0"]
    assert name(inner.parent()) == "outer, module" and outer.indexOfChild(inner) == 1
    assert outer.child(9) is None and tree.child(-1) is None


def test_arrow_keys_move_the_selected_item(view: GraphView, tree, lesson: DisplayList, monkeypatch) -> None:
    view.set_picture(lesson)
    told = []
    monkeypatch.setattr(
        accessible.QAccessible, "updateAccessibility", lambda event: told.append((event.type(), event.child()))
    )
    for at in range(3):
        QTest.keyClick(view, Qt.Key.Key_Down)
        assert [child.state().selected for child in children(tree)] == [number == at for number in range(5)]
        assert (QAccessible.Event.Focus, at) in told
        assert name(tree.focusChild()) == view.selection.label(view.selection.owner)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert tree.focusChild() is None


def test_where_an_item_is_on_the_screen(view: GraphView, tree, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    card = tree.child(2)
    middle = card.rect().center()
    assert view.selection.at(view.viewport().mapFromGlobal(middle).toPointF()) == "node 2"
    assert name(tree.childAt(middle.x(), middle.y())) == name(card)


def test_another_picture_has_other_items(view: GraphView, tree, lesson: DisplayList) -> None:
    view.set_picture(lesson)
    old = tree.child(4)
    view.set_picture(NESTED)
    assert tree.childCount() == 2
    view.set_picture(None)
    assert tree.childCount() == 0 and not old.isValid() and name(old) == "" and old.rect().isEmpty()


def test_views_come_and_go(qtbot, lesson: DisplayList) -> None:
    for _ in range(20):
        made = GraphView()
        made.set_picture(lesson)
        found = QAccessible.queryAccessibleInterface(made)
        assert name(found.child(0)).startswith("AccumulateGrad")
        made.deleteLater()
        del made, found
    gc.collect()
    qtbot.wait(1)
