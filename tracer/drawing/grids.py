"""Little grids of numbers: which tensors are small enough, what stands in the cells, and how large they are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tracer import quantities
from tracer.drawing.display_list import Colour, Rect, Text
from tracer.drawing.font_widths import width as text_width
from tracer.facts import Values

ROWS, COLUMNS, VECTOR = 4, 4, 8  # the largest grid, and the longest vector, that a card shows
WIDEST = 190.0  # points; a wider grid is rounded to four digits, and left out if it is still wider


class Grid(NamedTuple):
    """Rows of numbers as text; columns have the widths of their widest number."""

    rows: tuple[tuple[str, ...], ...]
    columns: tuple[float, ...]
    size: float

    @property
    def width(self) -> float:
        """Width in points."""
        return sum(self.columns)

    @property
    def height(self) -> float:
        """Height in points."""
        return len(self.rows) * self.row_height

    @property
    def row_height(self) -> float:
        """Height of one row in points."""
        return round(self.size * 1.55)


def grid(values: Values | None, size: float = 12.0, widest: float = WIDEST) -> Grid | None:
    """Lay a small tensor out as a grid, with fractions as `quantities.texts` has them; `None` where it is not held,
    not small, or too wide even when rounded."""
    if values is None or not _small(values.shape):
        return None
    rows, dtype = _rows(values.nested(), values.shape), values.dtype
    exact = None if values.exact is None else _rows(values.fractions(), values.shape)
    for fractions in (exact, None) if exact else (None,):
        found = _measured(quantities.texts(rows, dtype, fractions), size)
        if found.width <= widest:
            return found
    found = _measured([[_rounded(value, dtype) for value in row] for row in rows], size)
    return found if found.width <= widest else None


def grid_marks(cells: Grid, x: float, y: float, fill: Colour, line: Colour, text: Colour) -> Iterator[Rect | Text]:
    """Draw a grid with its top left corner at x, y; numbers end at the right of their cells."""
    yield Rect(x, y, cells.width, cells.height, 3.0, fill, line, 0.75)
    for number, row in enumerate(cells.rows):
        top, right = y + number * cells.row_height, x
        if number:
            yield Rect(x, top - 0.25, cells.width, 0.5, fill=line)
        for column, (cell, wide) in enumerate(zip(row, cells.columns, strict=True)):
            right += wide
            if column and not number:
                yield Rect(right - wide - 0.25, y, 0.5, cells.height, fill=line)
            baseline = top + cells.row_height / 2 + cells.size * 0.36
            wide_text = text_width(cell, cells.size, "mono")
            yield Text(right - cells.size / 2, baseline, cell, wide_text, cells.size, "mono", text, "end")


def _small(shape: Sequence[int]) -> bool:
    if math.prod(shape) == 0 or math.prod(shape[:-2]) != 1:
        return False
    *_, rows, columns = (1, 1, *shape)
    return (rows <= ROWS and columns <= COLUMNS) or (rows == 1 and columns <= VECTOR)


def _rows(nested: Any, shape: Sequence[int]) -> list[list[Any]]:
    for _ in shape[:-2]:
        nested = nested[0]
    depth = min(len(shape), 2)
    return [[nested]] if depth == 0 else [nested] if depth == 1 else nested


def _measured(rows: list[list[str]], size: float) -> Grid:
    widest = [max(text_width(cell, size, "mono") for cell in column) for column in zip(*rows, strict=True)]
    least = 2.2 * size if len(widest) > 1 else 2.6 * size
    return Grid(tuple(map(tuple, rows)), tuple(max(least, wide + size) for wide in widest), size)


def _rounded(value: float | complex, dtype: str | None) -> str:
    return quantities.number(value, dtype) if isinstance(value, complex | int) else quantities.figure(value)
