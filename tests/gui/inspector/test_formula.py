"""The inspector's formula and the numbers in it: what is alike once, what differs in red, and all of it as text."""

import pytest
from PySide6.QtWidgets import QWidget

from gui.inspector.formula import RuleSection, calculations, spoken, verdict, ways
from gui.theme.theme import Theme
from gui.typeset.typesetter import Typesetter
from tracer.derived import Line, Part, Path, Rule, Term
from tracer.experiment import Expression, Input


def path(agreed=4, edge=0, elements=4, rows=2):
    line = Line("gradient", (Part("∂a/∂yᵢ", "l"), Part("∂a/∂sᵢ·2yᵢ", "r")), "y")
    row = (Term("0.75", "gradient"), Term(" · 2 · ", "sign"), Term("3", "value"), Term(" = 4.5", "sign"))
    return Path(edge, line, (row,) * rows, elements, agreed)


def rule(*paths, why=None):
    return Rule(2, "xʸ", "", (Line("definition", (Part("s", "s"), Part("y²", "y^2"))),), paths, why)


def made(qtbot, theme):
    """Make a section inside of another widget, as it stands; by itself it would be a window and take the focus."""
    around = QWidget()
    qtbot.addWidget(around)
    section = RuleSection("test.rule", Typesetter(), theme)
    section.setParent(around)
    section.around = around  # which would go with its last name
    return section


def test_alike_ways_are_shown_once():
    (one,) = ways(rule(path(edge=1), path(edge=2)))
    assert one.times == 2
    assert verdict(one) == ("✓ equals what autograd sends to y through each of both inputs, on all 4 elements", True)
    assert len(ways(rule(path(), path(agreed=3)))) == 2


@pytest.mark.parametrize(
    ("agreed", "words", "good"),
    [
        (4, "✓ equals what autograd sends to y, on all 4 elements", True),
        (3, "✗ differs from what autograd sends to y on 1 of 4", False),
        (None, "What autograd sent there is not held, so it is not compared", True),
    ],
)
def test_the_verdict_says_whether_it_equals_autograd(agreed, words, good):
    assert verdict(ways(rule(path(agreed)))[0]) == (words, good)


def test_more_elements_than_are_worked_out_are_counted():
    assert calculations(path(elements=100, agreed=100, rows=8))[1] == "and 92 more"
    assert calculations(path())[1] == "and 2 more" and calculations(path(rows=4))[1] == ""


def test_all_of_it_is_said_in_text():
    assert spoken(rule(path(rows=1, elements=1, agreed=1))).splitlines() == [
        "s = y²",
        "∂a/∂yᵢ = ∂a/∂sᵢ·2yᵢ",
        "0.75 · 2 · 3 = 4.5",
        "✓ equals what autograd sends to y, on its 1 element",
    ]


def test_a_disagreement_is_red_and_the_colours_follow_the_theme(qtbot):
    theme = Theme("light")
    section = made(qtbot, theme)
    section.show_rule(rule(path(agreed=3)))
    shown = section._numbers.text()
    assert theme.colour("problem").name() in shown and theme.colour("backward_text").name() in shown
    theme.set("dark")
    assert theme.colour("problem").name() in section._numbers.text() != shown
    section.show_rule(rule(path()))
    assert theme.colour("problem").name() not in section._numbers.text()
    section.show_rule(None)
    assert section.isHidden()
    theme.set("light")


def test_a_node_without_numbers_has_its_operator_and_says_why(qtbot):
    section = made(qtbot, Theme("light"))
    section.show_rule(Rule(2, "x·y", "", why="Its numbers are not put in here"))
    assert section._numbers.isHidden() and not section._sheet.isHidden()
    section.show_rule(Rule(2, "", "", why="no formula for FooBackward0"))
    assert section._sheet.isHidden() and section._words.text() == "no formula for FooBackward0"


def test_the_selected_node_of_the_lesson_has_its_formula(session, settled, part):
    session.show("expression")
    inputs = {"x": Input([[1, 2], [3, 4]])}
    session.edit("expression", Expression("y = x - 2\nz = 3*y**2\na = z.mean()", inputs))
    settled()
    table = part("expression.gradients")
    table.picked.emit(next(row for row in table.rows_model.rows if row.tensor.name == "z"))
    said = part("expression.rule.formula").accessibleDescription().splitlines()
    assert said[:3] == ["zᵢ = 3sᵢ", "∂a/∂sᵢ = ∂a/∂zᵢ·3", "0.25 · 3 = 0.75"]
    table.picked.emit(next(row for row in table.rows_model.rows if row.tensor.name == "x"))
    assert part("expression.rule").isHidden()  # a leaf has no operator
