"""What-if: a name detached, an input frozen, another spelling; and what a comparison then marks as changed."""

from __future__ import annotations

import pytest

from tracer.analysis.comparison import Difference, compare
from tracer.errors import InvalidSetting, ProgramError
from tracer.experiment import Expression, Input
from tracer.expression.edits import detached, frozen
from tracer.expression.presets import PRESETS
from tracer.runners.expression import find

X = {"x": [1, 2]}


def changed(before: Expression, after: Expression) -> list[tuple[str, str, str | None, str | None]]:
    """List what changed but for memory."""
    rows = compare(find(before), find(after)).rows
    return [(row.kind, row.where, row.before, row.after) for row in rows if row.kind != "saved"]


PLACES = [
    # program, name, line, the program with the name detached
    ("y = x * x  # square\nz = y * x", "y", 1, "y = x * x; y = y.detach()  # square\nz = y * x"),
    ("y = x; z = y * 2", "y", 1, "y = x; y = y.detach(); z = y * 2"),
    ("y = x * 1\nwhile y.sum() < 9:\n    y *= 2", "y", 3, "y = x * 1\nwhile y.sum() < 9:\n    y *= 2; y = y.detach()"),
    ("a, b = x\ny = a * b", "b", 1, "a, b = x; b = b.detach()\ny = a * b"),
    ("y = (x +\n     1)\nz = y * x", "y", 2, "y = (x +\n     1); y = y.detach()\nz = y * x"),
    ("θ = x * 2; y = θ * x", "θ", 1, "θ = x * 2; θ = θ.detach(); y = θ * x"),
]


@pytest.mark.parametrize(("program", "name", "line", "after"), PLACES)
def test_a_name_is_detached_where_it_is_given(program: str, name: str, line: int, after: str) -> None:
    edited = detached(Expression(program, X), name, line)
    assert edited == Expression(after, X)
    before, now = find(Expression(program, X)), find(edited)
    assert [t.values and t.values.numbers for t in now.tensors if t.name == "z"] == [
        t.values and t.values.numbers for t in before.tensors if t.name == "z"
    ]


@pytest.mark.parametrize(("name", "line", "cure"), [("y", 2, "line 1"), ("x", 1, "a name that a line gives")])
def test_a_line_that_does_not_give_the_name_is_refused(name: str, line: int, cure: str) -> None:
    with pytest.raises(ProgramError) as caught:
        detached(Expression("y = x * 2\nz = y", X), name, line)
    assert caught.value.where == f"line {line}" and cure in caught.value.cure


def test_what_a_detached_name_changes_is_marked() -> None:
    """z = x³ has the gradient 3x²; with y = x² detached it is y = x²."""
    before = Expression("y = x * x\nz = (y * x).sum()", X)
    assert changed(before, detached(before, "y", 1)) == [
        ("removed", "y", "[2] float32", None),
        ("inputs", "MulBackward0 (line 2), input 0", "y", "not followed"),
        ("gradient", "x", "12", "4 (2 of 2 elements differ)"),
    ]


def test_what_a_frozen_input_changes_is_marked() -> None:
    before = Expression("h = w * x\nz = (h * w).sum()", {"x": [1, 2], "w": Input([3, 4])})
    after = frozen(before, "w")
    assert after.inputs["w"] == Input([3, 4], requires_grad=False) and before.inputs["w"] == Input([3, 4])
    assert changed(before, after) == [
        ("removed", "w", "[2] float32", None),
        ("inputs", "h, input 0", "w", "not followed"),
        ("inputs", "MulBackward0 (line 2), input 1", "w", "not followed"),
    ]
    assert frozen(before, "x").inputs["x"] == Input([1, 2], requires_grad=False)
    with pytest.raises(InvalidSetting, match="no input “q”") as caught:
        frozen(before, "q")
    assert "x, w" in caught.value.cure


def test_another_spelling_has_the_same_numbers_and_one_other_operation() -> None:
    found = compare(find(PRESETS["y*y*3"]), find(PRESETS["3*y**2"]))
    assert found.pairs == ((0, 0), (1, 1), (2, 2), (3, 3), (4, 4))
    assert [row for row in found.rows if row.kind != "saved"] == [
        Difference("operation", "PowBackward0 (line 2)", "MulBackward0", "PowBackward0", 2, 2)
    ]


def test_two_starts_of_the_loop_side_by_side() -> None:
    """One doubling more: its node is added, and every gradient before it is twice as large."""
    loop = PRESETS["Doubling loop"]
    shorter = Expression(loop.program, {"x": Input([1, 2, 2])}, gradient=loop.gradient)
    rows = changed(shorter, loop)
    assert [row[:2] for row in rows if row[0] == "added"] == [("added", "y")]
    assert rows[-1][:2] == ("gradient", "x")
