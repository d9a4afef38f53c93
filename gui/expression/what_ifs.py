"""What-if in the inspector and in the menu of a node: cut the gradient there, and see what changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Signal
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from gui.expression.beside_form import BesideForm
from gui.expression.together import Together
from gui.graph_view.view import GraphView
from gui.session.session import Session
from gui.widgets.choice import link
from gui.widgets.labels import heading, name, paragraph, say
from gui.workspace import Result
from tracer.expression.what_if import WhatIf, what_if

ON_THE_RIGHT = WhatIf("Detach or freeze", why="This starts from the program on the left; select a node there.")
OF_BACKWARD = ("backward_run_to", "backward_breakpoint")
TIP = "Put the program with this change beside it, and see which gradients are other ones"


class WhatIfSection(QWidget):
    """Offers the change at the selected node, or says why there is none. `wanted` tells that it was asked for."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        name(self, "expression.what_if", "What if")
        self.button = link("expression.what_if.take", "", "")
        self.button.setToolTip(TIP)
        self.button.clicked.connect(self.wanted)
        self.why = paragraph("", "muted", "expression.what_if.why")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        for widget in (heading("What if"), self.button, self.why):
            box.addWidget(widget)
        self.offer(None)

    def offer(self, change: WhatIf | None) -> None:
        """Show what can be changed at the selected node; nothing where none is selected."""
        self.setVisible(change is not None)
        words = change.words if change else ""
        self.button.setText(words)
        self.button.setAccessibleName(f"What if: {words}")
        self.button.setVisible(change is not None and change.after is not None)
        say(self.why, f"{words}: {change.why}" if change and change.why else "")


class Entry(NamedTuple):
    """An entry of a menu; one that can't be chosen says why."""

    words: str
    run: Callable[[], object] | None = None


class NodeMenu(QObject):
    """Opens a menu at a node of a graph view, by the mouse or by the menu key; the window's `commands` come last."""

    def __init__(self, view: GraphView, entries: Callable[[], Iterable[Entry]], commands: Sequence[str] = ()) -> None:
        super().__init__(view)
        self._view, self._entries, self._commands = view, entries, commands
        self.menu = QMenu(view)
        name(self.menu, f"{view.objectName()}.menu", "What can be done at this node")
        self.menu.setToolTipsVisible(True)
        view.installEventFilter(self)
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QContextMenuEvent):
            return False
        place = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self._place(self._view.selection.owner)
        elif watched is self._view.viewport():
            self._view.selection.choose(self._view.selection.at(QPointF(place)))
        self.open(place)
        return True

    def open(self, place: QPoint) -> None:
        """Open the menu of what is selected, at a place of the view; nothing where nothing can be done."""
        self.menu.clear()
        for entry in self._entries():
            action = self.menu.addAction(entry.words)
            action.setEnabled(entry.run is not None)
            if entry.run is not None:
                action.triggered.connect(lambda _on=False, run=entry.run: run())
        if self._view.selection.owner.startswith("node "):
            window = self._view.window()
            found = [window.findChild(QAction, f"action.{command}") for command in self._commands]
            self.menu.addActions([action for action in found if isinstance(action, QAction)])
        if self.menu.actions():
            self.menu.popup(self._view.viewport().mapToGlobal(place))

    def _place(self, owner: str) -> QPoint:
        area = self._view.selection.scene.areas.get(owner) if self._view.selection.scene else None
        if area is None:
            return self._view.viewport().rect().center()
        zoom = self._view.camera.zoom
        return (
            self._view.camera.origin() + QPointF(area.x + area.width / 2, area.y + area.height / 2) * zoom
        ).toPoint()


class WhatIfs(QObject):
    """Knows what can be changed at the selected node, and puts the program with the change beside the first."""

    def __init__(self, session: Session, form: BesideForm, together: Together) -> None:
        super().__init__()
        self._session, self._form, self._together = session, form, together
        self.section = WhatIfSection()
        self.section.wanted.connect(self._take)
        together.moved.connect(lambda: self.section.offer(self._offer()))

    def join(self, result: Result, view: GraphView) -> None:
        """Open a menu at the nodes of the graph, and of both graphs."""
        self.menus = [NodeMenu(result.graph, self._entries, OF_BACKWARD), NodeMenu(view, self._entries)]

    def _offer(self) -> WhatIf | None:
        """Say what could be changed at the selected node."""
        if self._together.on_the_right:
            return ON_THE_RIGHT
        node, experiment = self._together.first, self._session.value("expression")
        return what_if(experiment, node) if node is not None else None

    def _take(self) -> None:
        offer = self._offer()
        if offer is not None and offer.after is not None:
            self._form.put(offer.after, f"what if: {offer.words}")

    def _entries(self) -> Iterator[Entry]:
        """List what can be done at the selected node."""
        offer = self._offer()
        if offer is not None:
            can = offer.after is not None
            yield Entry(
                f"What if: {offer.words}" if can else f"{offer.words}: {offer.why}", self._take if can else None
            )
        if self._session.value("expression.beside") is not None:
            yield Entry("Keep the second program", self._form.keep)
            yield Entry("Close the second program", self._form.close_second)
