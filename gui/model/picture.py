"""The picture: the graph, folded; the way into groups and out again; what colours it, and their legend."""

from __future__ import annotations

from functools import partial
from typing import cast

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.graph_view.view import GraphView
from gui.theme.theme import Theme
from gui.widgets.canvas import Canvas
from gui.widgets.choice import Choice, link
from gui.widgets.labels import name, paragraph
from tracer.analysis.colouring import Colour
from tracer.analysis.folding import AUTO, Fold
from tracer.worker.messages import Found
from tracer.worker.model.messages import Opened, Pictured, ShownBox, Told

COLOURS: dict[Colour, str] = {
    "none": "no colour",
    "gradient": "colour: gradient norm",
    "bytes": "colour: bytes kept",
    "dtype": "colour: dtype",
    "device": "colour: device",
}
TITLE = "Open a training script or a saved recording"
EMPTY = """A script (.py) is only run after you say Run. What its backward() is about to go through is then shown \
here: first the modules of the model, and inside of them every operation.

A recording (.json) is shown at once. Files can be let fall on this window."""
EDGE = 12


class Picture(QWidget):
    """Shows the graph. `asked` tells that it is to be drawn as `how` and `colour` say, `selected` the owner that the
    person chose, `entered` the module of a group that they opened."""

    asked = Signal()
    selected = Signal(str)
    entered = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("model.picture")
        self.graph = self.front = GraphView()
        self.found: Found | None = None  # no numbers of a run: they are in tables of their own
        self.graph.setObjectName("model.graph")
        self.how: Fold = AUTO
        self.colour: Colour = "none"
        self.pictured: Pictured | None = None
        self._boxes: dict[str, ShownBox] = {}
        self._name = self._inside = ""
        self.choice = Choice("model.colour", "Colour of the picture", [], "tool")
        self.choice.chosen.connect(self._recolour)
        self._empty = _empty()
        self._legend = Canvas("model.legend", "What the colours mean", theme)
        self._legend.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._crumbs: list[QPushButton] = []
        self._path = QHBoxLayout()
        self._place()
        self.graph.set_theme(theme.name)
        theme.changed.connect(self.graph.set_theme)
        self.graph.selected.connect(self.selected)
        self.graph.activated.connect(self.go_in)
        self.graph.installEventFilter(self)
        self.forget()

    def forget(self) -> None:
        """Show how to begin."""
        self.how, self.colour, self.pictured, self._boxes = AUTO, "none", None, {}
        self.graph.set_picture(None)
        self.graph.camera.free = True
        self._bar.hide()
        self._legend.hide()
        self._empty.show()

    def begin(self, opened: Opened) -> None:
        """Take another recording, folded as it is at first."""
        self.how, self._name = AUTO, opened.name
        self.colour = self.colour if self.colour in opened.colours else "none"
        self.choice.set_options([(colour, COLOURS[colour]) for colour in opened.colours])
        self.choice.show_value(self.colour)
        self.graph.camera.free = True
        self.asked.emit()

    def take(self, pictured: Pictured) -> None:
        """Show a picture that came."""
        self.pictured = pictured
        self._boxes = {box.owner: box for box in pictured.boxes}
        self.graph.set_picture(pictured.picture)
        self.graph.set_dimmed(False)
        self._empty.hide()
        self._bar.show()
        self._show_crumbs()
        legend = pictured.legend
        self._legend.setVisible(legend is not None)
        if legend is not None:
            self._legend.setFixedSize(round(legend.width), round(legend.height))
            self._legend.set_picture(legend)
        self._move()
        self._look_inside()

    def show_owner(self, told: Told) -> None:
        """Select where a part is drawn: the frame of a module that is open, or the area that holds it."""
        scene, frame = self.graph.selection.scene, told.owner.replace("module ", "frame ", 1)
        shown = frame if scene is not None and frame in scene.areas else told.shown
        if shown != self.graph.selection.owner:
            self.graph.select(shown)

    def _look_inside(self) -> None:
        """Come near the group that was opened last, so that it can be read; after going out, all is seen."""
        opened, self._inside = self._inside, ""
        scene = self.graph.selection.scene
        area = scene.areas.get(f"frame {opened}") if scene and opened else None
        if area is not None:
            self.graph.camera.look_into(QRectF(area.x, area.y, area.width, area.height))

    def go_in(self, owner: str) -> None:
        """Show what is inside of a group."""
        box = self._boxes.get(owner)
        if box is not None and box.opens and box.opens not in self.how.opened:
            self._inside = box.opens
            self._fold((*self.how.opened, box.opens))
            self.entered.emit(box.module or "")

    def open_module(self, module: str) -> None:
        """Show what is inside of a module."""
        if module and module not in self.how.opened:
            self._inside = module
            self._fold((*self.how.opened, module))

    def go_out(self) -> None:
        """Close the group that was opened last."""
        if self.how.opened:
            self._fold(self.how.opened[:-1])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go out with Backspace."""
        pressed = watched is self.graph and event.type() == QEvent.Type.KeyPress
        if not pressed or cast(QKeyEvent, event).key() != Qt.Key.Key_Backspace:
            return False
        self.go_out()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._move()

    def _fold(self, opened: tuple[str, ...]) -> None:
        self.how = Fold("auto", opened)
        self.graph.camera.free = True
        self.asked.emit()

    def _recolour(self, colour: Colour) -> None:
        self.colour = colour
        self.asked.emit()

    def _show_crumbs(self) -> None:
        for crumb in self._crumbs:
            self._path.removeWidget(crumb)
            crumb.hide()
            crumb.deleteLater()
        steps = [self._name, *self.how.opened]
        self._crumbs = [self._crumb(at, words, at == len(steps) - 1) for at, words in enumerate(steps)]
        for at, crumb in enumerate(self._crumbs):
            self._path.insertWidget(at, crumb)

    def _crumb(self, at: int, words: str, last: bool) -> QPushButton:
        shown = words.replace(".#", ".…")
        made = link(f"model.crumb.{at}", f"› {shown}" if at else shown, f"Go out to {shown}", "crumb")
        made.setEnabled(not last)
        made.setToolTip("" if last else f"Go out to {shown} (Backspace goes out by one)")
        made.clicked.connect(partial(self._go_out_to, at))
        return made

    def _go_out_to(self, at: int, _on: bool = False) -> None:
        self._fold(self.how.opened[:at])
        self.graph.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        self._bar = QWidget()
        name(self._bar, "model.bar", "Where the picture is")
        self._bar.setProperty("kind", "bar")
        self._bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line = QHBoxLayout(self._bar)
        line.setContentsMargins(12, 5, 10, 5)
        line.setSpacing(6)
        self._path.setSpacing(2)
        self._path.addStretch(1)
        line.addLayout(self._path, 1)
        line.addWidget(self.choice)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._bar)
        box.addWidget(self.graph, 1)
        self._empty.setParent(self.graph)
        self._legend.setParent(self.graph)

    def _move(self) -> None:
        """Put the words into the middle of the graph, and the legend into its corner."""
        room = self.graph.size()
        width = min(440, max(120, room.width() - 48))
        height = self._empty.heightForWidth(width)
        self._empty.setGeometry((room.width() - width) // 2, max(12, (room.height() - height) // 2 - 20), width, height)
        left = min(EDGE, room.width() - self._legend.width() - EDGE)  # where room lacks, the title goes, not an amount
        self._legend.move(left, max(EDGE, room.height() - self._legend.height() - EDGE))


def _empty() -> QWidget:
    """Say in calm words how to begin."""
    made = QWidget()
    box = QVBoxLayout(made)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(10)
    box.addWidget(paragraph(TITLE, "step title", "model.empty.title"))
    box.addWidget(paragraph(EMPTY, "empty", "model.empty"))
    return made
