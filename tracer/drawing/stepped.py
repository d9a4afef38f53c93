"""The picture of a graph while backward stands at a position: what has not come yet is pending.

The picture that was drawn stays as it is laid out: only the marks that tell of gradients are replaced, in their places,
so that a step takes no time and nothing moves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from tracer import quantities
from tracer.analysis.stepping import Arrival, Moment, Place, Step, moment, whole_from
from tracer.drawing import step_marks, step_words
from tracer.drawing.display_list import Area, Backward, DisplayList, Mark, Text
from tracer.graph import Graph

PENDING, SO_FAR = "pending", "so far"


class Stop(NamedTuple):
    """Backward at a position: each node's step, where each gradient is whole, the nodes of the step that was done last
    and of the next one (`None`: there is none), and those with a breakpoint."""

    graph: Graph
    now: Moment
    turns: dict[int, Step]
    whole_from: dict[Place, int]
    last: int | None
    next: int | None
    breakpoints: Collection[int]


def stepped(
    picture: DisplayList, graph: Graph, every: Sequence[Step], position: int, breakpoints: Collection[int] = ()
) -> DisplayList:
    """Show backward at a position: gradients not there yet read "pending", partial sums "so far"; edges that have not
    carried are faint, what was done last says "now" and what comes next "next". At the end it is the picture itself.

    Raises:
        ValueError: there is no such position.
    """
    stop = _stop(graph, every, position, breakpoints)
    if position == len(every) and not breakpoints:
        return picture
    marks: list[Mark] = []
    areas: list[Area] = []
    last = 0
    for area in picture.areas:
        marks += picture.marks[last : area.marks[0]]
        own, label = _dressed(stop, area, picture.marks[slice(*area.marks)])
        areas.append(replace(area, label=label, marks=(len(marks), len(marks) + len(own)), backward=None))
        marks += own
        last = area.marks[1]
    marks += picture.marks[last:]
    title = f"{picture.title}. Backward has done {position} of {len(every)} steps"
    return replace(picture, marks=tuple(marks), areas=tuple(areas), title=title)


def _stop(graph: Graph, every: Sequence[Step], position: int, breakpoints: Collection[int]) -> Stop:
    now, within = moment(graph, every, position), position < len(every)
    return Stop(
        graph,
        now,
        {step.node: step for step in every},
        whole_from(graph, every),
        every[position - 1].node if within and position else None,
        every[position].node if within else None,
        breakpoints,
    )


def _dressed(stop: Stop, area: Area, marks: Sequence[Mark]) -> tuple[list[Mark], str]:
    """Give what an area shows at this stop, and its sentence."""
    kind, _, number = area.owner.partition(" ")
    if kind == "edge":
        return _edge(stop, area, list(marks), int(number))
    if kind == "node" and int(number) in stop.turns:
        return _node(stop, area, list(marks), stop.turns[int(number)])
    if area.backward and stop.next is not None:  # the norm of a group's gradients, which is known at the end
        return _replaced(area, marks, [step_marks.line(mark, PENDING) for mark in _backward(area, marks)], PENDING)
    return list(marks), area.label


def _edge(stop: Stop, area: Area, marks: list[Mark], edge: int) -> tuple[list[Mark], str]:
    consumer = stop.graph.edges[edge].consumer
    if area.backward is None or consumer not in stop.turns:
        return marks, area.label
    if consumer not in stop.now.done:
        return _replaced(area, marks, step_marks.faint(_backward(area, marks)), f"gradient {PENDING}")
    just = consumer == stop.last
    shown = step_marks.lit(_backward(area, marks)) if just else _backward(area, marks)
    marks, label = _replaced(area, marks, shown, _carried(stop, area.backward, edge))
    return marks, f"now: {label}" if just else label


def _carried(stop: Stop, told: Backward, edge: int) -> str:
    """Say what has flowed back on an edge; its share of a sum is not known before all of that has come."""
    one = stop.graph.edges[edge]
    rows = [row for row in stop.turns[one.consumer].leaves if row.edge == edge]
    if stop.now.position >= stop.whole_from.get((one.producer, one.output_nr), 0) or not rows:
        return told.words
    return f"back flows {step_words.values(rows[0].values, rows[0].state, rows[0].statistics)}"


def _node(stop: Stop, area: Area, marks: list[Mark], step: Step) -> tuple[list[Mark], str]:
    label = area.label
    waiting = [arrival for arrival in step.arrives if not _is_whole(stop, step, arrival)]
    if area.backward and waiting:
        shown = _waiting(stop, step, _backward(area, marks))
        words = ", ".join(_sentence(stop, step, arrival) for arrival in step.arrives)
        marks, label = _replaced(area, marks, shown, words)
    words = {stop.last: "now", stop.next: "next"}.get(step.node, "")
    if words:
        marks = step_marks.emphasised(marks, f"{words} · step {step.number + 1}", strong=words == "now")
        label = f"{words}, step {step.number + 1} of {len(stop.turns)}: {label}"
    if step.node in stop.breakpoints:
        marks, label = [*marks, step_marks.breakpoint_dot(area)], f"{label}, breakpoint"
    return marks, label


def _is_whole(stop: Stop, step: Step, arrival: Arrival) -> bool:
    return stop.now.position >= stop.whole_from[step.node, arrival.output_nr]


def _waiting(stop: Stop, step: Step, marks: Sequence[Mark]) -> list[Mark]:
    """Show the gradients of a node that are not whole yet: its grid, or a line for each output."""
    if not all(isinstance(mark, Text) for mark in marks):
        (arrival,) = step.arrives
        parts = stop.now.arrived.get((step.node, arrival.output_nr), ())
        return step_marks.so_far(marks, parts[-1].so_far) if parts else step_marks.pending(marks)
    if len(step.arrives) == 1:
        return [step_marks.line(mark, f"gradient {_state(stop, step, step.arrives[0])}") for mark in marks]
    return [
        mark
        if _is_whole(stop, step, arrival)
        else step_marks.line(mark, _before(mark, arrival) + _state(stop, step, arrival))
        for mark, arrival in zip(marks, step.arrives, strict=False)  # a card has lines for the first outputs only
    ]


def _before(mark: Mark, arrival: Arrival) -> str:
    """Give the beginning of an output's line, "a: 2 × 2, "; nothing where it was too long to be written."""
    assert isinstance(mark, Text)
    name, shape, _ = mark.text.rpartition(f": {quantities.shape(arrival.whole.shape)}, ")
    return name + shape


def _state(stop: Stop, step: Step, arrival: Arrival) -> str:
    """Say how much of a gradient has come: "pending", or "so far 1 of 2 parts"."""
    parts = stop.now.arrived.get((step.node, arrival.output_nr), ())
    return f"{SO_FAR} {len(parts)} of {_counted(len(arrival.parts))}" if parts else PENDING


def _counted(parts: int) -> str:
    return f"{parts} part{'' if parts == 1 else 's'}"


def _sentence(stop: Stop, step: Step, arrival: Arrival) -> str:
    """Say what is known of the gradient at one output."""
    which = f"output {arrival.output_nr} " if len(step.arrives) > 1 else ""
    if _is_whole(stop, step, arrival):
        return f"{which}gradient {step_words.whole(arrival)}"
    parts = stop.now.arrived.get((step.node, arrival.output_nr), ())
    sum_ = f", {step_words.values(parts[-1].so_far, 'measured')}" if parts and parts[-1].so_far else ""
    return f"{which}gradient {_state(stop, step, arrival)}{sum_}"


def _backward(area: Area, marks: Sequence[Mark]) -> Sequence[Mark]:
    return marks[slice(*area.backward.marks)] if area.backward else ()


def _replaced(area: Area, marks: Sequence[Mark], shown: Sequence[Mark], words: str) -> tuple[list[Mark], str]:
    """Put other marks and words in the place of those that tell of backward."""
    assert area.backward is not None
    start, end = area.backward.marks
    told = area.backward.words
    return [*marks[:start], *shown, *marks[end:]], area.label.replace(told, words, 1) if told else area.label
