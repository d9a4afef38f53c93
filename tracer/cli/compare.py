"""`gradtrace compare`: what changed from one recording to another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

import tracer
from tracer import quantities
from tracer.analysis.comparison import Difference
from tracer.cli import tables
from tracer.cli.answers import Json, counted
from tracer.errors import TracerError

MOST = 60  # rows of one table; the JSON has all


def compare(
    a: Annotated[Path, typer.Argument(metavar="A.json", help="A recording, saved as JSON.")],
    b: Annotated[Path, typer.Argument(metavar="B.json", help="The recording to compare with it.")],
    rtol: Annotated[
        float | None, typer.Option(help="How far apart gradients may be, of their size (default: by dtype).")
    ] = None,
    atol: Annotated[
        float | None, typer.Option(help="How far apart gradients may be at least (default: ten roundings).")
    ] = None,
    json: Json = False,
) -> int:
    """Tell what changed from one recording to another; the exit code is 1 where anything did."""
    try:
        found = tracer.Recording.load(a).compare(tracer.Recording.load(b), rtol=rtol, atol=atol)
    except ValueError as error:
        raise TracerError(str(error), cure="Example: --rtol 1e-3") from error
    if json:
        tables.as_json({"same": found.same, "differences": found.rows, "notes": found.notes})
    elif found.same:
        tables.say("No difference was found.")
    else:
        _show(found.rows)
    for note in found.notes:
        tables.tell(note)
    return 0 if found.same else 1


def _show(rows: Sequence[Difference]) -> None:
    for title, kinds, columns in SECTIONS:
        chosen = [row for row in rows if row.kind in kinds]
        if chosen:
            tables.show(title, columns, chosen[:MOST])
        if len(chosen) > MOST:
            tables.say(f"and {counted(len(chosen) - MOST, 'row')} more: --json lists all\n")
    tables.say(counted(len(rows), "difference"), bold=True)


CHANGES = (
    tables.Column("what", lambda row: row.kind),
    tables.Column("where", lambda row: tables.called(row.where)),
    tables.Column("before", lambda row: "" if row.before is None else tables.called(row.before)),
    tables.Column("after", lambda row: "" if row.after is None else tables.called(row.after)),
)
NAMES = (
    tables.Column("before", lambda row: tables.called(row.before)),
    tables.Column("after", lambda row: tables.called(row.after)),
    tables.Column("nodes", lambda row: quantities.count(row.times), number=True),
)
SECTIONS = (
    ("What the graph is made of", ("added", "removed", "operation", "inputs"), CHANGES),
    ("Shapes, dtypes, devices", ("shape", "dtype", "device", "role"), CHANGES),
    ("Names", ("name",), NAMES),
    ("What backward keeps", ("saved",), CHANGES[1:]),
    ("Gradients, in the order of backward", ("gradient",), CHANGES[1:]),
)
