import pytest

from gui.graph_view.walking import OPPOSITE, Step, map_of, step
from tracer.drawing.display_list import Area


def card(number: int, x: float, y: float) -> Area:
    return Area(f"node {number}", x, y, 100, 40, "")


def edge(number: int, tail: int, head: int) -> Area:
    return Area(f"edge {number}", 0, 0, 0, 0, "", (0, 0), (f"node {tail}", f"node {head}"))


# two inputs above one operation, whose value is used by two
WALKED = map_of(
    [
        *(edge(0, 0, 2), edge(1, 1, 2), edge(2, 2, 3), edge(3, 2, 4), edge(4, 2, 4)),
        *(card(0, 0, 0), card(1, 200, 0), card(2, 80, 100), card(3, 0, 200), card(4, 200, 200)),
        Area("frame f", 0, 0, 400, 400, ""),
    ]
)


@pytest.mark.parametrize(
    ("owner", "way", "to"),
    [
        ("", "down", "node 0"),
        ("edge 1", "down", "node 0"),
        ("node 0", "down", "node 2"),
        ("node 2", "up", "node 0"),
        ("node 2", "down", "node 3"),
        ("node 3", "right", "node 4"),
        ("node 4", "left", "node 3"),
        ("node 4", "right", "node 4"),
        ("node 4", "down", "node 4"),
        ("node 2", "first", "node 0"),
        ("node 2", "last", "node 4"),
    ],
)
def test_a_step(owner: str, way: Step, to: str) -> None:
    assert step(WALKED, owner, way, {}) == to


def test_down_and_up_again_leads_back() -> None:
    came: dict[tuple[str, Step], str] = {}
    walk = ["node 1"]
    for way in ("down", "up"):
        after = step(WALKED, walk[-1], way, came)
        came[after, OPPOSITE[way]] = walk[-1]
        walk.append(after)
    assert walk == ["node 1", "node 2", "node 1"]


def test_an_empty_picture_is_not_walked() -> None:
    assert step(map_of([]), "", "down", {}) == ""


def test_what_goes_on_to_the_next_pass_is_not_walked() -> None:
    areas = (
        Area("return 3", 60, 0, 30, 60, "to the next pass", joins=("node 0", "node 0")),
        Area("edge 4", 20, 60, 2, 40, "", joins=("node 0", "node 1")),
        Area("node 0", 0, 0, 60, 60, ""),
        Area("node 1", 0, 100, 60, 60, ""),
    )
    assert step(map_of(areas), "node 0", "down", {}) == "node 1"
