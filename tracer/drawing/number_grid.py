"""A part of a sheet as cells: numbers as shades, written where they fit; padding, copies and gaps as what they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer import quantities
from tracer.convolution.tap_places import Ints
from tracer.drawing.display_list import Area, Colour, Rect, Text
from tracer.drawing.font_widths import width as text_width
from tracer.drawing.slide_layout import Placed

SIZE, WRITTEN = 9.0, 26.0  # of the numbers in cells, and from which width of a cell they are tried
WAYS = ((3, SIZE), (2, SIZE), (2, 8.0), (1, SIZE), (1, 8.0))  # digits and sizes that are tried
LABELLED = 700  # areas of a sheet above which a label says where a cell is, and no number


def cells(placed: Placed, array: NDArray[Any] | None, largest: float, gaps: bool) -> Iterator[Rect | Text]:
    """Draw the cells in view; without numbers they are empty. `gaps`: where nothing stands there is no zero either."""
    (row, column), (rows, columns), (wide, tall) = placed.first, placed.shown, placed.cell
    sheet = placed.sheet
    yield Rect(placed.left, placed.top, placed.width, placed.height, 0.0, "card", "border", 1.0)
    values = None
    if array is not None:
        values = sheet.numbers(array, slice(row, row + rows), slice(column, column + columns)).tolist()
    line = 1.0 if min(wide, tall) > 7 else 0.5
    for r in range(rows):
        y = placed.top + r * tall + line / 2
        for c in range(columns):
            x = placed.left + c * wide + line / 2
            box = (x, y, wide - line, tall - line)
            if sheet.outside or sheet.rows[row + r] < 0 or sheet.cols[column + c] < 0:
                yield from _nothing(*box, gaps)
            elif values is None:
                yield Rect(*box, 0.0, "value_fill")
            else:
                yield from _number(box, values[r][c], largest, sheet.is_copy(row + r, column + c))


def areas(placed: Placed, name: str, array: NDArray[Any] | None, dtype: str, nothing: str) -> Iterator[Area]:
    """Give the cells in view as areas, their owners "x 3 5" by row and column of the sheet."""
    (row, column), (rows, columns), (wide, tall) = placed.first, placed.shown, placed.cell
    numbers = array if rows * columns <= LABELLED else None
    for r in range(row, row + rows):
        for c in range(column, column + columns):
            index = placed.sheet.element(r, c)
            label = nothing if index is None else _label(placed, index, r, c, numbers, dtype)
            left, top = placed.left + (c - column) * wide, placed.top + (r - row) * tall
            yield Area(f"{name} {r} {c}", left, top, wide, tall, label)


def ring(placed: Placed, rows: Ints, cols: Ints, colour: Colour, line: float) -> Iterator[Rect]:
    """Frame the cells of rows × columns that are in view, each block of neighbours with one frame."""
    for top, high in _runs(rows, placed.first[0], placed.shown[0]):
        for left, wide in _runs(cols, placed.first[1], placed.shown[1]):
            yield Rect(
                placed.left + left * placed.cell[0], placed.top + top * placed.cell[1],
                wide * placed.cell[0], high * placed.cell[1], 1.0, None, colour, line,
            )  # fmt: skip


def span(placed: Placed, rows: Ints, cols: Ints) -> tuple[float, float, float, float] | None:
    """Give the box (left, top, right, bottom) around cells as far as it is in view."""
    if not (len(rows) and len(cols)):
        return None
    ends = []
    for axis, lit in enumerate((rows, cols)):
        low = max(int(min(lit)) - placed.first[axis], 0)
        high = min(int(max(lit)) + 1 - placed.first[axis], placed.shown[axis])
        if low >= high:
            return None
        ends.append((low, high))
    (top, bottom), (left, right) = ends
    wide, tall = placed.cell
    return (
        placed.left + left * wide,
        placed.top + top * tall,
        placed.left + right * wide,
        placed.top + bottom * tall,
    )


def largest(array: NDArray[Any]) -> float:
    """Give the largest finite absolute value, which has the strongest shade."""
    found = np.abs(array[np.isfinite(array)]) if array.size else array
    return float(found.max()) if found.size else 0.0


def _number(box: tuple[float, float, float, float], value: float, most: float, copy: bool) -> Iterator[Rect | Text]:
    place = value / most if most else 0.0
    x, y, wide, tall = box
    if copy:  # a smaller cell, framed as the padding is
        yield Rect(x + 0.25, y + 0.25, wide - 0.5, tall - 0.5, 0.0, None, "border", 0.75)
        inset = min(3.0, wide / 5)
        yield Rect(x + inset, y + inset, wide - 2 * inset, tall - 2 * inset, shade=place)
    else:
        yield Rect(x, y, wide, tall, shade=place)
    if wide >= WRITTEN and tall > SIZE + 3:
        yield from _written(box, value)


def _written(box: tuple[float, float, float, float], value: float) -> Iterator[Text]:
    x, y, wide, tall = box
    for digits, size in WAYS:
        text = quantities.figure(value, digits)
        measured = text_width(text, size, "mono")
        if measured <= wide - 2:
            yield Text(x + wide / 2, y + tall / 2 + size * 0.36, text, measured, size, "mono", "text", "middle")
            return


def _nothing(x: float, y: float, wide: float, tall: float, gap: bool) -> Iterator[Rect | Text]:
    if gap:  # a transposed layer: there is no number, not even a zero
        dot = min(2.0, wide / 4)
        yield Rect(x + (wide - dot) / 2, y + (tall - dot) / 2, dot, dot, 0.0, "muted")
    else:
        yield Rect(x + 0.25, y + 0.25, wide - 0.5, tall - 0.5, 0.0, None, "border", 0.75)
        if wide >= 11 and tall >= 11:
            yield Text(
                x + wide / 2, y + tall / 2 + 3, "0", text_width("0", 8.0, "mono"), 8.0, "mono", "muted", "middle"
            )


def _runs(lit: Ints, first: int, shown: int) -> list[tuple[int, int]]:
    """Join neighbours among places to runs (first, length), counted in what is in view and cut to it."""
    inside = sorted(int(at) - first for at in lit if first <= at < first + shown)
    runs: list[tuple[int, int]] = []
    for at in inside:
        if runs and sum(runs[-1]) == at:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((at, 1))
    return runs


def _label(placed: Placed, index: Sequence[int], r: int, c: int, array: NDArray[Any] | None, dtype: str) -> str:
    called = f"{placed.sheet.name}[{', '.join(map(str, index))}]"
    value = "" if array is None else f" = {quantities.number(float(array[tuple(index)]), dtype)}"
    return f"{called}{value}{', a copy in the padding' if placed.sheet.is_copy(r, c) else ''}"
