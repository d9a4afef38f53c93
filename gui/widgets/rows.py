"""Nested lists as the rows of a grid, and back: pure functions."""

from __future__ import annotations

from typing import Any


def rows_of(values: Any) -> list[list[Any]] | None:
    """Lay values out as rows of a grid: a number is 1 × 1, a vector one row. `None` for more axes, or uneven rows."""
    if not isinstance(values, list | tuple):
        return [[values]]
    if not any(isinstance(item, list | tuple) for item in values):
        return [list(values)]
    rows = [list(item) if isinstance(item, list | tuple) else [None] for item in values]
    even = all(len(row) == len(rows[0]) for row in rows) and all(isinstance(item, list | tuple) for item in values)
    return rows if even and not any(isinstance(entry, list | tuple) for row in rows for entry in row) else None


def axes_of(values: Any) -> int:
    """Count the axes of values, going down their first entries."""
    axes = 0
    while isinstance(values, list | tuple):
        axes, values = axes + 1, values[0] if values else None
    return axes


def nested(rows: list[list[Any]], axes: int) -> Any:
    """Give the rows of a grid back as values of so many axes."""
    return rows if axes == 2 else rows[0] if axes == 1 else rows[0][0]


def resized(values: Any, rows: int, columns: int) -> Any:
    """Add or drop rows (a vector becomes a matrix with its second) and columns; what is new is 0."""
    grid, axes = rows_of(values) or [[0]], axes_of(values)
    grid = [(row + [0] * columns)[:columns] for row in grid]
    grid = (grid + [[0] * columns for _ in range(rows)])[:rows]
    return nested(grid, 2 if rows > 1 or axes == 2 else 1)
