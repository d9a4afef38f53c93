"""The controls over the Slide: the way, playing, and sliders for channel, kernel, batch and slices."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui.widgets.choice import Choice
from gui.widgets.knob import Knob
from gui.widgets.labels import name
from gui.widgets.slider import Slider

PATH = "convolution.slide"
SPEEDS = ((2, "2 / s"), (5, "5 / s"), (15, "15 / s"), (30, "30 / s"))
KNOBS = {
    "channel": ("channel", "Which input channel is shown (Page Up, Page Down when backward)"),
    "kernel": ("kernel", "Which kernel (output channel) is shown (Page Up, Page Down)"),
    "batch": ("batch", "Which example of the batch is shown"),
    "slice": ("slice", "Which slice of the output (backward: of the input) is shown"),
    "tap": ("kernel slice", "Which slice of the kernel is shown, and with it of the input"),
}
LEAST_WIDTH = 438  # points
KNOB_WIDTH = 200  # points; as many knobs stand beside each other as have room


class Controls(QWidget):
    """Tells what the person wants: `turned` "output" (forward) or "input", `stepped` by so many places, `scrubbed` to
    the place of a number."""

    turned = Signal(str)
    stepped = Signal(int)
    scrubbed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        name(self, f"{PATH}.controls", "Slide controls")
        self.forward = self._button("forward", "Forward", "Choose an output and see what it reads", True)
        self.backward = self._button("backward", "Backward", "Choose an input and see which outputs read it", True)
        self.back = self._button("back", "◀", "One place back")
        self.play = self._button("play", "▶ Play", "Run over all outputs of this kernel (backward: inputs)", True)
        self.on = self._button("next", "▶", "One place on")
        self.back.setAccessibleName("One place back")
        self.play.setAccessibleName("Play")
        self.on.setAccessibleName("One place on")
        self.speed = Choice(f"{PATH}.speed", "Speed of playing", SPEEDS, "tool")
        self.speed.setToolTip("How many places a second playing shows")
        self.speed.show_value(5)
        self.scrub = Slider(
            f"{PATH}.scrub",
            "Place, in row-major order",
            "Run through all outputs of this kernel (backward: inputs of this channel)",
            least=16,  # so that all of the window fits 900 points
        )
        self.knobs = {key: Knob(f"{PATH}.{key}", words, tip) for key, (words, tip) in KNOBS.items()}
        for knob in self.knobs.values():
            knob.setParent(self)  # one without a parent would be a window of its own when it is shown
            knob.hide()
        self._timer = QTimer(self)
        self._connect()
        self._place()

    def minimumSizeHint(self) -> QSize:
        """Ask for the width of one row of buttons; knobs go under one another where they have no room."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), LEAST_WIDTH), hint.height())

    def show_way(self, leads: str) -> None:
        """Show which way it is."""
        (self.forward if leads == "output" else self.backward).setChecked(True)

    def show_element(self, number: int, elements: int) -> None:
        """Show where what leads stands among the elements of its channel."""
        blocked = QSignalBlocker(self.scrub)
        self.scrub.setRange(0, elements - 1)
        self.scrub.setPageStep(max(1, elements // 20))
        self.scrub.setValue(number)
        blocked.unblock()

    def show_knobs(self, shown: dict[str, tuple[int, Sequence[int]]]) -> None:
        """Show these knobs with their number and range, and no others."""
        for key, knob in self.knobs.items():
            if key in shown:
                knob.show_value(*shown[key])
        if [key for key, knob in self.knobs.items() if not knob.isHidden()] != list(shown):
            for key, knob in self.knobs.items():
                knob.setVisible(key in shown)
            self._lay_knobs()

    def stop(self) -> None:
        """Stop playing."""
        self.play.setChecked(False)

    @property
    def playing(self) -> bool:
        """Whether it runs."""
        return self._timer.isActive()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_knobs()

    def hideEvent(self, event: object) -> None:
        self.stop()

    def _button(self, key: str, words: str, tip: str, stays: bool = False) -> QPushButton:
        made = QPushButton(words)
        name(made, f"{PATH}.{key}", words)
        made.setToolTip(tip)
        made.setCheckable(stays)
        made.setProperty("kind", "small")
        made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        return made

    def _connect(self) -> None:
        group = QButtonGroup(self)
        for button, leads in ((self.forward, "output"), (self.backward, "input")):
            group.addButton(button)
            button.clicked.connect(lambda _=False, leads=leads: self.turned.emit(leads))
        self.forward.setChecked(True)
        self.back.clicked.connect(lambda: self.stepped.emit(-1))
        self.on.clicked.connect(lambda: self.stepped.emit(1))
        self.scrub.valueChanged.connect(self.scrubbed)
        self._timer.timeout.connect(lambda: self.stepped.emit(1))
        self.play.toggled.connect(self._run)
        self.speed.chosen.connect(lambda a_second: self._timer.setInterval(1000 // a_second))

    def _run(self, on: bool) -> None:
        self.play.setText("❙❙ Pause" if on else "▶ Play")
        if on:
            a_second = SPEEDS[max(self.speed.currentIndex(), 0)][0]
            self._timer.start(1000 // a_second)
        else:
            self._timer.stop()

    def _place(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(6)
        for widget in (self.forward, self.backward, self.back, self.play, self.on, self.speed):
            line.addWidget(widget)
        line.addWidget(self.scrub, 1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(22)
        self._grid.setVerticalSpacing(4)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 8, 12, 8)
        box.setSpacing(6)
        box.addLayout(line)
        box.addLayout(self._grid)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _lay_knobs(self) -> None:
        """Place as many knobs beside each other as have room."""
        shown = [knob for knob in self.knobs.values() if not knob.isHidden()]
        columns = max(1, min(len(shown), (self.width() - 24) // KNOB_WIDTH))
        if [self._grid.itemAtPosition(at // columns, at % columns) for at in range(len(shown))] and shown == [
            item.widget() if (item := self._grid.itemAtPosition(at // columns, at % columns)) else None
            for at in range(len(shown))
        ]:
            return
        while self._grid.count():
            self._grid.takeAt(0)
        for at, knob in enumerate(shown):
            self._grid.addWidget(knob, at // columns, at % columns)
        for column in range(6):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
