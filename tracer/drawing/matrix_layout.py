"""Where the parts of a matrix picture go, and which part of the matrix is in view."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tracer.convolution import shapes
from tracer.convolution.chosen import Chosen
from tracer.convolution.layer import Settings
from tracer.convolution.reads import batched
from tracer.convolution.toeplitz import Toeplitz
from tracer.drawing.cells import LONG, SHORT

TOP, CAPTION, MAP, TITLE, NAMES, GAP, STRIP = 14.0, 20.0, 14.0, 22.0, 13.0, 10.0, 52.0
SIDE = 216.0  # the width of the products beside y
LOWEST, HIGHEST, WIDEST = 17.0, 32.0, 58.0  # rows with numbers, and the widest cell
LEAST_ROWS, MOST_SHEETS = 4, 6
NAMED_X = 15.0  # the lowest cell of x that has a number


class Part(NamedTuple):
    """What is in view: the first sheet, the first row of each sheet, the first column; and the side of a cell in
    points, 0 where numbers must fit."""

    kernel: int = 0
    row: int = 0
    column: int = 0
    side: float = 0.0


class Spaces(NamedTuple):
    """Widths between the parts: at the edges, of a sign, of the channels' names, and the most that a number gets."""

    edge: float
    sign: float
    labels: float
    number: float


ROOMY, TIGHT, NARROW = Spaces(28.0, 32.0, 40.0, LONG), Spaces(16.0, 26.0, 30.0, 44.0), 640.0  # below it, tight


class Widths(NamedTuple):
    """Widths of the cells that numbers need."""

    weight: float = SHORT
    x: float = SHORT
    y: float = SHORT
    bias: float = SHORT


class Layout(NamedTuple):
    """How many sheets, rows of each and columns are in view, and where they go: `left` and `top` are those of the
    cells of the first sheet, `step` leads to the next one. `side` is where products are written beside y, 0 for
    nowhere; `map` where the map of the columns goes, 0 where all columns are in view."""

    sheets: int
    rows: int
    columns: int
    wide: float
    high: float
    left: float
    top: float
    step: float
    x: float
    x_top: float
    x_wide: float
    x_high: float
    bias: float
    bias_wide: float
    y: float
    y_wide: float
    side: float
    map: float
    strip: float
    names: float
    space: Spaces

    @property
    def width(self) -> float:
        """Width of a sheet in points."""
        return self.columns * self.wide

    @property
    def height(self) -> float:
        """Height of a sheet in points."""
        return self.rows * self.high

    @property
    def bottom(self) -> float:
        """Where the last sheet ends."""
        return self.top + (self.sheets - 1) * self.step + self.height

    def sheet_top(self, at: int) -> float:
        """Give where the cells of a sheet in view begin."""
        return self.top + at * self.step


def lay_out(settings: Settings, widths: Widths, side: float, width: float, height: float) -> Layout:
    """Place the parts: as many sheets as leave room for some rows, then as many rows and columns as fit."""
    n, local = columns_of(settings), math.prod(shapes.output_size(settings))
    names = NAMES if settings.in_channels > 1 else 0.0
    space = spaces(width)
    widths = Widths(*(min(each, space.number) for each in widths))
    least_wide, least_high = (side, side) if side else (widths.weight, LOWEST)
    labels = space.labels if settings.in_channels > 1 else 0.0
    bias = space.sign + widths.bias if settings.bias else 0.0
    beside = space.sign + labels + widths.x + bias + space.sign + widths.y
    products = SIDE if n * least_wide <= width - 2 * space.edge - beside - SIDE else 0.0
    across = width - 2 * space.edge - beside - products
    mapped = MAP if n * least_wide > across or n * (2.0 if side else NAMED_X) > height - TOP - CAPTION - STRIP else 0.0
    above = TOP + CAPTION + mapped
    down = height - above - STRIP
    sheets = _sheets(min(settings.out_channels, 2 if side else MOST_SHEETS), local, down, names, least_high)
    rows = max(1, min(local, int((down / sheets - TITLE - names - GAP) / least_high)))
    columns = max(1, min(n, int(across / least_wide), int((down - TITLE) / (2.0 if side else NAMED_X))))
    wide = side or min(WIDEST, max(widths.weight, 38.0), across / columns)
    high = side or min(HIGHEST, max(LOWEST, (down / sheets - TITLE - names - GAP) / rows))
    step = rows * high + TITLE + names + GAP
    left = space.edge + max(0.0, (across - columns * wide) / 2)
    top = above + max(0.0, (down - sheets * step + GAP) / 2) + TITLE + names
    x_high = min(side or HIGHEST, (down - TITLE) / columns)
    middle = top + (sheets * step - GAP - TITLE - names) / 2
    x_top = max(above + TITLE, min(middle - columns * x_high / 2, above + down - columns * x_high - 4))
    x = left + columns * wide + space.sign + labels
    y = x + widths.x + bias + space.sign
    return Layout(
        sheets, rows, columns, wide, high, left, top, step, x, x_top, widths.x, x_high,
        x + widths.x + space.sign if bias else 0.0, widths.bias, y, widths.y, y + widths.y + 18.0 if products else 0.0,
        TOP + CAPTION + 2.0 if columns < n else 0.0, height - STRIP, names, space,
    )  # fmt: skip


def spaces(width: float) -> Spaces:
    """Give the widths between the parts in a picture of that width."""
    return ROOMY if width >= NARROW else TIGHT


def _sheets(most: int, local: int, down: float, names: float, high: float) -> int:
    """Count the sheets that fit, each with all of its rows or at least a few."""
    for sheets in range(most, 1, -1):
        if (down / sheets - TITLE - names - GAP) / high >= min(local, LEAST_ROWS):
            return sheets
    return 1


def columns_of(settings: Settings) -> int:
    """Count the columns: the inputs of one element of the batch."""
    return settings.in_channels * math.prod(settings.input_size)


def row_of(settings: Settings, chosen: Chosen) -> int:
    """Give the row of the chosen output in the matrix."""
    return int(
        np.ravel_multi_index(
            batched(settings, chosen.output)[1:], (settings.out_channels, *shapes.output_size(settings))
        )
    )


def column_of(settings: Settings, chosen: Chosen) -> int:
    """Give the column of the chosen input."""
    return int(np.ravel_multi_index(batched(settings, chosen.input)[1:], (settings.in_channels, *settings.input_size)))


def clipped(part: Part, settings: Settings, layout: Layout) -> Part:
    """Keep a part inside the matrix."""
    local = math.prod(shapes.output_size(settings))
    return part._replace(
        kernel=_clip(part.kernel, settings.out_channels - layout.sheets),
        row=_clip(part.row, local - layout.rows),
        column=_clip(part.column, columns_of(settings) - layout.columns),
    )


def followed(part: Part, settings: Settings, matrix: Toeplitz, chosen: Chosen, layout: Layout) -> Part:
    """Move a part as little as shows what is looked at: the row of the output and what it reads in the channel that is
    shown, or the column of the input and the first row that reads it."""
    local = math.prod(shapes.output_size(settings))
    kernel, row = divmod(row_of(settings, chosen), local)
    column = column_of(settings, chosen)
    first = last = column
    if chosen.leads == "output":
        places, _ = matrix.row(kernel * local + row)
        signal = math.prod(settings.input_size)
        here = places[places // signal == column // signal]
        here = here if len(here) else places
        if len(here):
            first, last = int(here[0]), int(here[-1])
            if last - first >= layout.columns:  # as much as is in one run
                last = first + int(np.argmax(np.append(np.diff(here), 2) > 1))
    else:
        rows, _ = matrix.column(column)
        here = rows[rows // local == kernel]
        row = int(here[0]) % local if len(here) else row
    return clipped(
        part._replace(
            kernel=_seen(part.kernel, kernel, kernel, layout.sheets),
            row=_seen(part.row, row, row, layout.rows),
            column=_seen(part.column, first, last, layout.columns),
        ),
        settings,
        layout,
    )


def _seen(start: int, first: int, last: int, length: int) -> int:
    """Move a window so that it holds first and last, with some room around them where it has to move."""
    if start <= first and last < start + length:
        return start
    return first - max(0, (length - (last - first + 1)) // 2)


def _clip(at: int, most: int) -> int:
    return min(max(at, 0), max(0, most))
