"""Whether a lesson holds when it is run: each query gives something, each slip something else than the right answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tracer.errors import InvalidSetting, TracerError
from tracer.facts import Facts
from tracer.lesson.answers import check, same_result
from tracer.lesson.results import queries
from tracer.lesson.solving import numbers, solve
from tracer.lesson.source import Path, Text
from tracer.lesson.steps import Lesson, Solution, Solved, Step, Taught, Try

Run = Callable[[Taught], Facts]
Fault = tuple[Path, str, str]  # the field, what is wrong, and the cure


def prove(lesson: Lesson, run: Run, source: Text) -> Iterator[TracerError]:
    """Run all experiments of a lesson, and give what does not hold, each with file, line and field."""
    for number, step in enumerate(lesson.steps):
        for path, what, cure in _step(step, run):
            yield source.refusal(("steps", number, *path), what, cure)


def _step(step: Step, run: Run) -> Iterator[Fault]:
    for number, other in enumerate(step.tries):
        yield from ((("try", number, *path), what, cure) for path, what, cure in _try(other, run))
    try:
        facts = run(step.experiment)
    except TracerError as error:
        yield ("experiment",), f"The experiment is refused: {error.what}", error.cure
        return
    names = {tensor.name for tensor in facts.tensors}
    if step.view.select and step.view.select not in names:
        known = ", ".join(sorted(name for name in names if name))
        yield ("view",), f"There is no “{step.view.select[:40]}” to select", f"Use one of {known}"
    try:
        solution = solve(step, facts)
    except InvalidSetting as error:
        yield _place(step, error.where), f"“{error.where}”: {error.what}", error.cure
        return
    yield from _slips(step, solution)


def _try(other: Try, run: Run) -> Iterator[Fault]:
    try:
        numbers(other.numbers, run(other.experiment))
    except InvalidSetting as error:
        if error.where not in [number.gives for number in other.numbers]:
            yield from _refusal(other, error)
        else:
            yield ("numbers",), f"“{error.where}”: {error.what}", error.cure
    except TracerError as error:
        yield from _refusal(other, error)
    else:
        if other.refused:
            yield (
                ("refused",),
                "The experiment is not refused, it runs",
                "Leave `refused` out, or change the experiment",
            )


def _refusal(other: Try, error: TracerError) -> Iterator[Fault]:
    if not other.refused:
        yield (
            ("experiment",),
            f"The experiment is refused: {error.what}",
            error.cure or "Tell with `refused` that it is",
        )
    elif other.refused.casefold() not in str(error).casefold():
        yield ("refused",), f"The experiment is refused in other words: {error}", "Take a part of these"


def _slips(step: Step, solution: Solution) -> Iterator[Fault]:
    for number, (asked, solved) in enumerate(zip(step.predict, solution.predictions, strict=True)):
        here: Path = ("predict", number)
        if check(solved, solved.expected.text).state != "right":
            yield (*here, "expect"), f"No one can type the right answer, {solved.expected.text}", "Ask for less"
        if asked.choices and solved.expected.word not in asked.choices:
            yield (*here, "choices"), f"The right answer, {solved.expected.word}, is not among the choices", "Add it"
        yield from (((*here, "slips", place), what, cure) for place, what, cure in _told_apart(solved))


def _told_apart(solved: Solved) -> Iterator[tuple[int, str, str]]:
    """Find slips that give the right answer, or the same as an earlier one."""
    for place, slip in enumerate(solved.slips):
        if same_result(slip.result, solved.expected):
            yield place, f"The slip gives the right answer, {slip.result.text}", "Give it another query in `is`"
        earlier = next((one for one in solved.slips[:place] if same_result(slip.result, one.result)), None)
        if earlier is not None:
            yield place, f"The slip gives the same as “{earlier.name}”, {slip.result.text}", "Leave one of them out"


def _place(step: Step, query: str) -> Path:
    """Find the field of a query that found nothing."""
    for number, one in enumerate(step.predict):
        if query == one.expect:
            return "predict", number, "expect"
        slip = next((place for place, slip in enumerate(one.slips) if query == slip.gives), None)
        if slip is not None:
            return "predict", number, "slips", slip, "is"
        if query in queries(one.shows):
            return "predict", number, "shows"
    asked = next((number for number, one in enumerate(step.numbers) if query == one.gives), None)
    return ("numbers",) if asked is None else ("numbers", asked, "is")
