"""Puts equal cards of two layouts at equal heights: rows of cards are moved down, and lanes grow with them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tracer.drawing.layout import Layout, Point, Route, Size, Spot


class Band(NamedTuple):
    """A row of cards: what lies between two heights."""

    top: float
    low: float


def level(one: Layout, other: Layout, pairs: Iterable[tuple[int, int]]) -> tuple[Layout, Layout]:
    """Move the rows of both layouts down so that paired boxes stand at one height, as far as their order allows."""
    bands, others = _bands(one), _bands(other)
    rows = {(_row(bands, one.boxes[a]), _row(others, other.boxes[b])): (a, b) for a, b in pairs}
    down, aside = [0.0] * len(bands), [0.0] * len(others)
    moved = moved_aside = 0.0
    start = start_aside = 0
    for row, beside in _in_order(rows):
        a, b = rows[row, beside]
        apart = _middle(other.boxes[b]) + moved_aside - _middle(one.boxes[a]) - moved
        down[start:row] = [moved] * (row - start)
        aside[start_aside:beside] = [moved_aside] * (beside - start_aside)
        moved, moved_aside = moved + max(0.0, apart), moved_aside + max(0.0, -apart)
        start, start_aside = row, beside
    down[start:] = [moved] * (len(bands) - start)
    aside[start_aside:] = [moved_aside] * (len(others) - start_aside)
    return _moved(one, bands, down), _moved(other, others, aside)


def _bands(layout: Layout) -> list[Band]:
    """Give the rows of cards from above; cards that overlap in height are in one row."""
    bands: list[Band] = []
    for spot in sorted(layout.boxes, key=lambda spot: spot.y):
        if bands and spot.y < bands[-1].low:
            bands[-1] = Band(bands[-1].top, max(bands[-1].low, spot.y + spot.height))
        else:
            bands.append(Band(spot.y, spot.y + spot.height))
    return bands


def _row(bands: Sequence[Band], spot: Spot) -> int:
    return bisect_right(bands, spot.y, key=lambda band: band.top) - 1


def _middle(spot: Spot) -> float:
    return spot.y + spot.height / 2


def _in_order(rows: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Choose the most pairs of rows that go down on both sides."""
    ends: list[int] = []
    best: list[list[tuple[int, int]]] = []
    for row, beside in sorted(rows, key=lambda pair: (pair[0], -pair[1])):
        at = bisect_left(ends, beside)
        chain = [*(best[at - 1] if at else []), (row, beside)]
        ends[at:], best[at:] = [beside, *ends[at + 1 :]], [chain, *best[at + 1 :]]
    return best[-1] if best else []


def _moved(layout: Layout, bands: Sequence[Band], down: Sequence[float]) -> Layout:
    """Move each row by its own distance; what lies between two rows is stretched."""
    if not bands or not any(down):
        return layout
    before = [height for band in bands for height in band]
    after = [height + by for band, by in zip(bands, down, strict=True) for height in band]

    def to(y: float) -> float:
        at = bisect_right(before, y)
        if at == 0 or at == len(before):
            end = min(at, len(before) - 1)
            return y + after[end] - before[end]
        low, high = before[at - 1], before[at]
        part = (y - low) / (high - low) if high > low else 0.0
        return after[at - 1] + part * (after[at] - after[at - 1])

    def spot(found: Spot) -> Spot:
        return Spot(found.x, to(found.y), found.width, to(found.y + found.height) - to(found.y))

    def point(found: Point) -> Point:
        return (found[0], to(found[1]))

    routes = (
        Route(
            tuple(tuple(map(point, piece)) for piece in route.pieces),
            point(route.label) if route.label else None,
        )
        for route in layout.routes
    )
    return Layout(
        Size(layout.size.width, to(layout.size.height)),
        tuple(Spot(box.x, to(box.y), box.width, box.height) for box in layout.boxes),
        tuple(routes),
        tuple(frame and spot(frame) for frame in layout.frames),
        layout.name,
    )
