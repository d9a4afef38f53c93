"""The inspector's section about the selected node."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.inspector.node_facts import Told
from gui.inspector.ways_section import WaysSection
from gui.widgets.facts_grid import FactsGrid
from gui.widgets.labels import heading, paragraph, say
from tracer.errors import sentence


class NodeSection(QWidget):
    """Shows what is told of the selected node or edge, with a section about it between its title and its facts; with
    `python`, also how to get there."""

    def __init__(self, path: str, inner: QWidget | None = None, *, python: bool = False) -> None:
        super().__init__()
        self.setObjectName(path)
        self._ways = WaysSection(f"{path}.ways") if python else None
        self._title = paragraph("", "name", f"{path}.title")
        self._grid = FactsGrid()
        self._words = paragraph("", "muted", f"{path}.words")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        for widget in (heading("Selected"), self._title, self._words, *([inner] if inner else []), self._grid):
            box.addWidget(widget)
        if self._ways is not None:
            box.addWidget(self._ways)

    def show_told(self, told: Told | None, otherwise: str) -> None:
        """Show a node's facts, or a sentence where there are none."""
        say(self._title, told.title if told else "")
        say(self._words, "" if told else otherwise)
        self._grid.show_facts(told.facts if told else ())
        self._grid.setVisible(told is not None)
        if self._ways is not None:
            self._ways.show_ways(told.ways if told else ())


class Notes(QWidget):
    """Shows what the run has to say; nothing where it has nothing to say."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._words = paragraph("", "muted", path)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(heading("Notes"))
        box.addWidget(self._words)
        self.hide()

    def show_notes(self, notes: Sequence[str]) -> None:
        """Show other notes."""
        self._words.setText("\n\n".join(map(sentence, notes)))
        self.setVisible(bool(notes))
