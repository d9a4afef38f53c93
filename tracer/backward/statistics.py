"""Statistics and values of a live tensor, taken at once so that the tensor need not be kept.

All is computed in float64, a piece at a time, so that a large tensor is never copied whole and each piece stays in the
processor's cache. Where squares would overflow or vanish, numbers are first divided by the largest magnitude.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch

from tracer.backward import small
from tracer.capture.nodes import dtype_name
from tracer.capture.unseen import is_plain
from tracer.facts import VALUES_PER_RECORDING, VALUES_PER_TENSOR, Statistics, Values

PIECE = 1 << 16  # elements
SAFE = 1e140  # magnitudes up to this, and down to one over it, have squares that float64 can hold and add
SAFE_IN_FLOAT32 = 1e17


class Budget:
    """Counts the values that a recording may still keep, so that many small tensors stay small together."""

    def __init__(self, left: int = VALUES_PER_RECORDING) -> None:
        self._left = left

    def values(self, tensor: torch.Tensor) -> Values | None:
        """Keep the values of a small tensor; `None` for a large one, one without data, or past the budget."""
        return values(tensor) if has_data(tensor) and self.take(tensor.numel()) else None

    def take(self, count: int) -> bool:
        """Take room for the values of a tensor, and tell whether there was any."""
        if count > min(VALUES_PER_TENSOR, self._left):
            return False
        self._left -= count
        return True


def has_data(tensor: torch.Tensor) -> bool:
    """Tell whether a tensor's numbers can be read: not of meta and nested tensors, nor of classes that answer
    themselves, as fake and distributed ones do."""
    return is_plain(tensor) and not (tensor.is_meta or tensor.is_nested)


def values(tensor: torch.Tensor) -> Values:
    """Give the values of a tensor, flat in row-major order; of a complex one as pairs."""
    dtype = dtype_name(tensor.dtype)
    copied = small.row(tensor)
    if copied is not None:
        return Values(tuple(tensor.shape), dtype, small.numbers(copied))
    dense = tensor.detach().resolve_conj().resolve_neg()
    dense = dense.to_dense() if dense.layout is not torch.strided else dense
    dense = dense.clone() if dense._is_zerotensor() else dense  # zeros that autograd does not store
    real = torch.view_as_real(dense) if dense.is_complex() else dense
    return Values(tuple(tensor.shape), dtype, tuple(real.flatten().tolist()))


def statistics(tensor: torch.Tensor) -> Statistics | None:
    """Compute mean, std, largest magnitude, norm, share of zeros and count of non-finite elements, in float64.

    `None` where the numbers can't be read.
    """
    if not has_data(tensor):
        return None
    count = tensor.numel()
    if count == 0:
        return Statistics(None, None, None, 0.0, 0.0, 0)
    copied = small.row(tensor)
    if copied is not None:
        return small.of_rows([copied])[0]
    once, repeats = _once(tensor.detach())
    found = _moments(once)
    largest = found.largest
    safe = SAFE_IN_FLOAT32 if once.device.type == "mps" else SAFE
    if math.isfinite(largest) and largest > 0 and not 1 / safe < largest < safe:
        found = _moments(once, largest)
    scale = largest / found.largest if found.largest > 0 and math.isfinite(largest) else 1.0
    squares = found.deviations + once.numel() * found.mean * found.mean
    return Statistics(
        mean=found.mean * scale,
        std=None if count == 1 else scale * math.sqrt(found.deviations * repeats / (count - 1)),
        max_abs=largest,
        norm=scale * math.sqrt(squares * repeats) if math.isfinite(largest) else largest,
        zeros=1 - found.filled / once.numel(),
        non_finite=0 if math.isfinite(largest) else count - _finite(once) * repeats,
    )


def _once(tensor: torch.Tensor) -> tuple[torch.Tensor, int]:
    """Give the elements of a tensor as one row, those that an expanded axis repeats only once, and how often."""
    dense = tensor.to_dense() if tensor.layout is not torch.strided else tensor
    repeats = 1
    for axis, (size, stride) in enumerate(zip(dense.shape, dense.stride(), strict=True)):
        if stride == 0 and size > 1:
            dense, repeats = dense.narrow(axis, 0, 1), repeats * size
    return dense.reshape(-1), repeats


def double(tensor: torch.Tensor) -> torch.Tensor:
    """Give a tensor in float64 (in its own dtype where the device has no float64)."""
    return tensor if tensor.device.type == "mps" else tensor.to(torch.float64)


def _sizes(part: torch.Tensor) -> torch.Tensor:
    """Give the magnitudes of complex numbers, in float64 where the device has it; real ones as they are."""
    if not part.is_complex():
        return part
    return (part if part.device.type == "mps" else part.to(torch.complex128)).abs()


def _pieces(row: torch.Tensor) -> Sequence[torch.Tensor]:
    """Cut a row into pieces; where a call costs more than the numbers, as on a graphics card, into larger ones."""
    return torch.split(row, PIECE if row.device.type == "cpu" else PIECE << 6)


class _Moments(NamedTuple):
    """Of a row: the mean, Σ(x − mean)², the largest magnitude, and how many elements are not zero."""

    mean: float
    deviations: float
    largest: float
    filled: float


def _moments(row: torch.Tensor, scale: float = 1.0) -> _Moments:
    """Go through a row once; each piece is compared with its own mean, and the pieces' means with one another.

    Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
    """
    found = []
    for part in _pieces(row):
        piece = double(_sizes(part))
        piece = piece / scale if scale != 1.0 else piece
        mean, (least, most) = piece.mean(), torch.aminmax(piece)
        apart = piece - mean
        found.append(torch.stack([mean, torch.dot(apart, apart), least, most, piece.count_nonzero().to(mean)]))
    numbers = torch.stack(found).tolist()
    sizes = list(map(len, _pieces(row)))
    mean = sum(size * piece[0] for size, piece in zip(sizes, numbers, strict=True)) / len(row)
    between = sum(size * (piece[0] - mean) ** 2 for size, piece in zip(sizes, numbers, strict=True))
    return _Moments(
        mean,
        sum(piece[1] for piece in numbers) + between,
        max((abs(size) for piece in numbers for size in piece[2:4]), key=lambda size: (math.isnan(size), size)),
        sum(piece[4] for piece in numbers),
    )


def _finite(row: torch.Tensor) -> int:
    return sum(int(part.isfinite().count_nonzero()) for part in _pieces(row))
