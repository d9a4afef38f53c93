"""Two graphs in one picture: equal nodes level, differences in words and dashes, each part owned by one of the two."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tracer.analysis.beside import beside
from tracer.analysis.comparison import compare
from tracer.drawing.display_list import Area, DisplayList, Path, Rect, Text
from tracer.drawing.side_by_side import NO_GRAPH, draw_beside
from tracer.experiment import Expression, Input
from tracer.expression.edits import detached
from tracer.expression.presets import PAIRS, PRESETS
from tracer.expression.variants import alone, second, titles, with_second
from tracer.runners.expression import find

CUBE = Expression("y = x * x\nz = (y * x).sum()", {"x": Input([1, 2])})


def drawn(both: Expression) -> tuple[DisplayList, dict[int, int]]:
    """Draw both, and give the pairs of their nodes."""
    other = second(both)
    assert other is not None
    a, b = find(alone(both)), find(other)
    found = beside(a, b, compare(a, b))
    return draw_beside(a, b, found, titles(both)), dict(found.pairs)


def areas(picture: DisplayList) -> dict[str, Area]:
    return {area.owner: area for area in picture.areas}


def texts(picture: DisplayList, owner: str = "") -> list[str]:
    marks = picture.marks[slice(*areas(picture)[owner].marks)] if owner else picture.marks
    return [mark.text for mark in marks if isinstance(mark, Text)]


def outlined(picture: DisplayList) -> set[str]:
    """Name the cards with a dashed line around them."""
    lines = [mark for mark in picture.marks if isinstance(mark, Rect) and mark.stroke == "changed" and mark.dashed]
    return {
        owner
        for owner, area in areas(picture).items()
        if any(abs(line.x + 8 - area.x) < 0.01 and abs(line.y + 8 - area.y) < 0.01 for line in lines)
    }


@pytest.mark.parametrize("both", [*PAIRS.values(), with_second(CUBE, detached(CUBE, "y", 1))])
def test_paired_nodes_are_level_and_the_second_stands_on_the_right(both: Expression) -> None:
    picture, pairs = drawn(both)
    found = areas(picture)
    for node, other in pairs.items():
        one, two = found[f"node {node}"], found[f"node b{other}"]
        assert one.y + one.height / 2 == pytest.approx(two.y + two.height / 2)
        assert one.x + one.width < two.x
    assert all(area.y + area.height <= picture.height + 0.01 for area in picture.areas)
    assert all(area.x + area.width <= picture.width + 0.01 for area in picture.areas)


def test_two_spellings_mark_the_square_and_its_second_arrow() -> None:
    picture, _ = drawn(PAIRS["Two spellings"])
    assert outlined(picture) == {"node 2", "node b2"}
    assert "≠ Mul here, Pow on the right" in texts(picture, "node 2")
    assert "≠ Pow here, Mul on the left" in texts(picture, "node b2")
    into = [area.owner for area in picture.areas if area.joins == ("node 1", "node 2")]
    assert len(into) == 2 and sum("only here" in texts(picture, owner) for owner in into) == 1
    assert [area.joins for area in picture.areas if area.joins == ("node b1", "node b2")] == [("node b1", "node b2")]
    assert {"z = y*y*3", "z = 3*y**2"} <= set(texts(picture))
    assert "differs: mul here" in areas(picture)["node 2"].label.lower()


def test_two_starts_tell_their_passes_and_the_node_more() -> None:
    picture, _ = drawn(PAIRS["Two starts"])
    assert {"x = [1, 2, 2]", "10 nodes · line 4 ran 8 times"} <= set(texts(picture))
    assert {"x = [0.5, −1, 1]", "11 nodes · line 4 ran 9 times"} <= set(texts(picture))
    assert outlined(picture) == {"node b10"} and "≠ only here" in texts(picture, "node b10")
    assert "≠ other gradient" in texts(picture, "node 0")  # told in words, without a line: it is so everywhere


def test_a_cut_marks_what_is_gone_and_what_takes_it() -> None:
    picture, _ = drawn(with_second(CUBE, detached(CUBE, "y", 1)))
    assert outlined(picture) == {"node 1", "node 2", "node b1"}
    assert "≠ input 0: y here, not followed on the right" in texts(picture, "node 2")
    assert "≠ other gradient" in texts(picture, "node b0") and "with y detached" in texts(picture)


def test_a_side_without_a_graph_says_so() -> None:
    lesson = PRESETS["y*y*3"]
    picture, _ = drawn(with_second(lesson, detached(lesson, "a", 3)))
    assert NO_GRAPH in texts(picture) and not any(" b" in owner for owner in areas(picture))


def test_a_long_program_is_folded_and_a_long_title_cut() -> None:
    long = Expression("y = x\nfor i in range(90):\n    y = y * 1.01\nz = y.sum()", {"x": Input([1, 2])})
    picture, _ = drawn(with_second(long, replace(long, program=long.program.replace("1.01", "1.02 + 0"))))
    assert len(picture.areas) < 200 and any("nodes inside" in text for text in texts(picture))
    middle = next(
        mark for mark in picture.marks if isinstance(mark, Path) and mark.stroke == "border" and not mark.curved
    )
    for title in (mark for mark in picture.marks if isinstance(mark, Text) and mark.size == 15.0):
        assert abs(title.x - middle.points[0][0]) > title.width / 2
