"""Paints a picture: all of it from near, boxes and lines from afar."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from gui.graph_view.scene import Box, Scene
from gui.theme.roles import colours
from tracer.drawing.display_list import Area, Colour, Font, Path, Rect, Shades, Text
from tracer.drawing.palette import NOTHING, Theme, shade, step_colour

FAR, NEAR = 0.35, 0.55  # zooms: below, a large picture is boxes and lines; above, it has its texts
LARGE = 2000  # areas in view, from which detail is left out when zoomed out
CANVAS: dict[Theme, str] = {"light": "window", "dark": "background"}
FAMILIES: dict[Font, tuple[str, QFont.Weight]] = {
    "sans": ("Inter", QFont.Weight.Normal),
    "semibold": ("Inter", QFont.Weight.DemiBold),
    "mono": ("JetBrains Mono", QFont.Weight.Normal),
}
ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}
DOTS, DOTS_LEAST = 22.0, 12.0  # points between the dots of the canvas, and the fewest pixels
DIMMED = 0.4
NO_BRUSH, NO_PEN = Qt.BrushStyle.NoBrush, Qt.PenStyle.NoPen


@functools.cache
def colour(theme: Theme, role: str) -> QColor:
    """Give the colour of a role."""
    return QColor(colours(theme)[role])


def paint_canvas(painter: QPainter, area: QRectF, origin: QPointF, zoom: float, theme: Theme) -> None:
    """Fill the canvas and set its faint dots, which move and grow with the picture."""
    painter.fillRect(area, colour(theme, CANVAS[theme]))
    apart = DOTS * zoom
    while apart < DOTS_LEAST:
        apart *= 2
    ratio = painter.device().devicePixelRatioF()
    painter.setBrushOrigin(QPointF(origin.x() % apart, origin.y() % apart))
    painter.fillRect(area, QBrush(_dot(theme, round(apart * ratio), ratio)))
    painter.setBrushOrigin(QPointF(0, 0))


@functools.lru_cache(maxsize=64)
def _dot(theme: Theme, pixels: int, ratio: float) -> QPixmap:
    tile = QPixmap(pixels, pixels)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(NO_PEN)
        painter.setBrush(colour(theme, "hairline"))
        painter.drawEllipse(QRectF(0, 0, 1.8 * ratio, 1.8 * ratio))
    finally:
        painter.end()
    tile.setDevicePixelRatio(ratio)
    return tile


def paint_scene(painter: QPainter, scene: Scene, view: Box, zoom: float, theme: Theme) -> None:
    """Paint what is in view, in points of the picture. A large picture loses its texts, then its curves, from afar."""
    found = scene.in_view(view)
    large = len(found) > LARGE
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not (large and zoom < FAR))
    if large and zoom < FAR:
        _paint_far(painter, [scene.picture.areas[number] for number in found], scene, theme)
        return
    for mark in scene.marks(found):
        if not (large and zoom < NEAR and isinstance(mark, Text)):
            PAINTERS[type(mark)](painter, mark, theme)


def _paint_far(painter: QPainter, areas: list[Area], scene: Scene, theme: Theme) -> None:
    """Paint lines and boxes, each kind in one call."""
    lines, boxes = list[QLineF](), dict[str, list[QRectF]]()
    for area in areas:
        first = scene.picture.marks[area.marks[0]]
        if isinstance(first, Path):
            lines.append(QLineF(*first.points[0], *first.points[-1]))
        elif isinstance(first, Rect):
            boxes.setdefault(first.stroke or "border", []).append(QRectF(area.x, area.y, area.width, area.height))
    painter.setPen(QPen(colour(theme, "forward"), 0))
    painter.drawLines(lines)
    painter.setBrush(colour(theme, "card"))
    for role, found in boxes.items():
        painter.setPen(QPen(colour(theme, role), 0))
        painter.drawRects(found)


def _rect(painter: QPainter, mark: Rect, theme: Theme) -> None:
    painter.setPen(_pen(mark, theme))
    if mark.shade is not None:
        painter.setBrush(_shaded(shade(theme, mark.shade)))
    else:
        painter.setBrush(colour(theme, mark.fill) if mark.fill else NO_BRUSH)
    rect = QRectF(mark.x, mark.y, mark.width, mark.height)
    painter.drawRoundedRect(rect, mark.radius, mark.radius) if mark.radius else painter.drawRect(rect)


_shaded = functools.cache(QColor)  # the shades are few


def _path(painter: QPainter, mark: Path, theme: Theme) -> None:
    painter.setPen(_pen(mark, theme))
    painter.setBrush(colour(theme, mark.fill) if mark.fill else NO_BRUSH)
    if mark.curved:
        painter.drawPath(curve(mark))
    elif mark.closed:
        painter.drawPolygon(QPolygonF([QPointF(*point) for point in mark.points]))
    else:
        painter.drawPolyline(QPolygonF([QPointF(*point) for point in mark.points]))


def _text(painter: QPainter, mark: Text, theme: Theme) -> None:
    painter.setFont(font(mark.font, mark.size))
    painter.setPen(colour(theme, mark.colour))
    painter.drawText(QPointF(mark.x - ANCHORS[mark.anchor] * mark.width, mark.y), mark.text)


def _shades(painter: QPainter, mark: Shades, theme: Theme) -> None:
    """Paint cells as one image of a pixel a cell, then the gaps between them."""
    columns, rows = mark.columns, len(mark.steps) // mark.columns
    image = QImage(mark.steps, columns, rows, columns, QImage.Format.Format_Indexed8)
    image.setColorTable(_table(theme))
    wide, high = columns * mark.wide, rows * mark.tall
    whole = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # scaled much faster
    painter.drawImage(QRectF(mark.x, mark.y, wide, high), whole)
    smooth = bool(painter.renderHints() & QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # straight lines need none, and it costs most
    painter.setPen(_pen_of(theme, "card", mark.gap, False))
    painter.drawLines(
        [QLineF(mark.x + at * mark.wide, mark.y, mark.x + at * mark.wide, mark.y + high) for at in range(columns + 1)]
        + [QLineF(mark.x, mark.y + at * mark.tall, mark.x + wide, mark.y + at * mark.tall) for at in range(rows + 1)]
    )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)


@functools.cache
def _table(theme: Theme) -> list[int]:
    """Give the colours of the bytes of shades; where nothing is painted, a clear one."""
    found = (step_colour(theme, step) for step in range(NOTHING + 1))
    return [QColor(colour).rgba() if colour else 0 for colour in found]


PAINTERS: dict[type, Callable[[QPainter, Any, Theme], None]] = {
    Rect: _rect,
    Path: _path,
    Text: _text,
    Shades: _shades,
}


@functools.cache
def font(name: Font, size: float) -> QFont:
    """Give a font whose advances are those that the picture was measured with."""
    family, weight = FAMILIES[name]
    made = QFont([family])
    made.setWeight(weight)
    made.setPixelSize(100)
    made.setPixelSize(round(size))  # a point of the picture is a pixel at 100 %
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setKerning(False)
    return made


@functools.lru_cache(maxsize=20_000)
def curve(mark: Path) -> QPainterPath:
    """Make a curve that Qt can paint."""
    path = QPainterPath(QPointF(*mark.points[0]))
    for start in range(1, len(mark.points) - 2, 3):
        path.cubicTo(*(QPointF(*point) for point in mark.points[start : start + 3]))
    return path


@functools.cache
def _pen_of(theme: Theme, role: Colour, line: float, dashed: bool) -> QPen:
    pen = QPen(colour(theme, role), line)
    if dashed:
        pen.setDashPattern([5.0 / line, 4.0 / line])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def _pen(mark: Rect | Path, theme: Theme) -> QPen | Qt.PenStyle:
    return _pen_of(theme, mark.stroke, mark.line, mark.dashed) if mark.stroke else NO_PEN


def paint_ring(painter: QPainter, scene: Scene, owner: str, theme: Theme) -> None:
    """Show which card or frame is selected, over the picture, since a frame around a card is filled."""
    area = scene.areas.get(owner)
    if area is None or area.joins:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(NO_BRUSH)
    painter.setPen(QPen(colour(theme, "accent"), 2.0))
    painter.drawRoundedRect(QRectF(area.x, area.y, area.width, area.height).adjusted(-4, -4, 4, 4), 11, 11)


def paint_lane(painter: QPainter, scene: Scene, owner: str, theme: Theme) -> None:
    """Show which edge is selected, under the picture: a broad soft line under its lanes."""
    area = scene.areas.get(owner)
    if area is None or not area.joins:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(NO_BRUSH)
    soft = QColor(colour(theme, "accent"))
    soft.setAlphaF(0.3)
    painter.setPen(QPen(soft, 8.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for mark in scene.picture.marks[slice(*area.marks)]:
        if isinstance(mark, Path) and mark.curved:
            painter.drawPath(curve(mark))
