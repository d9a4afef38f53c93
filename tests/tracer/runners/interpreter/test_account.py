"""What each line of a program gave: value, shape, dtype and passes, as they were when the line ran."""

from __future__ import annotations

from typing import Any

import torch

from tracer.expression.syntax import read
from tracer.facts import VALUES_PER_TENSOR, Line
from tracer.runners.interpreter.statements import run


def lines(program: str) -> list[Line]:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    return list(run(read(program, ["x"]), {"x": x}).account.lines())


def told(program: str) -> list[tuple[Any, ...]]:
    return [(line.number, line.name, line.values and line.values.nested(), line.passes) for line in lines(program)]


def test_values_are_those_of_the_moment() -> None:
    assert told("y = x * 2\ny += 1\ny[0] = 9\ny.mul_(2)\nx * 3") == [
        (1, "y", [2, 4], 1),
        (2, "y", [3, 5], 1),
        (3, "y", [9, 5], 1),
        (4, "y", [18, 10], 1),
        (5, None, [3, 6], 1),
    ]


def test_a_loop_tells_its_last_pass_and_how_many_there_were() -> None:
    assert told("y = x\nfor i in range(3):\n    y = y * 2\nwhile y.sum() < 90:\n    y = y + y") == [
        (1, "y", [1, 2], 1),
        (2, "i", 2, 3),
        (3, "y", [8, 16], 3),
        (4, None, False, 3),
        (5, "y", [32, 64], 2),
    ]


def test_a_line_can_give_several_names_and_what_is_no_tensor() -> None:
    rows = lines("a, b = x * 2, 3; c = [a]\nd = None\ne = x.shape[0] / 4")
    assert [(row.number, row.name, row.kind, row.shape, row.dtype, row.tracked) for row in rows] == [
        (1, "a", "a tensor", (2,), "float32", True),
        (1, "b", "a number", (), "int64", False),
        (1, "c", "a list", None, None, False),
        (2, "d", "nothing (None)", None, None, False),
        (3, "e", "a number", (), "float64", False),
    ]


def test_gradients_that_accumulate_and_are_set_to_zero() -> None:
    program = "y = (x * x).sum()\ny.backward(retain_graph=True)\ny.backward()\nx.grad.zero_()\nx.grad = None"
    assert told(program)[1:] == [
        (2, "x.grad", [2, 4], 1),
        (3, "x.grad", [4, 8], 1),
        (4, "x.grad", [0, 0], 1),
        (5, "x.grad", None, 1),
    ]


def test_large_values_are_not_held() -> None:
    (big, huge) = lines(f"y = torch.ones({VALUES_PER_TENSOR + 1})\nn = 2**60")
    assert (big.shape, big.dtype, big.values) == ((VALUES_PER_TENSOR + 1,), "float32", None)
    assert (huge.kind, huge.values) == ("a number", None)
