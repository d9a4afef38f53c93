"""`gradtrace matvec`: a matrix times a vector, read by rows and by columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

import tracer
from tracer.analysis import readings as agreement
from tracer.cli import reading, tables
from tracer.cli.answers import Device, Json, Save, check_names, save, summary, tell_notes
from tracer.cli.tables import Column
from tracer.matrix_vector.readings import readings, told
from tracer.matrix_vector.settings import Settings, resolve
from tracer.quantities import count, number

if TYPE_CHECKING:
    from tracer.convolution.readings import CountsRow

ROWS = (
    Column("output", lambda row: f"y[{row.output}]", number=True),
    Column("scalar product of its row with x", lambda row: row.text),
    Column("un-normalised projection", told),
)
COLUMNS = (
    Column("column", lambda row: str(row.column), number=True),
    Column("x · column → the sum so far", lambda row: row.text),
)

GRADIENTS = (*tables.GRADIENT_VALUES, tables.BY_RULE)
BOTH = (
    Column("output", lambda row: f"y[{row.output}]", number=True),
    Column("by rows", lambda row: row.by_rows, number=True),
    Column("by columns", lambda row: row.by_columns, number=True),
    Column("torch", lambda row: number(row.torch, row.dtype), number=True),
    Column("agree", agreement.told),
)
COUNTS = (
    Column("read as", lambda row: row.read_as),
    Column("numbers", lambda row: count(row.stored), number=True),
    Column("zero by structure", lambda row: count(row.zeros), number=True),
    Column("why", lambda row: row.why),
)


def matvec(
    matrix: Annotated[
        str, typer.Argument(help="Its rows: [[1,2],[3,4]]; fractions such as 1/3 stay fractions. With --kernel, x.")
    ],
    vector: Annotated[str | None, typer.Argument(help="[5,6]; with --kernel there is none beside x.")] = None,
    kernel: Annotated[
        list[str] | None,
        typer.Option(help="A kernel, [1,0,-1], or a row a channel; A is made of all of them, stacked and shifted."),
    ] = None,
    bias: Annotated[str | None, typer.Option(help="With --kernel: a number a kernel, [10,100].")] = None,
    stride: Annotated[int, typer.Option(help="With --kernel: how far a kernel goes from row to row.")] = 1,
    padding: Annotated[int, typer.Option(help="With --kernel: zeros on either side of x.")] = 0,
    dilation: Annotated[int, typer.Option(help="With --kernel: how far the numbers of a kernel are apart.")] = 1,
    dtype: Annotated[str, typer.Option(help="float32 or float64.")] = "float32",
    device: Device = "auto",
    saved: Save = None,
    json: Json = False,
) -> None:
    """Show a matrix times a vector, read by rows (scalar products) and by columns (a weighted sum)."""
    check_names(saved)
    first = reading.values(matrix, "matrix" if kernel is None else "vector")
    second = None if vector is None else reading.values(vector, "vector")
    asked = tracer.MatrixVector(
        matrix=None if kernel and vector is None else first,
        vector=first if kernel and vector is None else second,
        dtype=dtype,
        device=device,
        kernels=[reading.values(text, "kernels") for text in kernel] if kernel else None,
        bias=None if bias is None else reading.values(bias, "bias"),
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    recording, settings = tracer.run(asked), resolve(asked)
    save(recording, saved)
    found = readings(settings)
    counts = counts_of(settings)
    if json:
        answer = {"rows": found.rows, "columns": found.columns, "readings": recording.readings()}
        counted = {"counts": [row._asdict() for row in counts]} if counts else {}
        tables.as_json({**answer, "gradients": recording.gradients(), **counted})
        tell_notes(recording)
        return
    tables.show("By rows: y[i] = ⟨row i, x⟩", ROWS, found.rows)
    tables.show("By columns: y = Σⱼ x[j]·column j", COLUMNS, found.columns)
    tables.show("Both readings and torch", BOTH, recording.readings())
    if counts:
        tables.show("A read as a dense layer, a local one, a convolution", COUNTS, counts)
    rules = "x.grad = Aᵀ·1" if counts else "x.grad = Aᵀ·1, A.grad = 1·xᵀ"
    tables.show(f"Gradients of sum(y): {rules}", GRADIENTS, recording.gradients())
    summary(recording)


def counts_of(settings: Settings) -> tuple[CountsRow, ...]:
    """Count the numbers of a matrix made of kernels, read in three ways; none of one that was typed."""
    if settings.bank is None:
        return ()
    from tracer.convolution.readings import counts_rows  # late, since it loads numpy

    return counts_rows(settings.bank.layer)
