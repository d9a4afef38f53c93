"""Values that a person gives: nested lists, fractions, text; and what is said where they do not work."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tracer.errors import InvalidSetting
from tracer.experiment import Input
from tracer.expression.values import flat, given, number

SHAPES: list[tuple[Any, tuple[int, ...], list[Any]]] = [
    (3, (), [3]),
    ("1/3", (), [1 / 3]),
    ([], (0,), []),
    ([[], []], (2, 0), []),
    ([1, 2], (2,), [1, 2]),
    ([[1, "1/4"], [3, "−2"]], (2, 2), [1, 0.25, 3, -2]),
    (((1, 2), (3, 4)), (2, 2), [1, 2, 3, 4]),
    ([[[1], [2]]], (1, 2, 1), [1, 2]),
    ([True, False], (2,), [True, False]),
]


@pytest.mark.parametrize(("values", "shape", "numbers"), SHAPES)
def test_flat(values: Any, shape: tuple[int, ...], numbers: list[Any]) -> None:
    assert flat("inputs.x", values) == (shape, numbers)


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("0.5", 0.5), ("1e-3", 1e-3), ("2/4", 0.5), ("−1/3", -1 / 3), ("Infinity", math.inf), ("1+2j", 1 + 2j)],
)
def test_number(text: str, value: complex) -> None:
    assert number("inputs.x", text) == value


def test_not_a_number_is_read_too() -> None:
    value = number("inputs.x", "NaN")
    assert isinstance(value, float) and math.isnan(value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([[1, 2], [3]], "The rows differ: some have 1 numbers and 2 numbers"),
        ([[1, 2], 3], "The rows differ: some have a single number and 2 numbers"),
        (["one"], "“one” is no number"),
        (["1/0"], "“1/0” is no number"),
        ([None], "“None” is no number"),
        ({"a": 1}, "is no number"),
    ],
)
def test_refused(values: Any, said: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        flat("inputs.x", values)
    assert said in caught.value.what and caught.value.where == "inputs.x" and caught.value.cure


def test_nesting_has_an_end() -> None:
    values: Any = 1
    for _ in range(5000):
        values = [values]
    with pytest.raises(InvalidSetting, match="nested more than 16 deep"):
        flat("inputs.x", values)


def test_an_input_is_the_same_in_each_form() -> None:
    wanted = Input([1, 2], dtype="float64", requires_grad=False)
    assert given("x", wanted) is wanted
    assert given("x", {"values": [1, 2], "dtype": "float64", "requires_grad": False}) == wanted
    assert given("x", [1, 2]) == Input([1, 2])


@pytest.mark.parametrize("value", [{"numbers": [1]}, {"values": [1], "requires_grad": 3}, Input([1], dtype="float31")])
def test_no_input(value: Any) -> None:
    with pytest.raises(InvalidSetting) as caught:
        given("x", value)
    assert caught.value.where == "inputs.x"
