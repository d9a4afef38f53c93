"""The matrix of a layer as a picture: T⁽ᵏ⁾ for each kernel, × x + bias = y, and what is looked at lit up in all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tracer import quantities
from tracer.convolution.chosen import Chosen
from tracer.drawing import matrix_vectors, matrix_words
from tracer.drawing.cells import SIZE, cell_text, line, within
from tracer.drawing.display_list import Area, Colour, DisplayList, Path, Rect
from tracer.drawing.font_widths import fitted
from tracer.drawing.matrix_layout import Layout, Part, clipped, columns_of, lay_out
from tracer.drawing.sheets import EACH, Mark, Seen, Sheets, hue, lit, superscript

STOPS = 48  # places of the map that can be pressed
GAP = 1.5  # between cells


def layout(sheets: Sheets, part: Part, width: float, height: float) -> Layout:
    """Place the parts of the picture."""
    return lay_out(sheets.settings, sheets.widths(), part.side, width, height)


def matrix(sheets: Sheets, chosen: Chosen, part: Part, width: float, height: float) -> DisplayList:
    """Draw the part of the matrix in view, x, the bias and y, and write the sum that is looked at out under them.

    Areas are "row R" and "cell R C" of the matrix, "x C", "y R", and "map C" of the map of the columns.
    """
    placed = layout(sheets, part, width, height)
    part = clipped(part, sheets.settings, placed)
    seen = Seen(sheets, lit(sheets, chosen), chosen, part, placed, width)
    marks, areas = list[Mark](), list[Area]()
    for draw in DRAWN:
        for item in draw(seen):
            areas.append(item) if isinstance(item, Area) else marks.append(item)
    title = f"{matrix_words.caption(seen)}. {matrix_words.sentence(sheets, chosen)}"
    return DisplayList(width, height, tuple(marks), tuple(areas), title=title)


def _caption(seen: Seen) -> Iterator[Mark]:
    yield line(seen.placed.space.edge, 26, matrix_words.caption(seen), colour="muted")


def _map(seen: Seen) -> Iterator[Mark | Area]:
    """Draw where in all of the columns the row has its entries, and which columns are in view."""
    placed, n = seen.placed, columns_of(seen.sheets.settings)
    if not placed.map:
        return
    wide, top = placed.width, placed.map
    yield Rect(placed.left, top, wide, 8.0, 2.0, "cell")
    columns = seen.lit.columns if seen.lit.forward else np.array([seen.lit.column])
    for x in np.unique(columns * (wide - 2) // n):
        yield Rect(placed.left + float(x), top + 1, 2.0, 6.0, 0.0, "leaf" if seen.lit.forward else "backward")
    start, length = seen.part.column / n * wide, max(4.0, placed.columns / n * wide)
    yield Rect(placed.left + min(start, wide - length), top - 1.5, length, 11.0, 2.0, None, "forward", 1.5)
    for stop in range(STOPS):
        column = stop * n // STOPS
        words = f"Show from column {quantities.count(column)} of {quantities.count(n)}"
        yield Area(f"map {column}", placed.left + stop * wide / STOPS, top - 2, wide / STOPS, 12.0, words)


def _sheets(seen: Seen) -> Iterator[Mark | Area]:
    placed = seen.placed
    for kernel, top in seen.kernels():
        head = line(placed.left, top - placed.names - 9, superscript("T", kernel), 12.5, "semibold")
        most = placed.width + placed.space.sign - head.width - 10
        yield head
        yield line(placed.left + head.width + 8, head.y, matrix_words.kernel(seen.sheets, kernel, most), colour="muted")
        yield from _channels(seen, top)
        yield from _rows(seen, kernel, top)
        yield from _ring(seen, kernel, top)


def _channels(seen: Seen, top: float) -> Iterator[Mark]:
    """Name the channels over their first columns in view, with a line between them."""
    placed, free = seen.placed, 0.0
    for start, channel in seen.channels() if placed.names else ():
        x = placed.left + start * placed.wide
        if start:
            yield Path(((x - 0.75, top), (x - 0.75, top + placed.height)), False, stroke="muted", line=1.2)
        text = line(x, top - 4, f"channel {channel}", 10.0, colour="muted")
        if x >= free:
            yield text
            free = x + text.width + 8


def _rows(seen: Seen, kernel: int, top: float) -> Iterator[Mark | Area]:
    sheets, placed, first = seen.sheets, seen.placed, seen.part.column
    gap = GAP if placed.wide >= EACH else 0.0
    if not gap:
        yield Rect(placed.left, top, placed.width, placed.height, 0.0, "cell")
    for at in range(placed.rows):
        row, y = kernel * sheets.local + seen.part.row + at, top + at * placed.high
        places, values = sheets.matrix.row(row)
        here = (places >= first) & (places < first + placed.columns)
        entries = dict(zip((places[here] - first).tolist(), values[here].tolist(), strict=True))
        for column in range(placed.columns) if gap else ():
            if column not in entries:
                yield Rect(placed.left + column * placed.wide, y, placed.wide - gap, placed.high - gap, 2.0, "cell")
        words = f"{_row_words(seen, row)}: it reads {quantities.count(len(places))} of the inputs"
        yield Area(f"row {row}", placed.left, y, placed.width, placed.high, words)
        for column, value in entries.items():
            yield from _entry(seen, kernel, (row, column), y, value)
        yield from _empty_corner(seen, at, y, entries)


def _entry(seen: Seen, kernel: int, cell: tuple[int, int], y: float, value: float) -> Iterator[Mark | Area]:
    """Draw a cell in which a kernel number stands."""
    placed, (row, at) = seen.placed, cell
    column, gap = seen.part.column + at, GAP if placed.wide >= EACH else 0.0
    strong = seen.lit_row(row) or (not seen.lit.forward and column == seen.lit.column)
    x = placed.left + at * placed.wide
    yield Rect(x, y, placed.wide - gap, placed.high - gap, 2.0 if gap else 0.0, hue(kernel, strong))
    if not gap:
        return
    number = f" = {seen.sheets.written(value)}" if seen.sheets.numbered else ""
    words = f"{_row_words(seen, row)}: the weight on {seen.name('x', column)}{number}"
    yield Area(f"cell {row} {column}", x, y, placed.wide, placed.high, words)
    if seen.sheets.numbered and placed.high >= SIZE + 2:
        text = cell_text(value, seen.sheets.settings.dtype, placed.wide - 3)
        yield within(x + (placed.wide - gap) / 2, y, placed.high - gap, text)


def _row_words(seen: Seen, row: int) -> str:
    return f"Row {quantities.count(row)} gives {seen.name('y', row)}"


def _empty_corner(seen: Seen, at: int, y: float, entries: dict[int, float]) -> Iterator[Mark]:
    """Mark the two corners off the band as empty, where the whole sheet is in view."""
    placed = seen.placed
    corner = {0: placed.columns - 1, placed.rows - 1: 0}.get(at)
    whole = (placed.rows, placed.columns) == (seen.sheets.local, columns_of(seen.sheets.settings))
    if whole and placed.wide >= EACH and placed.high >= SIZE + 2 and corner is not None and corner not in entries:
        yield within(placed.left + (corner + 0.5) * placed.wide - GAP / 2, y, placed.high - GAP, "∅", "muted")


def _ring(seen: Seen, kernel: int, top: float) -> Iterator[Mark]:
    """Ring the row that is looked at, in each sheet; or the column."""
    placed, at = seen.placed, seen.lit.row % seen.sheets.local - seen.part.row
    column = seen.lit.column - seen.part.column
    if seen.lit.forward and 0 <= at < placed.rows:
        own, y = kernel == seen.lit.row // seen.sheets.local, top + at * placed.high
        colour: Colour = "forward" if own else "muted"
        yield Rect(placed.left - 4, y - 3, placed.width + 6.5, placed.high + 4.5, 4.0, None, colour, 1.8, not own)
    if not seen.lit.forward and 0 <= column < placed.columns:
        x = placed.left + column * placed.wide
        yield Rect(x - 3, top - 3, placed.wide + 4.5, placed.height + 4.5, 4.0, None, "backward", 1.8)


def _signs(seen: Seen) -> Iterator[Mark]:
    """Set the signs between the parts."""
    placed = seen.placed
    half, middle = placed.space.sign / 2, (placed.top + placed.bottom) / 2 + 6
    places = [(placed.left + placed.width + half - 2, "×"), (placed.y - half, "=")]
    places += [(placed.bias - half, "+")] if placed.bias else []
    yield from (line(x, middle, sign, 18.0, "sans", "muted", "middle") for x, sign in places)


def _strip(seen: Seen) -> Iterator[Mark]:
    """Write the whole sum that is looked at, and what torch gave."""
    edge, top = seen.placed.space.edge, seen.placed.strip
    most = seen.width - 2 * edge
    yield Path(((edge, top + 2), (seen.width - edge, top + 2)), False, stroke="border", line=1.0)
    first, second = matrix_words.strip(seen.sheets, seen.chosen, most)
    yield line(edge, top + 22, first, 12.0, "mono", "forward_text" if seen.lit.forward else "backward_text")
    yield line(edge, top + 41, fitted(second, 12.0, "sans", most), 12.0, "sans", "muted")


DRAWN = (
    _caption, _map, _sheets, matrix_vectors.x, matrix_vectors.bias, matrix_vectors.y, matrix_vectors.products, _signs,
    _strip,
)  # fmt: skip
