"""The parts of a gradient: held until their sum arrives, and compared with it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import torch

from tracer.backward.statistics import PIECE, has_data, pieces

HELD_BYTES = 256 << 20  # of parts that wait for their sum; past it they are described without being compared
START = -1  # stands for the number of an edge where backward starts
Place = tuple[int, int]  # a node and which of its outputs
Part = tuple[int, torch.Tensor]  # the number of an edge, and what flows on it
Measures = tuple[float | None, float | None]  # share of the sum, and cosine to it


class Meeting:
    """Holds what flows towards each output of a node until the whole of it arrives there, as far as memory allows."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._expected = Counter(places)
        self._parts: dict[Place, list[Part]] = defaultdict(list)
        self._bytes = 0
        self._incomplete: set[Place] = set()

    def start(self, starts: Sequence[tuple[Place, torch.Tensor]]) -> None:
        """Take what backward starts from at the traced outputs: a part of their gradients that comes on no edge."""
        self._expected.update(place for place, _ in starts)
        for place, tensor in starts:
            self.hold(place, START, tensor)

    def hold(self, place: Place, number: int, tensor: torch.Tensor) -> bool:
        """Hold a part, and tell whether there was room for it; a part that is alone at its place costs nothing."""
        size = self._size(place, tensor)
        if self._bytes + size > HELD_BYTES:
            self._incomplete.add(place)
            return False
        self._bytes += size
        self._parts[place].append((number, tensor))
        return True

    def settle(self, place: Place) -> list[tuple[int, torch.Tensor, Measures]]:
        """Give the parts that came to a place by edges, each compared with the sum, and let them go."""
        parts = self._parts.pop(place, [])
        self._bytes -= sum(self._size(place, tensor) for _, tensor in parts)
        measures = self._measures(place, parts)
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

    def _measures(self, place: Place, parts: Sequence[Part]) -> Sequence[Measures]:
        if place in self._incomplete:
            return [(None, None)] * len(parts)
        return [(1.0, 1.0)] * len(parts) if self._expected[place] == 1 else compare([tensor for _, tensor in parts])

    def _size(self, place: Place, tensor: torch.Tensor) -> int:
        return tensor.numel() * tensor.element_size() if self._expected[place] > 1 else 0


def compare(parts: Sequence[torch.Tensor]) -> list[Measures]:
    """Give each part's share of the sum s, ⟨g, s⟩ / ⟨s, s⟩, and its cosine to it, ⟨g, s⟩ / (‖g‖·‖s‖).

    Both are `None` where the sum or the part is zero or not finite, or where numbers can't be read. The parts are of
    one shape; of complex ones real and imaginary parts count alike.
    """
    nothing: list[Measures] = [(None, None)] * len(parts)
    if not all(map(has_data, parts)):
        return nothing
    rows = [row(part) for part in parts]
    largest = max((float(row.abs().amax()) for row in rows if row.numel()), default=0.0)
    if not 0 < largest < math.inf:
        return nothing
    dots, squares, square = _products(rows, largest)
    return [_measures(dot, own, square) for dot, own in zip(dots, squares, strict=True)]


def _measures(dot: float, own: float, square: float) -> Measures:
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


def row(tensor: torch.Tensor) -> torch.Tensor:
    """Give the elements of a tensor as one row, of a complex one real and imaginary parts in turn."""
    dense = tensor.to_dense() if tensor.layout is not torch.strided else tensor
    real = torch.view_as_real(dense.resolve_conj()) if dense.is_complex() else dense
    return real.reshape(-1)
