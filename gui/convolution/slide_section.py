"""The inspector's section about the element that the Slide looks at."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.convolution.slide_controls import PATH
from gui.convolution.view import Shown
from gui.widgets.facts_grid import FactsGrid
from gui.widgets.labels import heading, label, paragraph, say
from tracer.drawing.slide_facts import told

PINNED = "Pinned. A click on it or Esc lets it go."


class SlideSection(QWidget):
    """Tells what is looked at, what it reads or is read by, its value and its gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName(f"{PATH}.section")
        self._title = label("", "name", f"{PATH}.selected")
        self._pinned = label("", "muted", f"{PATH}.pinned")
        self._facts = FactsGrid()
        self._backward = paragraph("", "muted", f"{PATH}.sentence")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 8)
        box.setSpacing(6)
        for widget in (
            heading("Selected"),
            self._title,
            self._facts,
            self._pinned,
            heading("Backward"),
            self._backward,
        ):
            box.addWidget(widget)

    def show_chosen(self, shown: Shown) -> None:
        """Tell of what leads."""
        found = told(shown.settings, shown.numbers, shown.chosen)
        self._title.setText(found.title)
        self._facts.show_facts(found.facts)
        self._backward.setText(found.backward)
        say(self._pinned, PINNED if shown.chosen.pinned else "")
