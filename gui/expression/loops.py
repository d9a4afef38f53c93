"""The loops of a program in the window: the bar over the graph, the table of passes, and the rolled picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from gui.expression import loop_table
from gui.expression.loop_bar import LoopBar
from gui.session.session import Session
from gui.tables.view import Table
from gui.theme.theme import Theme
from gui.workspace import Result
from tracer.analysis.rolling import Roll, ended, made_in, passes, recording
from tracer.drawing.display_list import DisplayList
from tracer.values import Loop, Turn
from tracer.worker.messages import Drawn, Found, Look, Rolled

TITLE, TAB = "Rolled loop", "Passes"


class LoopView(QObject):
    """Shows the loops of the newest result. A choice here runs nothing: the worker draws again what it has found.

    `turned` tells that the picture in view is another.
    """

    turned = Signal()

    def __init__(self, session: Session, result: Result, theme: Theme) -> None:
        super().__init__()
        self._workers, self._result = session.workers, result
        self.bar = LoopBar()
        self.table = Table("expression.passes", "Passes of the loop", (), theme)
        self.page = QWidget()
        self._strip: QTabWidget | None = None
        self._loops: tuple[Loop, ...] = ()
        self._all: tuple[Loop, ...] = ()
        self._line = self._number = 0  # 0: the first that there is, and the last pass
        self._filled: Loop | None = None
        self._wanted: Look | None = None
        self._rolled: DisplayList | None = None
        self._place()
        result.form = self._form
        result.found_now.connect(self._found)
        session.workers.looked.connect(self._looked)
        session.workers.replaced.connect(self._forget)
        self.bar.rolled.connect(self._turn)
        self.bar.line_chosen.connect(self._choose_line)
        self.bar.pass_chosen.connect(self._choose)
        self.table.picked.connect(self._choose_row)

    def add_to(self, strip: QTabWidget) -> None:
        """Place the table of passes in a strip; its tab is there while there is a loop."""
        self._strip = strip
        strip.addTab(self.table, TAB)
        strip.setTabVisible(strip.indexOf(self.table), False)

    def in_view(self) -> tuple[str, DisplayList] | None:
        """Give the rolled picture for a file, while it is what is shown."""
        return (TITLE, self._rolled) if self._rolled is not None else None

    def shown(self, nodes: Sequence[int]) -> str:
        """Choose of several nodes the last that has a card in the picture."""
        scene = self._result.graph.selection.scene
        owners = [f"node {index}" for index in reversed(nodes)]
        return next((owner for owner in owners if scene and owner in scene.areas), owners[0])

    def _found(self, found: Found) -> None:
        self._all = found.loops
        if self._strip is not None:
            self._strip.setTabVisible(self._strip.indexOf(self.table), bool(found.loops))

    def _form(self, drawn: Drawn) -> DisplayList:
        """Give the picture that a new result is shown as; a rolled one stays until the new one is there."""
        graph = drawn.graph
        self._loops = recording(self._all, graph) if graph else tuple(loop for loop in self._all if loop.passes)
        self._wanted = None
        self._show(drawn)
        if self._loops and self.bar.rolled_button.isChecked():
            self._look(drawn)
            return self._rolled or drawn.picture
        self._set(None)
        return drawn.picture

    def _show(self, drawn: Drawn) -> None:
        """Show the loop that is chosen, in the bar and in the table."""
        loop, number = self._chosen()
        self.bar.setVisible(loop is not None)
        self.bar.show_loops(self._loops, loop.line if loop else 0)
        self._result.graph.marks.set("pass", ())
        if loop is None:
            return
        self._fill(loop)
        if not self._loops:
            self.bar.show_pass(1, 0, 0, loop_table.without_passes(loop))
            return
        self.bar.show_pass(number, len(passes(loop)), loop.passes, loop_table.sentence(loop, ended(loop, number)))
        self.table.choose(next(at for at, turn in enumerate(loop.turns) if turn == ended(loop, number)))
        if drawn.graph and not self.bar.rolled_button.isChecked():
            self._result.graph.marks.set("pass", (f"node {index}" for index in made_in(loop, number, drawn.graph)))

    def _fill(self, loop: Loop) -> None:
        if loop != self._filled:
            self._filled = loop
            self.table.set_columns(loop_table.columns(loop))
            self.table.set_rows(loop.turns)

    def _chosen(self) -> tuple[Loop | None, int]:
        """Give the loop that is looked at, and its pass; where none has recorded anything, the first that is there."""
        every = self._loops or self._all
        loop = next((loop for loop in every if loop.line == self._line), every[0] if every else None)
        last = len(passes(loop)) if loop else 0
        return loop, min(self._number or last, last)

    def _choose(self, number: int) -> None:
        loop, _ = self._chosen()
        self._number = 0 if loop and number == len(passes(loop)) else number
        self._again()

    def _choose_line(self, line: int) -> None:
        self._line, self._number = line, 0
        self._again()

    def _choose_row(self, turn: Turn) -> None:
        if self._loops and turn.number and not turn.begins:
            self._choose(turn.number)

    def _turn(self, rolled: bool) -> None:
        """Roll up, or show the graph as it was recorded."""
        drawn = self._result.drawn
        if drawn is not None and not rolled:
            self._set(None)
            self._put(drawn.picture)
        self._again()

    def _again(self) -> None:
        """Show the same result with another choice."""
        drawn = self._result.drawn
        if drawn is not None:
            self._show(drawn)
            if self._loops and self.bar.rolled_button.isChecked():
                self._look(drawn)

    def _look(self, drawn: Drawn) -> None:
        """Ask for a picture, one after the other."""
        loop, number = self._chosen()
        look = Look(drawn.edit, Roll(loop.line if loop else 0, number))
        waiting, self._wanted = self._wanted is not None, look
        if not waiting:
            self._workers.look(look)

    def _looked(self, message: Rolled) -> None:
        wanted, self._wanted = self._wanted, None
        drawn = self._result.drawn
        if wanted is None or drawn is None or message.edit != drawn.edit or not self.bar.rolled_button.isChecked():
            return
        if message.picture is not None:
            self._set(message.picture)
            self._put(message.picture)
        if wanted.roll != message.roll:
            self._look(drawn)

    def _put(self, picture: DisplayList) -> None:
        """Show another picture of the same result; the same operation stays selected, in the pass that is shown."""
        owner, drawn = self._result.owner, self._result.drawn
        self._result.graph.set_picture(self._result.dress(picture))
        graph = drawn.graph if drawn else None
        kind, _, number = owner.partition(" ")
        if graph is not None and kind == "node":
            node = graph.nodes[int(number)]
            alike = [other.index for other in graph.nodes if (other.source, other.name) == (node.source, node.name)]
            owner = self.shown([*alike, int(number)])
        self._result.pick(owner)

    def _set(self, picture: DisplayList | None) -> None:
        changed = (picture is None) is not (self._rolled is None)
        self._rolled = picture
        if changed:
            self.turned.emit()

    def _forget(self) -> None:
        self._wanted = None

    def _place(self) -> None:
        box = QVBoxLayout(self.page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.bar)
        box.addWidget(self._result.graph, 1)
