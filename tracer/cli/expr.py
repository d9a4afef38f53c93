"""`gradtrace expr`: the values and gradients of a small program, and how these are found by hand."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import tracer
from tracer import quantities
from tracer.cli import derive, program_tables, reading, tables
from tracer.cli.answers import Device, Json, Save, Seed, check_names, save, summary, tell_notes
from tracer.drawing import step_words


def expr(
    program: Annotated[str, typer.Argument(help="Assignments with ; or line ends between: y = x - 2; a = y.mean()")],
    inputs: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help='An input: --set "x=[[1,2],[3,4]]"')
    ] = None,
    output: Annotated[str | None, typer.Option(help="The name to go back from (default: the last).")] = None,
    gradient: Annotated[str | None, typer.Option(help="What backward starts from (default: ones).")] = None,
    stepped: Annotated[bool, typer.Option("--steps", help="Show backward step by step.")] = False,
    decimals: Annotated[bool, typer.Option("--decimals", help="Show decimals where fractions are known.")] = False,
    seed: Seed = 0,
    device: Device = "auto",
    saved: Save = None,
    json: Json = False,
) -> None:
    """Show the values and gradients of a small program."""
    check_names(saved)
    recording = tracer.run(
        tracer.Expression(
            program,
            inputs=reading.inputs(inputs or []),
            output=output,
            gradient=None if gradient is None else reading.values(gradient, "gradient"),
            device=device,
            seed=seed,
            exact=not decimals,
        )
    )
    save(recording, saved)
    if json:
        found = {"shapes": recording.shapes(), "gradients": recording.gradients(), "lines": recording.lines()}
        found["derivations"] = recording.facts.derivations
        tables.as_json({**found, "steps": recording.steps()} if stepped else found)
        tell_notes(recording)
    else:
        show(program, recording, stepped=stepped)


def show(program: str, recording: tracer.Recording, *, stepped: bool = False) -> None:
    """Print the program and the tables."""
    tables.say(program.strip(), bold=True)
    tables.show("\nValues", tables.VALUES, recording.shapes())
    if recording.lines():
        tables.show("Lines", program_tables.LINES, recording.lines())
    if stepped:
        title = f"Backward of {_start(recording)}, step by step"
        tables.show(title, program_tables.STEPS, step_words.rows(recording.graph, recording.steps()))
    tables.show(f"Gradients of {_start(recording)}", tables.GRADIENT_VALUES, recording.gradients())
    derive.show(recording.facts.derivations)
    summary(recording)


def ends(recording: tracer.Recording) -> str:
    """Name what was traced."""
    return ", ".join(tables.called(output.name) for output in recording.graph.outputs)


def _start(recording: tracer.Recording) -> str:
    """Name what backward started from: a scalar, a weighted sum, or (the weights being ones) the sum."""
    facts, end = recording.facts, recording.graph.outputs[0]
    asked = facts.experiment
    if isinstance(asked, tracer.Expression) and asked.gradient is not None:
        return f"{tables.called(end.name)}, backward from {_typed(asked.gradient)}"
    row = next((row for row in facts.gradients or () if (row.node, row.output_nr) == (end.node, end.output_nr)), None)
    if row is not None and row.values is not None and set(row.values.numbers) - {1}:  # its own backward(v)
        return f"{tables.called(end.name)}, backward from {quantities.values(row.values.nested(), row.dtype)}"
    shape = None if end.node is None else recording.graph.nodes[end.node].outputs[end.output_nr].shape
    return f"the sum of {tables.called(end.name)}" if shape else tables.called(end.name)


def _typed(nested: Any) -> str:
    """Write nested lists in which fractions stand as text."""
    if isinstance(nested, list | tuple):
        return f"[{', '.join(map(_typed, nested))}]"
    return nested if isinstance(nested, str) else quantities.number(nested)
