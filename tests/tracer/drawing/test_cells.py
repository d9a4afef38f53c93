"""How a number fits its cell: never blank where a digit and a power of ten have room."""

import math

import pytest

from tracer.drawing.cells import cell_text
from tracer.quantities import rough


@pytest.mark.parametrize(
    ("value", "most", "text"),
    [
        (3.0, 20, "3"),
        (-0.25, 60, "−0.25"),
        (1 / 3, 45, "0.3333"),
        (-0.00043225, 40, "−4e−4"),
        (123456.0, 30, "1e5"),
        (math.nan, 30, "NaN"),
        (0.3333, 5, ""),
    ],
)
def test_a_number_has_as_many_digits_as_there_is_room_for(value, most, text):
    assert cell_text(value, "float64", most) == text


def test_a_rough_number_has_one_digit_and_its_power():
    assert [rough(value) for value in (0.0, -0.00043, 96.0, math.inf)] == ["0", "−4e−4", "1e2", "∞"]
