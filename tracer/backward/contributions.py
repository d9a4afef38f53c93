"""The parts of a gradient: held until their sum arrives, and compared with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tracer.backward import small
from tracer.backward.statistics import PIECE, double, has_data

LEAST = 256  # elements
START = -1  # stands for the number of an edge where backward starts
HELD_BYTES = 256 << 20  # of parts that wait for their sum; past it they are described without being compared
Place = tuple[int, int]  # a node and which of its outputs
Part = tuple[int, torch.Tensor, int]  # the number of an edge, what flows on it, and its version when handed on
Array = Any  # of torch or of NumPy: what is done with either is spelled alike
Measures = tuple[float | None, float | None]  # share of the sum, and cosine to it


ALL: Measures = (1.0, 1.0)  # of a part that is alone
UNKNOWN: Measures = (None, None)


class Meeting:
    """Holds what flows towards each place until the whole of it arrives there, as far as memory allows; to place i come
    `expected[i]` parts, of which those that backward starts from come on no edge."""

    def __init__(self, expected: Sequence[int]) -> None:
        self._expected = expected
        self.alone: dict[int, Part] = {}  # which costs nothing: backward holds it too
        self._parts: dict[int, list[Part]] = {}
        self._bytes = 0
        self._incomplete: set[int] = set()

    def hold(self, place: int, part: Part) -> bool:
        """Hold a part until its sum is there, and tell whether there was room for it."""
        if self._expected[place] == 1:
            self.alone[place] = part
            return True
        size = _size(part[1])
        if self._bytes + size > HELD_BYTES:
            self._incomplete.add(place)
            return False
        self._bytes += size
        self._parts.setdefault(place, []).append(part)
        return True

    def settle(self, place: int) -> tuple[list[Part], bool]:
        """Give the parts that met at a place, let them go, and tell whether they are all."""
        parts = self._parts.pop(place, [])
        self._bytes -= sum(_size(tensor) for _, tensor, _ in parts)
        return parts, place not in self._incomplete

    def leave(self) -> list[Part]:
        """Give the parts that came to places where no whole arrived."""
        left = [*self.alone.values(), *(part for parts in self._parts.values() for part in parts)]
        self.alone.clear()
        self._parts.clear()
        return left


def _size(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def compare(parts: Sequence[torch.Tensor]) -> list[Measures]:
    """Give each part's share of the sum s, ⟨g, s⟩ / ⟨s, s⟩, and its cosine to it, ⟨g, s⟩ / (‖g‖·‖s‖).

    Both are `None` where the sum or the part is zero or not finite, or where numbers can't be read. The parts are of
    one shape; of complex ones real and imaginary parts count alike.
    """
    nothing = [UNKNOWN] * len(parts)
    if not all(map(has_data, parts)):
        return nothing
    alike = rows(parts)
    magnitudes = [float(abs(one).max()) for one in alike if len(one)]
    largest = max(magnitudes, default=0.0)
    if largest == 0 or not all(map(math.isfinite, magnitudes)):
        return nothing
    dots, squares, square = _products(alike, largest)
    return [_measures(dot, own, square) for dot, own in zip(dots, squares, strict=True)]


def _measures(dot: float, own: float, square: float) -> Measures:
    if own == 0 or square == 0:
        return UNKNOWN
    return dot / square, dot / math.sqrt(own * square)


def _products(alike: Sequence[Array], largest: float) -> tuple[list[float], list[float], float]:
    """Give ⟨g, s⟩ and ⟨g, g⟩ of each row, and ⟨s, s⟩, all of numbers divided by the largest magnitude."""
    size = piece(len(alike))
    dots: Array = 0.0
    squares: Array = 0.0
    square = 0.0
    for start in range(0, len(alike[0]), size):
        part = together([one[start : start + size] for one in alike]) / largest
        total = part.sum(0)
        dots, squares = dots + part @ total, squares + (part * part).sum(1)
        square += float(total @ total)
    return dots.tolist(), squares.tolist(), square


def piece(count: int) -> int:
    """Give how many elements of each of so many rows are gone through at once: fewer of more rows, but no slivers, for
    which calls would cost more than numbers, as long as all are no more than 16 pieces together."""
    return max(1, PIECE // count, min(PIECE, LEAST, 16 * PIECE // count))


def together(alike: Sequence[Array]) -> Array:
    """Put rows under one another in float64 (in their own dtype where the device has no float64)."""
    if isinstance(alike[0], torch.Tensor):
        return torch.stack([double(one) for one in alike])
    return np.stack(alike, dtype=np.float64, casting="unsafe")


def rows(parts: Sequence[torch.Tensor]) -> Sequence[Array]:
    """Give the numbers of each part as a row, of complex ones real and imaginary parts; NumPy's where all are small."""
    copied = [small.row(part) for part in parts]
    if all(one is not None for one in copied):
        return [one.view(one.real.dtype) for one in copied if one is not None]
    return [_row(part) for part in parts]


def _row(tensor: torch.Tensor) -> torch.Tensor:
    """Give the elements of a tensor as one row, of a complex one real and imaginary parts in turn."""
    dense = tensor.to_dense() if tensor.layout is not torch.strided else tensor
    real = torch.view_as_real(dense.resolve_conj()) if dense.is_complex() else dense
    return real.reshape(-1)
