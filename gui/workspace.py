"""The frame of a workspace: form, graph over tables, inspector; and the life of its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabWidget, QWidget

from gui.graph_view.view import GraphView
from gui.inspector.node_facts import tell
from gui.inspector.section import NodeSection
from gui.theme.theme import Theme
from gui.widgets.labels import label, name
from tracer import quantities
from tracer.drawing.display_list import DisplayList
from tracer.drawing.wording import operation
from tracer.lesson.steps import View
from tracer.worker.messages import Answer, Drawn, Found, Refused

WIDE, TIGHT, NARROW = (292, 334), (288, 252), 1200  # form and inspector; below NARROW both are tight
LOW = 760  # a window this low has no room for two strips of tables
DIM_AFTER_MS = 300
NOTHING_SELECTED = "Click a node of the graph, or go there with the arrow keys."
GRAPH = "Graph"  # the title of the picture that the worker draws
NO_GRAPH = "Autograd recorded no graph for this output."


def tabs(path: str, accessible: str, pages: Sequence[tuple[str, QWidget]]) -> QTabWidget:
    """Make a strip of tabs."""
    strip = QTabWidget()
    name(strip, path, accessible)
    strip.setDocumentMode(True)
    strip.tabBar().setDrawBase(False)
    name(strip.tabBar(), f"{path}.tabs", accessible)
    for title, page in pages:
        strip.addTab(page, title)
    return strip


class Frame(QSplitter):
    """Places a form, strips under one another, and an inspector; the person moves the borders.

    `low` tells when the window becomes too low for two strips of tables, and when it is high enough again; `turned`
    that another picture came into view.
    """

    low = Signal(bool)
    turned = Signal()

    def __init__(self, path: str, form: QWidget, strips: Sequence[tuple[QWidget, int]], inspector: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName(path)
        self.middle = QSplitter(Qt.Orientation.Vertical)
        self.middle.setObjectName(f"{path}.middle")
        for at, (strip, _) in enumerate(strips):
            self.middle.addWidget(strip)
            self.middle.setStretchFactor(at, 0 if at else 1)
        for widget in (form, self.middle, inspector):
            self.addWidget(widget)
        form.setMinimumWidth(264)
        inspector.setMinimumWidth(190)
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)
        self._heights = [height for _, height in strips]
        self._own = self._low = False
        self.splitterMoved.connect(self._moved)
        self.middle.splitterMoved.connect(self._moved)

    def reset(self) -> None:
        """Put the borders where they are at first: what the sides need, the rest for the graph."""
        self._own = False
        sides = WIDE if self.width() >= NARROW else TIGHT
        self.setSizes([sides[0], max(200, self.width() - sum(sides)), sides[1]])
        below = [max(self._heights[1:], default=0)] * (len(self._heights) - 1) if self._low else self._heights[1:]
        shown = below[:1] if self._low else below
        self.middle.setSizes([max(160, self.height() - sum(shown)), *below])

    def restoreState(self, state: QByteArray | bytes | bytearray | memoryview) -> bool:
        """Put the borders where the person left them."""
        self._own = True
        return super().restoreState(state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (self.height() < LOW) != self._low:
            self._low = not self._low
            self.low.emit(self._low)
        if not self._own:
            self.reset()

    def _moved(self) -> None:
        self._own = True


class Showing(Protocol):
    """What shows something of a result: a table, or what stands beside the lines of a program."""

    def say(self, words: str) -> None:
        """Say why there is nothing yet."""

    def set_dimmed(self, dimmed: bool) -> None:
        """Show what there is as that of an earlier state, or as it is now."""


class Shown(Protocol):
    """What the window needs of a result: the graph that is zoomed, and the numbers of a run, if any."""

    @property
    def front(self) -> GraphView: ...

    @property
    def found(self) -> Found | None: ...


class Workspace(Protocol):
    """What the window needs of a workspace: `show` an experiment, `take` an answer and give what no field can show.

    `offers` are the commands that only this workspace has, by their names in the table of commands.
    """

    frame: Frame
    offers: Mapping[str, Callable[[], object]]

    @property
    def result(self) -> Shown: ...

    def show(self, experiment: Any, waiting: str) -> None: ...

    def take(self, message: Answer) -> str: ...

    def in_view(self) -> tuple[str, DisplayList | None]:
        """Name the picture in view, and give it for a file; the worker has that of the graph."""


class Taught(Workspace, Protocol):
    """A workspace that a lesson can set up."""

    @property
    def result(self) -> Result: ...

    def look(self, view: View) -> None:
        """Look at what a step looks at; its tab and its tensor are chosen for all workspaces alike."""


class Result(QObject):
    """Shows what was found: the graph, the tables that need torch, and the selected node. What is older is dimmed.

    `dress` is what a workspace makes of the picture before it is shown.
    `front` is the graph view that zooming is for: the graph, or one that stands in front of it.
    """

    found_now = Signal(object)
    selected = Signal(str)

    def __init__(self, graph: GraphView, tables: Sequence[Showing], node: NodeSection, theme: Theme) -> None:
        super().__init__(graph)
        self.graph, self._tables, self._node = graph, tuple(tables), node
        self.front = graph
        self.found: Found | None = None
        self.drawn: Drawn | None = None
        self.dress: Callable[[DisplayList], DisplayList] = lambda picture: picture
        self.owner = ""
        self.form: Callable[[Drawn], DisplayList] = lambda drawn: drawn.picture  # in which form a graph is shown
        self._dim = QTimer(self, singleShot=True, interval=DIM_AFTER_MS)
        self._dim.timeout.connect(lambda: self.set_dimmed(True))
        graph.set_theme(theme.name)
        theme.changed.connect(graph.set_theme)
        graph.selected.connect(self.show_node)
        graph.more = self._more
        self._empty = label("", "waiting")
        self._empty.setParent(graph)
        self._empty.move(8, 4)
        self.show_node("")

    def wait(self, words: str) -> None:
        """A newer result is on its way: dim this one if it takes a while, or say what is waited for."""
        for table in self._tables:
            table.say(words)
        self._say_empty(words if self.drawn is None else self._empty.text())
        if not self._dim.isActive():
            self._dim.start()

    def take(self, message: Answer) -> None:
        """Show an answer."""
        if isinstance(message, Refused):
            self._dim.stop()
            self.set_dimmed(True)
            for table in self._tables:
                table.say("no result yet")
            self._say_empty("" if self.drawn else "no result yet")
        elif isinstance(message, Found):
            self.found = message
            self.found_now.emit(message)
            for table in self._tables:
                table.set_dimmed(False)
        elif isinstance(message, Drawn):
            self._dim.stop()
            self._draw(message)

    def set_dimmed(self, dimmed: bool) -> None:
        """Dim the graph and the tables, or light them."""
        self.graph.set_dimmed(dimmed)
        for table in self._tables:
            table.set_dimmed(dimmed)

    def pick(self, owner: str) -> None:
        """Select a part of the graph, as if it had been clicked."""
        self.graph.select(owner)
        self.show_node(owner)

    def pick_label(self, label: str) -> None:
        """Select the node that made the tensor of that name."""
        nodes = self.drawn.graph.nodes if self.drawn and self.drawn.graph else ()
        at = next((node.index for node in nodes if node.label == label), None)
        if at is not None:
            self.pick(f"node {at}")

    def show_node(self, owner: str) -> None:
        """Tell about a node or an edge."""
        changed, self.owner = owner != self.owner, owner
        graph = self.drawn.graph if self.drawn else None
        told = tell(owner, graph, self.found) if graph else None
        scene = self.graph.selection.scene
        areas = scene.picture.areas if scene else ()
        words = next((area.label for area in areas if area.owner == owner), "")
        self._node.show_told(told, words or (NO_GRAPH if self.drawn and not areas else NOTHING_SELECTED))
        if changed:
            self.selected.emit(owner)

    def redraw(self) -> None:
        """Show the picture, as the workspace dresses it now."""
        if self.drawn is not None:
            self.graph.set_picture(self.dress(self.form(self.drawn)))

    def _more(self, owner: str) -> str:
        """Give what can be looked for of a node and does not stand in its sentence."""
        kind, _, number = owner.partition(" ")
        nodes = self.drawn.graph.nodes if self.drawn and self.drawn.graph else ()
        node = nodes[int(number)] if kind == "node" and number.isdecimal() and int(number) < len(nodes) else None
        return f"{quantities.brackets(node.shape)} {node.dtype} {node.device} {operation(node.name)}" if node else ""

    def _say_empty(self, words: str) -> None:
        """Say on the canvas why there is no graph."""
        self._empty.setText(words)
        self._empty.adjustSize()
        self._empty.setVisible(bool(words))

    def _draw(self, drawn: Drawn) -> None:
        """Show a picture; the selection stays where the graph has as many nodes as before."""
        before = self.drawn
        self.drawn = drawn
        self.redraw()
        self.set_dimmed(False)
        self._say_empty("" if drawn.picture.areas else NO_GRAPH)
        owners = [area.owner for area in drawn.picture.areas]
        same = before is not None and len(before.picture.areas) == len(owners)
        self.pick(self.owner if same and self.owner in owners else _first(drawn))


def _first(drawn: Drawn) -> str:
    """Choose what is selected at first: the node that made the traced tensor."""
    if drawn.graph and drawn.graph.outputs and drawn.graph.outputs[0].node is not None:
        return f"node {drawn.graph.outputs[0].node}"
    return ""
