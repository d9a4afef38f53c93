"""How a loop stands before its first pass and after each: section 5 of the lesson, and the odd ways out of loops."""

from __future__ import annotations

import math

import pytest

from tracer.analysis.rolling import passes
from tracer.experiment import Expression, Input
from tracer.expression.presets import PRESETS
from tracer.facts import from_json, to_json
from tracer.runners.expression import find
from tracer.values import Loop

DOUBLING = PRESETS["Doubling loop"].program
ROOT = math.sqrt(3)
LESSON = [
    ([1, 2, 2], [6 * 2**k for k in range(9)]),
    ([0.5, -1, 1], [3 * 2**k for k in range(10)]),
    ([1, 1, 1], [2 * ROOT * 2**k for k in range(10)]),
    ([250, 0, 0], [500, 1000]),
    ([500, 0, 0], [1000]),
    ([600, 0, 0], [1200]),
]


def of(program: str, values: object) -> Loop:
    (loop,) = find(Expression(program, {"x": Input(values)})).loops
    return loop


def column(loop: Loop, name: str) -> list[object]:
    rows = [next((line for line in turn.given if line.name == name), None) for turn in loop.turns]
    return [row.values.nested() if row and row.values else None for row in rows]


@pytest.mark.parametrize(("start", "norms"), LESSON)
def test_the_norms_of_the_lesson(start: list[float], norms: list[float]) -> None:
    loop = of(DOUBLING, start)
    assert (loop.line, loop.last, loop.text, loop.passes) == (3, 5, "while y.norm() < 1000", len(norms) - 1)
    assert column(loop, "y.norm()") == pytest.approx(norms, rel=1e-6)
    assert [turn.holds for turn in loop.turns] == [norm < 1000 for norm in norms]
    assert [turn.number for turn in loop.turns] == column(loop, "i") == list(range(len(norms)))
    assert column(loop, "y") == [[2 ** (k + 1) * x for x in start] for k in range(len(norms))]


def test_nan_ends_at_once() -> None:
    loop = of(DOUBLING, ["nan", 1, 1])
    assert (loop.passes, [turn.holds for turn in loop.turns]) == (0, [False])


WAYS_OUT = [
    ("y = x\nwhile True:\n    y = y * 2\n    if y > 5:\n        break", 3, [True, True, True, None]),
    ("y = x\nwhile y < 5 and y > 0:\n    y = y * 2\n    continue", 3, [True, True, True, False]),
    ("y = x\nfor k in range(4):\n    y = y * 2\n    if k == 1:\n        break", 2, [None, None, None]),
    ("y = x\nfor k in range(0):\n    y = y * 2", 0, [None]),
]


@pytest.mark.parametrize(("program", "passes", "holds"), WAYS_OUT)
def test_ways_out_of_a_loop(program: str, passes: int, holds: list[bool | None]) -> None:
    loop = of(program, 1.0)
    assert (loop.passes, [turn.holds for turn in loop.turns]) == (passes, holds)


def test_a_loop_that_is_come_to_again_begins_again() -> None:
    outer, inner = find(
        Expression("y = x\nfor i in range(2):\n    for j in range(2):\n        y = y * 2", {"x": [1.0]})
    ).loops
    assert [(turn.number, turn.begins) for turn in inner.turns] == [
        (0, True), (1, False), (2, False), (2, True), (3, False), (4, False),
    ]  # fmt: skip
    assert (outer.passes, inner.passes) == (2, 4)


def test_of_very_many_passes_the_first_and_the_last_are_kept_and_all_are_counted() -> None:
    loop = of("y = x\nfor k in range(1500):\n    y = y + 0", 1.0)
    assert (loop.passes, len(loop.turns)) == (1500, 1002)
    assert [turn.number for turn in loop.turns[-2:]] == [1000, 1500]
    assert len(passes(loop)) == 1000


def test_large_tensors_are_told_without_their_numbers() -> None:
    loop = of("y = x.expand(100)\nfor k in range(2):\n    y = y * 2", 1.0)
    assert [line.shape for line in loop.turns[-1].given] == [(), (100,)]
    assert column(loop, "y") == [None] * 3


def test_a_recording_with_loops_comes_back_from_its_file() -> None:
    facts = find(PRESETS["Doubling loop"])
    assert from_json(to_json(facts)).loops == facts.loops
