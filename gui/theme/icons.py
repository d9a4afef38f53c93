"""Icons drawn as lines, so that they are sharp at every scale and have the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPainterPath, QPen, QPixmap

from gui.theme.theme import Theme

SIZE, SCALES = 16, (1, 2, 3)


def turn(theme: Theme, *, back: bool) -> QIcon:
    """Draw the arrow of undo (`back`) or redo."""
    icon = QIcon()
    for mode, role in ((QIcon.Mode.Normal, "text"), (QIcon.Mode.Disabled, "scroll")):
        for scale in SCALES:
            icon.addPixmap(_turn(theme, role, scale, back), mode)
    return icon


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
