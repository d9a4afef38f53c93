"""Statistics and values of a live tensor, taken at once so that the tensor need not be kept.

All is computed in float64, a piece at a time, so that a large tensor is never copied whole; sums of squares are taken
of numbers divided by the largest magnitude, so that they neither overflow nor vanish.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch

from tracer.backward import small
from tracer.capture.nodes import dtype_name
from tracer.facts import VALUES_PER_RECORDING, VALUES_PER_TENSOR, Statistics, Values

PIECE = 1 << 20  # elements


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
    """Tell whether a tensor's numbers can be read: not of meta, fake, nested, or lazily made tensors."""
    return not (tensor.is_meta or tensor.is_nested or type(tensor).__name__ in {"FakeTensor", "FunctionalTensor"})


def values(tensor: torch.Tensor) -> Values:
    """Give the values of a tensor, flat in row-major order; of a complex one as pairs."""
    dtype = dtype_name(tensor.dtype)
    copied = small.row(tensor)
    if copied is not None:
        return Values(tuple(tensor.shape), dtype, small.numbers(copied))
    dense = tensor.detach().resolve_conj().resolve_neg()
    dense = dense.to_dense() if dense.layout is not torch.strided else dense
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
    total, largest, filled, finite = _first_pass(once)
    mean = total / once.numel()
    squares, deviations = _second_pass(once, mean, largest)
    return Statistics(
        mean=mean,
        std=None if count == 1 else largest * math.sqrt(deviations * repeats / (count - 1)),
        max_abs=largest,
        norm=largest * math.sqrt(squares * repeats),
        zeros=1 - filled / once.numel(),
        non_finite=count - int(finite) * repeats,
    )


def _once(tensor: torch.Tensor) -> tuple[torch.Tensor, int]:
    """Give the elements of a tensor as one row, those that an expanded axis repeats only once, and how often."""
    dense = tensor.to_dense() if tensor.layout is not torch.strided else tensor
    repeats = 1
    for axis, (size, stride) in enumerate(zip(dense.shape, dense.stride(), strict=True)):
        if stride == 0 and size > 1:
            dense, repeats = dense.narrow(axis, 0, 1), repeats * size
    return dense.reshape(-1), repeats


def pieces(row: torch.Tensor, size: int = PIECE) -> Iterator[torch.Tensor]:
    """Go through a row in float64, a piece at a time (in its own dtype where the device has no float64)."""
    for piece in torch.split(row, size):
        yield piece if piece.device.type == "mps" else piece.to(torch.float64)


def _first_pass(row: torch.Tensor) -> tuple[float, float, float, float]:
    """Give the sum, the largest magnitude, and how many elements are not zero, and finite."""
    found = []
    for part in torch.split(row, PIECE):
        (piece,) = pieces(part.abs() if part.is_complex() else part)
        sizes = torch.stack([piece.count_nonzero(), piece.isfinite().count_nonzero()]).to(piece)
        found.append(torch.cat([torch.stack([piece.sum(), piece.abs().amax()]), sizes]))
    sums = torch.stack(found)
    total, filled, finite = sums[:, [0, 2, 3]].sum(0).tolist()
    return total, sums[:, 1].amax().item(), filled, finite


def _second_pass(row: torch.Tensor, mean: float, largest: float) -> tuple[float, float]:
    """Give Σ(x/m)² and Σ((x − mean)/m)² for the largest magnitude m."""
    if largest == 0 or not math.isfinite(largest):
        return (0.0, 0.0) if largest == 0 else (1.0, math.nan)
    found = []
    for part in torch.split(row, PIECE):
        (piece,) = pieces(part.abs() if part.is_complex() else part)
        found.append(torch.stack([(piece / largest).square().sum(), ((piece - mean) / largest).square().sum()]))
    squares, deviations = torch.stack(found).sum(0).tolist()
    return squares, deviations
