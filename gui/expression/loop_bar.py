"""The bar over the graph of a program with loops: rolled or unrolled, and which pass."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.widgets.choice import Choice
from gui.widgets.labels import label, name
from gui.widgets.one_line import OneLine
from gui.widgets.slider import Slider
from tracer import quantities
from tracer.values import Loop

PATH = "expression.loop"


class LoopBar(QWidget):
    """Tells what the person wants: loops rolled up or not, of which line, and which pass (from 1)."""

    rolled = Signal(bool)
    line_chosen = Signal(object)
    pass_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        name(self, PATH, "Loop")
        self.unrolled_button = self._button("unrolled", "Unrolled", "Show every node that the passes recorded")
        self.rolled_button = self._button("rolled", "Rolled", "Show the body of a loop once, with one of its passes")
        self.unrolled_button.setChecked(True)
        self._group = QButtonGroup(self)
        for button in (self.unrolled_button, self.rolled_button):
            self._group.addButton(button)
        self.rolled_button.toggled.connect(self.rolled)
        self.lines = Choice(f"{PATH}.line", "Loop", kind="tool")
        self.lines.chosen.connect(self.line_chosen)
        self.slider = Slider(f"{PATH}.pass", "Pass of the loop", "Which pass is shown; arrow keys go on and back")
        self.slider.valueChanged.connect(self.pass_chosen)
        self._pass = label("", "plain", f"{PATH}.of")
        self._words = OneLine(f"{PATH}.words", "muted")
        self._place()
        self.hide()

    def show_loops(self, loops: Sequence[Loop], line: int) -> None:
        """Offer the loops whose passes can be looked at."""
        self.lines.set_options([(loop.line, f"line {loop.line}") for loop in loops])
        self.lines.show_value(line)
        self.lines.setVisible(len(loops) > 1)

    def show_pass(self, number: int, known: int, passes: int, words: str) -> None:
        """Show a pass of those that are known, of how many there were, and how things stood after it."""
        for widget in (self.unrolled_button, self.rolled_button, self.slider, self._pass):
            widget.setVisible(known > 0)
        blocked = QSignalBlocker(self.slider)
        self.slider.setRange(1, max(known, 1))
        self.slider.setPageStep(max(1, known // 10))
        self.slider.setValue(number)
        blocked.unblock()
        of = f"pass {quantities.count(number)} of {quantities.count(passes)}"
        self.slider.setAccessibleDescription(f"{of}. {words}")
        self.rolled_button.setText(f"Rolled × {quantities.count(passes)}")
        self._pass.setText(of)
        self._words.setText(words)
        self._words.setToolTip(words)

    def _button(self, key: str, words: str, tip: str) -> QPushButton:
        made = QPushButton(words)
        name(made, f"{PATH}.{key}", words)
        made.setToolTip(tip)
        made.setCheckable(True)
        made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        return made

    def _place(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        for widget in (self.unrolled_button, self.rolled_button, self.lines):
            line.addWidget(widget)
        line.addWidget(self.slider, 1)
        line.addWidget(self._pass)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 8, 12, 6)
        box.setSpacing(5)
        box.addLayout(line)
        box.addWidget(self._words)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
