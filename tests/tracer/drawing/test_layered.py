import itertools
import random

import pytest

from tracer.drawing.lanes import Bundle
from tracer.drawing.layered import place
from tracer.drawing.layout import Layout, Size


def bundles(*pairs: tuple[int, int]) -> list[Bundle]:
    return [Bundle(tail, head, (0,), (0,), (), 16.0, 0.0) for tail, head in pairs]


def chain(count: int) -> list[Bundle]:
    return bundles(*((number, number + 1) for number in range(count - 1)))


def overlaps(layout: Layout) -> list[tuple[int, int]]:
    by_row: dict[float, list[int]] = {}
    for number, spot in enumerate(layout.boxes):
        by_row.setdefault(round(spot.y + spot.height / 2), []).append(number)
    found = []
    for row in by_row.values():
        row.sort(key=lambda number: layout.boxes[number].x)
        found += [
            (a, b) for a, b in itertools.pairwise(row) if layout.boxes[a].x + layout.boxes[a].width > layout.boxes[b].x
        ]
    return found


def test_a_card_is_below_all_that_it_uses() -> None:
    layout = place([Size(100, 40)] * 4, bundles((0, 1), (1, 2), (0, 3), (2, 3)))
    assert all(layout.boxes[t].y + 40 < layout.boxes[h].y for t, h in ((0, 1), (1, 2), (0, 3), (2, 3)))
    assert layout.name == "layered"


def test_a_leaf_is_pulled_down_to_its_first_use() -> None:
    layout = place([Size(100, 40)] * 5, bundles((0, 1), (1, 2), (3, 4), (2, 4)))
    assert layout.boxes[3].y == layout.boxes[2].y


@pytest.mark.parametrize("count", [0, 1, 300])
def test_any_size_has_a_layout(count: int) -> None:
    layout = place([Size(50, 20)] * count, chain(count))
    assert len(layout.boxes) == count
    assert len(layout.routes) == max(count - 1, 0)


def test_large_random_graphs_have_no_overlaps_and_touch_their_cards() -> None:
    draw = random.Random(5)
    pairs = {(draw.randrange(max(0, head - 40), head), head) for head in range(1, 3000) for _ in range(2)}
    sizes = [Size(draw.randrange(40, 200), draw.randrange(20, 80)) for _ in range(3000)]
    layout = place(sizes, bundles(*pairs))
    assert overlaps(layout) == []
    for (tail, head), route in zip(pairs, layout.routes, strict=True):
        assert route.pieces[0][0][1] == pytest.approx(layout.boxes[tail].y + sizes[tail].height)
        assert route.pieces[0][-1][1] == pytest.approx(layout.boxes[head].y)
