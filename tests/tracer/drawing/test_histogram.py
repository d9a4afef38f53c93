"""Histograms: counts against numpy and by hand, axes, marks."""

import numpy as np
import pytest

from tracer.drawing.display_list import Rect, Text
from tracer.drawing.histogram import bins_for, counted, picture, ticks


def test_all_finite_numbers_are_counted_and_the_others_apart():
    numbers = np.array([[-1.0, 0.0, 0.5, 1.0], [np.nan, np.inf, -np.inf, 0.0]], np.float32)
    found = counted(numbers, 4)
    assert found.counts == (1, 0, 2, 2)
    assert (found.low, found.high, found.total, found.zeros, found.non_finite) == (-1, 1, 8, 2, 3)
    assert found.mean == pytest.approx(0.1)
    assert found.std == pytest.approx(np.std([-1, 0, 0.5, 1, 0], ddof=1))


EDGES = {
    "none": (np.array([], np.float32), 0, None),
    "none finite": (np.array([np.nan, np.inf]), 0, None),
    "one value": (np.full(7, 3.5), 7, 3.5),
    "only zeros": (np.zeros(5), 5, 0.0),
    "whole numbers": (np.arange(10), 10, 4.5),
    "huge": (np.array([-1.7e308, 1.7e308]), 2, 0.0),
}


@pytest.mark.parametrize("case", EDGES)
def test_edges_can_be_counted_and_drawn(case):
    numbers, total, mean = EDGES[case]
    found = counted(numbers, 10)
    assert sum(found.counts) == total
    assert found.mean == mean
    assert found.low < found.high
    drawn = picture("x", found, 500, 150, "forward")
    assert f"{numbers.size - total} are not finite" in drawn.title


TICKS = {(0, 10, 5): (0, 2, 4, 6, 8, 10), (-1, 1, 4): (-1, -0.5, 0, 0.5, 1), (0.003, 0.0042, 3): (0.003, 0.0035, 0.004)}


@pytest.mark.parametrize("asked", TICKS)
def test_ticks_are_round(asked):
    assert ticks(*asked) == TICKS[asked]


def test_bars_are_as_high_as_their_counts_and_the_mean_is_marked():
    found = counted(np.array([0.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0]), 3)
    drawn = picture("w", found, 500, 200, "forward")
    bars = [mark for mark in drawn.marks if isinstance(mark, Rect) and mark.fill == "forward"]
    heights = [bar.height for bar in bars]
    assert [height / heights[0] for height in heights] == pytest.approx([1, 4, 2])
    texts = [mark.text for mark in drawn.marks if isinstance(mark, Text)]
    assert "mean 1.143" in texts
    assert {"0", "1", "2"} <= set(texts)
    assert drawn.areas[0].label == "1 from 0 to 0.6667"
    assert bins_for(10) < bins_for(600) <= bins_for(10_000) == 64


def test_of_very_many_numbers_a_part_is_counted_and_told():
    found = counted(np.arange(2_500_000, dtype=np.float32), 10)
    assert (found.every, found.total, sum(found.counts)) == (3, 833_334, 833_334)
    assert "833\u202f334 numbers, one of each 3, mean" in picture("x", found, 500, 150, "forward").title
