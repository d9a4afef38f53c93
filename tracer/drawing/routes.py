"""The geometry of lanes: paths beside the middle of a bundle, and where on a card's side each of them starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tracer.drawing.lanes import Bundle, Lane
from tracer.drawing.layout import Layout, Piece, Point, Route, Spot

MARGIN = 12.0  # points of a card's side, at each end, where no lane starts
ARROW = 8.0
SHORT, BEND = 110.0, 0.55  # points down that one even curve goes, and where it bends
FADE = 80.0  # points of its way after which a lane no longer knows where on its card it started
TURN = 10.0  # points in which a lane turns from its place by a card or a label to the middle of its bundle
LIFT, STEEPEST = 1.3, 0.3  # how much neighbours part where they go to the side, and at most of the way down


class Slot(NamedTuple):
    """The middle of a bundle on a card's side, and by how much its lanes are drawn together there."""

    x: float
    y: float
    scale: float


def slots(layout: Layout, bundles: Sequence[Bundle]) -> tuple[list[Slot], list[Slot]]:
    """Give each bundle its place on the lower side of its tail, and on the upper side of its head.

    Bundles stand in the order of the directions that they come from, so that they need not cross.
    """
    starts, ends = [Slot(0.0, 0.0, 1.0)] * len(bundles), [Slot(0.0, 0.0, 1.0)] * len(bundles)
    below: dict[int, list[int]] = {}
    above: dict[int, list[int]] = {}
    for number, bundle in enumerate(bundles):
        below.setdefault(bundle.tail, []).append(number)
        above.setdefault(bundle.head, []).append(number)
    for sides, found, far in ((below, starts, _first_away), (above, ends, _last_away)):
        for box, numbers in sides.items():
            numbers.sort(key=lambda number: far(layout.routes[number]))
            spot = layout.boxes[box]
            _share(spot, spot.y + spot.height if found is starts else spot.y, bundles, numbers, found)
    return starts, ends


def _share(spot: Spot, y: float, bundles: Sequence[Bundle], numbers: Sequence[int], found: list[Slot]) -> None:
    """Share a side of a card out among its bundles, from left to right."""
    total = sum(bundles[number].width for number in numbers)
    scale = min(1.0, max(spot.width - 2 * MARGIN, 1.0) / total)
    left = spot.x + spot.width / 2 - total * scale / 2
    for number in numbers:
        wide = bundles[number].width * scale
        found[number] = Slot(left + wide / 2, y, scale)
        left += wide


def _first_away(route: Route) -> float:
    piece = route.pieces[0]
    return sum(x for x, _ in piece[1:]) / (len(piece) - 1)


def _last_away(route: Route) -> float:
    piece = route.pieces[-1]
    return sum(x for x, _ in piece[:-1]) / (len(piece) - 1)


def lane(route: Route, one: Lane, start: Slot, end: Slot) -> Piece:
    """Give the path of one lane: one point, then three a cubic segment.

    It keeps to the right of the way down: by its offset at its ends and in the room for labels, else close by.
    """
    path: list[Point] = []
    last = len(route.pieces) - 1
    joins = [one.offset if route.label and number == 0 else one.close for number in range(last)]
    beside = [one.offset * start.scale, *joins, one.offset * end.scale]
    for number, piece in enumerate(route.pieces):
        first = start[:2] if number == 0 else piece[0]
        final = end[:2] if number == last else piece[-1]
        moved = _piece(piece, (first, final), (beside[number], one.close, beside[number + 1]))
        if path and math.dist(path[-1], moved[0]) > 0.01:
            path += _straight(path[-1], moved[0])
        path += moved[1:] if path else moved
    return tuple(path)


def _piece(piece: Piece, places: tuple[Point, Point], by: tuple[float, float, float]) -> list[Point]:
    """Move a piece sideways and its ends to their places; a short way down becomes one even curve."""
    (start, end), (first, between, final) = places, by
    if 0 < end[1] - start[1] <= SHORT:
        return _curve(start, end, first, final)
    way = _beside(_trimmed(_moved(_moved(piece, start[0])[::-1], end[0])[::-1]), between)
    before = _curve(start, (start[0], way[0][1]), first, between)
    after = _curve((end[0], way[-1][1]), end, between, final)
    return [*before, *way[1:], *after[1:]]


def _moved(piece: Piece, place: float) -> Piece:
    """Move the start of a piece to another place on its side, and less and less of what follows along with it.

    What follows is moved no further than to straight below that place, so that the way does not swing out.
    """
    (x0, y0), by = piece[0], place - piece[0][0]
    low, high = min(x0, place), max(x0, place)
    found = [(x + by, y) for x, y in piece[:2]]
    for x, y in piece[2:]:
        part = max(0.0, 1 - abs(y - y0) / FADE)
        found.append((min(max(x + by * part, low), high) if low < x < high else x, y))
    return (*found[:-2], *piece[-2:])


def _curve(start: Point, end: Point, first: float, final: float) -> list[Point]:
    """Join two places by one even curve that leaves and arrives straight down.

    Where it goes far to the side, a lane further right is above its neighbour instead, or they would meet.
    """
    (x0, y0), (x1, y1) = start, end
    down, right = y1 - y0, x1 - x0
    lift = (first + final) / 2 * right / (abs(right) + down) * LIFT if down else 0.0
    lift = max(-down * STEEPEST, min(down * STEEPEST, lift))
    x0, x1 = x0 + first, x1 + final
    return [(x0, y0), (x0, y0 + down * BEND - lift), (x1, y1 - down * BEND - lift), (x1, y1)]


def _trimmed(piece: Piece) -> Piece:
    """Leave room for a curve before and after a long way, which starts and ends straight down."""
    (x0, y0), (x1, y1) = piece[0], piece[-1]
    y0, y1 = y0 + TURN, y1 - TURN
    between = [(x, min(max(y, y0), y1)) for x, y in piece[1:-1]] if y0 < y1 else piece[1:-1]
    return ((x0, y0), *between, (x1, y1))


def _beside(piece: Piece, by: float) -> list[Point]:
    """Move a piece to the right of its way, at right angles to it."""
    return [_sideways(piece, number, by) for number in range(len(piece))]


def _sideways(piece: Piece, number: int, by: float) -> Point:
    (x, y), count = piece[number], len(piece)
    before, after = piece[max(number - 1, 0)], piece[min(number + 1, count - 1)]
    dx, dy = after[0] - before[0], after[1] - before[1]
    length = math.hypot(dx, dy)
    if count == 4 and number in (1, 2):  # one curve: lanes part as in _curve
        right, down = piece[3][0] - piece[0][0], abs(piece[3][1] - piece[0][1])
        return (x + by, y - by * right / (abs(right) + down + 1) * LIFT)
    if number < 2 or number >= count - 2 or not length:
        return (x + by, y)
    return (x + by * dy / length, y - by * dx / length)


def _straight(a: Point, b: Point) -> list[Point]:
    return [_between(a, b, 1 / 3), _between(a, b, 2 / 3), b]


def _between(a: Point, b: Point, part: float) -> Point:
    return (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)


def shortened(path: Piece, head: bool) -> Piece:
    """End a path short of its arrow's tip, at its head or else at its tail."""
    points = list(path) if head else list(path[::-1])
    (x, y), (px, py) = points[-1], points[-2]
    back = ARROW - 1.0 if head else 1.0 - ARROW
    points[-1] = (x, y - back)
    points[-2] = (px, min(py, y - back) if head else max(py, y - back))
    return tuple(points) if head else tuple(points[::-1])


def arrow(tip: Point, down: bool) -> Piece:
    """Give the corners of an arrowhead that points down, or up."""
    x, y = tip
    back = -ARROW if down else ARROW
    return ((x, y), (x - 3.6, y + back), (x + 3.6, y + back))
