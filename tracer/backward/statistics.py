"""Statistics and values of a live tensor, taken at once so that the tensor need not be kept."""

from __future__ import annotations

import math

import torch

from tracer.facts import VALUES_PER_RECORDING, VALUES_PER_TENSOR, Statistics, Values


class Budget:
    """Counts the values that a recording may still keep, so that many small tensors stay small together."""

    def __init__(self, left: int = VALUES_PER_RECORDING) -> None:
        self._left = left

    def values(self, tensor: torch.Tensor) -> Values | None:
        """Keep the values of a small tensor; `None` for a large one, one without data, or past the budget."""
        count = tensor.numel()
        if count > min(VALUES_PER_TENSOR, self._left) or not has_data(tensor):
            return None
        self._left -= count
        return values(tensor)


def has_data(tensor: torch.Tensor) -> bool:
    """Tell whether a tensor's numbers can be read: not of meta, fake, nested, or lazily made tensors."""
    return not (tensor.is_meta or tensor.is_nested or type(tensor).__name__ in {"FakeTensor", "FunctionalTensor"})


def values(tensor: torch.Tensor) -> Values:
    """Give the values of a tensor, flat in row-major order; of a complex one as pairs."""
    dense = tensor.detach().resolve_conj().resolve_neg()
    dense = dense.to_dense() if dense.layout is not torch.strided else dense
    real = torch.view_as_real(dense) if dense.is_complex() else dense
    return Values(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), tuple(real.flatten().tolist()))


def statistics(tensor: torch.Tensor) -> Statistics | None:
    """Compute mean, std, largest magnitude, norm, share of zeros and count of non-finite elements, in float64.

    `None` where the numbers can't be read.
    """
    if not has_data(tensor):
        return None
    flat = tensor.detach()
    flat = (flat.to_dense() if flat.layout is not torch.strided else flat).flatten()
    flat = flat.abs() if flat.is_complex() else flat
    flat = flat if flat.device.type == "mps" else flat.to(torch.float64)
    count = flat.numel()
    if count == 0:
        return Statistics(None, None, None, 0.0, 0.0, 0)
    mean = flat.mean()
    deviation = (flat - mean).square().sum() / (count - 1) if count > 1 else mean
    filled, finite = flat.count_nonzero(), flat.isfinite().count_nonzero()
    row = torch.stack(
        [mean, deviation, flat.abs().amax(), flat.square().sum(), filled.to(mean), finite.to(mean)]
    ).tolist()
    return Statistics(
        mean=row[0],
        std=None if count == 1 else _root(row[1]),
        max_abs=row[2],
        norm=_root(row[3]),
        zeros=1 - row[4] / count,
        non_finite=count - int(row[5]),
    )


def _root(square: float) -> float:
    return math.sqrt(square) if square >= 0 else square  # NaN stays NaN
