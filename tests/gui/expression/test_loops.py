"""Loops in the window: section 5 of the lesson row by row, rolled and unrolled, and what never ends."""

import math

import pytest
from PySide6.QtCore import Qt

import tracer
from tracer.experiment import Expression, Input
from tracer.expression.presets import PRESETS

DOUBLING = PRESETS["Doubling loop"]
ROOT = math.sqrt(3)
FULL = [102.4, 1024, 0.1024]
LESSON = [
    ([1, 2, 2], [6 * 2**k for k in range(9)], [51.2, 512, 0.0512]),
    ([0.5, -1, 1], [3 * 2**k for k in range(10)], FULL),
    ([1, 1, 1], [2 * ROOT * 2**k for k in range(10)], FULL),
    ([250, 0, 0], [500, 1000], [0.4, 4, 0.0004]),
    ([500, 0, 0], [1000], [0.2, 2, 0.0002]),
    ([600, 0, 0], [1200], [0.2, 2, 0.0002]),
]


@pytest.fixture
def program(session, settled, part):
    """A function that shows a program, or the doubling loop from a start."""
    session.show("expression")
    part("expression.loop.unrolled").click()

    def show(experiment):
        if not isinstance(experiment, Expression):
            experiment = Expression(DOUBLING.program, {"x": Input(experiment)}, gradient=DOUBLING.gradient)
        session.edit("expression", experiment)
        settled()

    yield show
    part("expression.loop.unrolled").click()


def rows(part):
    model = part("expression.passes").model()
    every = range(model.rowCount()), range(model.columnCount())
    return [[model.index(row, column).data() for column in every[1]] for row in every[0]]


def titles(part):
    return [column.title for column in part("expression.passes").rows_model.columns]


def picture(part):
    return part("expression.graph").selection.scene.picture


def cards(part):
    return [area.owner for area in picture(part).areas if area.owner.startswith("node ")]


@pytest.mark.parametrize(("start", "norms", "gradient"), LESSON)
def test_the_rows_of_the_lesson(program, part, start, norms, gradient):
    program(start)
    passes = len(norms) - 1
    assert titles(part) == ["pass", "y", "i", "y.norm()", "y.norm() < 1000"]
    shown = rows(part)
    assert [row[0] for row in shown] == ["before", *map(str, range(1, passes + 1))]
    assert [float(row[3].replace("\u202f", "")) for row in shown] == pytest.approx(norms, rel=1e-6)
    assert [row[4] for row in shown] == ["true"] * passes + ["false"]
    table = {row.tensor.name: row for row in part("expression.gradients").rows_model.rows}
    assert table["x"].gradient.values == pytest.approx(gradient, rel=1e-6)
    assert table["y"].tensor.values == tuple(2 ** (passes + 1) * x for x in start)
    assert len(cards(part)) == passes + 2  # Mul, Mul × passes, AccumulateGrad
    bar = part("expression.loop")
    assert bar.isVisible()
    assert part("expression.loop.pass").isVisible() is (passes > 0)
    assert part("expression.loop.rolled").isVisible() is (passes > 0)


def test_no_pass_is_said_in_a_sentence(program, part):
    program([500, 0, 0])
    words = "The loop on line 3 makes no pass: y.norm() < 1000 is false at once (y.norm() = 1000)"
    assert part("expression.loop.words").text() == words


def test_nan_ends_at_once(program, part):
    program(["nan", 1, 1])
    assert part("expression.loop.words").text().endswith("is false at once (y.norm() = NaN)")
    assert [row[4] for row in rows(part)] == ["false"]
    assert len(cards(part)) == 2


def test_a_loop_that_never_ends_meets_its_budget_at_its_line(program, part, session):
    program([0.5, -1, 1])
    worker = session.workers.pair.active
    before = cards(part)
    program([0, 0, 0])
    said = part("expression.program.problem").text()
    assert said == (
        "Line 4: The program took more than 20\u202f000 steps. See whether a loop in it ever ends, or let it go round "
        "less often."
    )
    assert part("expression.program").property("wrong") is True
    assert session.workers.pair.active is worker and session.workers.state == "ready"
    assert cards(part) == before and part("expression.graph").dimmed
    session.history.undo()


def test_without_a_loop_there_is_no_bar_and_no_tab(program, part):
    program(PRESETS["y*y*3"])
    strip = part("expression.found")
    assert not part("expression.loop").isVisible()
    assert not strip.isTabVisible(strip.indexOf(part("expression.passes")))


def test_the_rolled_body_stands_once_with_the_values_of_a_pass(program, part, session, settled, qtbot):
    program([0.5, -1, 1])
    asked = session.workers.turns.newest
    part("expression.loop.rolled").click()
    settled()
    assert part("expression.loop.rolled").text() == "Rolled × 9"
    assert cards(part) == ["node 0", "node 1", "node 10"]  # the last pass at first
    slider = part("expression.loop.pass")
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    for _ in range(2):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    settled()
    assert cards(part) == ["node 0", "node 1", "node 4"]
    label = picture(part).areas[-1].label
    assert "value [8, −16, 16]" in label and "gradient [6.4, 64, 0.0064]" in label
    assert label.endswith("line 4, pass 3, one of 9 alike, drawn once")
    assert part("expression.loop.words").text() == "y.norm() = 24; y.norm() < 1000 is true, so it goes on"
    assert part("expression.passes").currentIndex().row() == 3
    assert part("expression.graph").selection.owner == "node 4"  # the same operation stays selected
    assert session.workers.turns.newest is asked  # nothing ran again


def test_each_pass_of_the_rolled_loop_has_torchs_numbers(program, part, settled):
    program([0.5, -1, 1])
    recording = tracer.run(DOUBLING).facts
    values = {tensor.node: tensor.values.numbers for tensor in recording.tensors if tensor.node is not None}
    part("expression.loop.rolled").click()
    for number in range(1, 10):
        part("expression.loop.pass").setValue(number)
        settled()
        assert cards(part)[-1] == f"node {number + 1}"
        y = [float(text.replace("−", "-")) for text in rows(part)[number][1].strip("[]").split(", ")]
        assert tuple(y) == values[number + 1] == tuple(2 ** (number + 1) * x for x in (0.5, -1, 1))


def test_a_row_of_the_table_chooses_the_pass_and_unrolled_marks_its_nodes(program, part):
    program([0.5, -1, 1])
    graph, table = part("expression.graph"), part("expression.passes")
    assert graph.marks.owners["pass"] == {"node 10"}
    table.selectRow(2)
    assert part("expression.loop.pass").value() == 2
    assert graph.marks.owners["pass"] == {"node 3"}
    table.selectRow(0)  # before the loop: no pass
    assert part("expression.loop.pass").value() == 2


def test_an_edit_keeps_the_form_and_the_pass(program, part, session, settled):
    program([0.5, -1, 1])
    part("expression.loop.rolled").click()
    part("expression.loop.pass").setValue(4)
    settled()
    session.edit("expression.inputs", {"x": Input([1, 2, 2])})
    settled()
    assert part("expression.loop.rolled").text() == "Rolled × 8"
    assert cards(part) == ["node 0", "node 1", "node 5"]
    part("expression.loop.unrolled").click()
    assert len(cards(part)) == 10


def test_the_rolled_picture_is_exported(program, window, part, settled, folder, monkeypatch):
    from gui.files import Files

    program([0.5, -1, 1])
    part("expression.loop.rolled").click()
    settled()
    assert window.commands["export"].text() == "Export the rolled loop…"
    path = folder / "rolled.svg"
    monkeypatch.setattr(Files, "ask_export", lambda *_: str(path))
    window.commands["export"].trigger()
    assert "while y.norm() &lt; 1000 × 9" in path.read_text() and "next pass × 8" in path.read_text()
    part("expression.loop.unrolled").click()
    assert window.commands["export"].text() == "Export the graph…"


def test_of_two_loops_one_is_chosen(program, part):
    program(Expression("y = x\nfor k in range(3):\n    y = y * 2\nwhile y.sum() < 100:\n    y = y + 30", {"x": [1.0]}))
    choice = part("expression.loop.line")
    assert [choice.itemText(at) for at in range(choice.count())] == ["line 2", "line 4"]
    assert (titles(part), len(rows(part))) == (["pass", "k", "y"], 4)
    choice.chosen.emit(4)
    assert (titles(part), len(rows(part))) == (["pass", "y", "y.sum()", "y.sum() < 100"], 5)
    assert part("expression.graph").marks.owners["pass"] == {"node 7"}
