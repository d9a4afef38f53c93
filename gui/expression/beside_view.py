"""Two graphs in one view, so that they pan and zoom together; what is selected has its partner lit."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen

from gui.graph_view.view import GraphView
from gui.theme.theme import Theme
from gui.widgets.labels import label, name
from tracer.drawing.display_list import DisplayList
from tracer.drawing.side_by_side import SECOND

AROUND, ROUND = 4, 11


class BesideView(GraphView):
    """Shows both graphs. `partner` is the part that the selected one goes with, or "" where it has none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        name(self, "expression.beside.graphs", "Two graphs side by side")
        self._colours = theme
        self.picture: DisplayList | None = None
        self.partner = ""
        self.set_theme(theme.name)
        theme.changed.connect(self.set_theme)
        self._empty = label("", "waiting")
        self._empty.setParent(self)
        self._empty.move(8, 4)

    def show_picture(self, picture: DisplayList) -> None:
        """Show other graphs; the selection stays where there is such a part."""
        self.picture = picture
        self.set_picture(picture)
        self.set_dimmed(False)
        self.say("")

    def say(self, words: str) -> None:
        """Say why there are no graphs, while there are none."""
        self._empty.setText("" if self.picture else words)
        self._empty.adjustSize()
        self._empty.setVisible(bool(self._empty.text()))

    def light(self, partner: str) -> None:
        """Light the part that goes with the selected one."""
        self.partner = partner
        words = self.selection.label(partner)
        told = self.accessibleDescription().partition(" Beside it: ")[0]
        self.setAccessibleDescription(f"{told} Beside it: {words}" if words else told)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the graphs, then a dotted ring around the partner, as the whole one around what is selected."""
        super().paintEvent(event)
        area = self.selection.scene.areas.get(self.partner) if self.selection.scene else None
        if area is None or area.joins:
            return
        painter = QPainter(self.viewport())
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(self.camera.origin())
            painter.scale(self.camera.zoom, self.camera.zoom)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._colours.colour("accent")), 2.0, Qt.PenStyle.DotLine))
            ring = QRectF(area.x, area.y, area.width, area.height).adjusted(-AROUND, -AROUND, AROUND, AROUND)
            painter.drawRoundedRect(ring, ROUND, ROUND)
        finally:
            painter.end()


def first_owner(owner: str) -> str:
    """Give a part of the second graph its own name: "node 3" for "node b3"; empty for one of the first."""
    kind, _, number = owner.partition(" ")
    return f"{kind} {number[len(SECOND) :]}" if number.startswith(SECOND) else ""
