"""The table of backward's steps, and what the inspector says of one: pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gui.tables.columns import Column
from tracer.analysis.stepping import Arrival, Part, Step, position_of
from tracer.drawing import step_words
from tracer.drawing.step_words import StepRow
from tracer.drawing.wording import inert, operation
from tracer.graph import Graph

PENDING = "pending"
Facts = list[tuple[str, str]]


class Row(NamedTuple):
    """A step in words, and how it stands: "done", "now" (done last), "next", or "pending"."""

    step: StepRow
    state: str


def rows(graph: Graph, every: Sequence[Step], position: int) -> list[Row]:
    """List the steps; of those that are not done, nothing is told before it is there."""
    return [
        Row(_known(step, position), state_of(step.number - 1, position, len(every)))
        for step in step_words.rows(graph, every)
    ]


def _known(step: StepRow, position: int) -> StepRow:
    if step.number <= position:
        return step
    arrives = step.arrives if step.number == position + 1 else PENDING
    return step._replace(arrives=arrives, leaves=PENDING if step.leaves else "", grad=PENDING if step.grad else "")


def state_of(number: int, position: int, last: int) -> str:
    """Say how a step stands, counted from 0, when so many are done."""
    if number < position:
        return "now" if number == position - 1 and position < last else "done"
    return "next" if number == position else PENDING


class About(NamedTuple):
    """What the inspector says of a step: a title, what arrives, and what leaves or is gathered."""

    title: str
    arrives: Facts
    leaves: Facts


def about(graph: Graph, every: Sequence[Step], position: int, node: int) -> About:
    """Say what arrives at a node that backward comes to, part by part, and what leaves."""
    step = every[position_of(every, node)]
    done = {one.node for one in every[:position]}
    flowing = step_words.flows(every)
    arrives = [fact for arrival in step.arrives for fact in _arriving(graph, step, arrival, done, flowing)]
    leaves = _gathering(step, position) if graph.nodes[node].kind == "leaf" else _leaving(graph, step, position)
    state = state_of(step.number, position, len(every))
    return About(f"Step {step.number + 1} of {len(every)} · {state}", arrives, leaves)


def _arriving(
    graph: Graph, step: Step, arrival: Arrival, done: set[int], flowing: step_words.Flows
) -> Iterator[tuple[str, str]]:
    """Tell each part that has come, the sums of them on the way, and the whole once all are there."""
    which = f" at output {arrival.output_nr}" if len(step.arrives) > 1 else ""
    come = [part for part in arrival.parts if part.edge is None or graph.edges[part.edge].consumer in done]
    whole = len(come) == len(arrival.parts)
    for number, part in enumerate(come):
        measures = step_words.measures(part) if whole and len(come) > 1 else ""
        text = "\n".join(filter(None, [step_words.part_words(part, arrival, flowing), measures]))
        yield f"{'+ ' if number else ''}{_from(graph, part)}{which}", text
        if number and number < len(arrival.parts) - 1:
            yield f"= so far{which}", step_words.values(part.so_far, "measured")
    if whole and len(come) > 1:
        yield f"= sum{which}", step_words.whole(arrival)
    if not whole:
        missing = len(arrival.parts) - len(come)
        yield f"{'+ ' if come else ''}{PENDING}{which}", f"{missing} of {_parts(len(arrival.parts))} to come"
    if not arrival.parts:
        yield f"arrives{which}", step_words.whole(arrival)


def _from(graph: Graph, part: Part) -> str:
    return "start" if part.edge is None else f"from {called(graph, graph.edges[part.edge].consumer)}"


def _leaving(graph: Graph, step: Step, position: int) -> Facts:
    """Tell what leaves on each edge: the vector–Jacobian product of what arrived."""
    return [
        (
            f"to {called(graph, graph.edges[row.edge].producer)} (input {graph.edges[row.edge].slot})",
            step_words.values(row.values, row.state, row.statistics) if step.number < position else PENDING,
        )
        for row in step.leaves
    ]


def _gathering(step: Step, position: int) -> Facts:
    """Tell what a leaf's .grad held, what is added, and what it holds then."""
    plain = step.before is not None  # what .grad held is known as decimals only
    before = step_words.values(step.before, "measured", plain=plain) if step.before else "None"
    if step.number >= position:
        return [(".grad now", before), (".grad after", PENDING)]
    after = step_words.values(step.after, "measured", plain=plain) if step.after else _nothing_or_large(step)
    added = [("+ arriving", step_words.whole(arrival, plain=plain)) for arrival in step.arrives]
    return [(".grad before", before), *added, (".grad after", after)]


def _nothing_or_large(step: Step) -> str:
    """Say why there are no numbers of a leaf's .grad: nothing came, or they are not at hand; the norm is, if alone."""
    whole = step.arrives[0].whole if step.arrives else None
    if whole is None or whole.state == "none":
        return "None"
    return step_words.values(None, whole.state, whole.statistics if step.before is None else None)


def called(graph: Graph, node: int) -> str:
    """Name a node by its tensor's name, or by its operation."""
    found = graph.nodes[node]
    return inert(found.label, 16) if found.label else operation(found.name)


def _parts(number: int) -> str:
    return f"{number} part{'' if number == 1 else 's'}"


def _colour(row: Row) -> str:
    return {"now": "backward_text", "next": "backward_text", PENDING: "muted"}.get(row.state, "text")


def _flowing(row: Row) -> str:
    return "muted" if row.state == PENDING else "backward_text"


STEPS = (
    Column("step", lambda row: str(row.step.number), right=True),
    Column("state", lambda row: row.state, "Where backward stands: done, now, next, or pending", _colour),
    Column("node", lambda row: row.step.node, elastic=True, least=230),
    Column("arrives", lambda row: row.step.arrives, "What arrives, part by part", _flowing, elastic=True, least=120),
    Column(
        "leaves", lambda row: row.step.leaves, "The vector–Jacobian product, on each edge", _flowing, spare=1,
        elastic=True, least=120,
    ),
    Column(".grad", lambda row: row.step.grad, "Of a leaf: before → after", _flowing, spare=2, elastic=True),
)  # fmt: skip
