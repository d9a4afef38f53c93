"""Icons drawn as lines, so that they are sharp at every scale and have the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from gui.theme.theme import Theme

SIZE, SCALES = 16, (1, 2, 3)


def turn(theme: Theme, *, back: bool) -> QIcon:
    """Draw the arrow of undo (`back`) or redo."""
    icon = QIcon()
    for mode, role in ((QIcon.Mode.Normal, "text"), (QIcon.Mode.Disabled, "scroll")):
        for scale in SCALES:
            icon.addPixmap(_turn(theme, role, scale, back), mode)
    return icon


STEPPING = {  # a triangle that points left (−1) or right (1), and a bar where it can't go on
    "start": (-1, True),
    "back": (-1, False),
    "step": (1, False),
    "end": (1, True),
}


def stepping(theme: Theme, way: str, role: str) -> QIcon:
    """Draw a triangle for one step, with a bar for all steps at once."""
    icon = QIcon()
    for scale in SCALES:
        icon.addPixmap(_stepping(theme.colour(role), scale, *STEPPING[way]))
    return icon


def _stepping(colour: QColor, scale: int, towards: int, bar: bool) -> QPixmap:
    pixmap = QPixmap(SIZE * scale, SIZE * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(colour)
        painter.translate(SIZE / 2, SIZE / 2)
        painter.scale(towards, 1)
        painter.drawPolygon(QPolygonF([QPointF(-4, -5), QPointF(4, 0), QPointF(-4, 5)]))
        if bar:
            painter.drawRect(QRectF(5, -5, 1, 10))
    finally:
        painter.end()
    return pixmap


def _turn(theme: Theme, role: str, scale: int, back: bool) -> QPixmap:
    pixmap = QPixmap(SIZE * scale, SIZE * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(
            QPen(theme.colour(role), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        if not back:
            painter.translate(SIZE, 0)
            painter.scale(-1, 1)
        path = QPainterPath(QPointF(3, 6.5))
        path.lineTo(9.5, 6.5)
        path.arcTo(QRectF(6, 6.5, 7, 6.5), 90, -180)
        path.lineTo(6.5, 13)
        painter.drawPath(path)
        painter.drawPolyline([QPointF(6, 3.5), QPointF(3, 6.5), QPointF(6, 9.5)])
    finally:
        painter.end()
    return pixmap
