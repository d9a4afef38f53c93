"""Pages of a table: filtered and sorted here, so that the window holds only what it shows."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from tracer.errors import TracerError
from tracer.worker.model.held import Held
from tracer.worker.model.messages import AskRows, Page, PageColumn, PageRow
from tracer.worker.model.tables import TABLES, Column, Row, Table

MOST = 5000  # rows of a page


class Paged:
    """The rows of one table of a recording, with their order and their filter as they were last asked for."""

    def __init__(self, table: Table, rows: Sequence[Row]) -> None:
        self.table, self.rows = table, rows
        self._texts: list[str] | None = None
        self._order: tuple[object, Sequence[int]] = (None, range(len(rows)))

    def page(self, asked: AskRows) -> Page:
        """Give the rows that were asked for."""
        key = asked.sort, asked.descending, asked.filter, asked.owner
        if self._order[0] != key:
            self._order = key, self._sorted(asked, self._found(asked))
        found = self._order[1]
        shown = found[max(asked.first, 0) :][: min(asked.count, MOST)]
        return Page(
            asked.edit,
            asked.recording,
            asked.table,
            tuple(PageColumn(column.title, column.number, column.tooltip) for column in self.table.columns),
            tuple(self._row(self.rows[at]) for at in shown),
            max(asked.first, 0),
            len(found),
            len(self.rows),
        )

    def _found(self, asked: AskRows) -> Sequence[int]:
        """Give the places of the rows that are about the owner, and in which all words of the filter occur."""
        found: Sequence[int] = range(len(self.rows))
        if asked.owner and asked.table == "contributions":
            found = [at for at in found if f"node {self.rows[at].row.node}" == asked.owner]
        words = asked.filter.casefold().split()
        if words:
            texts = self._written()
            found = [at for at in found if all(word in texts[at] for word in words)]
        return found

    def _sorted(self, asked: AskRows, found: Sequence[int]) -> Sequence[int]:
        if not 0 <= asked.sort < len(self.table.columns):
            return found
        column = self.table.columns[asked.sort]
        keys = {at: _key(column, self.rows[at]) for at in found}
        known = [at for at in found if keys[at] is not None]
        known.sort(key=lambda at: keys[at], reverse=asked.descending)
        return [*known, *(at for at in found if keys[at] is None)]  # what is not known comes last, either way

    def _written(self) -> list[str]:
        if self._texts is None:
            columns = self.table.columns
            self._texts = ["\t".join(column.text(row) for column in columns).casefold() for row in self.rows]
        return self._texts

    def _row(self, row: Row) -> PageRow:
        cells = tuple(column.text(row) for column in self.table.columns)
        return PageRow(cells, self.table.owner(row), self.table.source(row), self.table.mark(row))


def _key(column: Column, row: Row) -> Any:
    """Give what a row is sorted by; `None` where it is not known. What is NaN is sorted as the largest."""
    if column.value is None:
        return _natural(column.text(row)) or None
    value = column.value(row)
    return math.inf if isinstance(value, float) and math.isnan(value) else value


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort numbers in a text by their size: blocks.9 before blocks.10."""
    parts = _DIGITS.split(text.casefold())
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts if part)


_DIGITS = re.compile(r"(\d+)")


def paged(name: str, held: Held, other: Held | None = None) -> Paged:
    """Make a table of a recording.

    Raises:
        TracerError: the recording does not hold what it needs.
    """
    table = TABLES[name]
    return Paged(table, table.rows(held, other))


def not_filled(held: Held) -> dict[str, str]:
    """Give for each table why it can't be filled, or nothing where it can."""
    gradients = "" if held.facts.gradients is not None else "This recording holds no gradients."
    saved = "" if held.facts.saved is not None else "What backward keeps was not looked at when this was recorded."
    reasons = {"gradients": gradients, "contributions": gradients, "backward": gradients, "saved": saved}
    return {name: reasons.get(name, "") for name in TABLES}


def csv(page: Paged) -> str:
    """Write all rows of a table as CSV, with the titles above.

    Raises:
        TracerError: there is none.
    """
    if not page.rows:
        raise TracerError("This table has no rows to be written")
    lines = [[column.title for column in page.table.columns]]
    lines += [[_plain(column, row) for column in page.table.columns] for row in page.rows]
    return "".join(",".join(map(_quoted, line)) + "\r\n" for line in lines)


def _plain(column: Column, row: Row) -> str:
    """Write a cell for another program: a number in full and without groups."""
    if column.value is None:
        return column.text(row)
    value = column.value(row)
    return "" if value is None else repr(value)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\r\n') else cell
