"""Plays a picture that moves in steps: back, play, on, how fast, and a slider. Nothing moves unless the person asks."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from gui.widgets.choice import Choice
from gui.widgets.labels import label, name
from gui.widgets.slider import Slider

SPEEDS = ((1, "1 / s"), (2, "2 / s"), (5, "5 / s"), (15, "15 / s"))
FIRST = 2  # steps a second
LEAST, MOST = 30, 110  # widths of the slider in pixels


class Player(QWidget):
    """Tells the step that the person wants, by `wanted`; playing ends at the last step, and begins anew from there."""

    wanted = Signal(int)

    def __init__(self, path: str, what: str) -> None:
        super().__init__()
        self._step = self._steps = 0
        self.back = self._button(f"{path}.back", "◀", f"One {what} back")
        self.play = self._button(f"{path}.play", "▶ Play", "Play", stays=True)
        self.on = self._button(f"{path}.next", "▶", f"One {what} on")
        self.speed = Choice(f"{path}.speed", "Speed of playing", SPEEDS, "tool")
        self.speed.setToolTip("How many steps a second playing shows")
        self.speed.show_value(FIRST)
        self.slider = Slider(f"{path}.step", f"{what.capitalize()}s so far", f"Run through the {what}s", LEAST)
        self.slider.setMaximumWidth(MOST)
        self._count = label("", "muted", f"{path}.count")
        self._timer = QTimer(self)
        self._connect()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        for widget in (self.back, self.play, self.on, self.speed):
            line.addWidget(widget)
        line.addWidget(self.slider, 1)
        line.addWidget(self._count)

    def show_step(self, step: int, steps: int) -> None:
        """Show how far it is."""
        self._step, self._steps = step, steps
        blocked = QSignalBlocker(self.slider)
        self.slider.setRange(0, steps)
        self.slider.setPageStep(max(1, steps // 10))
        self.slider.setValue(step)
        blocked.unblock()
        self._count.setText(f"{step} of {steps}")
        self.back.setEnabled(step > 0)
        self.on.setEnabled(step < steps)

    def stop(self) -> None:
        """Stop playing."""
        self.play.setChecked(False)

    def hideEvent(self, event: QHideEvent) -> None:
        self.stop()

    def _connect(self) -> None:
        self.back.clicked.connect(lambda: self.wanted.emit(self._step - 1))
        self.on.clicked.connect(lambda: self.wanted.emit(self._step + 1))
        self.slider.valueChanged.connect(self.wanted)
        self.play.toggled.connect(self._run)
        self.speed.chosen.connect(lambda a_second: self._timer.setInterval(1000 // a_second))
        self._timer.timeout.connect(self._next)

    def _run(self, on: bool) -> None:
        self.play.setText("❙❙ Pause" if on else "▶ Play")
        if not on:
            self._timer.stop()
            return
        self.wanted.emit(0 if self._step >= self._steps else self._step + 1)
        self._timer.start(1000 // SPEEDS[max(self.speed.currentIndex(), 0)][0])

    def _next(self) -> None:
        self.wanted.emit(self._step + 1)
        if self._step >= self._steps:
            self.stop()

    def _button(self, path: str, words: str, tip: str, *, stays: bool = False) -> QPushButton:
        made = QPushButton(words)
        name(made, path, tip)
        made.setToolTip(tip)
        made.setCheckable(stays)
        made.setProperty("kind", "small")
        made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        return made
