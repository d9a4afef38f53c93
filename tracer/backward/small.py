"""Statistics of many small tensors at once: on a tensor of a few numbers, a call costs more than the numbers.

The rows lie one after the other, and each figure of all of them is one call of NumPy's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tracer.facts import VALUES_PER_TENSOR, Statistics

SMALL = VALUES_PER_TENSOR  # elements
Row = np.ndarray[Any, np.dtype[Any]]

_PLAIN = (torch.Tensor, torch.nn.Parameter)
_SAME = (
    *(torch.float64, torch.float32, torch.float16, torch.complex64, torch.complex128, torch.bool),
    *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.uint64),
)
_WIDER = {  # what NumPy does not have, and what holds it exactly
    **dict.fromkeys((torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2), torch.float32),
    torch.complex32: torch.complex64,
}
_READ_AS = {**{dtype: dtype for dtype in _SAME}, **_WIDER}


def row(tensor: torch.Tensor) -> Row | None:
    """Copy the numbers of a small tensor, in row-major order.

    `None` for a large one, and for one that is more or less than its numbers: of a subclass, nested, of meta, of a
    dtype that is none of these, or inside a function transform.
    """
    if type(tensor) not in _PLAIN or tensor.is_nested or tensor.numel() > SMALL or tensor.dtype not in _READ_AS:
        return None
    if tensor.is_meta or torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        return None
    dense = tensor if tensor.layout is torch.strided else tensor.to_dense()
    dtype = _READ_AS[dense.dtype]
    if dtype is not dense.dtype:
        dense = dense.detach().to(dtype)
    found: Row = dense.numpy(force=True).flatten()
    return found


def numbers(copied: Row) -> tuple[bool | int | float, ...]:
    """Give the numbers of a row, of a complex one as pairs."""
    plain = copied.view(copied.real.dtype) if copied.dtype.kind == "c" else copied
    return tuple(plain.tolist())


def of_rows(rows: Sequence[Row]) -> list[Statistics]:
    """Compute the statistics of each row; none is empty.

    Squares are taken of numbers divided by the largest magnitude of their row, as for large tensors.
    """
    flat = np.concatenate([_real(one) for one in rows], dtype=np.float64, casting="unsafe")
    counts = np.array([len(one) for one in rows])
    starts = np.cumsum(counts) - counts
    with np.errstate(all="ignore"):  # NaN and infinities are counted, not complained about
        mean = np.add.reduceat(flat, starts) / counts
        largest = np.maximum.reduceat(np.abs(flat), starts)
        zeros = np.add.reduceat(flat == 0, starts, dtype=np.int64)
        finite = np.add.reduceat(np.isfinite(flat), starts, dtype=np.int64)
        regular = np.isfinite(largest)
        scale = np.where(regular & (largest > 0), largest, 1.0)
        scaled = flat / np.repeat(scale, counts)
        mean = np.where(regular > np.isfinite(mean), np.add.reduceat(scaled, starts) / counts * scale, mean)
        squares = np.add.reduceat(np.square(scaled), starts)
        deviations = np.add.reduceat(np.square(scaled - np.repeat(mean / scale, counts)), starts)
        norm = np.where(regular, largest * np.sqrt(squares), largest)
        std = np.where(regular, largest * np.sqrt(deviations / np.maximum(counts - 1, 1)), np.nan)
    columns = zip(
        counts.tolist(),
        mean.tolist(),
        std.tolist(),
        largest.tolist(),
        norm.tolist(),
        (zeros / counts).tolist(),
        (counts - finite).tolist(),
        strict=True,
    )
    return [
        Statistics(mean, None if count == 1 else std, most, norm, share, odd)
        for count, mean, std, most, norm, share, odd in columns
    ]


def _real(copied: Row) -> Row:
    """Give the absolute values of a complex row."""
    return np.abs(copied.astype(np.complex128)) if copied.dtype.kind == "c" else copied
