"""What `gradtrace conv` tells of places: real taps, receptive fields, and the inputs that give the same output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracer import quantities
from tracer.cli import tables
from tracer.convolution import receptive_field, shapes, solver, taps
from tracer.convolution.layer import Settings
from tracer.convolution.receptive_field import Layer

ROWS = 24  # of taps; more are told by the least and the most


def answer(settings: Settings, then: Sequence[Layer]) -> dict[str, Any]:
    """Give all of it as rows: taps by how many outputs have them, fields of each layer, input sizes of each axis."""
    return {
        "taps": taps.histogram(settings),
        "receptive_field": _fields(settings, then),
        "input_sizes": [[sizes[0], sizes[-1]] if sizes else None for sizes in solver.input_sizes(settings)],
    }


def show(settings: Settings, then: Sequence[Layer]) -> None:
    """Print the input sizes as a line, the taps where outputs differ in them, and the fields."""
    tables.say(inputs(settings))
    rows = taps.histogram(settings) or ()
    if 1 < len(rows) <= ROWS:
        tables.show("\nTaps of an output, in one channel", TAPS, rows)
    tables.show("\nReceptive field", FIELDS, _fields(settings, then))


def inputs(settings: Settings) -> str:
    """Say which inputs give this output: one size, or a range of sizes an axis."""
    found = solver.input_sizes(settings)
    output = quantities.shape(shapes.output_size(settings))
    written = " × ".join(str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}" for sizes in found)
    only = all(len(sizes) == 1 for sizes in found)
    return f"Only an input of {written} gives {output}." if only else f"Inputs of {written} give {output}."


def real_taps(settings: Settings) -> str:
    """Say how many taps of an output stand on the input, over the channels that it reads: 120 to 300."""
    rows = taps.histogram(settings)
    if rows is None or (len(rows) == 1 and not settings.transposed):
        return ""
    channels = settings.in_channels // settings.groups
    least, most = (quantities.count(row.real * channels) for row in (rows[0], rows[-1]))
    return f"{least} on the input" if least == most else f"{least} to {most} on the input"


def _fields(settings: Settings, then: Sequence[Layer]) -> tuple[receptive_field.Field, ...]:
    return receptive_field.fields([receptive_field.layer_of(settings), *then])


def _size(field: receptive_field.Field) -> str:
    if field.size is not None:
        return quantities.count(field.size)
    if field.smallest is None or field.smallest == field.largest:
        return quantities.count(field.smallest)
    return f"{quantities.count(field.smallest)} to {quantities.count(field.largest)}"


TAPS = (
    tables.Column("on the input", lambda row: quantities.count(row.real), number=True),
    tables.Column("on the padding", lambda row: quantities.count(row.padding), number=True),
    tables.Column("outputs", lambda row: quantities.count(row.outputs), number=True),
)
FIELDS = (
    tables.Column("after layer", lambda row: f"{row.layer + 1} {row.name}"),
    tables.Column("axis", lambda row: row.axis),
    tables.Column("size", _size, number=True),
    tables.Column("jump", lambda row: quantities.count(row.jump), number=True),
    tables.Column("start", lambda row: quantities.count(row.start), number=True),
    tables.Column("centre", lambda row: quantities.number(row.centre), number=True),
    tables.Column("", lambda row: row.why),
)
