"""`gradtrace matvec`: a matrix times a vector, read by rows and by columns."""

from __future__ import annotations

from typing import Annotated

import typer

import tracer
from tracer.analysis import readings as agreement
from tracer.cli import reading, tables
from tracer.cli.answers import Device, Json, Save, check_names, save, summary, tell_notes
from tracer.cli.tables import Column
from tracer.matrix_vector.readings import readings, told
from tracer.matrix_vector.settings import resolve
from tracer.quantities import number

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


def matvec(
    matrix: Annotated[str, typer.Argument(help="Its rows: [[1,2],[3,4]]; fractions such as 1/3 stay fractions.")],
    vector: Annotated[str, typer.Argument(help="[5,6]")],
    dtype: Annotated[str, typer.Option(help="float32 or float64.")] = "float32",
    device: Device = "auto",
    saved: Save = None,
    json: Json = False,
) -> None:
    """Show a matrix times a vector, read by rows (scalar products) and by columns (a weighted sum)."""
    check_names(saved)
    asked = tracer.MatrixVector(
        reading.values(matrix, "matrix"), reading.values(vector, "vector"), dtype=dtype, device=device
    )
    recording, settings = tracer.run(asked), resolve(asked)
    save(recording, saved)
    found = readings(settings)
    if json:
        answer = {"rows": found.rows, "columns": found.columns, "readings": recording.readings()}
        tables.as_json({**answer, "gradients": recording.gradients()})
        tell_notes(recording)
        return
    tables.show("By rows: y[i] = ⟨row i, x⟩", ROWS, found.rows)
    tables.show("By columns: y = Σⱼ x[j]·column j", COLUMNS, found.columns)
    tables.show("Both readings and torch", BOTH, recording.readings())
    tables.show("Gradients of sum(y): x.grad = Aᵀ·1, A.grad = 1·xᵀ", GRADIENTS, recording.gradients())
    summary(recording)
