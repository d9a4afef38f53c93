"""What backward starts from, as it is typed into the form."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from gui.expression.presets import PRESETS
from gui.expression.start import filled, starts_itself
from tracer.experiment import Expression, Input


@pytest.fixture
def shown(session, settled):
    def show(experiment):
        session.show("expression")
        session.edit("expression", experiment)
        settled()

    return show


def autograd(part):
    table = part("expression.gradients")
    at = [each.title for each in table.rows_model.columns].index("autograd")
    return {row.tensor.name: table.rows_model.columns[at].text(row) for row in table.rows_model.rows}


def cells(part, count):
    return [part(f"expression.gradient.values.0.{at}").text() for at in range(count)]


def test_a_start_vector_is_typed_and_put_back_to_ones(shown, session, settled, part, qtbot):
    shown(PRESETS["Vector output"])
    assert cells(part, 3) == ["1", "1", "1"]
    assert part("expression.gradient.words").text() == "ones, 3" and part("expression.gradient.ones").isHidden()
    cell = part("expression.gradient.values.0.1")
    cell.setFocus()
    cell.selectAll()
    qtbot.keyClicks(cell, "1/2")
    settled()
    assert session.value("expression.gradient") == [1, "1/2", 1]
    assert autograd(part)["x"] == "[2, 2, 6]"
    qtbot.mouseClick(part("expression.gradient.ones"), Qt.MouseButton.LeftButton)
    settled()
    assert session.value("expression.gradient") is None and autograd(part)["x"] == "[2, 4, 6]"
    session.history.undo()
    settled()
    assert cells(part, 3) == ["1", "1/2", "1"]


def test_a_wrong_shape_is_said_at_the_field(shown, session, settled, part):
    shown(PRESETS["Vector backward"])
    session.edit("expression.gradient", [1, 10])
    settled()
    problem = part("expression.gradient.problem")
    assert problem.text().startswith("The gradient has the shape 2, and the output 3") and problem.isVisible()
    assert part("expression.gradient.values.0.0").property("wrong") is True
    assert part("expression.output").property("wrong") is not True
    session.edit("expression.gradient", None)
    settled()
    assert problem.isHidden() and cells(part, 3) == ["1", "1", "1"]


def test_the_shape_is_that_of_the_output(shown, part):
    shown(Expression("y = x * 2", {"x": Input([[1, 2], [3, 4]])}))
    assert part("expression.gradient.values.1.1").text() == "1"
    assert part("expression.gradient.words").text() == "ones, 2 × 2"
    shown(Expression("a = x.sum()", {"x": Input([1, 2])}))
    assert part("expression.gradient.values.0.0").text() == "1" and part("expression.gradient.words").text() == ""
    shown(Expression("y = torch.ones(20, 30) * x.sum()", {"x": Input([1, 2])}))
    assert part("expression.gradient.values").text().startswith("[[1, 1, ")
    assert part("expression.gradient.words").text() == "ones, 20 × 30"


def test_a_program_that_starts_itself_has_no_field(shown, part):
    shown(PRESETS["Two backwards"])
    assert part("expression.gradient.words").text() == "set by .backward()"
    assert not any(cell.isVisible() for cell in part("expression.gradient").findChildren(QLineEdit))


def test_ones_and_own_backwards_are_told_from_the_text():
    assert filled((2, 1)) == [[1], [1]] and filled(()) == 1 and filled((0,)) == []
    assert starts_itself(PRESETS["Two backwards"]) and not starts_itself(PRESETS["Vector backward"])
    assert not starts_itself(Expression("y = (", {"x": 1}))
