"""Loops rolled up: a true fold of the real graph, whichever pass is shown."""

from __future__ import annotations

import functools

import pytest

from tracer.analysis.folding import Folded
from tracer.analysis.rolling import Roll, made_in, passes, recording, roll
from tracer.experiment import Expression, Input
from tracer.expression.presets import PRESETS
from tracer.facts import Facts
from tracer.runners.expression import find

DOUBLING = PRESETS["Doubling loop"]
BRANCHES = Expression(
    "h = x\nfor k in range(6):\n    a = torch.tanh(W @ h)\n    if k % 2:\n        h = a * a\n    else:\n"
    "        h = a + x\nloss = (h*h).mean()",
    {"W": Input([[1, 0.5], [0.2, 1]]), "x": Input([1, 2])},
)
NESTED = Expression("y = x\nfor i in range(3):\n    y = y * 2\n    for j in range(2):\n        y = y + x", {"x": [1.0]})
TWO = Expression("y = x\nfor i in range(3):\n    y = y * 2\nwhile y < 100:\n    y = y + 30\nz = y * y", {"x": [1.0]})
NO_LOOP = PRESETS["y*y*3"]
PROGRAMS = {"doubling": DOUBLING, "branches": BRANCHES, "nested": NESTED, "two": TWO, "no loop": NO_LOOP}


@functools.cache
def facts(name: str) -> Facts:
    return find(PROGRAMS[name])


def every_pass(name: str) -> list[Roll]:
    return [Roll(loop.line, one.number) for loop in facts(name).loops for one in passes(loop)] or [Roll()]


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_node_is_in_one_box_and_each_edge_in_one_link(name: str) -> None:
    graph = facts(name).graph
    for how in every_pass(name):
        found = roll(facts(name), how)
        assert sorted(node for box in found.boxes for node in box.nodes) == [node.index for node in graph.nodes]
        box_of = {node: number for number, box in enumerate(found.boxes) for node in box.nodes}
        joined = {}
        for link in (*found.links, *found.returns):
            assert (link.producer < link.consumer) is (link in found.links)
            assert set(link.drawn) <= set(link.edges) and link.drawn
            joined |= dict.fromkeys(link.edges, (link.producer, link.consumer))
        assert sorted(joined) == list(range(len(graph.edges)))
        for number, ends in joined.items():
            edge = graph.edges[number]
            assert ends == (box_of[edge.producer], box_of[edge.consumer])


def shown(found: Folded) -> list[tuple[int, int | None]]:
    return [(box.repeats, box.shown) for box in found.boxes if box.shown is not None]


@pytest.mark.parametrize("turn", range(1, 10))
def test_the_doubling_loop_shows_the_node_of_each_pass(turn: int) -> None:
    found = roll(facts("doubling"), Roll(3, turn))
    assert shown(found) == [(1, 1), (9, turn + 1)]
    assert [(frame.title, frame.boxes, frame.repeats) for frame in found.frames] == [
        ("while y.norm() < 1000", (2, 3), 9)
    ]
    assert [link.words for link in found.links] == ["", "into pass 1"]
    assert [(link.words, link.edges) for link in found.returns] == [("next pass × 8", tuple(range(2, 10)))]
    assert found.shows == f"showing pass {turn} of the loop on line 3"


@pytest.mark.parametrize("turn", [0, 99])
def test_without_such_a_pass_the_last_is_shown(turn: int) -> None:
    assert roll(facts("doubling"), Roll(3, turn)) == roll(facts("doubling"), Roll(3, 9))


def test_a_branch_that_was_not_taken_shows_the_pass_before() -> None:
    graph, loop = facts("branches").graph, facts("branches").loops[0]
    found = roll(facts("branches"), Roll(2, 4))
    tanh, add, square = (
        next(box for box in found.boxes if graph.nodes[box.nodes[0]].source == f"line {line}" and box.repeats > 1)
        for line in (3, 7, 5)
    )
    assert made_in(loop, 4, graph) == tuple(sorted({tanh.nodes[3], tanh.nodes[3] + 1, square.nodes[1]}))
    assert (add.shown, square.shown) == (add.nodes[1], square.nodes[1])  # made in the passes 3 and 4


def test_loops_inside_of_loops_have_frames_in_one_another() -> None:
    found = roll(facts("nested"), Roll(2, 2))
    assert [(frame.title, frame.repeats) for frame in found.frames] == [
        ("for i in range(3)", 3),
        ("for j in range(2)", 6),
    ]
    (a, b), (c, d) = (frame.boxes for frame in found.frames)
    assert a <= c < d <= b
    assert shown(found)[-1] == (6, made_in(facts("nested").loops[1], 4, facts("nested").graph)[0])


def test_of_two_loops_the_other_shows_what_was_last_by_then() -> None:
    first = shown(roll(facts("two"), Roll(2, 2)))
    later = shown(roll(facts("two"), Roll(4, 1)))
    assert [repeats for repeats, _ in first] == [3, 4, 1]
    assert first[0][1] == 2 and later[0][1] == 3 and later[1][1] == first[1][1]


def test_a_loop_that_recorded_nothing_is_none() -> None:
    found = find(Expression("y = 2 * x\nwhile y.norm() < 1000:\n    y = 2 * y", {"x": [500.0, 0.0, 0.0]}))
    assert [loop.passes for loop in found.loops] == [0]
    assert recording(found.loops, found.graph) == ()
