"""`gradtrace derive`: the gradients of a small program, found by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

import tracer
from tracer.cli import reading, tables
from tracer.cli.answers import Device, Json, Seed, tell_notes
from tracer.derived import Derivation, Layout


def derive(
    program: Annotated[str, typer.Argument(help="Assignments with ; or line ends between: y = x - 2; a = y.mean()")],
    inputs: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help='An input: --set "x=[[1,2],[3,4]]"')
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="The input to derive by (default: each).")] = None,
    output: Annotated[str | None, typer.Option(help="The name to go back from (default: the last).")] = None,
    gradient: Annotated[str | None, typer.Option(help="What backward starts from (default: ones).")] = None,
    latex: Annotated[bool, typer.Option("--latex", help="Print LaTeX.")] = False,
    layout: Annotated[
        Layout, typer.Option(help="How the numbers are set out: in the shape of the input, transposed, or as one row.")
    ] = "shape",
    seed: Seed = 0,
    device: Device = "auto",
    json: Json = False,
) -> int:
    """Derive the gradients of a small program by hand, and compare them with autograd's."""
    start = None if gradient is None else reading.values(gradient, "gradient")
    asked = tracer.Expression(program, reading.inputs(inputs or []), output, start, device, seed)
    recording = tracer.run(asked)
    names = [one.name for one in recording.facts.derivations] if by is None else [by]
    found = tuple(recording.derivation(name, layout) for name in names)
    if json:
        tables.as_json({"derivations": found})
        tell_notes(recording)
    elif latex:
        for one in found:
            print(one.latex if one.lines else f"% {one.why}")
    else:
        show(found)
    return 0 if found and all(one.complete for one in found) else 1


def show(derivations: Sequence[Derivation]) -> None:
    """Print derivations; a line that one shares with an earlier one is not printed again."""
    seen: set[str] = set()
    if not derivations:
        tables.say("Nothing is derived: the output has no gradient")
    for one in derivations:
        tables.say(f"\n∂{one.of}/∂{one.name} by hand", bold=True)
        for line in one.lines:
            if line.text not in seen:
                tables.say(f"  {line.text}")
            seen.add(line.text)
        if one.why is not None:
            tables.say(f"  Not complete: {one.why}")
