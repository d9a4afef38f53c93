"""A step and its recording → what is right, which slips there are, what is hidden until then, and its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.errors import InvalidSetting
from tracer.facts import Facts
from tracer.lesson.hiding import hidden
from tracer.lesson.queries import ask
from tracer.lesson.results import both, filled, found, result
from tracer.lesson.steps import Number, Prediction, Slip, Solution, Solved, Step, Wrong


def solve(step: Step, facts: Facts) -> Solution:
    """Ask the recording of a step's experiment all that the step wants to know.

    Raises:
        InvalidSetting: a query finds nothing, or gives something of another kind; `where` is the query.
    """
    return Solution(tuple(_prediction(one, facts) for one in step.predict), numbers(step.numbers, facts))


def numbers(asked: Sequence[Number], facts: Facts) -> tuple[tuple[str, str], ...]:
    """Give the numbers of a step or of another experiment to try, each with what it is.

    Raises:
        InvalidSetting: a query finds nothing; `where` is the query.
    """
    return tuple((number.says, both(found(facts, number.gives))) for number in asked)


def _prediction(prediction: Prediction, facts: Facts) -> Solved:
    value = ask(facts, prediction.expect)
    try:
        expected = result(value, prediction.kind)
    except InvalidSetting as error:
        raise InvalidSetting(error.what, prediction.expect, error.cure) from None
    return Solved(
        kind=prediction.kind,
        expected=expected,
        slips=tuple(_slip(slip, prediction, facts) for slip in prediction.slips),
        hidden=hidden(facts, prediction.expect),
        shows=filled(prediction.shows, facts),
    )


def _slip(slip: Slip, prediction: Prediction, facts: Facts) -> Wrong:
    value = ask(facts, slip.gives, ask(facts, prediction.expect))
    try:
        return Wrong(slip.slip or slip.says, filled(slip.says, facts), result(value, prediction.kind))
    except InvalidSetting as error:
        raise InvalidSetting(error.what, slip.gives, error.cure) from None
