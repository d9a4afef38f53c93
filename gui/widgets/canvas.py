"""A canvas: a picture as large as its place, and what the person does to its parts."""

from __future__ import annotations

import html
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gui.graph_view.painting import DIMMED, PAINTERS, colour, paint_canvas
from gui.theme.theme import Theme
from gui.widgets.labels import name
from tracer.drawing.display_list import Area, DisplayList

NOTCH = 120  # units of a wheel's turn from one click to the next
STEPS = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Home: "first",
    Qt.Key.Key_End: "last",
    Qt.Key.Key_PageUp: "page up",
    Qt.Key.Key_PageDown: "page down",
    Qt.Key.Key_Return: "enter",
    Qt.Key.Key_Enter: "enter",
    Qt.Key.Key_Escape: "escape",
}


class Canvas(QWidget):
    """Paints a display list with its top left corner at that of the canvas, one point a pixel.

    `hovered` gives the owner of the area under the pointer as it changes ("" for none), `pressed` that of a click,
    `dragged` the owner where the drag began and how far the pointer moved since the last time, `turned` the owner
    under the pointer, the wheel's notches (away from the person is positive) and whether Ctrl is held, `stepped` an
    arrow or another key by the names in STEPS, `resized` that there is another place to draw for.
    """

    hovered = Signal(str)
    pressed = Signal(str)
    dragged = Signal(str, QPointF)
    turned = Signal(str, float, bool)
    stepped = Signal(str)
    resized = Signal()

    def __init__(self, path: str, accessible: str, theme: Theme) -> None:
        super().__init__()
        name(self, path, accessible)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.picture = DisplayList(0, 0, ())
        self.tell_cell: Callable[[str], str] = lambda owner: ""  # what a cell of a grid is, in words
        self._theme, self._dimmed = theme, False
        self._under, self._grabbed, self._from = "", "", QPointF()
        theme.changed.connect(lambda _: self.update())

    def set_picture(self, picture: DisplayList) -> None:
        """Show a picture; its title and the labels of its areas are what a screen reader and a tooltip say."""
        self.picture = picture
        self.setAccessibleDescription(picture.title)
        self.update()

    def set_dimmed(self, dimmed: bool) -> None:
        """Dim a picture that is not the newest any more, or light it."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self.update()

    def at(self, point: QPointF) -> Area | None:
        """Give the uppermost area at a point."""
        x, y = point.x(), point.y()
        return next(
            (
                area
                for area in reversed(self.picture.areas)
                if area.x <= x < area.x + area.width and area.y <= y < area.y + area.height
            ),
            None,
        )

    def owner(self, point: QPointF) -> str:
        """Give the owner of the area at a point, with row and column where it is a grid."""
        area = self.at(point)
        if area is None or area.cells is None:
            return area.owner if area else ""
        first_row, first_column, rows, columns = area.cells
        row = first_row + min(int((point.y() - area.y) / area.height * rows), rows - 1)
        column = first_column + min(int((point.x() - area.x) / area.width * columns), columns - 1)
        return f"{area.owner} {row} {column}"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            theme, whole = self._theme.name, QRectF(self.rect())
            paint_canvas(painter, whole, QPointF(0, 0), 1.0, theme)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(DIMMED if self._dimmed else 1.0)
            for mark in self.picture.marks:
                PAINTERS[type(mark)](painter, mark, theme)
            if self.hasFocus():
                painter.setOpacity(1.0)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour(theme, "accent"), 2))
                painter.drawRect(whole.adjusted(1, 1, -1, -1))
        finally:
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(self._grabbed, event.position() - self._from)
            self._from = event.position()
            return
        self._go_over(self.owner(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._go_over("")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._from, self._grabbed = event.position(), self.owner(event.position())
            self.pressed.emit(self._grabbed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self.turned.emit(self.owner(event.position()), event.angleDelta().y() / NOTCH, ctrl)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        step = STEPS.get(Qt.Key(event.key()))
        if plain and step:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            said = self._said(QPointF(event.pos()))
            words = f"<p>{html.escape(said)}</p>" if said else ""
            QToolTip.showText(event.globalPos(), words, self) if words else QToolTip.hideText()
            return True
        return super().event(event)

    def _said(self, point: QPointF) -> str:
        area = self.at(point)
        if area is not None and area.cells is not None:
            return self.tell_cell(self.owner(point))
        return area.label if area else ""

    def _go_over(self, owner: str) -> None:
        if owner != self._under:
            self._under = owner
            self.hovered.emit(owner)
