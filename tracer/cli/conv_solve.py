"""`gradtrace conv --solve 64x128`: the settings that give a wanted output size."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tracer.cli import tables
from tracer.convolution import python_source, solver
from tracer.convolution.settings import read
from tracer.errors import InvalidSetting
from tracer.experiment import Convolution

Solve = Annotated[
    str, typer.Option(metavar="64x128", help="List the settings that give this output; 64x? leaves an axis free.")
]
Within = Annotated[
    list[str] | None,
    typer.Option(metavar="kernel=1-7", help="With --solve: what a field may be. May be given for each field."),
]
Most = Annotated[int, typer.Option(help="With --solve: how many settings to list.", min=1)]
FREE = ("?", "*", "_")


def show(experiment: Convolution, wanted: str, within: list[str], most: int, json: bool) -> bool:
    """Print the settings that give the wanted size, simplest first; tell whether there are any."""
    ranges = _ranges(within)
    answer = solver.solve(experiment, _wanted(wanted), ranges, most)
    rows = [_Row(_layer(experiment, solution), solution) for solution in answer.solutions]
    if json:
        tables.as_json({"wanted": wanted, "ranges": ranges, "complete": answer.complete, "solutions": rows})
        return bool(rows)
    if not rows:
        kept = "" if answer.complete else ", as far as was searched"
        tables.say(f"No settings within the ranges give {wanted.replace('x', ' × ')}{kept}. --within widens them.")
        return False
    tables.show(f"Settings that give {wanted.replace('x', ' × ')}, simplest first", SOLUTIONS, rows)
    tables.say("These are all within the ranges." if answer.complete else f"There may be more: --most {10 * most}.")
    return True


def refuse_saving(paths: list[Path] | None) -> None:
    """Refuse to save where nothing is run.

    Raises:
        InvalidSetting: a file was named.
    """
    if paths:
        raise InvalidSetting("Solving runs no layer, so there is nothing to save", "--save", "Leave it out")


class _Row(msgspec.Struct, frozen=True):
    layer: str
    solution: solver.Solution


SOLUTIONS = (
    tables.Column("layer", lambda row: row.layer),
    tables.Column("output", lambda row: " × ".join(map(str, row.solution.output_size))),
    tables.Column("changed", lambda row: ", ".join(row.solution.changed) or "nothing"),
)


def _layer(experiment: Convolution, solution: solver.Solution) -> str:
    return python_source.layer(read(solver.applied(experiment, solution)))


def _wanted(text: str) -> int | tuple[int | None, ...] | None:
    """Read 64, 64x128, or 64x? with a free axis."""
    parts = [part.strip() for part in re.split(r"[x×,]", text.lower())]
    if len(text) > 100 or not all(part in FREE or re.fullmatch(r"[-−+]?\d+", part) for part in parts):
        cure = "Write it as 64x128, with ? for an axis that may have any size"
        raise InvalidSetting(f"“{text[:40]}” is no size", "--solve", cure)
    sizes = tuple(None if part in FREE else int(part.replace("−", "-")) for part in parts)
    return sizes[0] if len(sizes) == 1 else sizes


def _ranges(within: list[str]) -> solver.Ranges:
    """Read ranges, kernel=1-7 or stride=2, one a field."""
    names = {name.removesuffix("_size").replace("_", "-"): name for name in solver.Ranges.__struct_fields__}
    found: dict[str, tuple[int, int]] = {}
    for text in within:
        read_ = re.fullmatch(r"\s*([\w-]+)\s*=\s*(\d{1,9})\s*(?:[-–:]\s*(\d{1,9})\s*)?", text)
        field = read_ and names.get(read_[1].replace("_size", "").replace("_", "-"))
        if read_ is None or field is None:
            cure = f"Write it as kernel=1-7; the fields are {', '.join(names)}"
            raise InvalidSetting(f"“{text[:40]}” is no range of a field", "--within", cure)
        found[field] = (int(read_[2]), int(read_[3] or read_[2]))
    return solver.Ranges(**found)
