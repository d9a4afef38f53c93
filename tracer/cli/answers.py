"""What every command that makes a recording does with it: run, print, save."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

import tracer
from tracer import quantities
from tracer.analysis.folding import AUTO, Fold
from tracer.analysis.gradients import GradientRow
from tracer.cli.tables import say, tell
from tracer.facts import Facts
from tracer.graph import Graph

Save = Annotated[
    list[Path] | None,
    typer.Option("--save", help="Write to a file, by its suffix: svg, png, pdf, dot, json. May be given twice."),
]
Json = Annotated[bool, typer.Option("--json", help="Print rows as JSON.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Seed = Annotated[int, typer.Option(help="Where random numbers start.")]


def check_names(paths: Sequence[Path] | None) -> None:
    """Refuse a file that can't be saved before any work is done, in the words in which saving refuses it.

    Raises:
        TracerError: a suffix is not known, and says which are; or nothing can be written in that place.
    """
    if paths:
        from tracer.export import files

        for path in paths:
            if path.suffix.removeprefix(".").lower() not in files.WRITERS:
                files.save(Facts(Graph()), path)
            files.refuse_place(path)


def save(recording: tracer.Recording, paths: Sequence[Path] | None, how: Fold = AUTO) -> None:
    """Write the recording to each file, and name it on stderr."""
    for path in paths or ():
        recording.save(path, level=how.level, opened=how.opened)
        tell(f"Saved {path}")


def summary(recording: tracer.Recording) -> None:
    """Print what the graph is made of, what backward keeps, and what was noted; the notes go to stderr."""
    facts = recording.facts
    parts = [f"{counted(len(facts.graph.nodes), 'node')}, {counted(len(facts.graph.edges), 'edge')}"]
    if facts.saved is not None:
        parts.append(f"backward keeps {quantities.size(sum(storage.bytes for storage in facts.saved))}")
    say("Graph: " + "; ".join(parts))
    tell_notes(recording)


def tell_notes(recording: tracer.Recording) -> None:
    """Print what was noted of a recording, to stderr."""
    for note in recording.facts.notes:
        tell(note)


def gradients(recording: tracer.Recording) -> tuple[GradientRow, ...] | None:
    """List the gradients; `None` where they could not be measured."""
    return None if recording.facts.gradients is None else recording.gradients()


def counted(number: int, one: str, many: str = "") -> str:
    """Write how many of a thing there are: 1 node, 4 800 weights."""
    return f"{quantities.count(number)} {one if number == 1 else many or one + 's'}"
