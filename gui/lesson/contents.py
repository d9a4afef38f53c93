"""The list of a lesson's steps: where the person is, and what is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSizePolicy, QStyledItemDelegate, QStyleOptionViewItem

from gui.theme.theme import Theme
from gui.widgets.labels import name

MARK, AROUND = 34, 13  # pixels: the room of the number, and what a row adds to its words
DONE = Qt.ItemDataRole.UserRole


class Contents(QListWidget):
    """Shows the steps by their titles; `chosen` tells the number of the one that the person goes to."""

    chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        name(self, "lesson.steps", "Steps of the lesson")
        self.setProperty("kind", "contents")
        self.setItemDelegate(_Delegate(theme, self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._showing = False
        self.currentRowChanged.connect(self._tell)
        theme.changed.connect(lambda _: self.viewport().update())

    def show_steps(self, titles: Sequence[str], done: Sequence[bool], at: int) -> None:
        """Show the steps, which of them are done, and where the person is."""
        self._showing = True
        if [self.item(row).text() for row in range(self.count())] != list(titles):
            self.clear()
            self.addItems(list(titles))
            self.updateGeometry()
        for row, finished in enumerate(done):
            self.item(row).setData(DONE, finished)
            words = f"Step {row + 1}, {titles[row]}{', done' if finished else ''}"
            self.item(row).setData(Qt.ItemDataRole.AccessibleTextRole, words)
        self.setCurrentRow(at)
        self._showing = False

    def sizeHint(self) -> QSize:
        return QSize(200, sum(self.sizeHintForRow(row) for row in range(self.count())) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def _tell(self, row: int) -> None:
        if row >= 0 and not self._showing:
            self.chosen.emit(row)


class _Delegate(QStyledItemDelegate):
    """Paints a row: the number, or a tick where the step is done, and the title."""

    def __init__(self, theme: Theme, parent: QListWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        view = option.widget  # type: ignore[attr-defined]
        area: QRect = option.rect  # type: ignore[attr-defined]
        current = view.currentIndex() == index
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if current:
            painter.setPen(self._theme.colour("accent") if view.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent_fill"))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 5, 5)
        font = view.font()
        font.setBold(current)
        painter.setFont(font)
        done = bool(index.data(DONE))
        painter.setPen(self._theme.colour("leaf_text" if done else "muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(area.left() + 8, area.top(), MARK - 8, area.height()), middle, _mark(done, index.row()))
        painter.setPen(self._theme.colour("text"))
        words = area.adjusted(MARK, 0, -6, 0)
        title = QFontMetricsF(font).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, middle, title)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, option.fontMetrics.height() + AROUND)  # type: ignore[attr-defined]


def _mark(done: bool, row: int) -> str:
    return "✓" if done else str(row + 1)


def finished(item: QListWidgetItem) -> Any:
    """Tell whether the step of an item is done."""
    return item.data(DONE)
