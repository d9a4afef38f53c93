"""The graph view: one widget that paints a picture, zooms, and is walked by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from gui.graph_view import accessible, painting
from gui.graph_view.camera import STEP, Camera
from gui.graph_view.find import FindBar
from gui.graph_view.input import Input
from gui.graph_view.marking import Marks
from gui.graph_view.minimap import Minimap
from gui.graph_view.scene import Scene
from gui.graph_view.selection import Selection
from tracer.drawing.display_list import DisplayList
from tracer.drawing.palette import Theme


class GraphView(QAbstractScrollArea):
    """Shows a picture. `selected` tells what the person chose ("node 3", "" for nothing), `activated` what was opened.

    `camera` is what part of the picture is seen, `selection` what is selected in it, `marks` what is marked; `pictured`
    tells that there is another picture. `more` gives what the words of a part lack that can be looked for.
    """

    selected = Signal(str)
    activated = Signal(str)
    pictured = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        accessible.install()  # before Qt can be asked about the first view
        super().__init__(parent)
        self.camera = Camera(self)
        self.selection = Selection(self, self.camera, self.selected)
        self.marks = Marks(self)
        self._theme: Theme = "light"
        self.dimmed = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Graph")
        self.more: Callable[[str], str] = lambda owner: ""
        self._input = Input(self)
        self.minimap = Minimap(self)
        self._finder: FindBar | None = None

    @property
    def theme(self) -> Theme:
        """The theme whose colours it is painted in."""
        return self._theme

    @property
    def finder(self) -> FindBar:
        """The bar that finds nodes; made when it is first asked for."""
        if self._finder is None:
            self._finder = FindBar(self)
        return self._finder

    @property
    def finding(self) -> bool:
        """Whether the bar that finds nodes is open."""
        return self._finder is not None and not self._finder.isHidden()

    def set_picture(self, picture: DisplayList | None) -> None:
        """Show a picture, or nothing. Zoom and place stay where the new one has as many cards as the one before."""
        before, scene = self.selection.scene, Scene(picture) if picture else None
        self.camera.look_at(picture.width if picture else 0.0, picture.height if picture else 0.0)
        if self.camera.free or before is None or scene is None or before.cards != scene.cards:
            self.camera.fit()
        self.selection.show(scene)
        self.pictured.emit()

    def set_theme(self, theme: Theme) -> None:
        """Paint in the colours of a theme."""
        self._theme = theme
        self.minimap.repaint_picture()
        self.viewport().update()

    def set_dimmed(self, dimmed: bool) -> None:
        """Dim a picture that is not the newest any more."""
        self.dimmed = dimmed
        self.viewport().update()

    def fit(self) -> None:
        """Show the whole picture."""
        self.camera.fit()

    def zoom_in(self) -> None:
        """Zoom in around what is under the pointer, or around the middle."""
        self.camera.zoom_to(self.camera.zoom * STEP)

    def zoom_out(self) -> None:
        """Zoom out around what is under the pointer, or around the middle."""
        self.camera.zoom_to(self.camera.zoom / STEP)

    def actual_size(self) -> None:
        """Show the picture at 100 %."""
        self.camera.zoom_to(1.0)

    def select(self, owner: str) -> None:
        """Select a part of the picture and bring it into view; what is not in the picture selects nothing."""
        self.selection.set(owner)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the canvas, what is in view, the selection and, where the view has the focus, a ring."""
        painter = QPainter(self.viewport())
        try:
            whole, origin, zoom = QRectF(self.viewport().rect()), self.camera.origin(), self.camera.zoom
            painting.paint_canvas(painter, whole, origin, zoom, self._theme)
            if self.selection.scene is not None:
                painter.save()
                painter.translate(origin)
                painter.scale(zoom, zoom)
                painter.setOpacity(painting.DIMMED if self.dimmed else 1.0)
                scene, seen, owner = self.selection.scene, self.camera.seen(), self.selection.owner
                painting.paint_lane(painter, scene, owner, self._theme)
                painting.paint_scene(painter, scene, seen, zoom, self._theme)
                self.marks.paint(painter, scene, seen, zoom, self._theme)
                painting.paint_ring(painter, scene, owner, self._theme)
                painter.restore()
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(painting.colour(self._theme, "accent"), 2))
                painter.drawRect(whole.adjusted(1, 1, -1, -1))
        finally:
            painter.end()
