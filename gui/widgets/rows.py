"""Nested lists as the rows of a grid, and back: pure functions."""

from __future__ import annotations

import ast
import re
from typing import Any

from gui.widgets.entry import typed

_FRACTION = re.compile(r"(?<![\w.])([-−+]?\d+)\s*/\s*(\d+)(?![\w.])")
_TENSOR = re.compile(r"(?:torch\.|np\.|numpy\.)?(?:tensor|array|asarray)\((.*?)(?:,\s*\w+\s*=.*)?\)", re.DOTALL)


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


def pasted(text: str) -> Any:
    """Read cells of a spreadsheet or a nested list as values; `None` where it is one number, or no such thing."""
    text = text.strip()
    found = _TENSOR.fullmatch(text)
    text = found[1].strip() if found else text
    if text.startswith(("[", "(")):
        return _listed(text)
    rows = [[typed(cell.strip()) for cell in re.split(r"\t|,\s*", line)] for line in text.splitlines()]
    even = all(len(row) == len(rows[0]) for row in rows)
    if not even or not rows or (len(rows) == 1 and len(rows[0]) == 1):
        return None
    return rows if len(rows) > 1 else rows[0]


def _listed(text: str) -> Any:
    try:
        return _plain(ast.literal_eval(_FRACTION.sub(r'"\1/\2"', text.replace("−", "-"))))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
