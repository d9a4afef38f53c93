"""Values of a grid as rows: pure functions."""

import pytest

from gui.widgets.rows import axes_of, nested, resized, rows_of

ROWS = [
    (3, [[3]], 0),
    ([1, 2], [[1, 2]], 1),
    ([[1], [2]], [[1], [2]], 2),
    ([[1, 2], [3]], None, 2),
    ([[[1]]], None, 3),
    ([1, [2]], None, 1),
    ([], [[]], 1),
]


@pytest.mark.parametrize(("values", "rows", "axes"), ROWS)
def test_values_are_laid_out_as_a_grid(values, rows, axes):
    assert rows_of(values) == rows
    assert axes_of(values) == axes
    if rows:
        assert nested(rows, axes) == values


SIZES = [
    (3, 1, 2, [3, 0]),
    ([1, 2], 2, 2, [[1, 2], [0, 0]]),
    ([[1, 2], [3, 4]], 1, 2, [[1, 2]]),
    ([[1, 2], [3, 4]], 2, 3, [[1, 2, 0], [3, 4, 0]]),
    ([[1, "1/3"], [3, 4]], 2, 1, [[1], [3]]),
]


@pytest.mark.parametrize(("values", "rows", "columns", "expected"), SIZES)
def test_rows_and_columns_come_and_go(values, rows, columns, expected):
    assert resized(values, rows, columns) == expected
