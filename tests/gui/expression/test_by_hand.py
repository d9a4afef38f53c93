"""The derivation by hand in the window: its lines, its choice of input, and what it says where it is not complete."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tracer.experiment import Expression, Input


@pytest.fixture
def shown(session, settled, part):
    """A function that shows a program and gives the text of the derivation."""

    def show(program, **inputs):
        session.show("expression")
        session.edit("expression", Expression(program, {name: Input(values) for name, values in inputs.items()}))
        settled()
        return part("expression.by_hand.text").toPlainText().splitlines()

    return show


def test_the_lesson_reads_as_on_the_blackboard(shown, part):
    assert shown("y = x - 2\nz = y*y*3\na = z.mean()", x=[[1, 2], [3, 4]])[3:] == [
        "a = ¼ Σᵢ zᵢ = ¼ Σᵢ 3(xᵢ − 2)²",
        "∂a/∂xᵢ = ∂a/∂zᵢ·∂zᵢ/∂yᵢ·∂yᵢ/∂xᵢ = ¼·3·2yᵢ",
        "∂a/∂xᵢ = ¼·3·2(xᵢ − 2) = 3⁄2·(xᵢ − 2) = 1.5xᵢ − 3",
        "∂a/∂x = [[−1.5, 0], [1.5, 3]]",
        "equals x.grad on all 4 elements",
    ]
    rows = part("expression.gradients").rows_model
    by_hand = [column.title for column in rows.columns].index("by hand")
    x = next(row for row in rows.rows if row.tensor.name == "x")
    assert rows.columns[by_hand].text(x) == "[[−3/2, 0], [3/2, 3]]" and rows.columns[by_hand].colour(x) == "text"


def test_each_input_has_its_own_and_is_copied_as_latex(shown, part):
    shown("z = w @ x", w=[1, 1, 1], x=[1, 2, 3])
    choice = part("expression.by_hand.input")
    choice.chosen.emit("w")
    assert "∂z/∂w = x" in part("expression.by_hand.text").toPlainText().splitlines()
    assert [choice.itemText(at) for at in range(choice.count())] == ["∂z/∂w", "∂z/∂x"]
    choice.chosen.emit("x")
    assert "∂z/∂x = w" in part("expression.by_hand.text").toPlainText()
    part("expression.by_hand.latex").click()
    assert QGuiApplication.clipboard().text().startswith(r"\begin{aligned}")


def test_what_has_no_rule_is_said(shown, part):
    lines = shown("y = torch.linalg.cholesky(x).sum()", x=[[2, 0], [0, 2]])
    assert "no derivation rule for cholesky" in lines[-1] and lines[-1].startswith("Not complete: ")
    assert shown("y = x.detach() * 2", x=[1.0]) == ["Nothing is derived: the output has no gradient."]
    assert not part("expression.by_hand.latex").isEnabled()


def test_it_is_typeset_once_its_tab_is_in_front(shown, part, front, qtbot):
    sheet = part("expression.by_hand.text")
    shown("y = x - 2\nz = y*y*3\na = z.mean()", x=[[1, 2], [3, 5]])
    assert not sheet.is_typeset()
    front("By hand", "expression.pictures")
    qtbot.waitUntil(sheet.is_typeset, timeout=20_000)
    roles = [placed.piece.role for placed in sheet.page().pieces]
    assert roles[0] == "words" and roles[-1] == "agrees"
    assert sheet.page().pieces[-1].piece.text == "✓ equals x.grad on all 4 elements"
    assert sheet.accessibleDescription().endswith("equals x.grad on all 4 elements")
    assert sheet.page().width <= sheet.viewport().width()


def test_the_layout_of_the_numbers_is_chosen(shown, part):
    shown("y = x - 2\nz = y*y*3\na = z.mean()", x=[[1, 2], [3, 4]])
    part("expression.by_hand.layout").chosen.emit("numerator")
    assert "∂a/∂x = [[−1.5, 1.5], [0, 3]]" in part("expression.by_hand.text").toPlainText()
    part("expression.by_hand.copy").click()
    assert "[[−1.5, 1.5], [0, 3]]" in QGuiApplication.clipboard().text()
    part("expression.by_hand.layout").chosen.emit("shape")
    assert "∂a/∂x = [[−1.5, 0], [1.5, 3]]" in part("expression.by_hand.text").toPlainText()


def test_a_line_and_the_node_that_it_is_about_are_chosen_together(shown, part, front):
    shown("y = x - 2\nz = y*y*3\na = z.mean()", x=[[1, 2], [3, 4]])
    front("By hand", "expression.pictures")
    sheet = part("expression.by_hand.text")
    lines, table = sheet.toPlainText().splitlines(), part("expression.gradients")

    def pick(tensor):
        table.picked.emit(next(row for row in table.rows_model.rows if row.tensor.name == tensor))

    pick("a")
    assert lines[sheet.current].startswith("a = ")
    for _ in range(2):
        QTest.keyClick(sheet, Qt.Key.Key_Up)
    assert lines[sheet.current].startswith("yᵢ = ")
    assert part("expression.node.title").text() == "SubBackward0"
    pick("x")
    assert lines[sheet.current] == "equals x.grad on all 4 elements"
    shown("y = x - 3\nz = y*y*3\na = z.mean()", x=[[1, 2], [3, 4]])
    assert lines[sheet.current] == "equals x.grad on all 4 elements"


def test_the_window_can_be_as_narrow_as_without_it(part, window):
    assert window.minimumSizeHint().width() <= 900
