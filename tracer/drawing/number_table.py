"""A table of numbers as cells, as large as fits its place; of a larger one the part around what is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tracer.drawing.cells import SIZE, within
from tracer.drawing.display_list import Area, Colour, Font, Rect, Text
from tracer.drawing.font_widths import fitted
from tracer.drawing.font_widths import width as text_width

GAP, LEAST, MOST = 2.0, 26.0, 44.0  # points between cells, and the smallest and largest height of one
ELLIPSIS = "…"


class Table(NamedTuple):
    """Texts in rows, each cell `wide` × `high` points, with its top left corner at x, y. `rows` and `columns` tell
    which part of the whole is drawn."""

    texts: Sequence[Sequence[str]]
    rows: range
    columns: range
    x: float
    y: float
    wide: float
    high: float

    @property
    def right(self) -> float:
        """Where the last cell ends."""
        return self.x + len(self.columns) * self.wide

    @property
    def bottom(self) -> float:
        """Where the last row ends."""
        return self.y + len(self.rows) * self.high

    def box(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Give the place of a cell: x, y, width, height."""
        x = self.x + (column - self.columns.start) * self.wide
        return x, self.y + (row - self.rows.start) * self.high, self.wide - GAP, self.high - GAP


def part(length: int, shown: int, around: int) -> range:
    """Give the part of so many numbers that is shown around one of them."""
    shown = max(1, min(shown, length))
    first = min(max(around - shown // 2, 0), length - shown)
    return range(first, first + shown)


def widest(texts: Sequence[Sequence[str]], most: float) -> float:
    """Give the width of a cell for these texts, at least as wide as a small cell is high."""
    needed = max((text_width(text, SIZE, "mono") for row in texts for text in row), default=0.0) + 12
    return min(max(needed, LEAST), most) + GAP


def cells(table: Table, fill: Callable[[int, int], Colour]) -> Iterator[Rect | Text]:
    """Draw the cells; a text that does not fit its cell is shortened, its tooltip has it whole."""
    for row in table.rows:
        for column in table.columns:
            x, y, wide, high = table.box(row, column)
            yield Rect(x, y, wide, high, 3.0, fill(row, column))
            yield within(x + wide / 2, y, high, shortened(table.texts[row][column], wide - 4, SIZE, "mono"))


def areas(table: Table, owner: Callable[[int, int], str], label: Callable[[int, int], str]) -> Iterator[Area]:
    """Give the cells as areas."""
    for row in table.rows:
        for column in table.columns:
            x, y, wide, high = table.box(row, column)
            yield Area(owner(row, column), x, y, wide + GAP, high + GAP, label(row, column))


def shortened(text: str, most: float, size: float, font: Font) -> str:
    """Shorten a text to a width; what comes after its last " = " stays, since that is what it amounts to."""
    head, equals, end = text.rpartition(" = ")
    left = most - text_width(equals + end, size, font)
    if not equals or text_width(text, size, font) <= most or left < text_width(ELLIPSIS, size, font):
        return fitted(text, size, font, most)
    return fitted(head, size, font, left).removesuffix(ELLIPSIS).rstrip(" +·") + ELLIPSIS + equals + end


def told(name: str, shown: range, length: int) -> str:
    """Say which part is shown: "columns 3–9 of 40", empty where it is all."""
    if len(shown) == length:
        return ""
    if len(shown) == 1:
        return f"{name.removesuffix('s')} {shown.stop} of {length}"
    return f"{name} {shown.start + 1}–{shown.stop} of {length}"
