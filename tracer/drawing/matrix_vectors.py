"""The vectors of a matrix picture: x, the bias, and y with the scalar products beside it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator

import numpy as np

from tracer import quantities
from tracer.drawing import matrix_words
from tracer.drawing.cells import SIZE, cell_text, line, within
from tracer.drawing.display_list import Area, Colour, Path, Rect
from tracer.drawing.font_widths import width as text_width
from tracer.drawing.matrix_layout import SIDE
from tracer.drawing.sheets import EACH, Mark, Seen, hue, superscript

GAP = 1.5  # between cells
LINE = 17.0  # of the products, in points
MOST = 6  # products that are written beside y


def x(seen: Seen) -> Iterator[Mark | Area]:
    """Draw the columns' inputs under one another, and ring what the row reads, or the input that is looked at."""
    placed, lit = seen.placed, seen.lit
    taken, values = set(lit.columns.tolist()), seen.sheets.flat("x", lit.batch)
    yield from _head(seen)
    gap = GAP if placed.x_high >= EACH else 0.0
    for at in range(placed.columns):
        column, y = seen.part.column + at, placed.x_top + at * placed.x_high
        fill: Colour = "taken" if column in taken else "cell"
        yield Rect(placed.x, y, placed.x_wide, placed.x_high - gap, 2.0 if gap else 0.0, fill)
        number = "" if values is None else f" = {seen.sheets.written(values[column])}"
        yield Area(f"x {column}", placed.x, y, placed.x_wide, placed.x_high, f"{seen.name('x', column)}{number}")
        if values is not None and placed.x_high >= SIZE + 2:
            text = cell_text(values[column], seen.sheets.settings.dtype, placed.x_wide - 3)
            yield within(placed.x + placed.x_wide / 2, y, placed.x_high - gap, text)
    yield from _channels(seen)
    ringed: list[int] = (lit.columns if lit.forward else np.array([lit.column])).tolist()
    for start, length in _runs(ringed, seen.part.column, placed.columns):
        y, high = placed.x_top + start * placed.x_high - 3, length * placed.x_high + 4.5
        colour: Colour = "leaf" if lit.forward else "backward"
        yield Rect(placed.x - 3, y, placed.x_wide + 6, high, 4.0, None, colour, 1.8)


def _head(seen: Seen) -> Iterator[Mark]:
    placed, first = seen.placed, seen.part.column
    yield line(placed.x, placed.x_top - 9, "x", 12.5, "semibold")
    last = first + placed.columns - 1
    span = line(placed.x + 14, placed.x_top - 9, f"{quantities.count(first)}–{quantities.count(last)}", 11.0)
    if placed.columns > 1 and span.width <= placed.x_wide + placed.space.sign - 18:
        yield line(span.x, span.y, span.text, 11.0, colour="muted")


def _channels(seen: Seen) -> Iterator[Mark]:
    placed, free = seen.placed, -math.inf
    for start, channel in seen.channels() if placed.names else ():
        y = placed.x_top + start * placed.x_high
        if start:
            ends = ((placed.x - 22, y - 0.75), (placed.x + placed.x_wide, y - 0.75))
            yield Path(ends, False, stroke="muted", line=1.2)
        if y >= free:
            yield line(placed.x - 7, y + 11, f"c {channel}", 10.0, colour="muted", anchor="end")
            free = y + 24


def _runs(places: Iterable[int], first: int, length: int) -> Iterator[tuple[int, int]]:
    """Give runs of places in view: where each starts, counted in view, and how long it is."""
    here = [place - first for place in places if first <= place < first + length]
    for _, run in itertools.groupby(enumerate(here), lambda pair: pair[1] - pair[0]):
        found = [place for _, place in run]
        yield found[0], len(found)


def bias(seen: Seen) -> Iterator[Mark | Area]:
    """Draw the bias of each kernel in view: one number, added on all rows of its sheet."""
    placed, sheets = seen.placed, seen.sheets
    for kernel, top in seen.kernels() if placed.bias else ():
        yield line(placed.bias, top - placed.names - 9, "bias", 12.0, colour="muted")
        yield Rect(placed.bias, top, placed.bias_wide, placed.height - GAP, 2.0, hue(kernel))
        number = ""
        if sheets.numbered:
            value = sheets.arrays["bias"][kernel]
            number = f" = {sheets.written(value)}"
            text = cell_text(value, sheets.settings.dtype, placed.bias_wide - 3)
            yield within(placed.bias + placed.bias_wide / 2, top, placed.height - GAP, text)
        words = f"bias[{kernel}]{number}, added to every output of kernel {kernel}"
        yield Area("", placed.bias, top, placed.bias_wide, placed.height, words)


def y(seen: Seen) -> Iterator[Mark | Area]:
    """Draw the outputs of the rows in view, and ring the one that is looked at, or those that read the input."""
    placed, lit, values = seen.placed, seen.lit, seen.sheets.flat("y", seen.lit.batch)
    fed = set(lit.rows.tolist())
    gap = GAP if placed.high >= EACH else 0.0
    for kernel, top in seen.kernels():
        yield line(placed.y, top - placed.names - 9, superscript("y", kernel), 12.5, "semibold")
        first = kernel * seen.sheets.local + seen.part.row
        for at in range(placed.rows):
            row, here = first + at, top + at * placed.high
            fill = hue(kernel, seen.lit_row(row) or row in fed)
            yield Rect(placed.y, here, placed.y_wide, placed.high - gap, 2.0 if gap else 0.0, fill)
            number = "" if values is None else f" = {seen.sheets.written(values[row])}"
            yield Area(f"y {row}", placed.y, here, placed.y_wide, placed.high, f"{seen.name('y', row)}{number}")
            if values is not None and placed.high >= SIZE + 2:
                text = cell_text(values[row], seen.sheets.settings.dtype, placed.y_wide - 3)
                yield within(placed.y + placed.y_wide / 2, here, placed.high - gap, text)
        ringed: list[int] = [lit.row] if lit.forward else lit.rows.tolist()
        colour: Colour = "forward" if lit.forward else "backward"
        for start, length in _runs(ringed, first, placed.rows):
            high = length * placed.high + 4.5
            yield Rect(placed.y - 3, top + start * placed.high - 3, placed.y_wide + 6, high, 4.0, None, colour, 1.8)


def products(seen: Seen) -> Iterator[Mark]:
    """Write the scalar product of each sheet's row (or column) beside y, where there is room."""
    placed, lit = seen.placed, seen.lit
    at = lit.row % seen.sheets.local - seen.part.row if lit.forward else 0
    if not placed.side or not seen.sheets.numbered or not 0 <= at < placed.rows:
        return
    most = min(MOST, max(2, int(placed.height / LINE) - 2))
    for kernel, top in seen.kernels():
        told = matrix_words.products(seen.sheets, seen.chosen, kernel, most)
        lines = [*_wrapped(told[0]), told[1]] if told else []
        lowest = top + placed.height - (len(lines) - 1) * LINE - 4
        first = max(top + 12, min(top + (at + 0.5) * placed.high + 4, lowest))
        for number, text in enumerate(lines):
            last = number == len(lines) - 1
            colour: Colour = "text" if not last else "forward_text" if lit.forward else "backward_text"
            yield line(placed.side, first + number * LINE, text, 12.0, "mono", colour)


def _wrapped(text: str) -> list[str]:
    """Break a sum into lines, before a +."""
    lines: list[str] = []
    for part in text.split(" + "):
        longer = f"{lines[-1]} + {part}" if lines else ""
        if longer and text_width(longer, 12.0, "mono") <= SIDE - 20:
            lines[-1] = longer
        else:
            lines.append(f"{'+' if lines else '='} {part}")
    return lines
