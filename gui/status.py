"""The status bar: what was found, what happened, where it runs, and how the worker is."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.theme.theme import Theme
from gui.widgets.labels import label, name
from gui.widgets.one_line import OneLine
from tracer import quantities
from tracer.worker.messages import Found, Ready

SHOWN_MS, BUSY_AFTER_MS = 12_000, 250
STATES = {
    "starting": ("attention", "starting PyTorch…"),
    "ready": ("leaf", "worker ready"),
    "working": ("accent", "working…"),
    "failed": ("problem", "worker stopped"),
}


class Status(QWidget):
    """Shows figures on the left, a sentence in the middle, the device and the worker on the right."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        name(self, "status", "Status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._figures = label("", "status", "status.figures")
        self.sentence = OneLine("status.sentence", "status")
        self._device = label("", "status", "status.device")
        self._word = label("", "status", "status.worker")
        self._dot = _Dot(theme)
        self._next = "starting"
        self._happened = self._of_result = ""
        self._forget = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._forget.timeout.connect(lambda: self.say(""))
        self._later = QTimer(self, singleShot=True, interval=BUSY_AFTER_MS)
        self._later.timeout.connect(self._show_state)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 4, 14, 5)
        line.setSpacing(8)
        for widget, stretch in ((self._figures, 0), (self.sentence, 1), (self._device, 0), (self._dot, 0)):
            line.addWidget(widget, stretch)
            if widget in (self._figures, self.sentence):
                line.addSpacing(14)
        line.addWidget(self._word)
        self._show_state()

    def say(self, sentence: str) -> None:
        """Say what happened, for a while."""
        self._happened = sentence
        self._forget.start()
        self._write()

    def say_of_result(self, sentence: str) -> None:
        """Say something about the result that is shown; it stays as long as that does."""
        self._of_result = sentence
        self._happened = "" if sentence else self._happened
        self._write()

    def _write(self) -> None:
        self.sentence.setText(self._happened or self._of_result)
        self.sentence.setToolTip(self.sentence.text())

    def show_found(self, found: Found | None, milliseconds: float | None) -> None:
        """Show the figures of a result."""
        if found is None:
            self.show_figures("")
            return
        parts = [f"{_counted(found.nodes, 'node')} · {_counted(found.edges, 'edge')}"]
        if milliseconds is not None:
            parts.append(f"updated in {_duration(milliseconds)}")
        parts.append(f"backward keeps {quantities.size(found.saved_bytes)}")
        self.show_figures("      ".join(parts))

    def show_figures(self, words: str) -> None:
        """Show figures, or none."""
        self._figures.setText(words)
        self._figures.setVisible(bool(words))

    def show_device(self, ready: Ready | None, device: str) -> None:
        """Show torch's version and the device that was used."""
        if ready is None:
            self._device.setText("")
            return
        names = dict(zip(ready.devices, ready.names, strict=True))
        cpu_only = " (no CUDA device)" if len(ready.devices) == 1 else ""
        self._device.setText(f"torch {ready.torch.partition('+')[0]} · {names.get(device, device)}{cpu_only}    ")

    def show_state(self, state: str) -> None:
        """Show how the worker is; work that is done at once is not worth a flicker."""
        self._next = state
        if state == "working":
            self._later.start()
        else:
            self._later.stop()
            self._show_state()

    def _show_state(self) -> None:
        role, words = STATES[self._next]
        self._word.setText(words)
        self._dot.show_role(role)


def _counted(number: int, word: str) -> str:
    return f"{quantities.count(number)} {word}{'' if number == 1 else 's'}"


def _duration(milliseconds: float) -> str:
    if milliseconds >= 1000:
        return f"{quantities.figure(milliseconds / 1000, 3)} s"
    return f"{quantities.figure(milliseconds, 3)} ms"


class _Dot(QWidget):
    """A filled circle; the word beside it says the same."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFixedSize(9, 9)
        self._theme, self._role = theme, "attention"
        theme.changed.connect(lambda _: self.update())

    def show_role(self, role: str) -> None:
        """Take another colour."""
        self._role = role
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._theme.colour(self._role))
            painter.setBrush(self._theme.colour(self._role))
            painter.drawEllipse(self.rect().adjusted(1, 1, -2, -2))
        finally:
            painter.end()
