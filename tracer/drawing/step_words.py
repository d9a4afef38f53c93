"""A step of backward in words: its node, what arrives there, what leaves and to where, and the .grad of a leaf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tracer import quantities
from tracer.analysis.stepping import Arrival, Part, Step
from tracer.drawing.wording import inert
from tracer.facts import EdgeGradient, State, Statistics, Values
from tracer.graph import Graph

SHOWN, NAME = 12, 80  # values that fit into a cell, and characters of a name
STATES: Mapping[State, str] = {"none": "nothing", "not measured": "not measured"}

Flows = Mapping[int, EdgeGradient]


class StepRow(NamedTuple):
    """A step in words; steps are counted from 1."""

    number: int
    node: str
    arrives: str
    leaves: str
    grad: str


def rows(graph: Graph, every: Sequence[Step]) -> list[StepRow]:
    """Put each step in words."""
    flowing = flows(every)
    return [
        StepRow(step.number + 1, node(graph, step.node), arriving(step, flowing), leaving(graph, step), gathered(step))
        for step in every
    ]


def flows(every: Sequence[Step]) -> Flows:
    """Give what flows back on each edge."""
    return {row.edge: row for step in every for row in step.leaves}


def node(graph: Graph, index: int) -> str:
    """Name a node: "MulBackward0 (z, line 2)"."""
    found = graph.nodes[index]
    again = f"pass {found.call}" if found.call and found.call > 1 else None
    beside = ", ".join(filter(None, [inert(found.label or "", NAME), found.source, again]))
    return f"{found.name} ({beside})" if beside else found.name


def arriving(step: Step, flowing: Flows) -> str:
    """Write what arrives, and where several parts are summed, each with its share and cosine."""
    texts = []
    for arrival in step.arrives:
        which = f"output {arrival.output_nr}: " if len(step.arrives) > 1 else ""
        parts = [part_words(part, arrival, flowing) + in_brackets(measures(part)) for part in arrival.parts]
        sum_ = whole(arrival)
        texts.append(f"{which}{' + '.join(parts)} = {sum_}" if len(parts) > 1 else which + sum_)
    return "; ".join(texts)


def whole(arrival: Arrival, *, plain: bool = False) -> str:
    """Write the sum of what arrives at an output."""
    return values(arrival.whole.values, arrival.whole.state, arrival.whole.statistics, plain=plain)


def part_words(part: Part, arrival: Arrival, flowing: Flows) -> str:
    """Write one part of a sum; where its numbers are not at hand, how large it is."""
    flow = None if part.edge is None else flowing.get(part.edge)
    alone = arrival.whole.statistics if len(arrival.parts) == 1 else None
    return values(part.values, part.state, flow.statistics if flow else alone)


def measures(part: Part) -> str:
    """Write the share of a part in the sum and its cosine to it; nothing where it is all of it, or not known."""
    if part.share is None or part.cosine is None or part.share == 1:
        return ""
    return f"{quantities.share(part.share)}, cosine {quantities.figure(part.cosine, 3)}"


def in_brackets(words: str) -> str:
    """Put words behind others."""
    return f" ({words})" if words else ""


def leaving(graph: Graph, step: Step) -> str:
    """Write what leaves on each edge, and to which node."""
    return "; ".join(
        f"{values(row.values, row.state, row.statistics)} to {node(graph, graph.edges[row.edge].producer)}"
        for row in step.leaves
    )


def gathered(step: Step) -> str:
    """Write what the .grad of a leaf held, and what it holds then."""
    if step.before is None:
        return values(step.after, "measured") if step.after else ""
    return f"{values(step.before, 'measured', plain=True)} → {values(step.after, 'measured', plain=True)}"


def values(found: Values | None, state: State, statistics: Statistics | None = None, *, plain: bool = False) -> str:
    """Write values as fractions where they are known so, unless `plain`; where they are not held, their norm."""
    if state != "measured":
        return STATES[state]
    if found is None:
        return f"‖g‖ {quantities.figure(statistics.norm)}" if statistics else "not known"
    if len(found.numbers) > SHOWN:
        return f"{quantities.count(len(found.numbers))} numbers"
    exact = None if plain else found.fractions()
    return quantities.values(found.nested(), found.dtype, exact)
