"""The tables of a program in the terminal: what each line gave, and backward step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracer import quantities
from tracer.analysis.stepping import Part, Step
from tracer.cli.tables import SHOWN, Column, called
from tracer.facts import Facts, Line, State, Values


class StepRow(NamedTuple):
    """A step in words: its node, what arrives there, what leaves and to which nodes, and the `.grad` of a leaf."""

    number: int
    node: str
    arrives: str
    leaves: str
    grad: str


def rows(facts: Facts, every: Sequence[Step]) -> list[StepRow]:
    """Put each step in words."""
    return [
        StepRow(step.number + 1, node(facts, step.node), _arriving(step), _leaving(facts, step), _grad(step))
        for step in every
    ]


def node(facts: Facts, index: int) -> str:
    """Name a node: "MulBackward0 (z, line 2)"."""
    found = facts.graph.nodes[index]
    told = [called(found.label) if found.label else None, found.source]
    again = f"pass {found.call}" if found.call and found.call > 1 else None
    beside = ", ".join(filter(None, [*told, again]))
    return f"{found.name} ({beside})" if beside else found.name


def _arriving(step: Step) -> str:
    """Write what arrives, and where several parts are summed, each with its share and cosine."""
    texts = []
    for arrival in step.arrives:
        which = f"output {arrival.output_nr}: " if len(step.arrives) > 1 else ""
        parts = [_values(part.values, part.state) + _measures(part) for part in arrival.parts]
        if len(parts) > 1:
            texts.append(f"{which}{' + '.join(parts)} = {_values(arrival.whole.values, arrival.whole.state)}")
        else:
            texts.append(which + _values(arrival.whole.values, arrival.whole.state))
    return "; ".join(texts)


def _measures(part: Part) -> str:
    if part.share is None or part.cosine is None or part.share == 1:
        return ""
    return f" ({quantities.share(part.share)}, cosine {quantities.figure(part.cosine, 3)})"


def _leaving(facts: Facts, step: Step) -> str:
    return "; ".join(
        f"{_values(row.values, row.state)} to {node(facts, facts.graph.edges[row.edge].producer)}"
        for row in step.leaves
    )


def _grad(step: Step) -> str:
    if step.before is None:
        return _values(step.after, "measured") if step.after else ""
    return f"{_values(step.before, 'measured')} → {_values(step.after, 'measured')}"


def _values(values: Values | None, state: State) -> str:
    """Write values, as fractions where those are known and read better."""
    if state != "measured":
        return {"none": "nothing"}.get(state, state)
    if values is None:
        return "not known"
    if len(values.numbers) > SHOWN:
        return f"{quantities.count(len(values.numbers))} numbers"
    return quantities.values(values.nested(), values.dtype, values.fractions())


def _given(line: Line) -> str:
    if line.values is not None:
        return _values(line.values, "measured")
    return line.kind if line.shape is None else "too many to hold"


LINES = (
    Column("line", lambda row: str(row.number), number=True),
    Column("name", lambda row: "–" if row.name is None else called(row.name)),
    Column("shape", lambda row: "–" if row.shape is None else quantities.brackets(row.shape)),
    Column("dtype", lambda row: row.dtype or "–"),
    Column("passes", lambda row: quantities.count(row.passes), number=True),
    Column("value", _given),
)
STEPS = (
    Column("step", lambda row: str(row.number), number=True),
    Column("node", lambda row: row.node),
    Column("arrives", lambda row: row.arrives),
    Column("leaves", lambda row: row.leaves),
    Column(".grad", lambda row: row.grad),
)
