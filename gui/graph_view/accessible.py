"""The graph as a tree for screen readers: each card is an item with its sentence, inside of the frame it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, QPoint, QRect, QRectF
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from tracer.drawing.display_list import Area

if TYPE_CHECKING:
    from gui.graph_view.view import GraphView

_KEPT: list[QAccessibleInterface] = []  # Qt knows them by address alone, so Python must keep them
_INSTALLED: list[bool] = []


class Item(NamedTuple):
    """A card or a frame: its area, the items in it, and the item that it is in (-1: the graph itself)."""

    area: Area
    inside: tuple[int, ...]
    around: int


def items(areas: Sequence[Area]) -> tuple[Item, ...]:
    """Sort cards and frames into a tree, by the frame that each stands in; in the order in which they are read."""
    shown = sorted((area for area in areas if not area.joins), key=lambda area: (area.y, area.x))
    frames = [at for at, area in enumerate(shown) if area.owner.startswith("frame ")]
    frames.sort(key=lambda at: shown[at].width * shown[at].height)
    around = [next((f for f in frames if f != at and _holds(shown[f], area)), -1) for at, area in enumerate(shown)]
    inside: dict[int, list[int]] = {}
    for at, parent in enumerate(around):
        inside.setdefault(parent, []).append(at)
    return tuple(Item(area, tuple(inside.get(at, ())), around[at]) for at, area in enumerate(shown))


def install() -> None:
    """Let Qt ask here about graph views; once for the whole program."""
    if not _INSTALLED:
        _INSTALLED.append(True)
        QAccessible.installFactory(_make)


def _make(key: str, thing: QObject | None) -> QAccessibleInterface | None:
    if key != "GraphView" or thing is None:
        return None
    made = AccessibleGraph(thing)
    _KEPT.append(made)
    return made


class AccessibleGraph(QAccessibleWidget):
    """A graph view as a tree: the cards that stand in no frame, and the frames, with their cards."""

    def __init__(self, view: Any) -> None:
        super().__init__(view, QAccessible.Role.Tree, "Graph")
        self._view: GraphView = view
        self._items: tuple[Item, ...] = ()
        self._children: dict[int, AccessibleCard] = {}
        self._of: object = None
        view.selected.connect(self._tell)
        view.pictured.connect(self._tell_order)

    def items(self) -> tuple[Item, ...]:
        """Give the tree of the picture that is shown."""
        scene = self._view.selection.scene
        if scene is not self._of:
            self._of, self._items = scene, items(scene.picture.areas) if scene else ()
        return self._items

    def card(self, at: int) -> AccessibleCard | None:
        """Give the interface of an item; one of each number is enough for all pictures."""
        if not 0 <= at < len(self.items()):
            return None
        if at not in self._children:
            self._children[at] = AccessibleCard(self, self._view, at)
        return self._children[at]

    def tops(self) -> list[int]:
        """List the items that are in no frame."""
        return [at for at, item in enumerate(self.items()) if item.around == -1]

    def chosen(self) -> int:
        """Give the item that is selected, or -1."""
        owner = self._view.selection.owner
        return next((at for at, item in enumerate(self.items()) if owner and item.area.owner == owner), -1)

    def childCount(self) -> int:
        return len(self.tops())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        tops = self.tops()
        return self.card(tops[index]) if 0 <= index < len(tops) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        tops = self.tops()
        return tops.index(child.at) if isinstance(child, AccessibleCard) and child.at in tops else -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return self.card(self.chosen())

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        found = [at for at in range(len(self.items())) if screen(self._view, self.items()[at].area).contains(x, y)]
        return self.card(found[-1]) if found else None

    def _tell(self, _owner: str) -> None:
        """Tell a screen reader that another card has the focus."""
        at = self.chosen()
        if at in self.tops():
            for kind in (QAccessible.Event.Focus, QAccessible.Event.Selection):
                event = QAccessibleEvent(self._view, kind)
                event.setChild(self.tops().index(at))
                QAccessible.updateAccessibility(event)

    def _tell_order(self) -> None:
        QAccessible.updateAccessibility(QAccessibleEvent(self._view, QAccessible.Event.ObjectReorder))


class AccessibleCard(QAccessibleInterface):
    """One item of the tree: its sentence is its name, what it is joined to its description."""

    def __init__(self, graph: AccessibleGraph, view: GraphView, at: int) -> None:
        super().__init__()
        self.at = at
        self._graph, self._view = graph, view

    def item(self) -> Item | None:
        """Give what this item is in the picture that is shown."""
        every = self._graph.items()
        return every[self.at] if self.at < len(every) else None

    def isValid(self) -> bool:
        return self.item() is not None

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.TreeItem

    def state(self) -> QAccessible.State:
        state, item = QAccessible.State(), self.item()
        state.focusable = state.selectable = True  # type: ignore[attr-defined]
        if item and item.area.owner == self._view.selection.owner:
            state.selected = True  # type: ignore[attr-defined]
            state.focused = self._view.hasFocus()  # type: ignore[attr-defined]
        return state

    def rect(self) -> QRect:
        item = self.item()
        return screen(self._view, item.area) if item else QRect()

    def text(self, kind: QAccessible.Text) -> str:
        item, scene = self.item(), self._view.selection.scene
        if item is None or scene is None:
            return ""
        if kind is QAccessible.Text.Name:
            return item.area.label
        return joined(item.area.owner, scene.picture.areas) if kind is QAccessible.Text.Description else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Change nothing: a picture is not edited."""

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        item = self.item()
        return self._graph.card(item.around) if item and item.around >= 0 else self._graph

    def childCount(self) -> int:
        item = self.item()
        return len(item.inside) if item else 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        item = self.item()
        return self._graph.card(item.inside[index]) if item and 0 <= index < len(item.inside) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        item = self.item()
        return (
            item.inside.index(child.at)
            if item and isinstance(child, AccessibleCard) and child.at in item.inside
            else -1
        )

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        inside = (self.child(at) for at in range(self.childCount()))
        return next((child for child in inside if child and child.rect().contains(QPoint(x, y))), None)


def screen(view: GraphView, area: Area) -> QRect:
    """Give where an area is on the screen."""
    origin, zoom = view.camera.origin(), view.camera.zoom
    place = QRectF(origin.x() + area.x * zoom, origin.y() + area.y * zoom, area.width * zoom, area.height * zoom)
    return QRect(view.viewport().mapToGlobal(place.topLeft().toPoint()), place.size().toSize())


def joined(owner: str, areas: Iterable[Area]) -> str:
    """Say what an item is joined to: "made from x; goes to y*y, twice"."""
    names = {area.owner: area.label.split(", value")[0].split(", shape")[0] for area in areas if not area.joins}
    ways = {"made from": (1, 0), "goes to": (0, 1)}
    parts = []
    for words, (own, other) in ways.items():
        ends = [names.get(area.joins[other], "") for area in areas if area.joins and area.joins[own] == owner]
        told = (f"{end}{', ' + _times(ends.count(end)) if ends.count(end) > 1 else ''}" for end in dict.fromkeys(ends))
        parts += [f"{words} {'; '.join(told)}"] if ends else []
    return ". ".join(f"{part[:1].upper()}{part[1:]}" for part in parts)


def _times(many: int) -> str:
    return "twice" if many == 2 else f"{many} times"


def _holds(frame: Area, area: Area) -> bool:
    return (
        frame.x <= area.x
        and frame.y <= area.y
        and area.x + area.width <= frame.x + frame.width
        and area.y + area.height <= frame.y + frame.height
        and frame.width * frame.height > area.width * area.height
    )
