"""A MatrixVector experiment with every number read: exact, as the person wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import msgspec

from tracer import numerals
from tracer.convolution.layer import Settings as Layer
from tracer.errors import InvalidSetting, LimitPassed
from tracer.experiment import MatrixVector
from tracer.quantities import count

DTYPES = ("float32", "float64")
MOST = 100_000  # numbers of the matrix: each is multiplied as a fraction
Exact = Fraction | float  # a float is not finite


class Bank(msgspec.Struct, frozen=True):
    """The kernels that a matrix was made of: `kernels[kernel][channel][tap]`, `signal[channel][place]`, a bias a kernel
    (none: empty), and the layer that they are. `weights` says of each cell of the matrix which number of the bank
    stands there, counted through kernels, channels and taps; −1 is a zero by structure."""

    kernels: tuple[tuple[tuple[Exact, ...], ...], ...]
    signal: tuple[tuple[Exact, ...], ...]
    bias: tuple[Exact, ...]
    layer: Layer
    weights: tuple[tuple[int, ...], ...]

    @property
    def flat(self) -> tuple[Exact, ...]:
        """The numbers of the bank in the order in which `weights` counts them."""
        return tuple(number for kernel in self.kernels for channel in kernel for number in channel)

    @property
    def height(self) -> int:
        """The outputs of each kernel, n − k + 1 in the simplest case: how high its sheet of the matrix is."""
        return len(self.weights) // len(self.kernels)


class Settings(msgspec.Struct, frozen=True):
    """The matrix by rows, and the vector. `fractions`: the person wrote fractions, so results are written so too.
    `offset` is what is added to each output (none: empty); `bank` the kernels, where the matrix was made of some."""

    matrix: tuple[tuple[Exact, ...], ...]
    vector: tuple[Exact, ...]
    fractions: bool
    dtype: str
    device: str
    offset: tuple[Exact, ...] = ()
    bank: Bank | None = None


def resolve(experiment: MatrixVector) -> Settings:
    """Read the numbers.

    Raises:
        InvalidSetting: a field holds no number, rows differ in length, or the vector does not fit.
        LimitPassed: the matrix is too large to be multiplied exactly.
    """
    if experiment.dtype not in DTYPES:
        what = f"The dtype “{str(experiment.dtype)[:40]}” is not known here"
        raise InvalidSetting(what, "dtype", f"Use {' or '.join(DTYPES)}")
    if experiment.kernels is not None:
        from tracer.matrix_vector.bank import convolved  # late, since it loads numpy

        return convolved(experiment)
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
    refuse_large(len(table) * lengths[0], "matrix")
    return Settings(
        matrix=tuple(tuple(read(item, "matrix") for item in row) for row in table),
        vector=tuple(read(item, "vector") for item in vector),
        fractions=any(map(is_fraction, (item for row in (*table, vector) for item in row))),
        dtype=experiment.dtype,
        device=experiment.device,
    )


def refuse_large(cells: int, where: str) -> None:
    """Refuse a matrix that is too large.

    Raises:
        LimitPassed: it has more numbers than are multiplied exactly.
    """
    if cells > MOST:
        what = f"The matrix has {count(cells)} numbers, and {count(MOST)} are multiplied exactly"
        raise LimitPassed(what, where, "Use a smaller matrix")


def _listed(value: Any, where: str, cure: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or not value:
        missing = value is None or isinstance(value, list | tuple)
        what = "There is no number in it" if missing else f"“{str(value)[:40]}” is no list"
        raise InvalidSetting(what, where, cure)
    return value


def is_fraction(item: Any) -> bool:
    """Tell whether the person wrote a fraction."""
    return isinstance(item, str) and "/" in item


def read(item: Any, where: str) -> Exact:
    """Read a number as it was written: 0.1 is one tenth, "1/3" is a third."""
    if isinstance(item, bool) or not isinstance(item, int | float | str):
        raise numerals.refusal(where, item)
    try:
        return numerals.read(item if isinstance(item, str) else repr(item))
    except ValueError as error:
        raise numerals.refusal(where, item) from error


def _numbers(length: int) -> str:
    return f"{length} number{'' if length == 1 else 's'}"
