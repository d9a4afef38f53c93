"""Breaks a picture that would be a tall strip into columns that are read one after another."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from tracer.analysis.folding import Frame
from tracer.drawing.dot import Column
from tracer.drawing.lanes import Bundle
from tracer.drawing.layout import Layout, Piece, Point, Route, Size, Spot

TALL, STRIP = 1300.0, 1.7  # points, and times the width, from where a picture is broken
ASPECT = 0.6  # the wanted height for each point of width
CROSSING = 2  # bundles that may go from one column to the next
APART, CORNER, LEAD, ASIDE, MOST_TOP = 110.0, 16.0, 66.0, 36.0, 10.0


def columns(layout: Layout, bundles: Sequence[Bundle], frames: Sequence[Frame]) -> list[Column]:
    """Choose where to break: after boxes that nearly all lanes have passed, outside of frames, at even heights."""
    whole = [range(len(layout.boxes))]
    wide, high = layout.size
    if high < TALL or high < STRIP * wide:
        return whole
    wanted = round(math.sqrt(high / ((wide + APART) * ASPECT)))
    places = _places(layout, bundles, frames)
    cuts: list[int] = []
    for number in range(1, wanted):
        after = cuts[-1] if cuts else 0
        found = [
            place for place in places if place > after and abs(_depth(layout, place) / high * wanted - number) < 0.5
        ]
        if found:
            cuts.append(min(found, key=lambda place: abs(_depth(layout, place) / high - number / wanted)))
    ends = [0, *cuts, len(layout.boxes)]
    return [range(a, b) for a, b in itertools.pairwise(ends)]


def _places(layout: Layout, bundles: Sequence[Bundle], frames: Sequence[Frame]) -> list[int]:
    """List the boxes before which a break may be: few bundles cross it, and no frame does."""
    count = len(layout.boxes)
    crossing = [0] * (count + 1)
    for bundle in bundles:
        crossing[bundle.tail + 1] += 1
        crossing[bundle.head + 1] -= 1
    for frame in frames:
        crossing[frame.boxes[0] + 1] += CROSSING + 1
        crossing[frame.boxes[1]] -= CROSSING + 1
    places, over = [], 0
    for box in range(1, count):
        over += crossing[box]
        if 0 < over <= CROSSING:
            places.append(box)
    return places


def _depth(layout: Layout, box: int) -> float:
    return max(spot.y + spot.height for spot in layout.boxes[:box])


def side_by_side(parts: Sequence[Layout], bundles: Sequence[Bundle]) -> Layout:
    """Put columns beside each other and lead each bundle that leaves one up to the next."""
    lefts = [0.0, *itertools.accumulate(part.size.width + APART for part in parts)]
    lanes = _lanes(parts, len(bundles))
    margin = LEAD + ASIDE * max(lanes.values(), default=0)
    low = max(part.size.height for part in parts) + margin + LEAD / 2
    routes = []
    for number in range(len(bundles)):
        found = [(_shifted(part.routes[number], left, margin), left) for part, left in zip(parts, lefts, strict=False)]
        found = [(route, left) for route, left in found if route.pieces]
        routes.append(_led(found, lanes.get(number, 0), low))
    return Layout(
        Size(lefts[-1] - APART, low + margin - LEAD / 2),
        tuple(_spot([part.boxes[n] for part in parts], lefts, margin) for n in range(len(parts[0].boxes))),
        tuple(routes),
        tuple(_frame([part.frames[n] for part in parts], lefts, margin) for n in range(len(parts[0].frames))),
        parts[0].name,
    )


def _lanes(parts: Sequence[Layout], bundles: int) -> dict[int, int]:
    """Number the bundles that leave a column from the right, so that their ways round do not cross."""
    lanes = {}
    for part, following in itertools.pairwise(parts):
        leaving = [n for n in range(bundles) if part.routes[n].pieces and following.routes[n].pieces]
        leaving.sort(key=lambda n: -part.routes[n].pieces[-1][-1][0])
        lanes.update({number: place for place, number in enumerate(leaving)})
    return lanes


def _spot(spots: Sequence[Spot], lefts: Sequence[float], down: float) -> Spot:
    found, left = next((spot, left) for spot, left in zip(spots, lefts, strict=False) if spot.width)
    return found._replace(x=found.x + left, y=found.y + down)


def _frame(spots: Sequence[Spot | None], lefts: Sequence[float], down: float) -> Spot | None:
    found = [(spot, left) for spot, left in zip(spots, lefts, strict=False) if spot]
    return _spot([found[0][0]], [found[0][1]], down) if found else None


def _shifted(route: Route, right: float, down: float) -> Route:
    pieces = tuple(tuple((x + right, y + down) for x, y in piece) for piece in route.pieces)
    return Route(pieces, (route.label[0] + right, route.label[1] + down) if route.label else None)


def _led(parts: Sequence[tuple[Route, float]], aside: int, low: float) -> Route:
    """Join the parts of a route: from the end of one column, up between the two, into the next."""
    whole, _ = parts[0]
    for route, left in parts[1:]:
        between = left - APART / 2 + ASIDE * (aside - 0.5)
        lead = _lead(whole.pieces[-1][-1], route.pieces[0][0], between, (low + ASIDE * aside, MOST_TOP + ASIDE * aside))
        whole = Route((*whole.pieces, lead, *route.pieces), whole.label or route.label)
    return whole


def _lead(start: Point, end: Point, between: float, turns: tuple[float, float]) -> Piece:
    """Go down from `start`, over to between the columns, up, over and down to `end`, with round corners."""
    low, top = turns
    return _rounded([start, (start[0], low), (between, low), (between, top), (end[0], top), end])


def _rounded(corners: Sequence[Point]) -> Piece:
    """Turn straight stretches with right angles into a path with round corners."""
    path: list[Point] = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(CORNER, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        into, out = _towards(corner, before, radius), _towards(corner, after, radius)
        path += [_towards(path[-1], into, math.dist(path[-1], into) / 3), _towards(into, path[-1], 1.0), into]
        path += [_towards(into, corner, radius * 0.55), _towards(out, corner, radius * 0.55), out]
    last = corners[-1]
    path += [_towards(path[-1], last, math.dist(path[-1], last) / 3), _towards(last, path[-1], 1.0), last]
    return tuple(path)


def _towards(a: Point, b: Point, by: float) -> Point:
    length = math.dist(a, b)
    return a if not length else (a[0] + (b[0] - a[0]) * by / length, a[1] + (b[1] - a[1]) * by / length)
