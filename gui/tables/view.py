"""The one table view: calm rows, columns that share the width, Ctrl+C copies text with the titles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QSignalBlocker, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from gui.tables.columns import Column, tsv
from gui.tables.delegate import ROW_HEIGHT
from gui.tables.model import TableModel
from gui.tables.widths import Widths
from gui.theme import fonts
from gui.theme.theme import Theme
from gui.widgets.labels import label, name


class Table(QTableView):
    """Shows rows through columns, or one line of words where there are none. `picked` tells the row that was chosen."""

    picked = Signal(object)

    def __init__(self, path: str, title: str, columns: Sequence[Column], theme: Theme) -> None:
        super().__init__()
        name(self, path, title)
        self.rows_model = TableModel(columns, theme)
        self._waiting = label("", "waiting")
        self._waiting.setParent(self.viewport())
        self._waiting.move(0, 2)
        self.setFont(fonts.mono())
        self.setModel(self.rows_model)
        self._widths = Widths(self, columns, theme)
        _calm(self)
        theme.changed.connect(lambda _: self.rows_model.repaint())
        self.selectionModel().currentRowChanged.connect(self._tell)

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show rows."""
        self.rows_model.set_rows(rows)
        self.say("")
        self._widths.fit()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns, and no rows yet."""
        self.rows_model.set_columns(columns)
        self._widths.set_columns(columns)

    def choose(self, row: int) -> None:
        """Choose a row without telling that the person did."""
        blocked = QSignalBlocker(self)
        self.selectRow(row)
        blocked.unblock()

    def say(self, words: str) -> None:
        """Show words in place of rows that are not there."""
        self._waiting.setText("" if self.rows_model.rows else words)
        self._waiting.adjustSize()
        self._waiting.setVisible(bool(self._waiting.text()))

    def set_dimmed(self, dimmed: bool) -> None:
        """Show the rows as those of an earlier state."""
        self.rows_model.set_dimmed(dimmed)

    def copy(self) -> None:
        """Copy the chosen rows, or all of them, as tab-separated text with the titles."""
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        rows = [self.rows_model.rows[row] for row in chosen] or self.rows_model.rows
        QGuiApplication.clipboard().setText(tsv(self.rows_model.columns, rows))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._widths.fit()

    def event(self, event: QEvent) -> bool:
        copying = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy)
        if copying and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def _tell(self, current: QModelIndex) -> None:
        if current.isValid() and current.row() < len(self.rows_model.rows):
            self.picked.emit(self.rows_model.rows[current.row()])


def _calm(table: QTableView) -> None:
    """Take away what Qt's tables have too much of."""
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setTabKeyNavigation(False)
    table.setCornerButtonEnabled(False)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setFixedHeight(ROW_HEIGHT)
    header.setMinimumSectionSize(30)
    name(header, f"{table.objectName()}.header", f"{table.accessibleName()}: columns")
