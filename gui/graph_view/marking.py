"""Marks on the cards of a graph: what was found, and what a pass of a loop made. Each kind has its own shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractScrollArea

from gui.graph_view import painting
from gui.graph_view.scene import Box, Scene
from tracer.drawing.display_list import Area
from tracer.drawing.palette import Theme

OUT = 9.0  # points from a card to the frame around it; between them is the ring of what is selected
MANY = 1000  # marks in view, from which they are plain
LEAST = 7.0  # pixels of a mark's side, however far away


class Marks:
    """Holds which parts of a picture are marked, by the kind of mark, and paints those that are in view."""

    def __init__(self, view: QAbstractScrollArea) -> None:
        self._view = view
        self.owners: dict[str, frozenset[str]] = {}

    def set(self, kind: str, owners: Iterable[str]) -> None:
        """Mark other parts with this kind of mark; none takes the marks away."""
        self.owners[kind] = frozenset(owners)
        self._view.viewport().update()

    def paint(self, painter: QPainter, scene: Scene, seen: Box, zoom: float, theme: Theme) -> None:
        """Paint the marks over a picture."""
        for kind, owners in self.owners.items():
            if owners:
                areas = [scene.picture.areas[number] for number in scene.in_view(seen)]
                KINDS[kind](painter, [area for area in areas if area.owner in owners], LEAST / zoom, theme)


def _found(painter: QPainter, areas: list[Area], least: float, theme: Theme) -> None:
    """Mark what was found: a dashed frame around it and a filled diamond at its corner."""
    accent = painting.colour(theme, "accent")
    if len(areas) > MANY:  # too many to tell dashes apart: filled squares, in one call
        painter.setPen(painting.NO_PEN)
        painter.setBrush(accent)
        painter.drawRects([QRectF(area.x - least / 2, area.y - least / 2, least, least) for area in areas])
        return
    pen = QPen(accent, max(1.6, least / LEAST), Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(painting.NO_BRUSH)
    frames = [QRectF(area.x, area.y, area.width, area.height).adjusted(-OUT, -OUT, OUT, OUT) for area in areas]
    painter.drawRects(frames)
    painter.setPen(QPen(painting.colour(theme, "card"), least / LEAST))
    painter.setBrush(accent)
    half = max(5.0, least * 0.75)
    for frame in frames:
        x, y = frame.left(), frame.top()
        corners = (QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half), QPointF(x - half, y))
        painter.drawPolygon(QPolygonF(corners))


def _made(painter: QPainter, areas: list[Area], least: float, theme: Theme) -> None:
    """Mark what a pass made: a thick bar at its left."""
    painter.setPen(painting.NO_PEN)
    painter.setBrush(painting.colour(theme, "attention"))
    wide = max(5.0, least * 0.7)
    for area in areas:
        painter.drawRoundedRect(QRectF(area.x - wide - 6, area.y, wide, area.height), wide / 2, wide / 2)


KINDS: dict[str, Callable[[QPainter, list[Area], float, Theme], None]] = {"found": _found, "pass": _made}
