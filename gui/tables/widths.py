"""The widths of a table's columns: what each needs; what is left is shared, and where room lacks, some go.

Before anything is cut or left out, cells get less room around them, and then matrices stand over several lines.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QTableView

from gui.tables.columns import Column
from gui.tables.delegate import ROW_HEIGHT, Cells
from gui.theme.theme import Theme

ROOMY, TIGHT = 9, 5  # left and right of a cell; tight where the columns would not fit otherwise
WIDEST = 420  # a column is never wider
MOST_ROWS = 300  # a longer table has rows of one line
WAYS = ((ROOMY, False), (TIGHT, False), (ROOMY, True), (TIGHT, True))  # padding, and whether matrices are broken


class Widths(QObject):
    """Fits the columns to the table until the person drags a border; then theirs stay."""

    def __init__(self, table: QTableView, columns: Sequence[Column], theme: Theme) -> None:
        super().__init__(table)
        self._columns = tuple(columns)
        self._table, self._own, self._fitting = table, False, False
        self._cells = Cells(theme, ROOMY, table)
        table.setItemDelegate(self._cells)
        table.horizontalHeader().sectionResized.connect(self._resized)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Fit other columns from now on."""
        self._columns, self._own = tuple(columns), False

    def fit(self) -> None:
        """Give each column what it needs, and share what is left."""
        room = self._table.viewport().width()
        if self._own or not self._columns:
            return
        self._fitting = True
        for at in range(len(self._columns)):
            self._table.setColumnHidden(at, False)
        wanted = self._narrowed(room)
        widths = fitted(wanted, self._columns, room)
        for at in range(len(self._columns)):
            self._table.setColumnHidden(at, at not in widths)
        for at, width in widths.items():
            self._table.setColumnWidth(at, width)
        self._raise_rows()
        self._fitting = False

    def _narrowed(self, room: int) -> list[int]:
        """Take the first way in which all columns fit, or else the last; give the widths that they need then."""
        wanted: list[int] = []
        few = self._table.model().rowCount() <= MOST_ROWS
        for padding, breaks in WAYS if few else WAYS[:2]:
            self._pad(padding)
            self._cells.breaks = breaks
            wanted = self._wanted()
            if sum(wanted) <= room:
                break
        return wanted

    def _raise_rows(self) -> None:
        """Give each row the height of its tallest cell."""
        table = self._table
        for row in range(min(table.model().rowCount(), MOST_ROWS)):
            high = max(ROW_HEIGHT, table.sizeHintForRow(row) if self._cells.breaks else 0)
            if table.rowHeight(row) != high:
                table.setRowHeight(row, high)

    def _wanted(self) -> list[int]:
        header, every = self._table.horizontalHeader(), range(len(self._columns))
        return [min(WIDEST, max(self._table.sizeHintForColumn(at), header.sectionSizeHint(at))) for at in every]

    def _pad(self, padding: int) -> None:
        """Take another room around the text, in cells and titles alike."""
        if padding != self._cells.padding:
            self._cells.padding = padding
            self._table.setProperty("tight", padding == TIGHT)
            header = self._table.horizontalHeader()
            header.style().unpolish(header)
            header.style().polish(header)

    def _resized(self) -> None:
        self._own = self._own or not self._fitting


def fitted(wanted: Sequence[int], columns: Sequence[Column], room: int) -> dict[int, int]:
    """Give the width of each column that is shown: elastic ones are cut, then spare ones left out; the rest shared."""
    shown = dict(enumerate(wanted))
    least = {at: min(width, columns[at].least) if columns[at].elastic else width for at, width in shown.items()}
    for at in sorted(shown, key=lambda at: -columns[at].spare):
        if sum(least[at] for at in shown) > room and columns[at].spare:
            del shown[at]
    _cut(shown, least, sum(shown.values()) - room)
    share, rest = divmod(max(0, room - sum(shown.values())), len(shown))
    last = max(shown)
    return {at: width + share + (rest if at == last else 0) for at, width in shown.items()}


def _cut(widths: dict[int, int], least: dict[int, int], excess: int) -> None:
    """Take the excess from the columns that can be cut, each in proportion to what it can give."""
    give = {at: width - least[at] for at, width in widths.items() if width > least[at]}
    total = sum(give.values())
    for at, most in give.items():
        widths[at] -= min(most, -(-max(0, excess) * most // total))
