import math

import pytest

from tracer.drawing.grids import WIDEST, grid
from tracer.facts import Values


def values(shape: tuple[int, ...], *numbers: float, dtype: str = "float32") -> Values:
    return Values(shape, dtype, numbers or tuple(range(math.prod(shape))))


@pytest.mark.parametrize(
    ("held", "rows"),
    [
        (values((), 4.5), (("4.5",),)),
        (values((3,), 1, -2.0, math.nan), (("1", "−2", "NaN"),)),
        (values((2, 2), -1.5, -0.0, 1.5, 3.0), (("−1.5", "0"), ("1.5", "3"))),
        (values((1, 1, 2, 2)), (("0", "1"), ("2", "3"))),
        (values((1,), 1.0, -2.0, dtype="complex64"), (("1 − 2i",),)),
        (values((2,), True, False, dtype="bool"), (("True", "False"),)),
    ],
)
def test_small_tensors_are_shown_as_rows(held: Values, rows: tuple[tuple[str, ...], ...]) -> None:
    found = grid(held)
    assert found is not None
    assert found.rows == rows


@pytest.mark.parametrize("shape", [(5, 5), (5, 1), (9,), (2, 2, 2), (0,), (0, 3)])
def test_larger_and_empty_tensors_are_not_shown(shape: tuple[int, ...]) -> None:
    assert grid(values(shape)) is None


def test_what_was_not_held_is_not_shown() -> None:
    assert grid(None) is None


def test_wide_numbers_are_rounded_to_fit() -> None:
    found = grid(values((2, 3), *[1 / 3 * 10**k for k in range(6)], dtype="float64"))
    assert found is not None
    assert found.rows[0][0] == "0.3333"
    assert found.width <= WIDEST


def test_known_fractions_are_shown_and_give_way_to_decimals_where_they_are_too_wide() -> None:
    held = Values((2, 2), "float32", (-1.5, 0.0, 1.5, 3.0), ("-3/2", "0", "3/2", "3"))
    found = grid(held)
    assert found is not None
    assert found.rows == (("−3/2", "0"), ("3/2", "3"))
    narrow = grid(Values((1,), "float32", (1 / 128,), ("-99/98",)), widest=40.0)
    assert narrow is None or narrow.rows != (("−99/98",),)
