"""The inspector: what is known of the selected part, the line that made it, and the gradient by depth."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gui.inspector.node_facts import Told as Facts
from gui.inspector.section import NodeSection, Notes
from gui.model.chart import ChartBox
from gui.model.source import SourceBox
from gui.theme.theme import Theme
from gui.widgets.labels import paragraph, say
from tracer.worker.model.messages import Opened, Told

NOTHING_OPEN = "Nothing is open yet."
NOTHING = "Click a card, a module or a row. A double click or Enter on a group goes in, Backspace out again."


class About(QObject):
    """Makes the sections. `picked` gives the owner of what the person clicked in them."""

    picked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._node, self.source = NodeSection("model.node"), SourceBox(theme)
        self._problems = paragraph("", "problem", "model.node.problems")
        self.depth, self._notes = ChartBox("depth", "Gradient by depth", 96, theme), Notes("model.notes")
        self._open = False
        self.sections: list[QWidget] = [self._node, self._problems, self.source, self.depth, self._notes]
        self.source.picked.connect(self.picked)
        self.depth.picked.connect(self.picked)
        self.show_told(None)

    def begin(self, opened: Opened) -> None:
        """Take another recording."""
        self._open = True
        self._notes.show_notes(opened.notes)
        self.depth.ask() if opened.gradients else self.depth.forget()
        self.show_told(None)

    def show_told(self, told: Told | None) -> None:
        """Show what is known of a part."""
        facts = Facts(told.title, told.facts) if told else None
        self._node.show_told(facts, NOTHING if self._open else NOTHING_OPEN)
        say(self._problems, "\n".join(told.problems) if told else "")
        if told is None:
            self.source.forget()

    def show_facts(self, facts: Facts) -> None:
        """Show facts that came from elsewhere."""
        self._node.show_told(facts, "")
        say(self._problems, "")
        self.source.forget()

    def refuse(self, words: str) -> None:
        """Say why nothing is told."""
        self._node.show_told(None, words)
        self.source.forget()
