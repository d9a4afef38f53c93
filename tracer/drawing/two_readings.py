"""A·x read in two ways, side by side: by rows with the projection to scale, by columns with the arrows head to tail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracer.drawing import arrows, number_table
from tracer.drawing.cells import line
from tracer.drawing.display_list import Area, Colour, DisplayList, Rect, Text
from tracer.drawing.font_widths import width as text_width
from tracer.drawing.number_table import MOST, Table, part, shortened
from tracer.matrix_vector.look import Look
from tracer.matrix_vector.readings import ColumnReading, Readings, RowReading
from tracer.matrix_vector.settings import Settings
from tracer.quantities import factor

Mark = arrows.Mark
TOP, LINE = 74.0, 21.0  # points: above the tables, and a line of text
WIDE, NARROW = (24.0, 34.0), (13.0, 22.0)  # the margin of a half, and the room of a sign between tables
ROOMY = 640.0  # a canvas less wide has narrow halves
ROW_TITLE, ROW_WORDS = "By rows", "y[i] is the un-normalised projection of x on row i"
COLUMN_TITLE, COLUMN_WORDS = "By columns", "y is a weighted sum of the columns"


class Half(NamedTuple):
    """The place of one reading."""

    left: float
    width: float
    height: float
    sign: float


class Read(NamedTuple):
    """What both halves show."""

    settings: Settings
    look: Look
    found: Readings

    @property
    def rows(self) -> tuple[RowReading, ...]:
        """The outputs, each as a scalar product."""
        return self.found.rows

    @property
    def columns(self) -> tuple[ColumnReading, ...]:
        """The columns, each with the sum so far."""
        return self.found.columns

    @property
    def numbers(self) -> list[tuple[str, ...]]:
        """The matrix as text."""
        return [row.row for row in self.rows]


def picture(settings: Settings, found: Readings, look: Look, width: float, height: float) -> DisplayList:
    """Draw both readings with one highlight: the row (and its output), and the column that was added last."""
    read = Read(settings, look, found)
    middle = round(width / 2)
    marks: list[Mark] = [Rect(middle, 20, 1, max(height - 40, 1), fill="border")]
    areas: list[Area] = []
    margin, sign = WIDE if width >= ROOMY else NARROW
    for draw, left in ((_by_rows, 0.0), (_by_columns, float(middle))):
        half = Half(left + margin, middle - 2 * margin, height - margin, sign)
        drawn, parts = draw(read, half)
        marks += drawn
        areas += parts
    totals = ", ".join(row.total for row in read.rows)
    title = f"A·x = [{totals}] by rows and by columns; {len(read.rows)} outputs, {len(read.columns)} columns"
    return DisplayList(width, height, tuple(marks), tuple(areas), "", title)


def _by_rows(read: Read, half: Half) -> tuple[list[Mark], list[Area]]:
    look, settings = read.look, read.settings
    a, x, y = _row_tables(read, half)
    marks: list[Mark] = [*_title(half, ROW_TITLE, ROW_WORDS)]
    marks += number_table.cells(a, lambda row, _: "kernel 0 lit" if row == look.row else "kernel 0")
    marks += number_table.cells(x, lambda _row, _: "taken")
    marks += number_table.cells(y, lambda row, _: "kernel 0 lit" if row == look.row else "kernel 0")
    marks += _signs(a, x, y)
    if look.row in a.rows:
        marks.append(_ring(a, look.row, a.columns))
        marks.append(_ring(y, look.row, y.columns))
    areas = [
        *number_table.areas(a, lambda row, _: f"row {row}", lambda row, at: f"A[{row}, {at}] = {a.texts[row][at]}"),
        *number_table.areas(x, lambda at, _: f"column {at}", lambda at, _: f"x[{at}] = {x.texts[at][0]}"),
        *number_table.areas(y, lambda row, _: f"row {row}", lambda row, _: f"y[{row}] = {read.rows[row].text}"),
    ]
    below = max(a.bottom, x.bottom) + 12
    words = [number_table.told("rows", a.rows, len(read.rows)), number_table.told("columns", a.columns, len(x.texts))]
    if any(words):
        marks.append(line(half.left, below + 6, ", ".join(filter(None, words)), 10.5, colour="muted"))
        below += 16
    shown = part(len(read.rows), max(1, min(4, int((half.height - below) // LINE) - 1)), look.row)
    for at, row in enumerate(shown):
        text, lit = f"⟨a({row + 1}), x⟩ = {read.rows[row].text}", row == look.row
        marks.append(_fitting(half, below + LINE * (at + 0.8), text, "text" if lit else "muted"))
    top = below + LINE * (len(shown) + 0.4)
    marks += arrows.projection(read.rows[look.row], settings, half.left, top, half.width, half.height - top)
    return marks, areas


def _by_columns(read: Read, half: Half) -> tuple[list[Mark], list[Area]]:
    look, last = read.look, read.look.added - 1
    marks: list[Mark] = [*_title(half, COLUMN_TITLE, COLUMN_WORDS)]
    areas: list[Area] = []
    marks_of, areas_of, bottom = _terms(read, half)
    marks += marks_of
    areas += areas_of
    below = bottom + 12
    lines = [("start", f"[{', '.join(read.found.start)}]")]
    lines += [(f"+ {factor(c.factor)}·[{', '.join(c.numbers)}]", f"[{', '.join(c.running)}]") for c in read.columns]
    shown = part(len(lines), max(1, min(5, int((half.height - below) // LINE) - 1)), look.added)
    gap = max((text_width(lines[at][0], 12.0, "mono") for at in shown), default=0.0) + 28
    for at, number in enumerate(shown):
        lit, y = number == look.added, below + LINE * (at + 0.8)
        colour: Colour = "text" if lit else "muted"
        first, second = lines[number]
        whole = text_width(second, 12.0, "mono") + gap <= half.width
        marks.append(_fitting(half, y, first if whole else f"{first} → {second}", colour))
        if whole:
            ends = lit and number == len(read.columns)
            marks.append(line(half.left + gap, y, second, 12.0, "mono", "forward_text" if ends else colour))
    top = below + LINE * (len(shown) + 0.4)
    marks += arrows.head_to_tail(read.found, last, read.settings, half.left, top, half.width, half.height - top)
    return marks, areas


def _row_tables(read: Read, half: Half) -> tuple[Table, Table, Table]:
    """Place A, x and y beside one another, and as much of them as fits."""
    look, a = read.look, read.numbers
    x = [[column.factor] for column in read.columns]
    y = [[row.total] for row in read.rows]
    most = max(half.width / 5, 40.0)
    wide, x_wide, y_wide = number_table.widest(a, most), number_table.widest(x, most), number_table.widest(y, most)
    columns = part(len(x), int((half.width - x_wide - y_wide - 2 * half.sign) // wide), max(look.added - 1, 0))
    high, rows, fits = _heights(half, len(a), len(columns), look.row)
    columns = part(len(x), min(len(columns), fits), max(look.added - 1, 0))
    top = TOP + (max(len(rows), len(columns)) - len(rows)) * high / 2
    first = Table(a, rows, columns, half.left, top, wide, high)
    second = Table(x, columns, range(1), first.right + half.sign, _middle(top, rows, columns, high), x_wide, high)
    third = Table(y, rows, range(1), second.right + half.sign, top, y_wide, high)
    return first, second, third


def _heights(half: Half, rows: int, columns: int, around: int) -> tuple[float, range, int]:
    """Give the height of a cell, the rows that are shown, and how many numbers of x fit."""
    room = max(half.height * 0.42, number_table.LEAST)
    high = min(MOST, max(number_table.LEAST, room / max(rows, columns)))
    fits = max(1, int(room // high))
    return high, part(rows, fits, around), fits


def _middle(top: float, rows: range, columns: range, high: float) -> float:
    return top + (len(rows) - len(columns)) * high / 2


def _terms(read: Read, half: Half) -> tuple[list[Mark], list[Area], float]:
    """Draw x[0]·column 0 + x[1]·column 1 + … = y, as many as fit around the one that was added last."""
    look, last, table = read.look, read.look.added - 1, read.numbers
    sums = [[text] for text in read.found.sum_after(last + 1)]
    most = max(half.width / 6, 40.0)
    wide, y_wide = number_table.widest(table, most), number_table.widest(sums, most)
    factors = [factor(column.factor) + "·" for column in read.columns]
    each = wide + max(text_width(text, 12.0, "mono") for text in factors) + 26
    shown = part(len(read.columns), int((half.width - y_wide - 20) // each), max(last, 0))
    high, rows, _ = _heights(half, len(table), 1, look.row)
    marks: list[Mark] = []
    areas: list[Area] = []
    x, middle = half.left, TOP + len(rows) * high / 2 + 4
    for at in shown:
        taken = at <= last
        wide_factor = text_width(factors[at], 12.0, "mono")
        marks.append(line(x, middle, factors[at], 12.0, "mono", "leaf_text" if taken else "muted"))
        column = Table(table, rows, range(at, at + 1), x + wide_factor + 2, TOP, wide, high)
        role: Colour = "kernel 1 lit" if at == last else "kernel 1" if taken else "cell"
        marks += number_table.cells(column, lambda _row, _at, role=role: role)  # type: ignore[misc]
        if at == last:
            marks.append(_ring_column(column))
        areas += number_table.areas(
            column, lambda _row, at: f"column {at}", lambda row, at: f"A[{row}, {at}] = {table[row][at]}"
        )
        x = column.right
        if at != shown[-1]:
            marks.append(line(x + 10, middle, "+", 14.0, colour="muted", anchor="middle"))
        x += 22
    marks.append(line(x - 4, middle, "=", 14.0, colour="muted", anchor="middle"))
    total = Table(sums, rows, range(1), x + 10, TOP, y_wide, high)
    marks += number_table.cells(total, lambda row, _: "kernel 0 lit" if row == look.row else "kernel 0")
    areas += number_table.areas(total, lambda row, _: f"row {row}", lambda row, _: f"the sum so far: {sums[row][0]}")
    words = number_table.told("columns", shown, len(read.columns))
    bottom = total.bottom
    if words:
        marks.append(line(half.left, bottom + 16, words, 10.5, colour="muted"))
        bottom += 16
    return marks, areas, bottom


def _title(half: Half, title: str, words: str) -> Iterator[Text]:
    yield line(half.left, 34, title, 14.0, "semibold")
    yield line(half.left, 54, shortened(words, half.width, 11.5, "sans"), 11.5, colour="muted")


def _signs(a: Table, x: Table, y: Table) -> Iterator[Text]:
    middle = (a.y + a.bottom) / 2 + 5
    yield line((a.right + x.x) / 2 - 1, middle, "×", 15.0, colour="muted", anchor="middle")
    yield line((x.right + y.x) / 2 - 1, middle, "=", 15.0, colour="muted", anchor="middle")


def _ring(table: Table, row: int, columns: Sequence[int]) -> Rect:
    x, y, _, high = table.box(row, columns[0])
    return Rect(x - 3, y - 3, len(columns) * table.wide + 4, high + 6, 6.0, None, "forward", 2.0)


def _ring_column(table: Table) -> Rect:
    x, y, wide, _ = table.box(table.rows[0], table.columns[0])
    return Rect(x - 3, y - 3, wide + 6, len(table.rows) * table.high + 4, 6.0, None, "forward", 2.0)


def _fitting(half: Half, y: float, text: str, colour: Colour) -> Text:
    return line(half.left, y, shortened(text, half.width, 12.0, "mono"), 12.0, "mono", colour)
