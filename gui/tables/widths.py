"""The widths of a table's columns: what each needs, and what is left is shared."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QTableView

from gui.tables.delegate import Cells
from gui.theme.theme import Theme

ROOMY, TIGHT, WIDEST = 9, 5, 420  # left and right of a cell; tight where the columns would not fit otherwise


class Widths(QObject):
    """Fits the columns to the table until the person drags a border; then theirs stay."""

    def __init__(self, table: QTableView, theme: Theme) -> None:
        super().__init__(table)
        self._table, self._own, self._fitting = table, False, False
        self._cells = Cells(theme, ROOMY, table)
        table.setItemDelegate(self._cells)
        table.horizontalHeader().sectionResized.connect(self._resized)

    def fit(self) -> None:
        """Give each column what it needs, and share what is left."""
        room, columns = self._table.viewport().width(), self._table.model().columnCount()
        if self._own or not columns:
            return
        self._fitting = True
        self._pad(ROOMY)
        wanted = self._wanted(columns)
        if sum(wanted) > room:
            self._pad(TIGHT)
            wanted = self._wanted(columns)
        share, rest = divmod(max(0, room - sum(wanted)), columns)
        for at, width in enumerate(wanted):
            self._table.setColumnWidth(at, width + share + (rest if at == columns - 1 else 0))
        self._fitting = False

    def _wanted(self, columns: int) -> list[int]:
        header = self._table.horizontalHeader()
        return [
            min(WIDEST, max(self._table.sizeHintForColumn(at), header.sectionSizeHint(at))) for at in range(columns)
        ]

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
