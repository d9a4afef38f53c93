"""The minimap: the whole graph small in a corner, and which part of it is seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from gui.graph_view.painting import NO_BRUSH, NO_PEN, colour
from gui.widgets.labels import name
from tracer.drawing.display_list import Area

if TYPE_CHECKING:
    from gui.graph_view.view import GraphView

USUAL, SMALL = (150, 96), (105, 67)  # pixels: the usual size, and that in a narrow view
NARROW, INSIDE, FROM_EDGE = 520, 7, 10  # pixels
SHARE = 2.5  # a view that is not this many times as large as the map has none
LEAST = 1.4  # pixels of a card's side


class Minimap(QWidget):
    """Shows the whole picture and the part that is seen; a click or a drag goes there. It is hidden where all is seen.

    The picture is painted once into a pixmap, so that it costs nothing to follow the view over 20,000 cards.
    """

    def __init__(self, view: GraphView) -> None:
        super().__init__(view)
        self._view = view
        self._pixmap: QPixmap | None = None
        self._marked: list[QRectF] = []
        name(self, "graph.minimap", "Map of the whole graph")
        view.objectNameChanged.connect(lambda path: self.setObjectName(f"{path}.minimap"))
        self.setToolTip("The whole graph; click or drag to go there")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.resize(*USUAL)
        self.hide()
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(self.follow)
            bar.rangeChanged.connect(self.follow)
        view.pictured.connect(self.repaint_picture)
        view.viewport().installEventFilter(self)

    def repaint_picture(self) -> None:
        """Paint the picture again when it is next seen: it is another one, or has other colours."""
        self._pixmap = None
        self.mark(self._view.marks.owners.get("found", ()))
        self.follow()

    def mark(self, owners: Iterable[str]) -> None:
        """Show where these parts of the picture lie."""
        scene = self._view.selection.scene
        places = self._on_map(scene.areas[owner] for owner in owners if owner in scene.areas) if scene else []
        self._marked = [QRectF(at.center().x() - 1.5, at.center().y() - 1.5, 3, 3) for at in places]
        self.update()

    def follow(self) -> None:
        """Show which part is seen now."""
        camera, room = self._view.camera, self._view.viewport().geometry()
        seen, scene = camera.seen(), self._view.selection.scene
        all_seen = seen.holds((0, 0), 1.0) and seen.holds((camera.width, camera.height), 1.0)
        self.resize(*(USUAL if room.width() >= NARROW else SMALL))
        small = room.width() < SHARE * self.width() or room.height() < SHARE * self.height()
        self.setVisible(scene is not None and scene.cards > 1 and not all_seen and not small)
        self.move(room.right() - self.width() - FROM_EDGE, room.bottom() - self.height() - FROM_EDGE)
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner of a view that is resized."""
        if event.type() is QEvent.Type.Resize:
            self.follow()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            theme, whole = self._view.theme, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour(theme, "border"), 1))
            painter.setBrush(colour(theme, "card"))
            painter.drawRoundedRect(whole, 5, 5)
            painter.drawPixmap(0, 0, self._picture())
            painter.setPen(NO_PEN)
            painter.setBrush(colour(theme, "accent"))
            painter.drawRects(self._marked)
            seen = self._view.camera.seen()
            part = self._to_map(seen.left, seen.top, seen.right - seen.left, seen.bottom - seen.top)
            painter.setBrush(NO_BRUSH)
            painter.setPen(QPen(colour(theme, "accent"), 1.6))
            painter.drawRect(part.intersected(whole.adjusted(2, 2, -2, -2)))
        finally:
            painter.end()

    def _picture(self) -> QPixmap:
        """Give the picture as boxes, painted when it was not yet."""
        ratio = self.devicePixelRatioF()
        wanted = self.size() * ratio
        if self._pixmap is None or self._pixmap.size() != wanted:
            self._pixmap = QPixmap(wanted)
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._pixmap)
            try:
                self._paint_boxes(painter)
            finally:
                painter.end()
        return self._pixmap

    def _paint_boxes(self, painter: QPainter) -> None:
        scene, theme = self._view.selection.scene, self._view.theme
        areas = [area for area in scene.picture.areas if not area.joins] if scene else []
        painter.setPen(QPen(colour(theme, "group_border"), 0))
        painter.drawRects(self._on_map(area for area in areas if area.owner.startswith("frame ")))
        painter.setPen(NO_PEN)
        painter.setBrush(colour(theme, "border"))
        painter.drawRects(self._on_map(area for area in areas if not area.owner.startswith("frame ")))

    def _on_map(self, areas: Iterable[Area]) -> list[QRectF]:
        """Give where areas lie on the map, to a fifth of a pixel and each place once: most of 20,000 are the same."""
        corner, scale = self._corner(), self._scale()
        left, top, fine = corner.x(), corner.y(), 5
        found = {
            (
                round((left + area.x * scale) * fine),
                round((top + area.y * scale) * fine),
                max(area.width * scale, LEAST),
                max(area.height * scale, LEAST),
            )
            for area in areas
        }
        return [QRectF(x / fine, y / fine, wide, high) for x, y, wide, high in found]

    def _scale(self) -> float:
        camera = self._view.camera
        room = self.width() - 2 * INSIDE, self.height() - 2 * INSIDE
        return min(room[0] / max(camera.width, 1), room[1] / max(camera.height, 1))

    def _corner(self) -> QPointF:
        """Give where on the map the picture's corner is; the picture is in its middle."""
        camera, scale = self._view.camera, self._scale()
        return QPointF((self.width() - camera.width * scale) / 2, (self.height() - camera.height * scale) / 2)

    def _to_map(self, x: float, y: float, wide: float, high: float) -> QRectF:
        corner, scale = self._corner(), self._scale()
        left, top = corner.x() + x * scale, corner.y() + y * scale
        return QRectF(left, top, max(wide * scale, LEAST), max(high * scale, LEAST))

    def _go(self, place: QPointF) -> None:
        found, scale = place - self._corner(), self._scale()
        self._view.camera.centre(found.x() / scale, found.y() / scale)
