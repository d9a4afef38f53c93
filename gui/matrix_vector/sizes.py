"""The sizes of a matrix made of kernels, as sliders change them: pure functions of experiments."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from tracer.experiment import MatrixVector
from tracer.matrix_vector.bank import kernels_of, signal_of

X, WEIGHTS = [1, 3, 2, 0, -1, 4, 5], [[1, 0, -1], [1, 2, 1]]
LESSON = MatrixVector(vector=X, kernels=WEIGHTS)
SIGNALS = (X, [0, 1, 1, 2, -2, 3, 1])  # what new samples go on with
TAPS = (*WEIGHTS, [-1, 2, -1], [1, 1, 1], [2, 1, 0], [1, -2, 1])  # and new kernels
LONGEST, WIDEST, MOST, THICKEST, FURTHEST = 24, 9, 6, 3, 4


class Size(NamedTuple):
    """A size: its value, and the values with which the kernels still fit the signal."""

    value: int
    values: range


def sizes(experiment: MatrixVector) -> dict[str, Size]:
    """Give all sizes of an experiment with kernels.

    Raises:
        TracerError: its numbers can't be read.
    """
    kernels, signal = kernels_of(experiment.kernels), signal_of(experiment.vector)
    n, k, c = len(signal[0]), len(kernels[0][0]), len(signal)
    s, p, d = (_whole(value) for value in (experiment.stride, experiment.padding, experiment.dilation))
    reach, padded = d * (k - 1) + 1, n + 2 * p
    return {
        "length": _size(n, max(1, reach - 2 * p), LONGEST),
        "width": _size(k, 1, min(WIDEST, (padded - 1) // d + 1)),
        "count": _size(len(kernels), 1, MOST),
        "channels": _size(c, 1, THICKEST),
        "thickness": _size(len(kernels[0]), 1, THICKEST),
        "stride": _size(s, 1, FURTHEST),
        "padding": _size(p, max(0, -((n - reach) // 2)), FURTHEST),
        "dilation": _size(d, 1, min(FURTHEST, (padded - 1) // (k - 1)) if k > 1 else FURTHEST),
    }


def with_size(experiment: MatrixVector, size: str, value: int) -> MatrixVector:
    """Change one size; numbers that are new go on as those of the lesson do."""
    if size in ("stride", "padding", "dilation"):
        return msgspec.structs.replace(experiment, **{size: value})
    kernels, signal = kernels_of(experiment.kernels), signal_of(experiment.vector)
    n, k, m, c, t = len(signal[0]), len(kernels[0][0]), len(kernels), len(signal), len(kernels[0])
    n, k = value if size == "length" else n, value if size == "width" else k
    m, c = value if size == "count" else m, value if size == "channels" else c
    t = value if size in ("channels", "thickness") else t
    bias = None if experiment.bias is None else [*experiment.bias, *[0] * m][:m]
    return msgspec.structs.replace(
        experiment,
        vector=plain_signal([[_sample(signal, channel, at) for at in range(n)] for channel in range(c)]),
        kernels=plain_kernels(
            [[[_tap(kernels, kernel, row, at) for at in range(k)] for row in range(t)] for kernel in range(m)]
        ),
        bias=bias,
    )


def with_rows(experiment: MatrixVector, rows: Any) -> Any:
    """Read the kernels from the rows of a grid: as many rows a kernel as it is thick."""
    thick = _thickness(experiment)
    flat = isinstance(rows, list) and all(isinstance(row, list) for row in rows)
    if not flat or thick == 1 or len(rows) % thick or any(isinstance(item, list) for row in rows for item in row):
        return rows
    return [rows[at : at + thick] for at in range(0, len(rows), thick)]


def rows_of_kernels(kernels: Any) -> Any:
    """Lay the kernels out as rows of a grid, a row a channel; what are no kernels stay as they are."""
    deep = isinstance(kernels, list) and bool(kernels) and all(isinstance(kernel, list) for kernel in kernels)
    if deep and all(kernel and isinstance(kernel[0], list) for kernel in kernels):
        return [row for kernel in kernels for row in kernel]
    return kernels


def plain_kernels(kernels: list[list[list[Any]]]) -> Any:
    """Leave the axis of channels out where there is one."""
    return [kernel[0] for kernel in kernels] if len(kernels[0]) == 1 else kernels


def plain_signal(signal: list[list[Any]]) -> Any:
    """Leave the axis of channels out where there is one."""
    return signal[0] if len(signal) == 1 else signal


def with_kernels(experiment: MatrixVector) -> MatrixVector:
    """Make A of kernels: of its own, where it is one kernel shifted by 1 from row to row, or else of the lesson's."""
    found = _kernel_of(experiment.matrix)
    taken = LESSON if found is None else MatrixVector(vector=experiment.vector, kernels=[found])
    return msgspec.structs.replace(taken, dtype=experiment.dtype, device=experiment.device)


def _kernel_of(matrix: Any) -> list[Any] | None:
    """Find the kernel that a typed matrix is made of; `None` where it is made of none."""
    if not isinstance(matrix, list) or len(matrix) < 2 or not all(isinstance(row, list) for row in matrix):
        return None
    k = len(matrix[0]) - len(matrix) + 1
    kernel = matrix[0][:k]
    rows = [[0] * at + kernel + [0] * (len(matrix) - 1 - at) for at in range(len(matrix))]
    return kernel if k > 1 and rows == matrix else None


def _thickness(experiment: MatrixVector) -> int:
    first = experiment.kernels[0] if isinstance(experiment.kernels, list) and experiment.kernels else []
    return len(first) if isinstance(first, list) and first and isinstance(first[0], list) else 1


def _sample(signal: list[list[Any]], channel: int, at: int) -> Any:
    if channel < len(signal) and at < len(signal[0]):
        return signal[channel][at]
    return SIGNALS[channel % len(SIGNALS)][at % len(X)]


def _tap(kernels: list[list[list[Any]]], kernel: int, row: int, at: int) -> Any:
    if kernel < len(kernels) and row < len(kernels[0]) and at < len(kernels[0][0]):
        return kernels[kernel][row][at]
    return TAPS[(kernel + 2 * row) % len(TAPS)][at % 3]


def _size(value: int, least: int, most: int) -> Size:
    """Give the values from least to most, and the one that it is."""
    return Size(value, range(min(least, value), max(most, value) + 1))


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 1
