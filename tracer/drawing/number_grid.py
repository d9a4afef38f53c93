"""A part of a sheet as cells: numbers as shades, written where they fit; padding, copies and gaps as what they are."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer import quantities
from tracer.convolution.tap_places import Ints
from tracer.drawing.display_list import Area, Colour, Mark, Rect, Shades, Text
from tracer.drawing.font_widths import width as text_width
from tracer.drawing.palette import NO_NUMBER, NOTHING, STEPS
from tracer.drawing.slide_layout import Placed
from tracer.drawing.slide_sheets import Sheet

SIZE, WRITTEN = 9.0, 26.0  # of the numbers in cells, and from which width of a cell they are tried
WAYS = ((3, SIZE), (2, SIZE), (2, 8.0), (1, SIZE), (1, 8.0))  # digits and sizes that are tried
MARKED = 11.0  # points: smaller cells are shades only


def cells(placed: Placed, array: NDArray[Any] | None, most: float, gaps: bool) -> Iterator[Mark]:
    """Draw the cells in view; without numbers they are empty. `gaps`: where nothing stands there is no zero either."""
    (row, column), (rows, columns), (wide, tall) = placed.first, placed.shown, placed.cell
    sheet, gap = placed.sheet, 1.0 if min(placed.cell) > 7 else 0.5
    yield Rect(placed.left, placed.top, placed.width, placed.height, 0.0, "card", "border", 1.0)
    stands = np.outer(sheet.rows[row : row + rows] >= 0, sheet.cols[column : column + columns] >= 0)
    stands &= not sheet.outside
    steps = np.where(stands, STEPS, NOTHING)
    values = None
    if array is not None:
        values = sheet.numbers(array, slice(row, row + rows), slice(column, column + columns))
        steps[stands] = _steps(values[stands], most)
    large = min(wide, tall) >= MARKED
    copies = _copies(placed) & stands if large else stands & False
    steps[copies] = NOTHING
    yield Shades(placed.left, placed.top, wide, tall, columns, steps.astype(np.uint8).tobytes(), gap)
    for r, c in np.argwhere(copies | ~stands).tolist() if large else ():
        box = (placed.left + c * wide + gap / 2, placed.top + r * tall + gap / 2, wide - gap, tall - gap)
        if not stands[r, c]:
            yield from _nothing(*box, gaps)
        else:
            yield from _copy(*box, float(values[r, c]) / most if values is not None and most else 0.0)
    if values is not None and wide >= WRITTEN and tall > SIZE + 3:
        for (r, c), value in zip(np.argwhere(stands).tolist(), values[stands].tolist(), strict=True):
            yield from _written(placed.left + (c + 0.5) * wide, placed.top + (r + 0.5) * tall, wide - gap, value)


def area(placed: Placed, name: str) -> Area:
    """Give the cells in view as an area; its owner is the sheet's name."""
    label = f"{placed.sheet.name} as cells"
    return Area(name, placed.left, placed.top, placed.width, placed.height, label, cells=(*placed.first, *placed.shown))


def cell_words(sheet: Sheet, row: int, column: int, array: NDArray[Any] | None, dtype: str, gaps: bool) -> str:
    """Say what stands in a cell: "x[0, 3, 5, 7] = 0.25"."""
    element = sheet.element(row, column)
    if element is None:
        return "a gap: no number stands here" if gaps else "a zero of the padding"
    value = "" if array is None else f" = {quantities.number(float(array[element]), dtype)}"
    copy = ", a copy in the padding" if sheet.is_copy(row, column) else ""
    return f"{sheet.name}[{', '.join(map(str, element))}]{value}{copy}"


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
    if not array.size:
        return 0.0
    most = max(float(array.max()), -float(array.min()))
    if math.isfinite(most):
        return most
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size else 0.0


def _steps(values: NDArray[np.float64], most: float) -> NDArray[np.int64]:
    """Give the bytes of shades."""
    places = np.clip(values / most, -1.0, 1.0) if most else np.where(np.isnan(values), np.nan, np.sign(values))
    steps: NDArray[np.int64] = np.rint(np.nan_to_num(places) * STEPS).astype(np.int64) + STEPS
    steps[np.isnan(values)] = NO_NUMBER
    return steps


def _copies(placed: Placed) -> NDArray[np.bool_]:
    """Tell of each cell in view whether it is outside of what its sheet owns."""
    if placed.sheet.copied:
        return np.ones(placed.shown, dtype=np.bool_)
    inside = []
    for axis, (first, end) in enumerate(placed.sheet.own):
        at = placed.first[axis] + np.arange(placed.shown[axis])
        inside.append((at >= first) & (at < end))
    return ~np.outer(*inside)


def _copy(x: float, y: float, wide: float, tall: float, place: float) -> Iterator[Rect]:
    """Draw a smaller cell, framed as the padding is."""
    yield Rect(x + 0.25, y + 0.25, wide - 0.5, tall - 0.5, 0.0, None, "border", 0.75)
    inset = min(3.0, wide / 5)
    yield Rect(x + inset, y + inset, wide - 2 * inset, tall - 2 * inset, shade=place)


def _written(x: float, y: float, room: float, value: float) -> Iterator[Text]:
    text, size, measured = _fitting(value, room)
    if text:
        yield Text(x, y + size * 0.36, text, measured, size, "mono", "text", "middle")


@functools.lru_cache(maxsize=50_000)
def _fitting(value: float, room: float) -> tuple[str, float, float]:
    """Write a number so that it fits; nothing where it does not."""
    for digits, size in WAYS:
        text = quantities.figure(value, digits)
        measured = text_width(text, size, "mono")
        if measured <= room - 1:
            return text, size, measured
    return "", SIZE, 0.0


def _nothing(x: float, y: float, wide: float, tall: float, gap: bool) -> Iterator[Rect | Text]:
    if gap:  # a transposed layer: there is no number, not even a zero
        dot = min(2.0, wide / 4)
        yield Rect(x + (wide - dot) / 2, y + (tall - dot) / 2, dot, dot, 0.0, "muted")
    else:
        yield Rect(x + 0.25, y + 0.25, wide - 0.5, tall - 0.5, 0.0, None, "border", 0.75)
        yield Text(x + wide / 2, y + tall / 2 + 3, "0", text_width("0", 8.0, "mono"), 8.0, "mono", "muted", "middle")


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
