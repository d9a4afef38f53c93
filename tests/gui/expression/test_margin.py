"""What stands beside the lines of a program: its words, how they fit, where they go when the program is edited."""

import pytest
from PySide6.QtGui import QTextCursor

from gui.expression.margin import fitting, placed, told
from tracer.experiment import Expression, Input
from tracer.expression.presets import PRESETS
from tracer.facts import Line, Values

Y = Line(1, "y", "a tensor", (2,), "float32", Values((2,), "float32", (-1.5, 0.0), ("-3/2", "0")), tracked=True)
LOOP = Line(2, "y", "a tensor", (2,), "float32", Values((2,), "float32", (4.0, 8.0)), tracked=True, passes=9)
NUMBER = Line(3, "i", "a number", (), "int64", Values((), "int64", (9,)), passes=9)
UNTRACKED = Line(4, "m", "a tensor", (), "float32", Values((), "float32", (2.5,)))
LARGE = Line(5, "z", "a tensor", (200, 100), "float32", None, tracked=True)
LIST = Line(6, "rows", "a list")
PROGRAM = "y = x - 2\ny = 2 * y\ni += 1\nm = y.mean().detach()\nz = f(y)\nrows = [y]\na, b = y\ny.backward(v)"
TEXTS = {
    1: ("[−3/2, 0]", "[2] · float32", "2 numbers"),
    2: ("[4, 8] · × 9", "[2] · float32 · × 9", "2 numbers · × 9"),
    3: ("9 · × 9",),
    4: ("2.5 · not tracked", "2.5", "[] · float32 · not tracked", "scalar"),
    5: ("[200, 100] · float32", "200 × 100"),
    6: ("a list",),
    7: ("a = [−3/2, 0], b = [−3/2, 0]", "a = [2] · float32, b = [2] · float32", "a = 2 numbers, b = 2 numbers", "a, b"),
    8: ("x.grad = [−3/2, 0]", "x.grad = [2] · float32", "x.grad = 2 numbers"),
}
SEVERAL = [
    *(Y, LOOP, NUMBER, UNTRACKED, LARGE, LIST),
    *(Line(7, name, "a tensor", (2,), "float32", Y.values, True) for name in "ab"),
    Line(8, "x.grad", "a tensor", (2,), "float32", Y.values, True),
]


def test_what_is_said_of_each_line():
    found = told(SEVERAL, PROGRAM)
    assert {number: one.texts for number, one in found.items()} == TEXTS
    assert found[2].whole == "y = [4, 8] (2, float32), tracked, in the last of 9 passes"
    assert found[4].whole == "m = 2.5 (scalar, float32), not tracked"
    assert found[5].whole == "z = too many numbers to hold (200 × 100, float32), tracked"


@pytest.mark.parametrize(
    ("room", "text"), [(99, "[4, 8] · × 9"), (15, "[4, 8] · × 9"), (11, "2 numbers…"), (4, "")], ids=str
)
def test_as_much_as_fits(room, text):
    assert fitting(told([LOOP], PROGRAM)[2], room, len) == text


def test_a_line_that_is_typed_above_moves_the_others_and_a_changed_line_has_nothing():
    found = told([Y, LOOP], PROGRAM)
    assert placed("a\nb", "a\nb", found) == found
    assert placed("a\nb", "new\na\nb", found) == {2: found[1], 3: found[2]}
    assert placed("a\nb", "a\nb + 1", found) == {1: found[1]}


@pytest.fixture
def shown(session, settled):
    def show(experiment):
        session.show("expression")
        session.edit("expression", experiment)
        settled()

    return show


def test_the_window_shows_the_lessons_lines_and_dims_them_while_they_are_stale(shown, session, part, settled):
    shown(PRESETS["y*y*3"])
    margin = part("expression.program").margin
    assert [one.texts[0] for one in margin.shown().values()] == ["[[−1, 0], [1, 2]]", "[[3, 0], [3, 12]]", "9/2"]
    session.edit("expression.program", "y = x - 2\nz = y*y*(\na = z.mean()")  # refused: the last result stays, dimmed
    settled()
    assert margin.dimmed and sorted(margin.shown()) == [1, 3]
    session.edit("expression.program", "y = x - 2\nz = y*y*2\na = z.mean()")
    settled()
    assert not margin.dimmed and margin.shown()[3].texts[0] == "3"


def test_the_doubling_loop_tells_its_passes(shown, part):
    shown(PRESETS["Doubling loop"])
    assert part("expression.program").margin.shown()[4].texts[0] == "[512, −1024, 1024] · × 9"
    rows = part("expression.lines").rows_model
    passes = [column.title for column in rows.columns].index("passes")
    assert [(row.number, rows.columns[passes].text(row)) for row in rows.rows] == [
        *((1, "1"), (2, "1"), (3, "10"), (4, "9"), (5, "9")),
    ]


def test_a_row_goes_to_its_line_and_a_line_to_its_row(shown, part):
    shown(PRESETS["y*y*3"])
    editor, table = part("expression.program"), part("expression.lines")
    table.selectRow(0)
    assert editor.line == 1
    editor.setTextCursor(QTextCursor(editor.document().findBlockByNumber(1)))
    assert [index.row() for index in table.selectionModel().selectedRows()] == [1]


def test_what_is_typed_is_never_covered(shown, part, qtbot):
    shown(Expression("y = x * 1234567890 + 1234567890 + 12345678", {"x": Input([1.0])}))
    editor = part("expression.program")
    painted = {}

    class Painter:
        def setFont(self, font): ...
        def setPen(self, pen): ...
        def drawText(self, place, text):
            painted[text] = place.x()

    editor.margin.paint(Painter(), {1: (editor.viewport().width() - 30.0, 10.0)})
    assert painted == {}
    editor.margin.paint(Painter(), {1: (20.0, 10.0)})
    (x,) = painted.values()
    assert x >= 20
