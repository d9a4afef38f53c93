"""The tables of a graph in the terminal: where paths join, and where it was cut."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import tracer
from tracer import quantities
from tracer.analysis.joins import JoinRow, joins
from tracer.cli import tables
from tracer.cli.answers import counted
from tracer.drawing.wording import operation
from tracer.facts import Cut

MOST = 30  # rows of joining paths that are printed; the JSON has all


def show_joins(recording: tracer.Recording) -> None:
    """Print what is summed where several paths of the backward join."""
    rows = joins(recording.facts)
    if not rows:
        return
    shown = _whole_joins(rows)
    tables.show("Where paths join, and what each brings to the sum", _join_columns(recording), shown)
    if len(shown) < len(rows):
        tables.say(f"and {counted(len(rows) - len(shown), 'path')} more: --json lists all\n")


def show_non_finite(recording: tracer.Recording) -> None:
    """Say where the first NaN or infinity appears, if there is one."""
    found = recording.first_non_finite() if recording.facts.gradients is not None else None
    while found is not None:
        tables.say(f"{found.text}{'' if found.then is None else ' Then, in backward:'}", bold=True)
        found = found.then


def show_cuts(recording: tracer.Recording) -> None:
    """Print where the graph was cut on the way to what was traced; a value that left torch only where that is all that
    can be said of a tensor without a graph."""
    cuts = recording.facts.cuts or ()
    on_the_way = [cut for cut in cuts if cut.nodes or cut.outputs]
    unexplained = any(end.node is None for end in recording.graph.outputs) and not on_the_way
    shown = list(cuts) if unexplained else on_the_way
    if shown:
        tables.show("Where the graph was cut", _cut_columns(recording), shown)


def show_problems(recording: tracer.Recording) -> None:
    """Print what is wrong with gradients, and why."""
    rows = recording.problems()
    if rows:
        tables.show("Problems", PROBLEMS, rows)


PROBLEMS = (
    tables.Column("problem", lambda row: row.problem),
    tables.Column("gradient of", lambda row: row.where),
    tables.Column("why", lambda row: row.why),
    tables.Column("at", lambda row: row.source or "not known"),
    tables.Column("cure", lambda row: row.cure),
)


def named(recording: tracer.Recording, index: int, output_nr: int = 0) -> str:
    """Name a node for a person: "x", or "Add of blocks.0, gpt.py:38"."""
    node = recording.graph.nodes[index]
    if node.label:
        return tables.called(node.label)
    which = f"output {output_nr} of " if len(node.outputs) > 1 else ""
    module = f" of {tables.called(node.module)}" if node.module else ""
    return f"{which}{operation(node.name)}{module}{f', {node.source}' if node.source else ''}"


def _whole_joins(rows: Sequence[JoinRow]) -> list[JoinRow]:
    """Take the first joins, each with all of its paths."""
    shown: list[JoinRow] = []
    for _, group in groupby(rows, key=lambda row: (row.node, row.output_nr)):
        paths = list(group)
        if shown and len(shown) + len(paths) > MOST:
            break
        shown += paths
    return shown[: 4 * MOST]


def _join_columns(recording: tracer.Recording) -> tuple[tables.Column, ...]:
    return (
        tables.Column("summed at", lambda row: named(recording, row.node, row.output_nr)),
        tables.Column("comes from", lambda row: named(recording, row.user)),
        tables.Column("input", lambda row: str(row.slot), number=True),
        tables.Column("‖g‖₂", lambda row: quantities.figure(row.norm), number=True),
        tables.Column("share", lambda row: quantities.share(row.share), number=True),
        tables.Column("cosine", lambda row: quantities.figure(row.cosine), number=True),
    )


def _cut_columns(recording: tracer.Recording) -> tuple[tables.Column, ...]:
    return (
        tables.Column("cut by", lambda cut: cut.operation),
        tables.Column("at", lambda cut: cut.source or "not known"),
        tables.Column("module", lambda cut: tables.called(cut.module or "")),
        tables.Column("why", lambda cut: WHY[cut.kind]),
        tables.Column("times", lambda cut: quantities.count(cut.times), number=True),
        tables.Column("used by", lambda cut: _used(recording, cut)),
    )


WHY = {
    "detach": "it cuts off on purpose",
    "no_grad": "nothing is recorded there",
    "inference_mode": "nothing is recorded there",
    "copied": "the copy has no history",
    "left torch": "a number, an array or a list has no history",
    "not differentiable": "it has no derivative",
}


def _used(recording: tracer.Recording, cut: Cut) -> str:
    """Name the first that used what was cut, and say how many more did."""
    users = [*cut.outputs, *(named(recording, index) for index in cut.nodes)]
    if not users:
        return "not known"
    return users[0] if len(users) == 1 else f"{users[0]}, and {quantities.count(len(users) - 1)} more"
