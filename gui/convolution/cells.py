"""A slice of numbers in cells that are typed into like those of a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from gui.tables.delegate import ROW_HEIGHT
from gui.theme import fonts
from gui.theme.theme import Theme
from gui.widgets.entry import Entry, typed
from gui.widgets.labels import name
from tracer.convolution.given import flat
from tracer.errors import TracerError
from tracer.quantities import MINUS, figure, number

Place = QModelIndex | QPersistentModelIndex
LEAST, USUAL, MOST = 30, 68, 90  # the width of a cell
FEW = 100  # cells that are measured
DIGITS = (4, 3, 2)  # as many as fit the cell; its tooltip and its editor have all
ALIGNED = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Cells(QTableView):
    """Shows rows. `edited` gives the row, the column and what is typed there, `pasted` the cell where it is to go."""

    edited = Signal(int, int, object)
    pasted = Signal(int, int)

    def __init__(self, path: str, theme: Theme) -> None:
        super().__init__()
        name(self, path, "Numbers")
        self.setToolTip("Type into a cell; Ctrl+V puts copied cells here, Ctrl+C copies the chosen ones")
        self.setFont(fonts.mono())
        self.numbers = _Numbers(theme, self.edited.emit)
        self.setModel(self.numbers)
        self.setItemDelegate(_Editor(path, self))
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        for header, words, size in (
            (self.horizontalHeader(), "columns", LEAST),
            (self.verticalHeader(), "rows", ROW_HEIGHT),
        ):
            name(header, f"{path}.{words}", f"Numbers: {words}")
            header.setMinimumSectionSize(size)
            header.setDefaultSectionSize(size)
            header.setHighlightSections(False)
        theme.changed.connect(lambda _: self.viewport().update())

    def show_rows(self, rows: Sequence[Sequence[Any]], tensor: str, dtype: str = "") -> None:
        """Show other numbers; `dtype` is that of drawn ones, and empty for those of the person."""
        self.numbers.show_rows(rows, tensor, dtype)
        self._fit()

    def set_dimmed(self, dimmed: bool) -> None:
        """Dim numbers that are not the newest."""
        self.numbers.dimmed = dimmed
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.numbers.copy(self.selectionModel().selectedIndexes())
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit(max(0, at.row()), max(0, at.column()))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and at.isValid():
            self.edit(at)
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        """Let the columns share the width, and take no more height than the rows need."""
        columns, rows = max(1, self.numbers.columnCount()), self.numbers.rowCount()
        room = (self.width() - self.verticalHeader().sizeHint().width() - 2) // columns
        header = self.horizontalHeader()
        header.setMinimumSectionSize(LEAST)
        header.setDefaultSectionSize(max(self._needed(rows, columns), min(MOST, room)))
        bar = self.horizontalScrollBar().sizeHint().height()
        self.setMaximumHeight(self.horizontalHeader().sizeHint().height() + rows * ROW_HEIGHT + bar + 4)

    def _needed(self, rows: int, columns: int) -> int:
        """Measure what a few cells need; of many, take what is enough for most numbers."""
        if rows * columns > FEW:
            return USUAL
        places = ((row, column) for row in range(rows) for column in range(self.numbers.columnCount()))
        texts = (self.numbers.written(row, column, DIGITS[-1]) for row, column in places)
        return min(USUAL, max((self.fontMetrics().horizontalAdvance(text) + 10 for text in texts), default=USUAL))

    def event(self, event: QEvent) -> bool:
        keys = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.Paste)
        overrides = event.type() is QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and any(event.matches(key) for key in keys):
            event.accept()
            return True
        return super().event(event)


class _Numbers(QAbstractTableModel):
    """The cells: what was typed stays as it was typed; what is no number is marked."""

    def __init__(self, theme: Theme, edited: Callable[[int, int, Any], None]) -> None:
        super().__init__()
        self._theme, self._edited = theme, edited
        self._rows: list[list[Any]] = []
        self._tensor = self._dtype = ""
        self.dimmed = False

    def show_rows(self, rows: Sequence[Sequence[Any]], tensor: str, dtype: str) -> None:
        """Show other numbers; the cells stay in place where there are as many."""
        same = (len(rows), len(rows[0]) if rows else 0) == (len(self._rows), self.columnCount())
        same = same and tensor == self._tensor
        if not same:
            self.beginResetModel()
        self._rows, self._tensor, self._dtype = [list(row) for row in rows], tensor, dtype
        if not same:
            self.endResetModel()
        elif self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1))

    def copy(self, chosen: Sequence[QModelIndex]) -> None:
        """Put the chosen cells on the clipboard, as a spreadsheet reads them."""
        rows = sorted({at.row() for at in chosen}) or range(len(self._rows))
        columns = sorted({at.column() for at in chosen}) or range(self.columnCount())
        lines = ["\t".join(self.text(row, column).replace(MINUS, "-") for column in columns) for row in rows]
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")

    def text(self, row: int, column: int) -> str:
        """Write a number with all its digits, or what was typed."""
        value = self._rows[row][column]
        return value if isinstance(value, str) else number(value, self._dtype or None)

    def written(self, row: int, column: int, digits: int = DIGITS[0]) -> str:
        """Write a number with so many digits; a whole number and what was typed as text, with all."""
        value = self._rows[row][column]
        whole = isinstance(value, str | int) or float(value).is_integer()
        return self.text(row, column) if whole else figure(value, digits)

    def wrong(self, row: int, column: int) -> str:
        """Say why a cell is no number, if so."""
        try:
            flat("", [self._rows[row][column]], (1,))
        except TracerError as error:
            return f"{error.what}. {error.cure}."
        return ""

    def rowCount(self, _parent: Place | None = None) -> int:
        return len(self._rows)

    def columnCount(self, _parent: Place | None = None) -> int:
        return len(self._rows[0]) if self._rows else 0

    def flags(self, index: Place) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Place, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.written(row, column)
        if role == Qt.ItemDataRole.EditRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNED
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.wrong(row, column) or self.text(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = f"{self._tensor}, row {row}, column {column}: {self.text(row, column)}"
            return f"{said}. {wrong}" if (wrong := self.wrong(row, column)) else said
        if role in (Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.BackgroundRole):
            front = role == Qt.ItemDataRole.ForegroundRole
            if self.wrong(row, column):
                return self._theme.colour("problem" if front else "problem_fill")
            return self._theme.colour("dim" if self.dimmed else "text") if front else None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return str(section) if role == Qt.ItemDataRole.DisplayRole else None

    def setData(self, index: Place, value: Any, _role: int = Qt.ItemDataRole.EditRole) -> bool:
        if str(value) != self.text(index.row(), index.column()):
            self._edited(index.row(), index.column(), typed(str(value).strip().replace(MINUS, "-")))
        return True


class _Editor(QStyledItemDelegate):
    """Edits a cell; every letter counts at once, so that leaving it has nothing more to say."""

    def __init__(self, path: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._path = path

    def initStyleOption(self, option: QStyleOptionViewItem, index: Place) -> None:
        super().initStyleOption(option, index)
        model, metrics = index.model(), option.fontMetrics  # type: ignore[attr-defined]
        assert isinstance(model, _Numbers)
        room = option.rect.width() - 8  # type: ignore[attr-defined]
        texts = [model.written(index.row(), index.column(), digits) for digits in DIGITS]
        option.text = next((text for text in texts if metrics.horizontalAdvance(text) <= room), texts[-1])  # type: ignore[attr-defined]

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Place) -> QWidget:
        entry = Entry(f"{self._path}.cell", f"row {index.row()}, column {index.column()}", parent)
        entry.setProperty("kind", "cell")
        entry.setAlignment(Qt.AlignmentFlag.AlignRight)
        model, row, column = index.model(), index.row(), index.column()
        entry.edited.connect(lambda text: model.setData(model.index(row, column), text))
        return entry

    def setEditorData(self, editor: QWidget, index: Place) -> None:
        assert isinstance(editor, Entry)
        text = str(index.data(Qt.ItemDataRole.EditRole))
        if typed(editor.text().strip().replace(MINUS, "-")) != typed(text.replace(MINUS, "-")):
            editor.show_text(text)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Place) -> None:
        """Nothing: each letter was told when it was typed."""
