"""Loops rolled up: which operation of which line recorded which node in which pass."""

from __future__ import annotations

from tracer.analysis.loops import Rolled, rolled
from tracer.experiment import Expression
from tracer.expression.presets import PRESETS
from tracer.runners.expression import find


def test_the_doubling_loop() -> None:
    assert rolled(find(PRESETS["Doubling loop"]).graph) == (
        Rolled("line 1", "MulBackward0", 0, (1,), (1,)),
        Rolled("line 4", "MulBackward0", 0, tuple(range(2, 11)), tuple(range(1, 10))),
    )


def test_passes_that_take_different_ways() -> None:
    program = (
        "y = x\nfor i in range(4):\n    if i % 2:\n        y = y * 2 + 1\n    else:\n        y = y.sin() * y.cos()"
    )
    found = rolled(find(Expression(program, {"x": [1.0]})).graph)
    assert [(row.source, row.name, row.place, row.passes) for row in found] == [
        ("line 6", "SinBackward0", 0, (1, 2)),
        ("line 6", "CosBackward0", 1, (1, 2)),
        ("line 6", "MulBackward0", 2, (1, 2)),
        ("line 4", "MulBackward0", 0, (1, 2)),
        ("line 4", "AddBackward0", 1, (1, 2)),
    ]
