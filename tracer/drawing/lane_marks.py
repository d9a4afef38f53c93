"""The lanes of a bundle as paths, arrowheads and labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tracer.drawing.display_list import Area, Backward, Colour, Path, Rect, Text
from tracer.drawing.font_widths import width
from tracer.drawing.grids import grid_marks
from tracer.drawing.lanes import CAPTION, TEXT, Bundle, Label, Lane
from tracer.drawing.layout import Piece, Point, Route
from tracer.drawing.routes import Slot, arrow, lane, shortened

Mark = Rect | Path | Text


def lane_marks(one: Lane, route: Route, start: Slot, end: Slot) -> Iterator[Mark]:
    """Draw one lane: forward solid and blue with its tip at the head, backward dashed, orange, its tip at the tail."""
    path = lane(route, one, start, end)
    colour: Colour = "backward" if one.backward else "forward"
    yield Path(shortened(path, head=not one.backward), stroke=colour, dashed=one.backward)
    tip = path[0] if one.backward else path[-1]
    yield Path(arrow(tip, down=not one.backward), curved=False, closed=True, fill=colour)
    if one.label and route.label:
        yield from _label(one.label, (route.label[0] + one.offset, route.label[1]), one.backward)


def gap_marks(one: Bundle, route: Route, start: Slot, end: Slot) -> Iterator[Mark]:
    """Draw a way that autograd does not follow: grey, with its tip at the head, broken where it was cut."""
    path = lane(route, one.lanes[0], start, end)
    yield Path(shortened(path, head=True), stroke="muted", dashed=bool(one.cut))
    yield Path(arrow(path[-1], down=True), curved=False, closed=True, fill="muted")
    label = one.lanes[0].label
    if label and route.label:
        x, y = route.label[0] - label.width / 2, route.label[1] - label.height / 2
        yield Rect(x, y, label.width, label.height, 5.0, "pill", "problem", 0.9)
        yield from (
            Path(((x + at, y + 14), (x + at + 4, y + 4)), curved=False, stroke="problem", line=1.6) for at in (8, 13)
        )
        yield Text(x + 24, y + label.height / 2 + 3.8, one.cut, label.width - 31, TEXT, "sans", "problem")


def _label(label: Label, middle: Point, backward: bool) -> Iterator[Mark]:
    x, y = middle[0] - label.width / 2, middle[1] - label.height / 2
    if label.grid:
        yield Rect(x - 2, y - 2, label.width + 4, label.height + 4, 4.0, "pill")
        top, left = y + label.height - label.grid.height, middle[0] - label.grid.width / 2
        if label.text:
            wide = width(label.text, CAPTION)
            yield Text(middle[0], top - 4.5, label.text, wide, CAPTION, "sans", "backward_text", "middle")
        yield from grid_marks(label.grid, left, top, "backward_fill", "backward", "backward_text")
        return
    colour: Colour = "backward_text" if backward else "forward_text"
    yield Rect(x, y, label.width, label.height, 5.0, "pill", "backward" if backward else "forward", 0.75)
    yield Text(middle[0], middle[1] + 3.8, label.text, label.width - 14, TEXT, "sans", colour, "middle")


def by_edge(bundle: Bundle) -> Iterator[tuple[int, Sequence[Lane]]]:
    """Give the lanes of each edge."""
    for edge in dict.fromkeys(one.edge for one in bundle.lanes):
        yield edge, [one for one in bundle.lanes if one.edge == edge]


def area(edge: int, found: Iterable[Mark], label: str, joins: tuple[str, str], backward: Backward | None) -> Area:
    """Give the area that an edge's paths cover."""
    points: Piece = tuple(point for mark in found if isinstance(mark, Path) for point in mark.points)
    left, top = min(x for x, _ in points), min(y for _, y in points)
    right, low = max(x for x, _ in points), max(y for _, y in points)
    return Area(f"edge {edge}", left, top, right - left, low - top, label, joins=joins, backward=backward)
