"""The parts of a gradient, compared with their sum."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from tracer.backward.statistics import PIECE, has_data, pieces


def compare(parts: Sequence[torch.Tensor]) -> list[tuple[float | None, float | None]]:
    """Give each part's share of the sum s, ⟨g, s⟩ / ⟨s, s⟩, and its cosine to it, ⟨g, s⟩ / (‖g‖·‖s‖).

    Both are `None` where the sum or the part is zero or not finite, or where numbers can't be read. The parts are of
    one shape; of complex ones real and imaginary parts count alike.
    """
    nothing: list[tuple[float | None, float | None]] = [(None, None)] * len(parts)
    if not all(map(has_data, parts)):
        return nothing
    rows = [_row(part) for part in parts]
    largest = max((float(row.abs().amax()) for row in rows if row.numel()), default=0.0)
    if not 0 < largest < math.inf:
        return nothing
    dots, squares, square = _products(rows, largest)
    return [_measures(dot, own, square) for dot, own in zip(dots, squares, strict=True)]


def _measures(dot: float, own: float, square: float) -> tuple[float | None, float | None]:
    if own == 0 or square == 0:
        return None, None
    return dot / square, dot / math.sqrt(own * square)


def _products(rows: Sequence[torch.Tensor], largest: float) -> tuple[list[float], list[float], float]:
    """Give ⟨g, s⟩ and ⟨g, g⟩ of each row, and ⟨s, s⟩, all of numbers divided by the largest magnitude."""
    size = max(1, PIECE // len(rows))
    sums = None
    for together in zip(*(pieces(row, size) for row in rows), strict=True):
        part = torch.stack(together) / largest
        total = part.sum(0)
        found = torch.cat([part @ total, part.square().sum(1), (total @ total).reshape(1)])
        sums = found if sums is None else sums + found
    numbers = [] if sums is None else sums.tolist()
    return numbers[: len(rows)], numbers[len(rows) : -1], numbers[-1]


def _row(tensor: torch.Tensor) -> torch.Tensor:
    dense = tensor.to_dense() if tensor.layout is not torch.strided else tensor
    real = torch.view_as_real(dense.resolve_conj()) if dense.is_complex() else dense
    return real.reshape(-1)
