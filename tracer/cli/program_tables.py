"""The tables of a program in the terminal: what each line gave, and backward step by step."""

from __future__ import annotations

from tracer import quantities
from tracer.cli.tables import Column, called
from tracer.drawing.step_words import values
from tracer.facts import Line


def _given(line: Line) -> str:
    if line.values is not None:
        return values(line.values, "measured")
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
