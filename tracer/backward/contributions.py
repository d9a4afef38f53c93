"""The parts of a gradient: held until their sum arrives, and compared with it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from tracer.backward import small
from tracer.backward.statistics import PIECE, double, has_data

HELD_BYTES = 256 << 20  # of parts that wait for their sum; past it they are described without being compared
START = -1  # stands for the number of an edge where backward starts
Place = tuple[int, int]  # a node and which of its outputs
Part = tuple[int, torch.Tensor]  # the number of an edge, and what flows on it
Array = Any  # of torch or of NumPy: what is done with either is spelled alike
Measures = tuple[float | None, float | None]  # share of the sum, and cosine to it


class Meeting:
    """Holds what flows towards each output of a node until the whole of it arrives there, as far as memory allows."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._expected = Counter(places)
        self._parts: dict[Place, list[Part]] = defaultdict(list)
        self._bytes = 0
        self._incomplete: set[Place] = set()

    def meets(self, node: int, outputs: int) -> bool:
        """Tell whether several parts come to one of a node's outputs."""
        return any(self._expected[node, number] > 1 for number in range(outputs))

    def start(self, starts: Sequence[tuple[Place, torch.Tensor]]) -> None:
        """Take what backward starts from at the traced outputs: a part of their gradients that comes on no edge."""
        self._expected.update(place for place, _ in starts)
        for place, tensor in starts:
            self.hold(place, START, tensor)

    def hold(self, place: Place, number: int, tensor: torch.Tensor) -> bool:
        """Hold a part, and tell whether there was room for it; a part that is alone at its place costs nothing."""
        if self._expected[place] > 1:
            size = _size(tensor)
            if self._bytes + size > HELD_BYTES:
                self._incomplete.add(place)
                return False
            self._bytes += size
        self._parts[place].append((number, tensor))
        return True

    def settle(self, place: Place) -> list[tuple[int, torch.Tensor, Measures]]:
        """Give the parts that came to a place by edges, each compared with the sum, and let them go."""
        parts = self._parts.pop(place, [])
        if self._expected[place] <= 1:
            return [(number, tensor, (1.0, 1.0)) for number, tensor in parts if number != START]
        self._bytes -= sum(_size(tensor) for _, tensor in parts)
        incomplete = place in self._incomplete
        measures = [(None, None)] * len(parts) if incomplete else compare([tensor for _, tensor in parts])
        return [
            (number, tensor, found) for (number, tensor), found in zip(parts, measures, strict=True) if number != START
        ]

    def held(self, place: Place) -> list[torch.Tensor]:
        """Give all the parts that came to a place; none where not all could be held."""
        return [] if place in self._incomplete else [tensor for _, tensor in self._parts.get(place, ())]

    def leave(self) -> list[Part]:
        """Give the parts that came by edges to places where no whole arrived."""
        left = [(number, t) for parts in self._parts.values() for number, t in parts if number != START]
        self._parts.clear()
        return left


def _size(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def compare(parts: Sequence[torch.Tensor]) -> list[Measures]:
    """Give each part's share of the sum s, ⟨g, s⟩ / ⟨s, s⟩, and its cosine to it, ⟨g, s⟩ / (‖g‖·‖s‖).

    Both are `None` where the sum or the part is zero or not finite, or where numbers can't be read. The parts are of
    one shape; of complex ones real and imaginary parts count alike.
    """
    nothing: list[Measures] = [(None, None)] * len(parts)
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
        return None, None
    return dot / square, dot / math.sqrt(own * square)


def _products(alike: Sequence[Array], largest: float) -> tuple[list[float], list[float], float]:
    """Give ⟨g, s⟩ and ⟨g, g⟩ of each row, and ⟨s, s⟩, all of numbers divided by the largest magnitude."""
    size = max(1, PIECE // len(alike))
    dots: Array = 0.0
    squares: Array = 0.0
    square = 0.0
    for start in range(0, len(alike[0]), size):
        part = together([one[start : start + size] for one in alike]) / largest
        total = part.sum(0)
        dots, squares = dots + part @ total, squares + (part * part).sum(1)
        square += float(total @ total)
    return dots.tolist(), squares.tolist(), square


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
