"""`gradtrace run`: what the backward of a training script goes through."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import tracer
from tracer import quantities
from tracer.cli import tables
from tracer.cli.answers import Json, Save, check_names, gradients, save, summary, tell_notes
from tracer.cli.expr import ends

OWN_ARGUMENTS = "The script's own arguments go after --. Example: gradtrace run train.py -- --lr 0.1"


def run(
    script: Annotated[Path, typer.Argument(help="A Python script; it is not changed.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="The script's own arguments, after --.")] = None,
    step: Annotated[int, typer.Option(help="Which call of backward() to stop at.")] = 1,
    target: Annotated[str | None, typer.Option(help="A name that the script leaves, instead of a backward().")] = None,
    seconds: Annotated[float | None, typer.Option(help="How long the script may take (default: no limit).")] = None,
    saved: Save = None,
    json: Json = False,
) -> None:
    """Run a script up to its backward(), and show what that goes through."""
    check_names(saved)
    recording = tracer.run(
        tracer.Script(str(script), target=target, step=step, arguments=tuple(arguments or ()), seconds=seconds)
    )
    save(recording, saved)
    if json:
        tables.as_json({"shapes": recording.shapes(), "gradients": gradients(recording)})
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
    summary(recording)


PLAIN_SHAPES = (
    tables.Column("tensor", lambda row: tables.called(row.name)),
    tables.Column("role", lambda row: row.role),
    tables.Column("shape", lambda row: quantities.brackets(row.shape)),
    tables.Column("dtype", lambda row: row.dtype),
    tables.Column("elements", lambda row: quantities.count(row.elements), number=True),
    tables.Column("memory", lambda row: quantities.size(row.bytes), number=True),
)
