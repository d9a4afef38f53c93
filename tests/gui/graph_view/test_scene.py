import pytest

from gui.graph_view.scene import Box, Scene, distance
from tracer.drawing.display_list import Area, DisplayList, Path, Rect

CURVE = Path(((0, 0), (0, 100), (100, 100), (100, 200)))
CARDS = (
    Area("frame f", 0, 0, 1000, 400, "a frame", (0, 1)),
    Area("edge 0", 0, 0, 100, 200, "an edge", (1, 2), ("node 0", "node 1")),
    Area("node 0", -50, -60, 100, 60, "a card", (2, 3)),
    Area("node 1", 2050, 200, 100, 60, "a far card", (3, 4)),
)
MARKS = (Rect(0, 0, 1000, 400), CURVE, Rect(-50, -60, 100, 60), Rect(2050, 200, 100, 60), Rect(5, 5, 1, 1))
SCENE = Scene(DisplayList(2200, 400, MARKS, CARDS))


@pytest.mark.parametrize(
    ("point", "owner"),
    [
        ((0, -30), "node 0"),
        ((50, 100), "edge 0"),  # the middle of the curve
        ((54, 100), "edge 0"),
        ((90, 50), "frame f"),  # inside the edge's rectangle, far from its curve
        ((2100, 220), "node 1"),
        ((1500, 300), None),
    ],
)
def test_what_lies_under_a_point(point: tuple[float, float], owner: str | None) -> None:
    found = SCENE.under(point, 6.0)
    assert (found.owner if found else None) == owner


@pytest.mark.parametrize(
    ("point", "expected"),
    [((0, 0), 0), ((100, 200), 0), ((50, 100), 0), ((-30, 0), 30), ((100, 240), 40)],
)
def test_distance_to_a_curve(point: tuple[float, float], expected: float) -> None:
    assert distance(CURVE, point) == pytest.approx(expected, abs=0.5)


def test_distance_to_a_straight_line() -> None:
    assert distance(Path(((0, 0), (10, 0)), curved=False), (5, 7)) == 7


def test_only_what_is_near_the_view_is_painted() -> None:
    assert SCENE.in_view(Box(0, 0, 300, 300)) == [0, 1, 2]
    assert SCENE.in_view(Box(2060, 100, 2100, 300)) == [3]


def test_marks_of_no_area_are_painted_last() -> None:
    assert list(SCENE.marks([2])) == [MARKS[2], MARKS[4]]
