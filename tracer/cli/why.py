"""`gradtrace why`: why a parameter of a training script has, or lacks, a gradient."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import tracer
from tracer.analysis.problems.why import answers
from tracer.cli import tables
from tracer.cli.answers import Json, tell_notes

FINE, PROBLEM = 0, 1


def why(
    script: Annotated[Path, typer.Argument(help="A Python script; it is not changed.")],
    name: Annotated[str, typer.Argument(help="The name of a parameter or of a tensor, such as fc.bias.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="The script's own arguments, after --.")] = None,
    step: Annotated[int, typer.Option(help="Which call of backward() to stop at.")] = 1,
    target: Annotated[str | None, typer.Option(help="A name that the script leaves, instead of a backward().")] = None,
    seconds: Annotated[float | None, typer.Option(help="How long the script may take (default: no limit).")] = None,
    json: Json = False,
) -> int:
    """Run a script up to its backward(), and say why a tensor has, or lacks, a gradient there (exit 1)."""
    recording = tracer.run(
        tracer.Script(str(script), target=target, step=step, arguments=tuple(arguments or ()), seconds=seconds)
    )
    found = answers(recording.facts, name)
    if json:
        tables.as_json(found)
    else:
        for text in recording.why(name):
            tables.say(text)
    tell_notes(recording)
    return FINE if all(answer.is_fine for answer in found) else PROBLEM
