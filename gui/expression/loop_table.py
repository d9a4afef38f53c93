"""The passes of a loop as rows: what its names were after each, the sides of its condition, and how that came out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from gui.inspector.node_facts import written
from gui.tables.columns import Column
from tracer import quantities
from tracer.facts import Line
from tracer.values import Loop, Turn

HOLDS = {True: "true", False: "false", None: "–"}
NUMBERS = 120  # pixels in which three numbers stand whole


def columns(loop: Loop) -> tuple[Column, ...]:
    """Give a column for the pass, for each name and side, and for the condition."""
    fullest_first = sorted(loop.turns, key=lambda turn: -len(turn.given))
    names = dict.fromkeys(line.name or "" for turn in fullest_first for line in turn.given)
    return (
        Column("pass", number_of, "How often the loop had gone round by then", right=True),
        *(Column(name, partial(value, name), elastic=True, least=NUMBERS) for name in names),
        *(
            [Column(loop.test, lambda turn: HOLDS[turn.holds], "The condition", _colour, elastic=True, least=64)]
            if loop.test
            else []
        ),
    )


def number_of(turn: Turn) -> str:
    """Name the pass after which things stood so."""
    return "before" if turn.begins else quantities.count(turn.number)


def value(name: str, turn: Turn) -> str:
    """Write what a name, or a side of the condition, was."""
    line = next((line for line in turn.given if line.name == name), None)
    return told(line) if line else "–"


def told(line: Line) -> str:
    """Write a value: its numbers, or its shape where they are too many, or what it is."""
    numbers = line.values and written(line.values.numbers, line.values.shape, line.values.dtype)
    return numbers or (f"{line.kind} {quantities.brackets(line.shape)}" if line.shape is not None else line.kind)


def sentence(loop: Loop, turn: Turn | None) -> str:
    """Say how things stood after a pass, and whether the loop went on: "y.norm() = 24: goes on"."""
    if turn is None:
        return "How things stood after this pass is not held."
    lines = list(_looked_at(loop, turn.given))
    values = ", ".join(f"{line.name} = {told(line)}" for line in lines)
    ends = {True: "so it goes on", False: "so it ends here", None: ""}[turn.holds]
    return "; ".join(part for part in (values, f"{loop.test} is {HOLDS[turn.holds]}, {ends}" if ends else "") if part)


def without_passes(loop: Loop) -> str:
    """Say why a loop made no pass."""
    why = f": {loop.test} is false at once" if loop.test else ": there is nothing to go over"
    values = ", ".join(f"{line.name} = {told(line)}" for line in _looked_at(loop, loop.turns[0].given))
    return f"The loop on line {loop.line} makes no pass{why}{f' ({values})' if loop.test and values else ''}"


def _looked_at(loop: Loop, given: Sequence[Line]) -> Iterator[Line]:
    """Give the sides of the condition, or what a `for` goes over."""
    sides = [line for line in given if not (line.name or "").isidentifier()]
    yield from sides or [line for line in given if loop.test is None or (line.name or "") in loop.test.split()][:1]


def _colour(turn: Turn) -> str:
    return "text" if turn.holds else "muted"
