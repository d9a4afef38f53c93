"""A slider for one of a few numbers, with the number in words beside it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.widgets.labels import label
from gui.widgets.slider import Slider

LEAST, MOST = 16, 110  # widths of the slider in pixels


class Picker(QWidget):
    """Shows "kernel 3 of 16" beside a slider; it is hidden where there is no choice. `picked` tells the number, counted
    from 0; the words count from `first`."""

    picked = Signal(int)

    def __init__(self, path: str, thing: str, tooltip: str, first: int = 0) -> None:
        super().__init__()
        self._thing, self._first = thing, first
        self.slider = Slider(path, thing, tooltip, LEAST)
        self.slider.setMaximumWidth(MOST)
        self.setMaximumWidth(MOST + 120)
        self._words = label("", "muted")
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.slider, 1)
        box.addWidget(self._words)
        self.slider.valueChanged.connect(self._tell)

    def show_number(self, number: int, count: int) -> None:
        """Show a number out of so many, without telling that it was picked."""
        self.slider.blockSignals(True)
        self.slider.setRange(0, count - 1)
        self.slider.setPageStep(max(1, count // 8))
        self.slider.setValue(number)
        self.slider.blockSignals(False)
        self._say(number)
        self.setVisible(count > 1)

    def _tell(self, number: int) -> None:
        self._say(number)
        self.picked.emit(number)

    def _say(self, number: int) -> None:
        words = f"{self._thing} {number + self._first} of {self.slider.maximum() + 1}"
        self._words.setText(words)
        self.slider.setAccessibleDescription(words)
