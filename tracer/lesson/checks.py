"""What a lesson must hold besides the right fields: told without running anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tracer.convolution.settings import resolve as resolve_layer
from tracer.errors import InvalidSetting, TracerError
from tracer.experiment import Convolution, Expression, MatrixVector
from tracer.expression.syntax import read as read_program
from tracer.expression.values import flat, given
from tracer.lesson.list_functions import LIST_FUNCTIONS
from tracer.lesson.queries import OF_FACTS
from tracer.lesson.query_syntax import calls
from tracer.lesson.results import queries
from tracer.lesson.source import Path, Text
from tracer.lesson.steps import Lesson, Number, Prediction, Step
from tracer.matrix_vector.settings import resolve as resolve_matrix

TABS: Mapping[str, tuple[str, ...]] = {
    "convolution": (
        "Slide", "Graph", "Matrix (Toeplitz)", "Channel by channel", "Signal", "Receptive field", "Docs",
    ),
    "expression": ("Graph",),
    "matvec": ("Two readings", "As a convolution", "Signal", "Three ideas", "Backward", "Graph"),
}  # fmt: skip
"""The titles of the tabs over the canvas of each workspace."""


def check(source: Text, lesson: Lesson) -> None:
    """Refuse a lesson that can't be taught: without steps or words, or with experiments or queries that can't be.

    Raises:
        UnreadableFile: a field does not work; says where and the cure.
    """
    _say(source, ("title",), lesson.title, "The lesson has no title")
    if not lesson.steps:
        raise source.refusal(("steps",), "The lesson has no steps", "Write one below [[steps]]")
    for number, step in enumerate(lesson.steps):
        _step(source, ("steps", number), step)


def _step(source: Text, path: Path, step: Step) -> None:
    _say(source, (*path, "title"), step.title, "The step has no title")
    _say(source, (*path, "says"), step.says, "The step says nothing")
    _experiment(source, (*path, "experiment"), step.experiment)
    tabs = TABS[step.workspace]
    if step.view.tab and step.view.tab not in tabs:
        what = f"The workspace has no tab “{step.view.tab[:40]}”"
        raise source.refusal((*path, "view"), what, f"Use one of {', '.join(tabs)}")
    for number, prediction in enumerate(step.predict):
        _prediction(source, (*path, "predict", number), prediction)
    _numbers(source, (*path, "numbers"), step.numbers)
    for number, other in enumerate(step.tries):
        here = (*path, "try", number)
        _say(source, (*here, "label"), other.label, "What can be tried has no label")
        _numbers(source, (*here, "numbers"), other.numbers)
        if not other.refused:
            _experiment(source, (*here, "experiment"), other.experiment)


def _prediction(source: Text, path: Path, prediction: Prediction) -> None:
    _say(source, (*path, "asks"), prediction.asks, "The prediction asks nothing")
    if prediction.choices and prediction.kind != "word":
        raise source.refusal((*path, "choices"), "Only a word is chosen among choices", 'Use kind = "word"')
    asked: list[tuple[Path, str]] = [(("expect",), prediction.expect)]
    asked += [(("shows",), query) for query in queries(prediction.shows)]
    asked += [(("slips", number, "is"), slip.gives) for number, slip in enumerate(prediction.slips)]
    for field, query in asked:
        _query(source, (*path, *field), query)


def _numbers(source: Text, path: Path, numbers: tuple[Number, ...]) -> None:
    for number, one in enumerate(numbers):
        _query(source, (*path, number, "is"), one.gives)


def _say(source: Text, path: Path, words: str, what: str) -> None:
    if not words.strip():
        raise source.refusal(path, what, f"Write {path[-1]} = “…”")


def _query(source: Text, path: Path, query: str) -> None:
    """Refuse a query that can't be read, or that calls what there is not."""
    try:
        asked = list(calls(query))
    except InvalidSetting as error:
        raise source.refusal(path, error.what, error.cure) from None
    unknown = next((name for name, _ in asked if name and name not in OF_FACTS and name not in LIST_FUNCTIONS), None)
    if unknown:
        cure = f"Use one of {', '.join(sorted({*OF_FACTS, *LIST_FUNCTIONS}))}"
        raise source.refusal(path, f"There is no “{unknown[:40]}” to ask for", cure)


def _experiment(source: Text, path: Path, experiment: Any) -> None:
    try:
        CHECKS[type(experiment)](experiment)
    except TracerError as error:
        field = f"{error.where}: " if error.where else ""
        raise source.refusal(path, f"The experiment does not work: {field}{error.what}", error.cure) from None


def _program(experiment: Expression) -> object:
    for name, value in experiment.inputs.items():
        flat(f"inputs.{name}", given(name, value).values)
    return read_program(experiment.program, experiment.inputs)


CHECKS: Mapping[type, Callable[[Any], object]] = {
    Convolution: resolve_layer,
    Expression: _program,
    MatrixVector: resolve_matrix,
}
