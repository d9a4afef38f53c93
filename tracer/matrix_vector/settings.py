"""A MatrixVector experiment with every number read: exact, as the person wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import msgspec

from tracer import numerals
from tracer.errors import InvalidSetting, LimitPassed
from tracer.experiment import MatrixVector
from tracer.quantities import count

DTYPES = ("float32", "float64")
MOST = 100_000  # numbers of the matrix: each is multiplied as a fraction
Exact = Fraction | float  # a float is not finite


class Settings(msgspec.Struct, frozen=True):
    """The matrix by rows, and the vector. `fractions`: the person wrote fractions, so results are written so too."""

    matrix: tuple[tuple[Exact, ...], ...]
    vector: tuple[Exact, ...]
    fractions: bool
    dtype: str
    device: str


def resolve(experiment: MatrixVector) -> Settings:
    """Read the numbers.

    Raises:
        InvalidSetting: a field holds no number, rows differ in length, or the vector does not fit.
        LimitPassed: the matrix is too large to be multiplied exactly.
    """
    if experiment.dtype not in DTYPES:
        what = f"The dtype “{str(experiment.dtype)[:40]}” is not known here"
        raise InvalidSetting(what, "dtype", f"Use {' or '.join(DTYPES)}")
    rows = _listed(experiment.matrix, "matrix", "Give its rows as lists, such as [[1, 2], [3, 4]]")
    table = [_listed(row, "matrix", "Give each row as a list, such as [[1, 2], [3, 4]]") for row in rows]
    lengths = sorted({len(row) for row in table})
    if len(lengths) > 1:
        what = f"The rows differ: one has {_numbers(lengths[0])}, another {_numbers(lengths[1])}"
        raise InvalidSetting(what, "matrix", "Give every row the same length")
    vector = _listed(experiment.vector, "vector", "Give a list of numbers, such as [5, 6]")
    if len(vector) != lengths[0]:
        what = f"Each row of the matrix has {_numbers(lengths[0])}, and the vector has {_numbers(len(vector))}"
        raise InvalidSetting(what, "vector", "Give the vector one number for each column of the matrix")
    if len(table) * lengths[0] > MOST:
        what = f"The matrix has {count(len(table) * lengths[0])} numbers, and {count(MOST)} are multiplied exactly"
        raise LimitPassed(what, "matrix", "Use a smaller matrix")
    return Settings(
        matrix=tuple(tuple(_exact(item, "matrix") for item in row) for row in table),
        vector=tuple(_exact(item, "vector") for item in vector),
        fractions=any(isinstance(item, str) and "/" in item for row in (*table, vector) for item in row),
        dtype=experiment.dtype,
        device=experiment.device,
    )


def _listed(value: Any, where: str, cure: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or not value:
        what = "There is no number in it" if isinstance(value, list | tuple) else f"“{str(value)[:40]}” is no list"
        raise InvalidSetting(what, where, cure)
    return value


def _exact(item: Any, where: str) -> Exact:
    """Read a number as it was written: 0.1 is one tenth, "1/3" is a third."""
    if isinstance(item, bool) or not isinstance(item, int | float | str):
        raise numerals.refusal(where, item)
    try:
        return numerals.read(item if isinstance(item, str) else repr(item))
    except ValueError as error:
        raise numerals.refusal(where, item) from error


def _numbers(length: int) -> str:
    return f"{length} number{'' if length == 1 else 's'}"
