"""Vectors drawn to scale: x over a row with its projection, and the columns head to tail with equal axes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from tracer.drawing.cells import line
from tracer.drawing.display_list import Colour, Path, Rect, Text
from tracer.drawing.number_table import shortened
from tracer.matrix_vector.readings import Readings, RowReading, rounded, times
from tracer.matrix_vector.settings import Settings
from tracer.quantities import figure

Mark = Rect | Path | Text
Point = tuple[float, float]
LOW, HEAD = 72.0, 7.0  # the least height that a drawing needs, and the size of an arrow's head
LARGEST = 1e150  # a number that can still be drawn
DEPTH = (-0.42, -0.30)  # where one step along the first of three axes goes on paper


def projection(row: RowReading, settings: Settings, left: float, top: float, wide: float, high: float) -> list[Mark]:
    """Draw x and the row in the plane of both, to scale, and the length of x along the row."""
    caption = shortened(_caption(row), wide, 11.5, "sans")
    if high < LOW or row.cosine is None or row.projection is None or row.norm is None:
        return [line(left, top + 14, caption, 11.5, colour="muted")] if high > 18 else []
    length = math.hypot(*map(float, settings.vector))
    longer = max(length, row.norm)  # what is drawn is in units of the longer one
    tip = (row.cosine * length / longer, math.sqrt(max(1 - row.cosine**2, 0.0)) * length / longer)
    end = (row.norm / longer, 0.0)
    place = _scaled([(0.0, 0.0), tip, end], left + 30, top + 16, wide - 90, high - 52)
    start, x, a = place((0.0, 0.0)), place(tip), place(end)
    foot = place((tip[0], 0.0))
    marks: list[Mark] = [
        Path((x, foot), False, False, None, "muted", 1.0, True),
        *_arrow(start, a, "forward"),
        *_arrow(start, x, "leaf"),
        Path(((start[0], start[1] + 7), (foot[0], foot[1] + 7)), False, False, None, "backward", 3.5),
        line(x[0] + 6, x[1] - 2, "x", 12.0, "semibold", "leaf_text"),
        line(a[0] + 8, a[1] - (6 if foot[0] > a[0] else -4), f"a({row.output + 1})", 12.0, "semibold", "forward_text"),
        line(left, top + high - 6, caption, 11.5, colour="muted"),
    ]
    return marks


def head_to_tail(
    found: Readings, last: int, settings: Settings, left: float, top: float, wide: float, high: float
) -> list[Mark]:
    """Draw the columns, each times its number of x, one after the other, on axes of equal scale; two or three rows."""
    if high < LOW:
        return []
    if len(settings.matrix) not in (2, 3):
        words = f"Arrows are drawn for two or three outputs; these are {len(settings.matrix)}."
        return [line(left, top + 14, words, 11.5, colour="muted")]
    steps = [[rounded(times(row[at], x)) for row in settings.matrix] for at, x in enumerate(settings.vector)]
    if not all(abs(number) < LARGEST for step in (*steps, map(rounded, settings.offset)) for number in step):
        return [line(left, top + 14, "No arrows: a number is too large, or not finite.", 11.5, colour="muted")]
    sums = [list(map(rounded, settings.offset or (0.0,) * len(settings.matrix)))]
    for step in steps:
        sums.append([before + more for before, more in zip(sums[-1], step, strict=True)])
    points = [_flat(point) for point in sums]
    place = _scaled([*points, *_axes(sums)], left + 20, top + 12, wide - 110, high - 34)
    marks: list[Mark] = [*_axis_marks(sums, place)]
    for at in range(last + 1):
        colour: Colour = "forward" if at == last else "backward" if at % 2 else "leaf"
        marks += _arrow(place(points[at]), place(points[at + 1]), colour)
    x, y = place(points[last + 1])
    marks.append(Rect(x - 4, y - 4, 8, 8, 4.0, "forward"))
    marks.append(line(x + 9, y + 4, f"[{', '.join(found.sum_after(last + 1))}]", 12.0, "mono", "forward_text"))
    return marks


def _caption(row: RowReading) -> str:
    if row.cosine is None or row.projection is None:
        return "no angle: the row or x is zero, or not finite"
    return f"cos = {figure(row.cosine)} · along the row {row.scalar} / ‖a‖ = {figure(row.projection)}"


def _flat(point: Sequence[float]) -> Point:
    """Put a point on paper: two axes as they are, three with the first going towards the person."""
    if len(point) == 2:
        return point[0], point[1]
    return point[1] + DEPTH[0] * point[0], point[2] + DEPTH[1] * point[0]


def _axes(sums: Sequence[Sequence[float]]) -> list[Point]:
    """Give the ends of the axes: as far as the sums go along each."""
    dims = len(sums[0])
    ends = []
    for axis in range(dims):
        reach = [point[axis] for point in sums]
        for far in (max(0.0, *reach), min(0.0, *reach)):
            ends.append(_flat([far if at == axis else 0.0 for at in range(dims)]))
    return ends


def _axis_marks(sums: Sequence[Sequence[float]], place: _Place) -> Iterator[Mark]:
    ends = _axes(sums)
    for axis in range(len(sums[0])):
        high, low = place(ends[2 * axis]), place(ends[2 * axis + 1])
        yield Path((low, high), False, False, None, "border", 1.0)
        if math.dist(low, high) > 24:
            far = high if math.dist(high, place((0.0, 0.0))) >= math.dist(low, place((0.0, 0.0))) else low
            yield line(far[0] + 4, far[1] - 4, f"y{axis + 1}", 10.5, colour="muted")


class _Place:
    """Puts points of a plane onto the paper: one scale for both axes, y up."""

    def __init__(self, points: Sequence[Point], left: float, top: float, wide: float, high: float) -> None:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        spans = max(xs) - min(xs), max(ys) - min(ys)
        self.scale = min((room / span for room, span in zip((wide, high), spans, strict=True) if span > 0), default=1.0)
        self.x = left + (wide - spans[0] * self.scale) * 0.25 - min(xs) * self.scale
        self.y = top + high / 2 + (max(ys) + min(ys)) / 2 * self.scale

    def __call__(self, point: Point) -> Point:
        return self.x + point[0] * self.scale, self.y - point[1] * self.scale


def _scaled(points: Sequence[Point], left: float, top: float, wide: float, high: float) -> _Place:
    return _Place(points, left, top, max(wide, 10.0), max(high, 10.0))


def _arrow(start: Point, end: Point, colour: Colour) -> list[Mark]:
    """Draw an arrow; one of no length is a dot."""
    length = math.dist(start, end)
    if length < 0.5:
        return [Rect(start[0] - 2, start[1] - 2, 4, 4, 2.0, colour)]
    along = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    size = min(HEAD, length)
    base = end[0] - along[0] * size, end[1] - along[1] * size
    across = -along[1] * size * 0.5, along[0] * size * 0.5
    head = (end, (base[0] + across[0], base[1] + across[1]), (base[0] - across[0], base[1] - across[1]))
    return [
        Path((start, base), False, False, None, colour, 2.2),
        Path(head, False, True, colour, None),
    ]
