"""How a cell is painted: its text with room around it, a hairline under it; a matrix over several lines, if need be."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from gui.theme.theme import Theme

ROW_HEIGHT, MOST_LINES = 27, 4


def broken(text: str) -> list[str]:
    """Break a matrix into its rows: "[[1, 2]," over " [3, 4]]"; what is none, or has many rows, stays as it is."""
    rows = text.split("], [") if text.startswith("[[") and not text.startswith("[[[") else [text]
    if not 1 < len(rows) <= MOST_LINES:
        return [text]
    return [f"{rows[0]}],", *(f" [{row}]," for row in rows[1:-1]), f" [{rows[-1]}"]


class Cells(QStyledItemDelegate):
    """Paints all cells alike; `padding` is the room left and right of the text, `breaks` says that matrices are broken
    into their rows."""

    def __init__(self, theme: Theme, padding: int, parent: QTableView) -> None:
        super().__init__(parent)
        self.padding, self.breaks, self._theme = padding, False, theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        try:
            area: QRect = option.rect  # type: ignore[attr-defined]
            if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
                painter.fillRect(area, self._theme.colour("accent_fill"))
            painter.setPen(self._theme.colour("hairline"))
            painter.drawLine(area.bottomLeft(), area.bottomRight())
            painter.setFont(option.font)  # type: ignore[attr-defined]
            painter.setPen(index.data(Qt.ItemDataRole.ForegroundRole))
            metrics = option.fontMetrics  # type: ignore[attr-defined]
            room = area.width() - 2 * self.padding
            lines = self.lines(str(index.data()))
            right = bool(index.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight)
            # one baseline a line, also for a character that another font must stand in for
            middle = area.top() + (area.height() + metrics.ascent() - metrics.descent()) // 2
            for number, line in enumerate(lines):
                text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room)
                x = area.left() + self.padding + (room - metrics.horizontalAdvance(text) if right else 0)
                painter.drawText(x, round(middle + (number - (len(lines) - 1) / 2) * metrics.lineSpacing()), text)
        finally:
            painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        metrics, lines = option.fontMetrics, self.lines(str(index.data()))  # type: ignore[attr-defined]
        wide = max(map(metrics.horizontalAdvance, lines)) + 2 * self.padding + 2
        return QSize(wide, ROW_HEIGHT + (len(lines) - 1) * metrics.lineSpacing())

    def lines(self, text: str) -> list[str]:
        """Give the lines that a text stands on."""
        return broken(text) if self.breaks else [text]
