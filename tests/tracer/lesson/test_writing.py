from __future__ import annotations

import msgspec
import pytest

from tracer.experiment import Convolution, Expression, Input, MatrixVector, Script, Stacked
from tracer.lesson.proving import prove
from tracer.lesson.reading import parse
from tracer.lesson.source import Text
from tracer.lesson.steps import View
from tracer.lesson.writing import written

STATES = [
    Convolution("Conv2d", 2, 3, (3, 5), (8, 9), padding=(1, 2), batch=None, stack=(Stacked("MaxPool", 2),)),
    Convolution("Conv1d", 1, 1, 2, 3, bias=False, input=[[[1, "1/3", 2.5]]], loss=(0, 0, 1)),
    Expression('y = x - 2\na = y.mean()  # "a"', {"x": Input([[1, 2], ["1/3", 4]], requires_grad=None)}),
    Expression("y = x * x", {"x": [1, 2]}, output="y", gradient=["1/3", 2]),
    MatrixVector([[1, 2], ["1/3", 4]], [5, 6]),
]


def test_states_are_a_lesson_that_holds(run):
    view = View("Slide", output=(0, 0, 1), row=0)
    text = written(STATES, "Mine", [view])
    lesson = parse(text, "mine.toml")
    assert lesson.title == "Mine"
    assert lesson.steps[0].view == view
    for step, state in zip(lesson.steps, STATES, strict=True):
        assert msgspec.json.encode(step.experiment) == msgspec.json.encode(_plain(state))
        assert step.says
    assert not list(prove(lesson, run, Text(text, "mine.toml")))


def test_a_script_is_no_step():
    with pytest.raises(TypeError, match="Script"):
        written([Script("train.py")])


def _plain(state):
    """Give what a file can hold: an Input as a table without the fields that are None."""
    if not isinstance(state, Expression):
        return state
    inputs = {
        name: {key: item for key, item in msgspec.to_builtins(value).items() if item is not None}
        if isinstance(value, Input) else value
        for name, value in state.inputs.items()
    }  # fmt: skip
    return msgspec.structs.replace(state, inputs=inputs)
