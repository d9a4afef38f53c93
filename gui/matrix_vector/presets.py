"""Ready-made matrices with their vectors, and how a size is changed: pure functions of experiments."""

from __future__ import annotations

from typing import Any

import msgspec

from gui.matrix_vector import sizes
from tracer.experiment import MatrixVector
from tracer.matrix_vector.bank import written_out

LESSON = MatrixVector([[1, 2, 3], [4, 5, 6]], [2, -1, 3])
PRESETS: dict[str, MatrixVector] = {
    "Lesson": LESSON,
    "Rotation": MatrixVector([["3/5", "-4/5"], ["4/5", "3/5"]], [5, 10]),
    "Projection": MatrixVector([[1, 0, 0], [0, 1, 0], [0, 0, 0]], [2, 3, 1]),
    "Differences": MatrixVector([[-1, 1, 0, 0], [0, -1, 1, 0], [0, 0, -1, 1]], [1, 3, 2, 5]),
    "Toeplitz of [1, 0, −1]": MatrixVector(
        [[1, 0, -1, 0, 0, 0, 0], [0, 1, 0, -1, 0, 0, 0], [0, 0, 1, 0, -1, 0, 0], [0, 0, 0, 1, 0, -1, 0],
         [0, 0, 0, 0, 1, 0, -1]],
        [1, 3, 2, 0, -1, 4, 5],
    ),
    "Two kernels": sizes.LESSON,
    "Stereo": MatrixVector(vector=[[1, 2, 0, -1, 3], [0, 1, 1, 2, -2]], kernels=[[[1, 0, -1], [2, 1, 0]]]),
}  # fmt: skip


def with_preset(experiment: MatrixVector, name: str) -> MatrixVector:
    """Take a preset's numbers; device and dtype stay."""
    return msgspec.structs.replace(PRESETS[name], device=experiment.device, dtype=experiment.dtype)


def preset_of(experiment: MatrixVector) -> str:
    """Name the preset that an experiment is; empty where it is none."""
    return next((name for name in PRESETS if with_preset(experiment, name) == experiment), "")


def made(experiment: MatrixVector, *, of_kernels: bool) -> MatrixVector:
    """Make the matrix of kernels, or write out one that is, so that each of its numbers can be typed.

    Raises:
        TracerError: kernels that do not work can't be written out.
    """
    if of_kernels is (experiment.kernels is not None):
        return experiment
    return sizes.with_kernels(experiment) if of_kernels else written_out(experiment)[0]


def resized(experiment: MatrixVector, rows: int, columns: int) -> MatrixVector:
    """Add or drop so many rows and columns; the vector keeps a number for each column. What is new is 0."""
    high, wide = max(1, len(experiment.matrix) + rows), max(1, len(experiment.matrix[0]) + columns)
    matrix = [(list(row) + [0] * wide)[:wide] for row in experiment.matrix]
    matrix = (matrix + [[0] * wide for _ in range(high)])[:high]
    return msgspec.structs.replace(experiment, matrix=matrix, vector=fitted(experiment.vector, wide))


def with_matrix(experiment: MatrixVector, matrix: Any) -> MatrixVector:
    """Take another matrix; where it is wider or narrower, the vector is made to fit."""
    wide = len(matrix[0]) if isinstance(matrix, list) and matrix and isinstance(matrix[0], list) else 0
    vector = fitted(experiment.vector, wide) if wide and isinstance(experiment.vector, list) else experiment.vector
    return msgspec.structs.replace(experiment, matrix=matrix, vector=vector)


def fitted(vector: Any, length: int) -> list[Any]:
    """Give a vector of that length: what is missing is 0, what is too much is dropped."""
    return (list(vector) + [0] * length)[:length]
