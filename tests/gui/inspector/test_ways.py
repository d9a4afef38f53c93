"""The Python that leads to a node: spelled, run on a live graph, and copied from the inspector."""

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

import tracer
from gui.inspector.ways import ways
from tracer.expression.presets import PRESETS
from tracer.graph import Graph


def lesson():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x - 2
    a = (y * y * 3).mean()
    return x, a, tracer.trace({"a": a}, names={"x": x, "y": y}).graph


def test_each_way_leads_there():
    x, a, graph = lesson()
    for node in graph.nodes:
        for way in ways(graph, f"node {node.index}"):
            found = eval(way.path, {"a": a})  # the text is ours
            if ".variable is x" in way.words:
                assert found is x
            else:
                assert type(found).__name__ in way.words


def test_both_uses_of_a_value_have_a_way_each():
    _, _, graph = lesson()
    own = "a.grad_fn.next_functions[0][0].next_functions[0][0]"
    assert [way.path for way in ways(graph, "node 2")] == [
        own, f"{own}.next_functions[0][0]", f"{own}.next_functions[1][0]"
    ]  # fmt: skip


@pytest.mark.parametrize("owner", ["", "edge 1", "node 9", "tensor 1", "frame x"])
def test_to_what_is_no_node_there_is_none(owner):
    assert ways(lesson()[2], owner) == ()
    assert ways(Graph(), "node 0") == ()


@pytest.fixture
def selected(session, settled, window):
    from gui.join import Join

    session.show("expression")
    session.edit("expression", PRESETS["w·x"])
    settled()
    result = next(child for child in window.children() if isinstance(child, Join)).workspaces["expression"].result
    result.pick("node 1")
    return result


def test_the_inspector_copies_it(selected, part, qtbot):
    qtbot.wait(1)  # what was there before goes when events are handled
    path = "z.grad_fn.next_functions[1][0].variable"
    part("expression.node.ways.1.copy").click()
    assert QGuiApplication.clipboard().text() == path
    QGuiApplication.clipboard().setText("")
    qtbot.keyClick(part("expression.node.ways.1"), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == path
    selected.pick("edge 0")
    assert not part("expression.node.ways").isVisibleTo(part("expression.node").window())
    assert isinstance(part("expression.node.ways"), QWidget)
