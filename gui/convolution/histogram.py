"""The Histogram tab under the picture: how the numbers of a tensor, or of its gradient, are spread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.theme.theme import Theme
from gui.widgets.canvas import Canvas
from gui.widgets.choice import Choice
from gui.widgets.labels import label, name
from tracer import quantities
from tracer.drawing.display_list import Colour, DisplayList
from tracer.drawing.histogram import Counted, bins_for, counted, picture

PATH = "convolution.histogram"
NAMES = ("x", "weight", "bias", "y")
SIDE = 176


class Histogram(QWidget):
    """Shows one of the arrays that the worker stored; the choice stays where newer numbers come."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        name(self, PATH, "Histogram")
        self._arrays: Mapping[str, NDArray[Any]] = {}
        self._shown = "y"
        self._counted: tuple[Any, Counted] | None = None
        self.choice = Choice(f"{PATH}.tensor", "tensor")
        self.choice.setToolTip("Whose numbers are counted")
        self.choice.chosen.connect(self._choose)
        self._facts = {
            key: label("", "mono", f"{PATH}.{key}") for key in ("numbers", "mean", "std", "zero", "not finite")
        }
        self.canvas = Canvas(f"{PATH}.canvas", "Histogram", theme)
        self.canvas.resized.connect(self._draw)
        self.canvas.setMinimumHeight(60)
        self._waiting = label("no numbers yet", "waiting")
        self._place()
        self.show_arrays({})

    def show_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Count other numbers."""
        self._arrays, self._counted = arrays, None
        there = [key for each in NAMES for key in (each, f"{each}.grad") if key in arrays]
        self.choice.set_options([(key, key) for key in there])
        if self._shown not in there:
            self._shown = "y" if "y" in there else next(iter(there), "y")
        self.choice.show_value(self._shown)
        self.choice.setEnabled(bool(there))
        self._waiting.setVisible(not there)
        self._draw()

    def set_dimmed(self, dimmed: bool) -> None:
        """Dim what is not the newest any more, or light it."""
        self.canvas.set_dimmed(dimmed)

    def _choose(self, chosen: str) -> None:
        self._shown, self._counted = chosen, None
        self._draw()

    def _draw(self) -> None:
        """Draw when there is something to see; counting waits until the tab is in front."""
        if not self.canvas.isVisible() or self._shown not in self._arrays:
            self.canvas.set_picture(DisplayList(0, 0, ()))
            return
        bins = bins_for(self.canvas.width())
        key = (self._shown, bins)
        if self._counted is None or self._counted[0] != key:
            self._counted = (key, counted(self._arrays[self._shown], bins))
        found = self._counted[1]
        colour: Colour = "backward" if self._shown.endswith(".grad") else "forward"
        self.canvas.set_picture(picture(self._shown, found, self.canvas.width(), self.canvas.height(), colour))
        told = {
            "numbers": quantities.count(found.total) + (f" (1/{found.every})" if found.every > 1 else ""),
            "mean": quantities.figure(found.mean),
            "std": quantities.figure(found.std),
            "zero": quantities.count(found.zeros),
            "not finite": quantities.count(found.non_finite),
        }
        for fact, words in told.items():
            self._facts[fact].setText(words)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._draw()

    def _place(self) -> None:
        side = QWidget()
        side.setFixedWidth(SIDE)
        box = QVBoxLayout(side)
        box.setContentsMargins(12, 6, 4, 4)
        box.setSpacing(1)
        box.addWidget(self.choice)
        box.addSpacing(3)
        for key, value in self._facts.items():
            line = QHBoxLayout()
            line.addWidget(label(key, "muted"), 1)
            line.addWidget(value)
            box.addLayout(line)
        box.addWidget(self._waiting)
        box.addStretch(1)
        side.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(side)
        line.addWidget(self.canvas, 1)
