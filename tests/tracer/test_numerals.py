"""Numbers are read as they were typed, or refused in one sentence."""

import math
from fractions import Fraction

import pytest

from tracer import numerals

TYPED = [
    ("2", Fraction(2)), (" −3 ", Fraction(-3)), ("0.1", Fraction(1, 10)), ("1e-3", Fraction(1, 1000)),
    ("1/3", Fraction(1, 3)), ("−2/4", Fraction(-1, 2)), ("inf", math.inf), ("-Infinity", -math.inf),
    ("1e999", math.inf),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), TYPED)
def test_a_number_is_exact(text: str, value: Fraction | float) -> None:
    assert numerals.read(text) == value and type(numerals.read(text)) is type(value)


def test_not_a_number_is_one_too() -> None:
    assert math.isnan(numerals.read("NaN"))


@pytest.mark.parametrize("text", ["", "two", "1/0", "1/2/3", "1 2", f"1{'0' * 400}/1", "1+2j"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        numerals.read(text)
    refused = numerals.refusal("weight", text)
    assert refused.where == "weight" and refused.what == f"“{text[:40]}” is no number" and refused.cure
