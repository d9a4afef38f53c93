"""The Jacobian in the window: only where it is looked at, as a table, or why there is none."""

import pytest

from tracer.experiment import Expression, Input
from tracer.expression.presets import PRESETS


@pytest.fixture
def page(part, session, settled, front, qtbot):
    """A function that shows a program, looks at its Jacobian, and gives the page when it has come."""
    shown = part("expression.jacobian")

    def look(experiment):
        session.show("expression")
        session.edit("expression", experiment)
        settled()
        front("Jacobian", "expression.found")
        qtbot.waitUntil(lambda: not part("expression.jacobian.words").text().startswith("computing"), timeout=30_000)
        return shown

    return look


def cells(page):
    model = page.table.rows_model
    return [[column.text(row) for column in model.columns] for row in model.rows]


def test_it_is_a_table_of_output_by_input(page, part, session, settled, qtbot):
    found = page(PRESETS["Vector output"])
    assert [column.title for column in found.table.rows_model.columns] == ["∂ y", "x[0]", "x[1]", "x[2]"]
    assert cells(found) == [["y[0]", "2", "0", "0"], ["y[1]", "0", "4", "0"], ["y[2]", "0", "0", "6"]]
    assert "3 × 3" in part("expression.jacobian.words").text()
    session.edit("expression.program", "y = x * x * x")  # while it is looked at, it follows
    settled()
    qtbot.waitUntil(lambda: found.table is not None and cells(found)[2][3] == "27", timeout=30_000)


def test_it_is_not_asked_for_while_no_one_looks(part, session, settled, front):
    front("Gradients", "expression.found")
    asked = []
    part("expression.jacobian").wanted.connect(lambda: asked.append(1))
    session.show("expression")
    session.edit("expression", PRESETS["Broadcast"])
    settled()
    assert asked == []


def test_where_there_is_none_or_too_large_a_one_it_says_so(page, part):
    assert page(PRESETS["w·x, neither"]).table is None
    assert "recorded nothing" in part("expression.jacobian.words").text()
    assert page(Expression("y = x", {"x": Input([0.0] * 100)})).table is None
    assert "up to 64" in part("expression.jacobian.words").text()
