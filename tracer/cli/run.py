"""`gradtrace run`: what the backward of a training script goes through."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import tracer
from tracer import quantities
from tracer.analysis.joins import joins
from tracer.cli import reading, tables
from tracer.cli.answers import Json, Save, check_names, gradients, save, summary, tell_notes
from tracer.cli.expr import ends
from tracer.cli.graph_tables import show_cuts, show_joins, show_non_finite, show_problems
from tracer.cli.saved_tables import saved_rows, show_saved

OWN_ARGUMENTS = "The script's own arguments go after --. Example: gradtrace run train.py -- --lr 0.1"


def run(
    script: Annotated[Path, typer.Argument(help="A Python script; it is not changed.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="The script's own arguments, after --.")] = None,
    step: Annotated[int, typer.Option(help="Which call of backward() to stop at.")] = 1,
    target: Annotated[str | None, typer.Option(help="A name that the script leaves, instead of a backward().")] = None,
    seconds: Annotated[float | None, typer.Option(help="How long the script may take (default: no limit).")] = None,
    level: Annotated[str, typer.Option(metavar="N", help="How deep modules are drawn: auto, all, 1, 2, …")] = "auto",
    opened: Annotated[
        list[str] | None, typer.Option("--open", metavar="MODULE", help="Draw the inside of this module. Repeatable.")
    ] = None,
    saved: Save = None,
    json: Json = False,
) -> None:
    """Run a script up to its backward(), and show what that goes through."""
    check_names(saved)
    how = reading.fold(level, opened)
    recording = tracer.run(
        tracer.Script(str(script), target=target, step=step, arguments=tuple(arguments or ()), seconds=seconds)
    )
    save(recording, saved, how)
    if json:
        tables.as_json(_answer(recording))
        tell_notes(recording)
    else:
        show(script.name, recording)


def show(name: str, recording: tracer.Recording) -> None:
    """Print what was traced and the tables."""
    tables.say(f"{tables.called(name)}: {ends(recording)}", bold=True)
    tables.show("\nShapes", PLAIN_SHAPES, recording.shapes())
    rows = gradients(recording)
    if rows is not None:
        tables.show(f"Gradients of {ends(recording)}", tables.STATISTICS, rows)
        show_joins(recording)
    show_cuts(recording)
    show_non_finite(recording)
    show_saved(recording)
    show_problems(recording)
    summary(recording)


def _answer(recording: tracer.Recording) -> dict[str, Any]:
    measured = recording.facts.edge_gradients is not None
    return {
        "shapes": recording.shapes(),
        "gradients": gradients(recording),
        "joins": joins(recording.facts) if measured else None,
        "cuts": recording.facts.cuts,
        "first_non_finite": recording.first_non_finite() if measured else None,
        "saved": saved_rows(recording),
        "problems": recording.problems(),
    }


PLAIN_SHAPES = (
    tables.Column("tensor", lambda row: tables.called(row.name)),
    tables.Column("role", lambda row: row.role),
    tables.Column("shape", lambda row: quantities.brackets(row.shape)),
    tables.Column("dtype", lambda row: row.dtype),
    tables.Column("elements", lambda row: quantities.count(row.elements), number=True),
    tables.Column("memory", lambda row: quantities.size(row.bytes), number=True),
)
