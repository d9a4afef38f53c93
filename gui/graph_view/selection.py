"""What is selected in a graph view, by whom, and how one walks from it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, SignalInstance
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QAbstractScrollArea

from gui.graph_view.camera import Camera
from gui.graph_view.scene import Scene
from gui.graph_view.walking import OPPOSITE, Map, Step, map_of, step

REACH = 6.0  # pixels from a lane at which a click still means it


class Selection:
    """The scene that is shown and the part of it that is selected: `owner`, such as "node 3", or "" for nothing."""

    def __init__(self, view: QAbstractScrollArea, camera: Camera, selected: SignalInstance) -> None:
        self._view, self._camera, self._selected = view, camera, selected
        self.scene: Scene | None = None
        self.owner = ""
        self._map: Map | None = None
        self._came: dict[tuple[str, Step], str] = {}

    def show(self, scene: Scene | None) -> None:
        """Take a new scene; what is selected stays so if it is still there."""
        self.scene, self._map = scene, None
        self._came.clear()
        if self.owner and not self.label(self.owner):
            self.choose("")
        self._describe()

    def set(self, owner: str) -> None:
        """Select a part of the scene and bring it into view, without telling anyone."""
        area = self.scene.areas.get(owner) if self.scene else None
        self.owner = owner if area else ""
        if area:
            self._camera.reveal(QRectF(area.x, area.y, area.width, area.height))
        self._describe()

    def choose(self, owner: str) -> None:
        """Select what the person chose, say so, and have it read out."""
        before = self.owner
        self.set(owner)
        if self.owner != before:
            self._selected.emit(self.owner)
            self.announce()

    def announce(self) -> None:
        """Have what is selected read out."""
        if self.owner:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._view, self.label(self.owner)))

    def walk(self, way: Step) -> None:
        """Select the card that an arrow key leads to, along the edges up and down, and to the side."""
        if self.scene is None:
            return
        self._map = self._map or map_of(self.scene.picture.areas)
        before, after = self.owner, step(self._map, self.owner, way, self._came)
        if way in OPPOSITE and before != after:
            self._came[after, OPPOSITE[way]] = before
        self.choose(after)

    def at(self, place: QPointF) -> str:
        """Tell whose part of the picture is at a place of the viewport."""
        area = self.scene.under(self._camera.to_scene(place), REACH / self._camera.zoom) if self.scene else None
        return area.owner if area else ""

    def label(self, owner: str) -> str:
        """Give the sentence about a part of the picture; nothing where there is no such part."""
        area = self.scene.areas.get(owner) if self.scene else None
        return area.label if area else ""

    def _describe(self) -> None:
        title = self.scene.picture.title if self.scene else "No picture yet"
        label = self.label(self.owner)
        self._view.setAccessibleDescription(f"{title}. Selected: {label}" if label else title)
        self._view.viewport().update()
