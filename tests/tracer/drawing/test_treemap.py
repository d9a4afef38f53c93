"""A treemap covers its rectangle once, its tiles are as the amounts; bars of the gradient by depth."""

from __future__ import annotations

import math
import random

import pytest

from tracer.analysis.depth import DepthRow
from tracer.analysis.tiles import Tile
from tracer.drawing.depth_bars import FOOT, depth_bars
from tracer.drawing.display_list import Rect, Text
from tracer.drawing.treemap import MOST, squarified, treemap
from tracer.quantities import size


@pytest.mark.parametrize("seed", range(10))
def test_tiles_cover_the_rectangle_once_by_their_amounts(seed: int) -> None:
    chosen = random.Random(seed)
    amounts = sorted((chosen.paretovariate(1) for _ in range(chosen.randrange(1, 50))), reverse=True)
    wide, high = chosen.uniform(50, 500), chosen.uniform(50, 500)
    spots = squarified(amounts, wide, high)
    for amount, spot in zip(amounts, spots, strict=True):
        assert spot.width * spot.height == pytest.approx(amount / sum(amounts) * wide * high)
        assert -1e-6 <= spot.x <= spot.x + spot.width <= wide + 1e-6
        assert -1e-6 <= spot.y <= spot.y + spot.height <= high + 1e-6
    for number, one in enumerate(spots):
        for other in spots[:number]:
            across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert across < 1e-6 or down < 1e-6


def test_equal_amounts_are_nearly_square() -> None:
    for spot in squarified([1.0] * 24, 300, 200):
        assert 0.5 <= spot.width / spot.height <= 2


def test_the_worked_example_of_a_6_by_4_rectangle() -> None:
    spots = squarified([6, 6, 4, 3, 2, 2, 1], 6, 4)
    assert [(round(s.x, 3), round(s.y, 3), round(s.width, 3), round(s.height, 3)) for s in spots[:3]] == [
        (0, 0, 3, 2), (0, 2, 3, 2), (3, 0, 1.714, 2.333),
    ]  # fmt: skip


def test_each_tile_is_an_area_with_a_sentence() -> None:
    found = treemap([Tile("a.b", 3072), Tile("a", 1024, own=True)], size, 200, 100, "Kept")
    assert [(area.owner, area.label) for area in found.areas] == [
        ("module a.b", "b: 3 KiB, 75\u202f% of 4 KiB."), ("module a itself", "a itself: 1 KiB, 25\u202f% of 4 KiB."),
    ]  # fmt: skip
    first = [mark.text for mark in found.marks[slice(*found.areas[0].marks)] if isinstance(mark, Text)]
    assert first == ["b", "3 KiB"] and (found.width, found.height) == (200, 100)


def test_many_small_ones_share_a_tile_and_none_at_all_is_no_picture() -> None:
    found = treemap([Tile(str(number), 10) for number in range(MOST + 40)], str, 300, 200, "Many")
    assert len(found.areas) == MOST + 1 and found.areas[-1].label.startswith("40 smaller ones: 400, 40\u202f%")
    assert treemap([], str, 300, 200, "None").areas == ()


def bars(norms: list[float | None], wide: float = 300.0) -> list[float]:
    picture = depth_bars([DepthRow(f"m{number}", norm, ()) for number, norm in enumerate(norms)], wide, 80.0)
    return [picture.marks[area.marks[0]].height for area in picture.areas if isinstance(picture.marks[0], Rect)]


def test_bars_are_in_proportion_or_logarithms_where_norms_differ_much() -> None:
    one, half, none = bars([2.0, 1.0, None])
    assert half == pytest.approx(one / 2) and none == 0
    large, middle, small = bars([1.0, 1e-3, 1e-6])
    assert large > middle > small > 0 and large - middle == pytest.approx(middle - small)
    assert bars([math.nan, 1.0])[0] == max(bars([1.0])) <= 80 - FOOT


def test_more_modules_than_there_is_room_for_are_drawn_together() -> None:
    rows = [DepthRow(f"m{number}", 1.0 if number != 457 else 9.0, ()) for number in range(1000)]
    picture = depth_bars(rows, 100.0, 80.0)
    assert len(picture.areas) == 20 and picture.areas[9].label == "m450 to m499, 50 modules, the largest: ‖g‖ 9."
    assert [mark.text for mark in picture.marks if isinstance(mark, Text)] == ["m0", "m999"]
