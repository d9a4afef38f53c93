"""What is known before an answer, as a picture: the tensors that were given, and a place for the one that is asked."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.drawing.display_list import Area, DisplayList, Rect, Text
from tracer.drawing.font_widths import width as text_width
from tracer.drawing.lane_marks import Mark
from tracer.drawing.number_table import Table, cells, part, widest
from tracer.lesson.givens import Given

TITLE, SIZES, BETWEEN, HIGH, ROOM = 12.0, 10.0, 46.0, 30.0, 24.0
MOST_ROWS, MOST_COLUMNS, WIDEST = 8, 12, 70.0
WORDS = "What the window shows here comes after your answer"


def picture(given: Sequence[Given], width: float, height: float) -> DisplayList:
    """Draw the given tensors side by side, in the middle of so many points, each with its size over it."""
    tables = [_table(one) for one in given]
    wide = [max(_width(one), table.right) for one, table in zip(given, tables, strict=True)]
    lines = _lines(wide, width - 2 * ROOM)
    tall = sum(max(tables[at].bottom for at in line) + BETWEEN for line in lines)
    marks: list[Mark] = []
    areas: list[Area] = []
    y = max(ROOM + HIGH, (height - tall) / 2)
    for line in lines:
        x = (width - sum(wide[at] for at in line) - BETWEEN * (len(line) - 1)) / 2
        for at in line:
            found = _drawn(given[at], tables[at]._replace(x=x, y=y))
            areas.append(Area(f"given {at}", x, y - HIGH, wide[at], tables[at].bottom + HIGH, _label(given[at])))
            marks += found
            x += wide[at] + BETWEEN
        y += max(tables[at].bottom for at in line) + BETWEEN
    below = text_width(WORDS, TITLE, "sans")
    marks.append(Text(width / 2, min(y + 6, height - 14), WORDS, below, TITLE, "sans", "muted", "middle"))
    said = ". ".join(map(_label, given))
    return DisplayList(width, height, tuple(marks), tuple(areas), title=f"{WORDS}. Given: {said}")


def _table(one: Given) -> Table:
    """Lay the numbers out from the corner on; a tensor whose numbers are not shown is one empty cell."""
    rows = one.rows or (("…",),)
    shown = part(len(rows), MOST_ROWS, 0), part(len(rows[0]), MOST_COLUMNS, 0)
    return Table(rows, *shown, 0.0, 0.0, widest(rows, WIDEST), HIGH)


def _width(one: Given) -> float:
    return text_width(one.name, TITLE, "semibold") + 8 + text_width(one.size, SIZES, "sans")


def _lines(wide: Sequence[float], most: float) -> list[list[int]]:
    """Break the tensors into lines that fit."""
    lines: list[list[int]] = []
    for at, one in enumerate(wide):
        used = sum(wide[other] + BETWEEN for other in lines[-1]) if lines else most
        if used + one > most:
            lines.append([])
        lines[-1].append(at)
    return lines


def _drawn(one: Given, table: Table) -> list[Rect | Text]:
    name = text_width(one.name, TITLE, "semibold")
    return [
        Text(table.x, table.y - 10, one.name, name, TITLE, "semibold", "text"),
        Text(table.x + name + 8, table.y - 10, one.size, text_width(one.size, SIZES, "sans"), SIZES, "sans", "muted"),
        *cells(table, lambda _row, _column: "cell"),
    ]


def _label(one: Given) -> str:
    numbers = "; ".join(" ".join(row) for row in one.rows)
    return f"{one.name}, {one.size}" + (f": {numbers}" if numbers else "")
