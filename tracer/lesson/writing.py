"""Experiments → the text of a lesson that can be taught at once, with words to be replaced by the author's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import tomli_w

from tracer.experiment import Convolution, Expression, MatrixVector
from tracer.lesson.reading import FORMAT, VERSION
from tracer.lesson.steps import WORKSPACES, Taught, View

HEAD = """\
# A lesson of Gradtrace. Replace the words that stand here for yours, and check it with: gradtrace lesson check FILE
# A question to be answered before it is shown is added below its step, for example:
#
# [[steps.predict]]
# asks = "What is the shape of y?"
# kind = "shape"
# expect = "shape(y)"
#
# The format is told in docs/lessons.md.

"""
TITLE, SAYS = "A lesson", "Say one thing here."
NAMES = {Expression: "A program", MatrixVector: "A matrix times a vector"}


def written(experiments: Sequence[Taught], title: str = TITLE, views: Sequence[View] = ()) -> str:
    """Write a lesson with a step for each experiment; `views` are what is in view at each, as far as they are given.

    Raises:
        TypeError: a step can't hold one of them.
    """
    for experiment in experiments:
        if type(experiment) not in WORKSPACES:
            raise TypeError(f"A step of a lesson can't hold a {type(experiment).__name__}")
    shown = [*views, *(View() for _ in experiments)]
    steps = [_step(*pair) for pair in zip(experiments, shown, strict=False)]
    lesson = {"format": FORMAT, "version": VERSION, "title": title.strip() or TITLE, "steps": steps}
    return HEAD + tomli_w.dumps(lesson, multiline_strings=True)


def _step(experiment: Taught, view: View) -> dict[str, Any]:
    step = {"title": _title(experiment), "says": SAYS, "experiment": _plain(experiment)}
    return {**step, "view": _plain(view)} if view != View() else step


def _title(experiment: Taught) -> str:
    return experiment.layer if isinstance(experiment, Convolution) else NAMES[type(experiment)]


def _plain(value: msgspec.Struct) -> dict[str, Any]:
    """Give the fields that are not as they are anyway; no batch is written as "none"."""
    fields = msgspec.structs.fields(type(value))
    default = {field.encode_name: field.default for field in fields}
    given = msgspec.to_builtins(value)
    kept = {name: item for name, item in given.items() if name not in default or item != _builtin(default[name])}
    if kept.get("batch", 1) is None:
        kept["batch"] = "none"
    return {name: _without_none(item) for name, item in kept.items() if item is not None}


def _builtin(value: Any) -> Any:
    return value if value is msgspec.NODEFAULT else msgspec.to_builtins(value)


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(item) for name, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value
