"""A picture made ready for looking things up: which marks are in view, what lies under a point, what is joined."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tracer.drawing.display_list import Area, DisplayList, Mark, Path

Point = tuple[float, float]

CELL = 512.0  # points; the side of a cell of the index
STEPS = 8  # straight pieces by which a curve is measured


class Box(NamedTuple):
    """A rectangle by its corners, in points."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, point: Point, slack: float = 0.0) -> bool:
        """Tell whether a point is inside, or at most `slack` outside."""
        x, y = point
        return self.left - slack <= x <= self.right + slack and self.top - slack <= y <= self.bottom + slack


class Scene:
    """One picture and its index by cells: where a graph has 20,000 nodes, only what is in view is touched."""

    def __init__(self, picture: DisplayList) -> None:
        self.picture = picture
        self.areas = {area.owner: area for area in picture.areas}
        self.cards = sum(not area.joins for area in picture.areas)
        owned = {place for area in picture.areas for place in range(*area.marks)}
        self.loose = [place for place in range(len(picture.marks)) if place not in owned]
        self._cells: dict[tuple[int, int], list[int]] = {}
        for number, area in enumerate(picture.areas):
            for cell in _cells(box(area)):
                self._cells.setdefault(cell, []).append(number)

    def in_view(self, view: Box) -> list[int]:
        """Give the numbers of the areas that may be seen, in the order in which they are painted."""
        return sorted({number for cell in _cells(view) for number in self._cells.get(cell, ())})

    def marks(self, areas: Iterable[int]) -> Iterator[Mark]:
        """Give the marks of these areas, then those that belong to none."""
        for number in areas:
            start, end = self.picture.areas[number].marks
            yield from self.picture.marks[start:end]
        for place in self.loose:
            yield self.picture.marks[place]

    def under(self, point: Point, slack: float) -> Area | None:
        """Give what lies under a point: a card, else a lane that is at most `slack` away, else a frame."""
        found = [self.picture.areas[number] for number in self.in_view(Box(*point, *point))]
        for area in reversed(found):
            if self._near(area, point, slack) if area.joins else box(area).holds(point):
                return area
        return None

    def _near(self, area: Area, point: Point, slack: float) -> bool:
        marks = self.picture.marks[slice(*area.marks)]
        lines = (mark for mark in marks if isinstance(mark, Path) and not mark.closed)
        return box(area).holds(point, slack) and any(distance(line, point) <= slack for line in lines)


def box(area: Area) -> Box:
    """Give the rectangle of an area."""
    return Box(area.x, area.y, area.x + area.width, area.y + area.height)


def distance(path: Path, point: Point) -> float:
    """Measure how far a point is from a path."""
    line = list(flattened(path))
    return min((_to_piece(a, b, point) for a, b in itertools.pairwise(line)), default=math.inf)


def flattened(path: Path) -> Iterator[Point]:
    """Give points along a path, near enough to each other to be joined by straight lines."""
    if not path.curved:
        yield from path.points
        return
    yield path.points[0]
    for start in range(0, len(path.points) - 3, 3):
        a, b, c, d = path.points[start : start + 4]
        for step in range(1, STEPS + 1):
            yield _on_curve(a, b, c, d, step / STEPS)


def _on_curve(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    """Give B(t) = (1−t)³a + 3(1−t)²t·b + 3(1−t)t²·c + t³d."""
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
    x, y = (sum(w * p[axis] for w, p in zip(weights, (a, b, c, d), strict=True)) for axis in (0, 1))
    return x, y


def _to_piece(a: Point, b: Point, point: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    along = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / square if square else 0.0
    along = min(max(along, 0.0), 1.0)
    return math.hypot(point[0] - a[0] - along * dx, point[1] - a[1] - along * dy)


def _cells(view: Box) -> Iterator[tuple[int, int]]:
    columns = range(math.floor(view.left / CELL), math.floor(view.right / CELL) + 1)
    rows: Sequence[int] = range(math.floor(view.top / CELL), math.floor(view.bottom / CELL) + 1)
    return ((column, row) for column in columns for row in rows)
