"""A lesson as a page: blocks in their order, which the HTML and the PDF write each in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from tracer.drawing.display_list import DisplayList
from tracer.drawing.step_pictures import Ran, picture
from tracer.errors import TracerError, sentence
from tracer.facts import Facts
from tracer.lesson.answers import hint
from tracer.lesson.hiding import still_hidden
from tracer.lesson.programs import program
from tracer.lesson.prose import Paragraph, Span, paragraphs
from tracer.lesson.solving import numbers, solve
from tracer.lesson.steps import Lesson, Solution, Step, Try

Look = Literal["body", "muted", "label", "question", "blank", "answer"]


class Heading(NamedTuple):
    """A title: of the lesson (1), of a part (2), or of a step (3)."""

    text: str
    level: int


class Words(NamedTuple):
    """A paragraph, and how it is set. A "blank" is a line to write an answer on, after its hint."""

    spans: Paragraph
    look: Look = "body"


class Code(NamedTuple):
    """Lines of a program."""

    text: str


class Rows(NamedTuple):
    """A table of two columns: what, and its number."""

    rows: tuple[tuple[str, str], ...]


class Shown(NamedTuple):
    """A picture."""

    picture: DisplayList


Block = Heading | Words | Code | Rows | Shown


class Taught(NamedTuple):
    """A step with all that running it gave; what was tried gave facts, or was refused."""

    step: Step
    ran: Ran
    tried: tuple[Facts | TracerError, ...]


def blocks(lesson: Lesson, taught: Sequence[Taught], answers: bool) -> Iterator[Block]:
    """Write a lesson: its steps with their questions, then, with `answers`, what is right and all numbers.

    Raises:
        TracerError: a query of the lesson finds nothing, or a picture can't be drawn.
    """
    yield Heading(lesson.title, 1)
    yield from _words(lesson.about, "muted")
    solutions = [solve(one.step, one.ran.facts) for one in taught]
    for number, (one, solution) in enumerate(zip(taught, solutions, strict=True), 1):
        yield from _step(number, one, solution)
    if answers:
        yield Heading("Answers", 2)
        for number, (one, solution) in enumerate(zip(taught, solutions, strict=True), 1):
            yield from _answers(number, one, solution)


def _step(number: int, taught: Taught, solution: Solution) -> Iterator[Block]:
    step = taught.step
    yield Heading(f"{number}. {step.title}", 3)
    yield from _words(step.says)
    if step.figures:
        yield from _words(figures(step.figures), "muted")
    drawn = picture(step, taught.ran, still_hidden(solution, frozenset()))
    if drawn is not None:
        yield Shown(drawn)
    yield from _words("In PyTorch", "label")
    yield Code(program(step).strip())
    for prediction in step.predict:
        yield from _words(prediction.asks, "question")
        choices = ", ".join(prediction.choices)
        yield Words((Span("text", f"One of {choices}" if choices else hint(prediction.kind)),), "blank")


def _answers(number: int, taught: Taught, solution: Solution) -> Iterator[Block]:
    step = taught.step
    yield Heading(f"{number}. {step.title}", 3)
    for prediction, solved in zip(step.predict, solution.predictions, strict=True):
        yield from _words(prediction.asks, "question")
        yield Words((Span("strong", solved.expected.text),), "answer")
        yield from _words(solved.shows)
    if step.notes:
        yield from _words("From the notes", "label")
        yield from _words(step.notes, "muted")
    if step.exact:
        yield from _words("What is exact", "label")
        yield from _words(step.exact)
    drawn = picture(step, taught.ran)
    if drawn is not None and step.predict:
        yield Shown(drawn)
    if solution.numbers:
        yield from _words("In numbers", "label")
        yield Rows(solution.numbers)
    for other, found in zip(step.tries, taught.tried, strict=True):
        yield from _tried(other, found)


def _tried(other: Try, found: Facts | TracerError) -> Iterator[Block]:
    yield from _words(f"Try: {other.label}", "label")
    yield from _words(other.says)
    if isinstance(found, TracerError):
        yield Words((Span("text", f"It is refused: {sentence(found.what)}"),), "muted")
    elif other.numbers:
        yield Rows(numbers(other.numbers, found))


def figures(found: Sequence[int]) -> str:
    """Name the figures of the notes: Figure 8, Figures 9 to 11, Figures 9 and 11."""
    if len(found) == 1:
        return f"Figure {found[0]} of the notes"
    run = list(found) == list(range(found[0], found[-1] + 1)) and len(found) > 2
    names = f"{found[0]} to {found[-1]}" if run else f"{', '.join(map(str, found[:-1]))} and {found[-1]}"
    return f"Figures {names} of the notes"


def _words(text: str, look: Look = "body") -> Iterator[Block]:
    return (Words(paragraph, look) for paragraph in paragraphs(text))
