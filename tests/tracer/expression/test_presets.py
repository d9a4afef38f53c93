"""Every preset runs, and has the numbers of the lesson: values, gradients, nodes, and the fractions of both."""

from __future__ import annotations

from typing import Any

import pytest

from tracer.analysis.gradients import gradients
from tracer.analysis.stepping import steps
from tracer.expression.presets import PRESETS
from tracer.facts import Facts
from tracer.runners.expression import find

LEAF, MUL = "AccumulateGrad", "MulBackward0"
LESSON = {"x": ("-3/2", "0", "3/2", "3"), "y": ("-3/2", "0", "3/2", "3"), "z": ("1/4",) * 4, "a": ("1",)}
VALUES = {"y": ("-1", "0", "1", "2"), "z": ("3", "0", "3", "12"), "a": ("9/2",)}

TRUTH: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    # preset: values and gradients as fractions (a float where there is none), and the nodes
    "y*y*3": (VALUES, LESSON, [LEAF, "SubBackward0", MUL, MUL, "MeanBackward0"]),
    "3*y**2": (VALUES, LESSON, [LEAF, "SubBackward0", "PowBackward0", MUL, "MeanBackward0"]),
    "w·x": ({"z": ("6",)}, {"x": ("1", "1", "1"), "w": ("1", "2", "3")}, [LEAF, LEAF, "DotBackward0"]),
    "w·x, only w": ({"z": ("6",)}, {"w": ("1", "2", "3")}, [LEAF, "DotBackward0"]),
    "w·x, only x": ({"z": ("6",)}, {"x": ("1", "1", "1")}, [LEAF, "DotBackward0"]),
    "w·x, neither": ({"z": (6.0,)}, {}, []),
    "Doubling loop": ({"y": ("512", "-1024", "1024")}, {"x": ("512/5", "1024", "64/625")}, [LEAF, *[MUL] * 10]),
    "Softmax": (
        {"p": (0.09003057, 0.24472847, 0.66524096), "loss": (1.40760597,)},
        {"x": (0.09003057, -0.75527153, 0.66524096)},
        [LEAF, "SoftmaxBackward0", "SelectBackward0", "LogBackward0", "NegBackward0"],
    ),
    "Broadcast": (
        {"a": ("1350",)},
        {"x": ("22", "44", "26", "48"), "b": ("48", "92")},
        [LEAF, LEAF, "AddBackward0", MUL, "SumBackward0"],
    ),
    "Linear layer": (
        {"h": ("1", "3"), "loss": ("2",)},
        {"W": ("0", "0", "4", "2"), "b": ("0", "2")},
        [LEAF, "MvBackward0", LEAF, "AddBackward0", "ReluBackward0", "SubBackward0", "PowBackward0", "MeanBackward0"],
    ),
    "Vector output": ({"y": ("1", "4", "9")}, {"x": ("2", "4", "6")}, [LEAF, MUL]),
    "Vector backward": ({"y": ("1", "4", "9")}, {"x": ("2", "40", "600")}, [LEAF, MUL]),
    "Two backwards": ({"a": ("9/2",)}, {"x": LESSON["x"]}, [LEAF, "SubBackward0", MUL, MUL, "MeanBackward0"]),
    "no_grad": ({"m": (2.5,), "a": ("5",)}, {"x": ("-3", "-1", "1", "3")}, [LEAF, "SubBackward0", MUL, "SumBackward0"]),
    "Add": (
        {"y": ("5", "7", "9"), "m": ("7",)},
        {"a": ("1/3",) * 3, "b": ("1/3",) * 3},
        [LEAF, LEAF, "AddBackward", "MeanBackward0"],
    ),
    "Split": (
        {"y": ("2", "4", "6", "8"), "m": ("5",)},
        {"x": ("1/2",) * 4, "a": ("1/4",) * 4, "b": ("1/4",) * 4},
        [LEAF, "SplitBackward", "AddBackward0", "MeanBackward0"],
    ),
    "Max": ({"y": ("5",)}, {"x": ("0", "1", "0", "0", "0")}, [LEAF, "MaxBackward"]),
}
CUT = {"no_grad", "w·x, neither"}  # so no second way of finding the gradients


def same(numbers: Any, exact: Any, truth: tuple[Any, ...]) -> bool:
    if isinstance(truth[0], str):
        return exact == truth
    return numbers == pytest.approx(truth, rel=1e-5)


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_preset_has_the_lessons_numbers(name: str) -> None:
    facts = find(PRESETS[name])
    values, slopes, nodes = TRUTH[name]
    assert sorted(node.name for node in facts.graph.nodes) == sorted(nodes)
    for tensor in facts.tensors:
        if tensor.name in values:
            assert tensor.values and same(tensor.values.numbers, tensor.values.exact, values[tensor.name])
    assert values.keys() <= {tensor.name for tensor in facts.tensors}
    found = {tensor.name: whole(facts, tensor.node, tensor.output_nr) for tensor in facts.tensors if tensor.name}
    for key, truth in slopes.items():
        row = found[key]
        assert row and same(row.numbers, row.exact, truth), key
    checks = [row.check for row in gradients(facts) if row.check is not None]
    assert bool(checks) is (name not in CUT) and all(check.agreed == check.tried for check in checks)


def whole(facts: Facts, node: int | None, output_nr: int) -> Any:
    rows = {(row.node, row.output_nr): row.values for row in facts.gradients or ()}
    return None if node is None else rows[node, output_nr]


def test_each_preset_has_its_truth() -> None:
    assert PRESETS.keys() == TRUTH.keys()


def test_the_loop_on_each_start_of_the_lesson() -> None:
    """i = max(0, ⌈log₂(500/‖x‖)⌉) passes, y = 2^(i+1)·x."""
    program = PRESETS["Doubling loop"].program
    starts = [([1, 2, 2], 8), ([0.5, -1, 1], 9), ([1, 1, 1], 9), ([250, 0, 0], 1), ([500, 0, 0], 0), ([600, 0, 0], 0)]
    for start, passes in starts:
        facts = find(type(PRESETS["Doubling loop"])(program, {"x": start}, "y", [0.1, 1, "0.0001"]))
        factor = 2 ** (passes + 1)
        values = {tensor.name: tensor.values for tensor in facts.tensors}
        assert values["y"] and values["y"].numbers == tuple(factor * x for x in start)
        assert [node.call for node in facts.graph.nodes if node.source == "line 4"] == list(range(1, passes + 1))
        assert len(facts.graph.nodes) == passes + 2
        row = next(row for row in gradients(facts) if row.name == "x")
        assert row.values == pytest.approx((0.1 * factor, factor, 0.0001 * factor))


def test_two_backwards_add_up() -> None:
    last = steps(find(PRESETS["Two backwards"]))[-1]
    assert last.after and last.after.numbers == (-3, 0, 3, 6)


def test_a_loop_that_never_ends_is_ended_with_a_sentence() -> None:
    from tracer.errors import LimitPassed
    from tracer.experiment import Expression

    with pytest.raises(LimitPassed, match="took more than"):
        find(Expression(PRESETS["Doubling loop"].program, {"x": [0, 0, 0]}))
