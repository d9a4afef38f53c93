"""How a cell is painted: its text with room around it, a hairline under it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from gui.theme.theme import Theme

ROW_HEIGHT = 27


class Cells(QStyledItemDelegate):
    """Paints all cells alike; `padding` is the room left and right of the text."""

    def __init__(self, theme: Theme, padding: int, parent: QTableView) -> None:
        super().__init__(parent)
        self.padding, self._theme = padding, theme

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
            text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room)
            right = bool(index.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight)
            x = area.left() + self.padding + (room - metrics.horizontalAdvance(text) if right else 0)
            # one baseline a row, also for a character that another font must stand in for
            painter.drawText(x, area.top() + (area.height() + metrics.ascent() - metrics.descent()) // 2, text)
        finally:
            painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        metrics = option.fontMetrics  # type: ignore[attr-defined]
        return QSize(metrics.horizontalAdvance(str(index.data())) + 2 * self.padding + 2, ROW_HEIGHT)
