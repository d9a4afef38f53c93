"""Inputs as they are edited: pure functions."""

import pytest

from gui.expression import inputs
from tracer.errors import InvalidSetting, ProgramError
from tracer.experiment import Expression, Input


def test_names_that_a_program_assigns_come_in_their_order():
    assert inputs.assigned("b = x\na, c = b, b\nb = a", {"x": 1}) == ("b", "a", "c")
    assert inputs.assigned("b = (", {"x": 1}) == ()


def test_an_added_input_has_a_free_name():
    assert list(inputs.added(Expression("w = x", {"x": 1}))) == ["x", "b"]


def test_plain_data_becomes_an_input():
    assert inputs.of(Expression("", {"x": {"values": [1], "dtype": "int64"}})) == {"x": Input([1], "int64")}


REFUSED = [
    (Expression("y = x", {"x": [[1, 2], [3]]}), InvalidSetting, "inputs.x"),
    (Expression("y = x", {"x": ["one"]}), InvalidSetting, "inputs.x"),
    (Expression("y = x\nz = ", {"x": [1]}), ProgramError, "line 2"),
]


@pytest.mark.parametrize(("experiment", "error", "where"), REFUSED)
def test_what_does_not_work_is_told_before_anything_runs(experiment, error, where):
    with pytest.raises(error) as refused:
        inputs.check(experiment)
    assert refused.value.where.startswith(where)


RENAMED = [
    ("y = x - 2\na = (x * y).mean()", "x", "w", "y = w - 2\na = (w * y).mean()"),
    ("é = x; a = é + x + max(x)", "x", "long", "é = long; a = é + long + max(long)"),
    ("a = x.x + f(x=x)", "x", "w", "a = w.x + f(x=w)"),
    ("a = w * 2", "x", "w", "a = w * 2"),  # the program waits for that name
    ("a = (x", "x", "w", "a = (x"),  # can't be read
]


@pytest.mark.parametrize(("program", "old", "new", "expected"), RENAMED)
def test_a_new_name_goes_into_the_program(program, old, new, expected):
    renamed = inputs.renamed(Expression(program, {"b": Input(1), old: Input(2), "c": Input(3)}), old, new)
    assert renamed.program == expected
    assert list(renamed.inputs) == ["b", new, "c"]
