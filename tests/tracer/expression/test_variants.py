"""A program and the one beside it: what each is called, and what the second takes from the first."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from tracer.experiment import Expression, Input, Variant
from tracer.expression.edits import detached, frozen
from tracer.expression.presets import PAIRS, PRESETS
from tracer.expression.variants import alone, couple, is_what_if, second, titles, with_second

X = {"x": Input([1, 2])}
CUBE = Expression("y = x * x\nz = (y * x).sum()", X)
CALL = "y = x * x; z = (y * x).sum()"
BOTH = Expression("h = w * x\nz = (h * w).sum()", {"x": Input([1, 2]), "w": Input([3, 4])})

CALLED = [
    (PAIRS["Two spellings"], "z = y*y*3", "z = 3*y**2", False),
    (PAIRS["Two starts"], "x = [1, 2, 2]", "x = [0.5, −1, 1]", False),
    (with_second(CUBE, detached(CUBE, "y", 1)), CALL, "with y detached", True),
    (with_second(BOTH, frozen(BOTH, "w")), "h = w * x; z = (h * w).sum()", "with w frozen", True),
    (
        with_second(BOTH, frozen(detached(BOTH, "h", 1), "x")),
        "h = w * x; z = (h * w).sum()",
        "with h detached and x frozen",
        True,
    ),
    (with_second(CUBE, CUBE), CALL, CALL, False),
    (with_second(CUBE, replace(CUBE, program="y = x * x\nz = y - 1")), "z = (y * x).sum()", "z = y − 1", False),
    (with_second(CUBE, replace(CUBE, inputs={"x": Input([1, 2], "float64")})), "x float32", "x float64", False),
    (
        with_second(CUBE, replace(CUBE, inputs={"x": Input([1, 2], requires_grad=True)})),
        "x requires_grad None",
        "x requires_grad True",
        False,
    ),
    (with_second(CUBE, replace(CUBE, inputs={"x": Input(["-1/3", 2.5])})), "x = [1, 2]", "x = [−1/3, 2.5]", False),
    (with_second(CUBE, replace(CUBE, program="y = x\nif True:\n    z = y")), CALL, "y = x; if True: z = y", False),
    (with_second(CUBE, replace(CUBE, inputs={"x": Input([1] * 9)})), "x = [1, 2]", "x with its own numbers", False),
    (CUBE, CALL, "", False),
]  # fmt: skip


@pytest.mark.parametrize(("experiment", "left", "right", "cut"), CALLED)
def test_each_is_called_by_what_is_its_own(experiment: Expression, left: str, right: str, cut: bool) -> None:
    assert titles(experiment) == (left, right)
    assert is_what_if(experiment) is cut


NO_CUT = [
    "y = x * x; y = z.detach()\nz = (y * x).sum()",
    "y = x * x; y = y.detach() + 1\nz = (y * x).sum()",
    "y = x * x; y = y.detach()\nz = (y * y).sum()",
    "y = y.detach(); y = x * x\nz = (y * x).sum()",
]


@pytest.mark.parametrize("program", NO_CUT)
def test_what_is_more_than_a_cut_is_not_called_one(program: str) -> None:
    assert not is_what_if(with_second(CUBE, replace(CUBE, program=program)))


def test_output_gradient_device_and_seed_are_the_first_ones() -> None:
    first = Expression("y = x * x", X, "y", [1, 10], "cpu", 7, Variant("y = x ** 2", {"x": Input([3, 4])}))
    assert second(first) == Expression("y = x ** 2", {"x": Input([3, 4])}, "y", [1, 10], "cpu", 7)
    assert second(alone(first)) is None and couple(alone(first)) is None and couple(first) is first


def test_a_file_of_before_still_opens_and_one_with_two_programs_comes_back() -> None:
    old = b'{"type":"Expression","program":"a = x","inputs":{},"output":null,"gradient":null,"device":"auto","seed":0}'
    assert msgspec.json.decode(old, type=Expression) == Expression("a = x")
    written = msgspec.json.encode(PAIRS["Two spellings"])
    read = msgspec.json.decode(written, type=Expression)
    assert read.beside is not None and read.beside.program == PRESETS["3*y**2"].program
