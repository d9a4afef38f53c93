"""Rows of two layouts at equal heights."""

from __future__ import annotations

import itertools
import random

from tracer.drawing.layout import Layout, Route, Size, Spot
from tracer.drawing.level import level


def layout(*heights: float, gap: float = 20.0) -> Layout:
    """Cards of these heights under one another, each joined to the next by a straight line."""
    spots, y = [], 0.0
    for height in heights:
        spots.append(Spot(0.0, y, 50.0, height))
        y += height + gap
    lines = [((25.0, a.y + a.height), (25.0, b.y)) for a, b in itertools.pairwise(spots)]
    routes = tuple(Route(((a, a, b, b),), (25.0, (a[1] + b[1]) / 2)) for a, b in lines)
    return Layout(Size(50.0, y - gap), tuple(spots), routes, (Spot(0.0, spots[0].y, 50.0, y - gap),), "test")


def middles(found: Layout) -> list[float]:
    return [spot.y + spot.height / 2 for spot in found.boxes]


def test_equal_cards_stand_at_equal_heights_and_lines_still_join_them() -> None:
    one, other = level(layout(40, 40, 40), layout(40, 40, 60, 40), [(0, 0), (1, 2), (2, 3)])
    assert [middles(one)[at] for at in (0, 1, 2)] == [middles(other)[at] for at in (0, 2, 3)]
    for found in (one, other):
        for route, above, below in zip(found.routes, found.boxes, found.boxes[1:], strict=False):
            piece = route.pieces[0]
            assert (piece[0][1], piece[-1][1]) == (above.y + above.height, below.y)
            assert route.label and above.y + above.height < route.label[1] < below.y
        assert found.size.height == found.boxes[-1].y + found.boxes[-1].height
        assert found.frames[0] and found.frames[0].height == found.size.height


def test_pairs_that_cross_are_kept_as_far_as_they_go_down() -> None:
    one, other = level(layout(40, 40, 40), layout(40, 40, 40), [(0, 2), (1, 0), (2, 1)])
    assert [middles(one)[at] for at in (1, 2)] == [middles(other)[at] for at in (0, 1)]


def test_nothing_overlaps_and_nothing_moves_up() -> None:
    for seed in range(40):
        draw = random.Random(seed)
        one, other = (layout(*(draw.choice((30, 50, 90)) for _ in range(draw.randint(1, 9)))) for _ in range(2))
        ours, theirs = list(range(len(one.boxes))), list(range(len(other.boxes)))
        draw.shuffle(theirs)
        pairs = list(zip(draw.sample(ours, min(len(ours), len(theirs))), theirs, strict=False))
        for before, after in zip((one, other), level(one, other, pairs), strict=True):
            for was, now in zip(before.boxes, after.boxes, strict=True):
                assert now.y >= was.y and (now.x, now.width, now.height) == (was.x, was.width, was.height)
            for above, below in itertools.pairwise(after.boxes):
                assert below.y >= above.y + above.height + 20 - 1e-9


def test_no_cards_are_no_matter() -> None:
    nothing = Layout(Size(0.0, 0.0), (), (), (), "test")
    assert level(nothing, layout(40), []) == (nothing, layout(40))
