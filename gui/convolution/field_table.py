"""The table of receptive fields: a row for the input and for each layer of the stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gui.tables.columns import Column
from tracer import quantities
from tracer.convolution.receptive_field import Field, Layer, fields
from tracer.drawing.cone import Sizes

DIFFERS = "differs"  # from output to output, as after a transposed layer with a stride


class FieldRow(NamedTuple):
    """A signal: the layer that made it, its kernel, its field as text (one number an axis), and its own size."""

    layer: str
    kernel: str
    size: str
    jump: str
    start: str
    centre: str
    after: str


COLUMNS = (
    Column("layer", lambda row: row.layer),
    Column("kernel", lambda row: row.kernel, "The kernel's length along each axis", spare=2),
    Column(
        "field",
        lambda row: row.size,
        "How many neighbours of the first input one output spans",
        lambda _: "forward_text",
    ),
    Column("jump", lambda row: row.jump, "How far the field moves on the first input from one output to the next"),
    Column("start", lambda row: row.start, "Where output 0's field begins; below 0 is padding", spare=1),
    Column("centre", lambda row: row.centre, "The middle of output 0's field", spare=3),
    Column("signal after", lambda row: row.after, "The size of the signal along each axis"),
)


def field_rows(layers: Sequence[Layer], sizes: Sizes) -> tuple[FieldRow, ...]:
    """Write the field after each layer; where outputs differ in it, from the smallest to the largest."""
    found, dims = fields(layers), len(sizes[0])
    ones, zeros = quantities.shape((1,) * dims), ", ".join("0" for _ in range(dims))
    rows = [FieldRow("input", "–", ones, ones, zeros, zeros, quantities.shape(sizes[0]))]
    for at, layer in enumerate(layers):
        per_axis = found[at * dims : (at + 1) * dims]
        rows.append(
            FieldRow(
                f"{at + 1}  {layer.name}",
                quantities.shape(layer.kernel_size),
                " × ".join(map(_size, per_axis)),
                _joined([quantities.count(field.jump) for field in per_axis], " × "),
                _joined([quantities.count(field.start) for field in per_axis], ", "),
                _joined([quantities.number(field.centre) for field in per_axis], ", "),
                quantities.shape(sizes[at + 1]),
            )
        )
    return tuple(rows)


def _joined(numbers: Sequence[str], between: str) -> str:
    """Join the numbers of the axes, or say that outputs differ in them along every axis."""
    return DIFFERS if set(numbers) == {quantities.count(None)} else between.join(numbers)


def _size(field: Field) -> str:
    if field.size is not None:
        return quantities.count(field.size)
    if field.smallest is None or field.largest is None:
        return "not counted"
    return f"{quantities.count(field.smallest)}–{quantities.count(field.largest)}"
