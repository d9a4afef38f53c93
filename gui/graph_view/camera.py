"""Which part of the picture is seen, and how large: the zoom, and the scroll bars."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QAbstractScrollArea

from gui.graph_view.scene import Box

MARGIN = 28.0  # points of canvas around the picture
LEAST, MOST, LARGEST_FIT, STEP = 0.02, 6.0, 1.2, 1.2


class Camera:
    """The zoom and place of a view; `free` until the person has zoomed: then a resized view is fitted again."""

    def __init__(self, view: QAbstractScrollArea) -> None:
        self._view = view
        self.zoom = 1.0
        self.width, self.height = 0.0, 0.0
        self.free = True

    def look_at(self, width: float, height: float) -> None:
        """Take the size of a new picture; zoom and place stay, within its bounds."""
        self.width, self.height = width, height
        self.set_bars()

    def origin(self) -> QPointF:
        """Give where on the view the picture's corner is; a picture that is smaller than the view is centred."""
        (wide, high), zoom = self._room(), self.zoom
        across, down = self._view.horizontalScrollBar().value(), self._view.verticalScrollBar().value()
        x = max((wide - self.width * zoom) / 2, MARGIN * zoom) - across
        y = max((high - self.height * zoom) / 2, MARGIN * zoom) - down
        return QPointF(x, y)

    def to_scene(self, place: QPointF) -> tuple[float, float]:
        """Turn a place on the view into points of the picture."""
        found = place - self.origin()
        return found.x() / self.zoom, found.y() / self.zoom

    def seen(self) -> Box:
        """Give the part of the picture that is in view."""
        (wide, high), corner = self._room(), QPointF(0, 0)
        return Box(*self.to_scene(corner), *self.to_scene(QPointF(wide, high)))

    def fit(self) -> None:
        """Show the whole picture, at most a little larger than it is."""
        if self.width and self.height:
            wide, high = self._room()
            whole = min(wide / (self.width + 2 * MARGIN), high / (self.height + 2 * MARGIN), LARGEST_FIT)
            self.zoom = max(whole, LEAST)
            self.free = True
            self.set_bars()

    def zoom_to(self, zoom: float, place: QPointF | None = None) -> None:
        """Zoom, while what is at a place of the view (the pointer's, else its middle) stays there."""
        place = place or self._pointer()
        x, y = self.to_scene(place)
        self.zoom, self.free = min(max(zoom, LEAST), MOST), False
        self.set_bars()
        self._view.horizontalScrollBar().setValue(round((x + MARGIN) * self.zoom - place.x()))
        self._view.verticalScrollBar().setValue(round((y + MARGIN) * self.zoom - place.y()))

    def pan(self, by: QPointF) -> None:
        """Move the picture with the hand."""
        for bar, distance in ((self._view.horizontalScrollBar(), by.x()), (self._view.verticalScrollBar(), by.y())):
            bar.setValue(bar.value() - round(distance))

    def centre(self, x: float, y: float) -> None:
        """Bring a point of the picture to the middle of the view."""
        wide, high = self._room()
        self.free = False
        self._view.horizontalScrollBar().setValue(round((x + MARGIN) * self.zoom - wide / 2))
        self._view.verticalScrollBar().setValue(round((y + MARGIN) * self.zoom - high / 2))

    def look_into(self, part: QRectF) -> None:
        """Zoom so that a part of the picture fills the view, and bring it into the middle."""
        wide, high = self._room()
        around = 2 * MARGIN
        whole = min(wide / (part.width() + around), high / (part.height() + around), LARGEST_FIT)
        self.zoom, self.free = min(max(whole, LEAST), MOST), False
        self.set_bars()
        self.centre(part.center().x(), part.center().y())

    def reveal(self, part: QRectF) -> None:
        """Scroll as little as is needed to see a part of the picture, with some room around it."""
        seen, around = self.seen(), MARGIN
        right = max(0.0, part.right() + around - seen.right) - max(0.0, seen.left - part.left() + around)
        down = max(0.0, part.bottom() + around - seen.bottom) - max(0.0, seen.top - part.top() + around)
        self.pan(QPointF(-right * self.zoom, -down * self.zoom))

    def set_bars(self) -> None:
        """Give the scroll bars their range: the picture and its margin, at this zoom."""
        bars = self._view.horizontalScrollBar(), self._view.verticalScrollBar()
        for bar, room, size in zip(bars, self._room(), (self.width, self.height), strict=True):
            bar.setRange(0, max(0, round((size + 2 * MARGIN) * self.zoom - room)))
            bar.setPageStep(round(room))
            bar.setSingleStep(40)
        self._view.viewport().update()

    def _pointer(self) -> QPointF:
        """Give where the pointer is on the view; the middle of the view where it is not there."""
        viewport, (wide, high) = self._view.viewport(), self._room()
        place = viewport.mapFromGlobal(QPointF(QCursor.pos()))
        over = viewport.underMouse() and viewport.rect().contains(place.toPoint())
        return place if over else QPointF(wide / 2, high / 2)

    def _room(self) -> tuple[float, float]:
        viewport = self._view.viewport()
        return float(viewport.width()), float(viewport.height())
