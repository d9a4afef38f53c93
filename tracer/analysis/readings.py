"""Facts of a matrix times a vector → both readings beside torch's numbers, and whether all three agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from tracer.errors import TracerError
from tracer.experiment import MatrixVector
from tracer.facts import Facts
from tracer.matrix_vector.readings import exact, rounded, sums_by_columns, totals_by_rows
from tracer.matrix_vector.settings import Exact, Settings, resolve
from tracer.quantities import figure

ROUNDING = {"float32": 2.0**-24, "float64": 2.0**-53}  # half the distance from 1 to the next number


class AgreementRow(msgspec.Struct, frozen=True):
    """One output in three ways. By rows and by columns are exact, as text; `agree` is "exact", "within rounding" or
    "differs", and `difference` is how far torch's number is from the exact one (`None` where it is not finite)."""

    output: int
    by_rows: str
    by_columns: str
    torch: float
    dtype: str
    agree: str
    difference: float | None


def readings(facts: Facts) -> tuple[AgreementRow, ...]:
    """List the outputs of A·x, read by rows, by columns, and as torch found them.

    Raises:
        TracerError: this is no recording of a matrix times a vector, or it does not hold the values of y.
    """
    y = next((tensor for tensor in facts.tensors if tensor.name == "y"), None)
    if not isinstance(facts.experiment, MatrixVector) or y is None or y.values is None:
        raise TracerError(
            "This is no recording of a matrix times a vector", cure="Run a tracer.MatrixVector to have both readings"
        )
    return agreement(resolve(facts.experiment), [float(value) for value in y.values.numbers])


def agreement(settings: Settings, found: Sequence[float]) -> tuple[AgreementRow, ...]:
    """Hold the outputs that torch found against both readings."""
    rows, columns = totals_by_rows(settings), sums_by_columns(settings)[-1]
    return tuple(_row(settings, at, rows[at], columns[at], value) for at, value in enumerate(found))


def told(row: AgreementRow) -> str:
    """Say whether an output agrees: ✓ exact, ✓ within rounding, or ✗, and by how much torch's number is off."""
    off = "" if not row.difference else f", off by {figure(row.difference, 2)}"
    return f"{'✗' if row.agree == 'differs' else '✓'} {row.agree}{off}"


def _row(settings: Settings, at: int, by_rows: Exact, by_columns: Exact, found: float) -> AgreementRow:
    texts = exact(settings, by_rows), exact(settings, by_columns)
    if not _same(by_rows, by_columns):
        return AgreementRow(at, *texts, found, settings.dtype, "differs", None)
    if not isinstance(by_rows, Fraction) or not math.isfinite(found):
        agree = "exact" if not isinstance(by_rows, Fraction) and _same(by_rows, found) else "differs"
        return AgreementRow(at, *texts, found, settings.dtype, agree, None)
    off = abs(Fraction(found) - by_rows)
    size: Fraction | int = sum(
        abs(Fraction(a) * Fraction(x)) for a, x in zip(settings.matrix[at], settings.vector, strict=True)
    )
    size += abs(Fraction(settings.offset[at])) if settings.offset else 0
    most = (len(settings.vector) + 2) * Fraction(ROUNDING[settings.dtype]) * size
    agree = "exact" if not off else "within rounding" if off <= most else "differs"
    return AgreementRow(at, *texts, found, settings.dtype, agree, rounded(off))


def _same(a: Exact, b: Exact) -> bool:
    return a == b or (isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b))
