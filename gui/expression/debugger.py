"""The backward debugger: where backward stands, its breakpoints, and what the keys and buttons do to both.

The position is how many steps are done. It is a state of the view: no edit, and nothing to undo. At the end nothing is
hidden, and all is as without a debugger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal

from gui.expression import veil
from gui.workspace import Result
from tracer.analysis.stepping import Step, position_of, to_breakpoint
from tracer.drawing.display_list import DisplayList
from tracer.drawing.stepped import stepped
from tracer.graph import Graph
from tracer.worker.messages import Found

ON_ITS_WAY = "The graph is on its way: step as soon as it is there"
NONE = "There is no backward to step through: the output has no gradient, or its graph is too large"
DONE, BEGINNING = "Backward is done: F10 begins it again, F9 goes back", "Before the first step: F10 does it"
UNSELECTED, UNBROKEN = "Select a node of the graph first", "There is no breakpoint yet: Ctrl+F9 sets one"


class Debugger(QObject):
    """Goes through the steps of the result that is shown. `moved` tells that position, breakpoints or steps are others,
    `counted` how many steps are done, and of how many; `looked` the part that is looked at; `told` a sentence."""

    moved = Signal()
    counted = Signal(int, int)
    looked = Signal(str)
    told = Signal(str)

    def __init__(self, result: Result) -> None:
        super().__init__(result)
        self._result = result
        self.found: Found | None = None
        self.position = 0
        self.stepping = False  # whether the person is looking at steps
        self.breakpoints: frozenset[int] = frozenset()
        self._shape: veil.Shape = ()
        result.dress = self.dress
        self.commands: Mapping[str, Callable[[], object]] = {
            "backward_start": lambda: self.go(0),
            "backward_back": self.back,
            "backward_step": self.step,
            "backward_end": self.leave,
            "backward_run_to": self.run_to,
            "backward_breakpoint": self.toggle,
            "backward_next_breakpoint": self.run_on,
            "backward_last_breakpoint": lambda: self.run_on(back=True),
        }

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the newest result; none where its graph is too large."""
        return self.found.steps if self.found else ()

    @property
    def graph(self) -> Graph | None:
        """The graph of these steps; `None` while it is on its way."""
        drawn = self._result.drawn
        return drawn.graph if drawn and self.found and drawn.edit == self.found.edit else None

    @property
    def waiting(self) -> dict[str, int]:
        """The gradients that are not whole yet, with the step that completes each."""
        return veil.waits(self.found, self.position) if self.found else {}

    def is_ahead(self, node: int) -> bool:
        """Tell whether the step of a node is still to come."""
        return any(step.node == node for step in self.steps[self.position :])

    @property
    def selected(self) -> int | None:
        """The node that is selected, where backward comes to it."""
        kind, _, number = self._result.owner.partition(" ")
        nodes = {step.node for step in self.steps}
        return int(number) if kind == "node" and number.isdecimal() and int(number) in nodes else None

    def take(self, found: Found) -> None:
        """Take a new result: the position stays where the backward is of the same shape, else it is the end."""
        at_end, shape = self.position == len(self.steps), veil.shape_of(found)
        same = shape == self._shape
        self.found, self._shape = found, shape
        if not same:
            self.breakpoints, self.stepping = frozenset(), False
        if at_end or not same:
            self.position = len(found.steps)
        self._show()

    def dress(self, picture: DisplayList) -> DisplayList:
        """Show a picture of the graph as it is at this position."""
        graph = self.graph
        if graph is None or not self.steps:
            return picture
        return stepped(picture, graph, self.steps, self.position, self.breakpoints)

    def picture(self) -> DisplayList | None:
        """Give the picture as it is stepped, for a file; `None` where it is the one that the worker drew."""
        drawn = self._result.drawn
        dressed = self.dress(drawn.picture) if drawn else None
        return None if drawn is None or dressed is drawn.picture else dressed

    def go(self, position: int, look_at: int | None = None) -> None:
        """Go to a position, and look at a node: that whose step was done last, if no other is wanted."""
        if not self.steps or self.graph is None:
            self.told.emit(ON_ITS_WAY if self.steps else NONE)
            return
        self.position, self.stepping = position, True
        self._show()
        self._result.redraw()
        node = self.steps[max(0, position - 1)].node if look_at is None else look_at
        self._result.pick(f"node {node}")
        self._result.graph.selection.announce()
        self.looked.emit(f"node {node}")
        self.told.emit({0: BEGINNING, len(self.steps): DONE}.get(position, ""))

    def leave(self) -> None:
        """Go to the end, where all gradients are, and look at steps no more."""
        self.go(len(self.steps))
        self.stepping = False
        self.moved.emit()

    def step(self) -> None:
        """Do the next step; after the last one, begin again."""
        self.go(0 if self.position == len(self.steps) else self.position + 1)

    def back(self) -> None:
        """Take the last step back."""
        self.go(max(0, self.position - 1))

    def run_to(self) -> None:
        """Go to where the selected node is next."""
        node = self.selected
        self.told.emit(UNSELECTED) if node is None else self.go(position_of(self.steps, node), node)

    def toggle(self) -> None:
        """Set a breakpoint on the selected node, or take it away."""
        node, graph = self.selected, self.graph
        if node is None or graph is None:
            self.told.emit(UNSELECTED)
            return
        self.breakpoints ^= {node}
        self._show()
        self._result.redraw()
        done = "Breakpoint at" if node in self.breakpoints else "No breakpoint any more at"
        self.told.emit(f"{done} {veil.labelled(graph, node)}")

    def run_on(self, *, back: bool = False) -> None:
        """Go on, or back, until a node with a breakpoint is next, or to the end; from the end it begins anew."""
        if self.steps and not self.breakpoints:
            self.told.emit(UNBROKEN)
            return
        start = -1 if self.position == len(self.steps) and not back else self.position
        position = to_breakpoint(self.steps, start, self.breakpoints, back=back)
        stops = position < len(self.steps) and self.steps[position].node in self.breakpoints
        self.go(position, self.steps[position].node if stops else None)

    def _show(self) -> None:
        """Hide what is not there yet from whoever tells about nodes, and tell that it is so."""
        if self.found is not None:
            self._result.found = veil.veiled(self.found, self.waiting)
        self.counted.emit(self.position, len(self.steps))
        self.moved.emit()
