"""A number from a range, by a slider or typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.widgets.entry import NumberEntry, read
from gui.widgets.labels import label
from gui.widgets.slider import Slider


class Knob(QWidget):
    """A number from a range, by a slider or typed. `chosen` gives the one that the person wants."""

    chosen = Signal(int)

    def __init__(self, path: str, words: str, tip: str) -> None:
        super().__init__()
        self.slider = Slider(f"{path}.slider", words, tip)
        self.entry = NumberEntry(path, words)
        self.entry.setToolTip(tip)
        self.entry.setFixedWidth(46)
        self._label, self._last = label(words, "muted"), label("", "muted")
        self._values: Sequence[int] = (0,)
        self.slider.valueChanged.connect(lambda at: self.chosen.emit(self._values[min(at, len(self._values) - 1)]))
        self.entry.edited.connect(self._typed)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(7)
        line.addWidget(self._label)
        line.addWidget(self.slider, 1)
        line.addWidget(self.entry)
        line.addWidget(self._last)

    def align(self, label: int, last: int) -> None:
        """Give the words on either side fixed widths, so that knobs under one another stand in columns."""
        self._label.setFixedWidth(label)
        self._last.setFixedWidth(last)

    def show_value(self, value: int, values: Sequence[int]) -> None:
        """Show a number and which ones there are; one alone is nothing to choose."""
        self._values = values
        blocked = QSignalBlocker(self.slider)
        self.slider.setRange(0, len(values) - 1)
        self.slider.setPageStep(max(1, len(values) // 10))
        self.slider.setValue(values.index(value) if value in values else 0)
        blocked.unblock()
        self.entry.show_number(value)
        self._last.setText(f"of {values[0]}–{values[-1]}" if len(values) > 1 else "only")
        self.setEnabled(len(values) > 1)

    def _typed(self, text: str) -> None:
        number = read(text)
        if isinstance(number, int):
            self.chosen.emit(min(max(number, self._values[0]), self._values[-1]))
