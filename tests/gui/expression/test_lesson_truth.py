"""Sections 4 to 7 of the lesson as the window shows them: tables, the picture's words, the inspector, refusals."""

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QLabel

from tracer.drawing.display_list import Text
from tracer.experiment import Expression, Input
from tracer.expression.presets import PRESETS

LOOP = PRESETS["Doubling loop"]
V = [0.1, 1, "0.0001"]


class Shown:
    """What the window shows of a program, read from its parts."""

    def __init__(self, part, result):
        self._part, self._result = part, result

    def table(self, name):
        """The cells of a table by column title, a row each."""
        model = self._part(f"expression.{name}").rows_model
        return [{column.title: column.text(row) for column in model.columns} for row in model.rows]

    def gradients(self, column="autograd"):
        return {row["variable"]: row[column] for row in self.table("gradients")}

    def lines(self):
        return [(row["line"], row["name"], row["value"], row["passes"]) for row in self.table("lines")]

    def card(self, owner):
        picture = self._result.drawn.picture
        area = next(area for area in picture.areas if area.owner == owner)
        return [mark.text for mark in picture.marks[slice(*area.marks)] if isinstance(mark, Text)]

    def arrows(self, tail, head):
        """The texts on each arrow from one card to another."""
        picture = self._result.drawn.picture
        between = [area for area in picture.areas if area.joins == (tail, head)]
        return [[m.text for m in picture.marks[slice(*area.marks)] if isinstance(m, Text)] for area in between]

    def owner(self, title):
        """The owner of the card of that title."""
        owners = [area.owner for area in self._result.drawn.picture.areas if not area.joins]
        return next(owner for owner in owners if self.card(owner)[0] == title)

    def inspector(self, owner):
        """What the inspector says of a node, and the Python that it offers."""
        self._result.pick(owner)
        QApplication.processEvents()  # labels that are new are shown then
        section = self._part("expression.node")
        told = [label.accessibleName() for label in section.findChildren(QLabel) if label.isVisibleTo(section)]
        return dict(text.split(": ", 1) for text in told if ": " in text)

    def nodes(self):
        return [node.name for node in self._result.drawn.graph.nodes]

    def problem(self):
        return self._part("expression.program.problem").text()

    def notes(self):
        return self._part("expression.notes").text()


@pytest.fixture
def show(session, settled, part, window):
    from gui.join import Join

    result = next(child for child in window.children() if isinstance(child, Join)).workspaces["expression"].result

    def shown(experiment):
        session.show("expression")
        session.edit("expression", PRESETS[experiment] if isinstance(experiment, str) else experiment)
        settled()
        return Shown(part, result)

    return shown


def test_4_the_values_and_partial_derivatives(show):
    seen = show("y*y*3")
    assert seen.gradients("value") == {
        "a": "9/2", "z": "[[3, 0], [3, 12]]", "y": "[[−1, 0], [1, 2]]", "x": "[[1, 2], [3, 4]]",
    }  # fmt: skip
    by_hand = {
        "a": "1", "z": "[[1/4, 1/4], [1/4, 1/4]]", "y": "[[−3/2, 0], [3/2, 3]]", "x": "[[−3/2, 0], [3/2, 3]]",
    }  # fmt: skip
    assert seen.gradients() == by_hand == seen.gradients("by hand")
    assert seen.gradients("finite difference")["x"] == "[[−1.5, 0], [1.5, 3]]"
    assert seen.gradients("agree")["x"] == "✓ 4 of 4"
    assert seen.card("node 2") == [
        *("y*y", "2 × 2", "MulBackward0 · line 2", "value", "1", "0", "1", "4"),
        *("∂a/∂(y*y)", "3/4", "3/4", "3/4", "3/4"),
    ]
    assert seen.arrows("node 1", "node 2") == [["part of ∂a/∂y", "−3/4", "0", "3/4", "3/2"]] * 2

    seen = show(msgspec.structs.replace(PRESETS["y*y*3"], exact=False))
    assert seen.gradients("value")["a"] == "4.5"
    assert seen.gradients()["x"] == "[[−1.5, 0], [1.5, 3]]" and seen.gradients()["z"] == "[[0.25, 0.25], [0.25, 0.25]]"
    assert seen.card("node 3")[-4:] == ["0.25"] * 4


def test_4_the_graph_in_backward_order_and_what_is_saved(show):
    seen = show("y*y*3")
    on = {number: seen.inspector(f"node {number}").get("next_functions") for number in range(5)}
    assert on == {
        4: "(MulBackward0, 0)",
        3: "(MulBackward0, 0), (None, 0)",
        2: "(SubBackward0, 0), (SubBackward0, 0)",
        1: "(AccumulateGrad, 0), (None, 0)",
        0: None,
    }
    path = "a.grad_fn" + ".next_functions[0][0]" * 4
    assert seen.inspector("node 0")["Python of .variable is x"] == f"{path}.variable"
    assert seen.inspector("node 4")["Python of MeanBackward0"] == "a.grad_fn"

    saves = [seen.inspector(f"node {number}")["saves"] for number in (1, 2, 3, 4)]
    assert saves == [
        "alpha = 1",
        "self = y · [2, 2] · 16 B other = y · [2, 2] · 16 B",
        "self = None other = 3 · [] · 8 B",
        "numel = 4 sizes = (2, 2)",
    ]


def test_4_the_spelling_changes_the_graph_and_two_backwards_add_up(show):
    seen = show("3*y**2")
    assert seen.nodes() == ["AccumulateGrad", "SubBackward0", "PowBackward0", "MulBackward0", "MeanBackward0"]
    assert seen.gradients()["x"] == "[[−3/2, 0], [3/2, 3]]"
    assert seen.arrows("node 1", "node 2") == [[]]  # one arrow: all of ∂a/∂y stands on the card

    grads = [row for row in show("Two backwards").lines() if row[1] == "x.grad"]
    assert grads == [("3", "x.grad", "[[−1.5, 0], [1.5, 3]]", "1"), ("4", "x.grad", "[[−3, 0], [3, 6]]", "1")]


RUNS = [
    ([1, 2, 2], 8, "[512, 1024, 1024]", "[51.2, 512, 0.0512]"),
    ([0.5, -1, 1], 9, "[512, −1024, 1024]", "[102.4, 1024, 0.1024]"),
    ([1, 1, 1], 9, "[1024, 1024, 1024]", "[102.4, 1024, 0.1024]"),
    ([250, 0, 0], 1, "[1000, 0, 0]", "[0.4, 4, 0.0004]"),
    ([500, 0, 0], 0, "[1000, 0, 0]", "[0.2, 2, 0.0002]"),
    ([600, 0, 0], 0, "[1200, 0, 0]", "[0.2, 2, 0.0002]"),
]


def test_5_the_loop_that_doubles(show):
    for x, i, y, grad in RUNS:
        seen = show(msgspec.structs.replace(LOOP, inputs={"x": Input(x)}, gradient=V))
        assert seen.gradients()["x"] == grad and seen.gradients("by hand")["x"] == grad
        assert seen.gradients("value")["y"] == y
        assert seen.nodes() == ["AccumulateGrad", *["MulBackward0"] * (i + 1)]
        counted = [row for row in seen.lines() if row[0] == "5"]
        assert counted == ([("5", "i", str(i), str(i))] if i else [])
    seen = show(msgspec.structs.replace(LOOP, inputs={"x": Input(["NaN", 0, 0])}))  # ends at once
    assert seen.nodes() == ["AccumulateGrad", "MulBackward0"]


REFUSED = [
    (msgspec.structs.replace(LOOP, inputs={"x": Input([0, 0, 0])}), "ever ends"),
    (Expression("y = x * 2\ny.backward()", LOOP.inputs), "rad can be implicitly created only for scalar outputs"),
    (Expression("y = x * 2\ny.backward(torch.ones(2))", LOOP.inputs), "Mismatch in shape"),
]  # fmt: skip


def test_5_what_does_not_work_is_said_beside_the_program(show):
    for experiment, words in REFUSED:
        assert words in show(experiment).problem()


DOTS = [
    ("w·x", "(AccumulateGrad, 0), (AccumulateGrad, 0)", "[1, 1, 1]", "[1, 2, 3]", ()),
    ("w·x, only w", "(AccumulateGrad, 0), (None, 0)", "None", "[1, 2, 3]", ("x",)),
    ("w·x, only x", "(None, 0), (AccumulateGrad, 0)", "[1, 1, 1]", "None", ("w",)),
]


def test_6_four_ways_of_tracking(show):
    for preset, functions, x, w, grey in DOTS:
        seen = show(preset)
        assert (seen.gradients()["x"], seen.gradients()["w"]) == (x, w)
        assert seen.gradients("value")["z"] == "6"
        at = seen.nodes().index("DotBackward0")
        assert seen.inspector(f"node {at}")["next_functions"] == functions
        for name in grey:
            card = seen.card(seen.owner(name))
            assert card[:2] == [name, "not tracked"] and f"input · {name}.grad is None" in card


def test_6_with_neither_backward_fails_in_torchs_words(show):
    seen = show("w·x, neither")
    assert seen.gradients() == {"z": "None", "x": "None", "w": "None"}
    assert "element 0 of tensors does not require grad and does not have a grad_fn" in seen.notes()
    assert seen.card(seen.owner("z = w @ x"))[1] == "output, not tracked"
    assert seen.nodes() == []
    called = show(msgspec.structs.replace(PRESETS["w·x, neither"], program="z = w @ x\nz.backward()"))
    assert "lement 0 of tensors does not require grad and does not have a grad_fn" in called.problem()


def test_6_no_grad_and_detach_are_drawn_as_cuts_with_their_lines(show):
    seen = show(Expression("with torch.no_grad():\n    z = w @ x", PRESETS["w·x"].inputs))
    z = seen.owner("z = w @ x")
    assert seen.card(z)[1] == "output, not tracked" and "6" in seen.card(z)
    assert seen.arrows(seen.owner("w"), z) == seen.arrows(seen.owner("x"), z) == [["cut by no_grad · line 1"]]
    inside = show("no_grad")
    assert inside.arrows("node 0", inside.owner("m = x.mean()")) == [["cut by no_grad · line 1"]]

    seen = show(Expression("y = x - 2\nz = y.detach() * y\na = z.sum()", {"x": Input([1, 2])}))
    assert seen.arrows("node 1", seen.owner("y.detach()")) == [["cut by detach · line 2"]]
    assert seen.arrows(seen.owner("y.detach()"), "node 2") == [[]]
    assert "not tracked" in seen.card(seen.owner("y.detach()"))


def test_7_add_copies_the_gradient_and_split_returns_the_sum_of_two(show):
    seen = show("Add")
    assert seen.gradients("value") == {"m": "7", "y": "[5, 7, 9]", "b": "[4, 5, 6]", "a": "[1, 2, 3]"}
    assert seen.gradients()["a"] == seen.gradients()["b"] == "[1/3, 1/3, 1/3]"

    seen = show("Split")
    assert seen.gradients("value")["m"] == "5"
    assert seen.arrows("node 1", "node 2") == [["∂m/∂a", *["1/4"] * 4], ["∂m/∂b", *["1/4"] * 4]]
    assert seen.gradients()["x"] == "[1/2, 1/2, 1/2, 1/2]"
    assert seen.inspector("node 2")["next_functions"] == "(SplitBackward, 0), (SplitBackward, 1)"


MAXIMA = [
    ("y = Max(x)", [1, 5, 2, 4, 0], "[0, 1, 0, 0, 0]"),
    ("y = Max(x)", [1, 5, 2, 5, 0], "[0, 1, 0, 1, 0]"),
    ("y = x.max()", [1, 5, 2, 5, 0], "[0, 1/2, 0, 1/2, 0]"),
    ("y = x.max(0)[0]", [1, 5, 2, 5, 0], "[0, 1, 0, 0, 0]"),
]


def test_7_max_and_its_ties(show):
    for program, x, grad in MAXIMA:
        seen = show(Expression(program, {"x": Input(x)}))
        assert seen.gradients("value")["y"] == "5" and seen.gradients()["x"] == grad


def test_numbers_of_two_by_two_stand_whole_at_every_width(show, window, part, qtbot):
    show("y*y*3")
    table = part("expression.gradients")
    try:
        for size in ((1440, 900), (1024, 700), (900, 700)):
            window.resize(*size)
            qtbot.waitUntil(lambda size=size: window.size().toTuple() == size)
            cells = table.itemDelegate()
            for at, column in enumerate(table.rows_model.columns):
                if not table.isColumnHidden(at):
                    texts = [line for row in table.rows_model.rows for line in cells.lines(column.text(row))]
                    room = table.columnWidth(at) - 2 * cells.padding
                    assert max(map(table.fontMetrics().horizontalAdvance, texts)) <= room, (size, column.title)
            shown = {c.title for at, c in enumerate(table.rows_model.columns) if not table.isColumnHidden(at)}
            assert {"variable", "value", "autograd", "agree"} <= shown
    finally:
        window.resize(1440, 900)
