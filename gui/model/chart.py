"""A chart that the worker draws for the place that there is."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.theme.theme import Theme
from gui.widgets.canvas import Canvas
from gui.widgets.labels import heading, paragraph, say
from tracer.drawing.display_list import DisplayList
from tracer.worker.model.messages import Chart, Charted

RESIZED_MS = 40


class ChartBox(QWidget):
    """Shows a chart under its heading. `asked` gives which one is wanted and for what size, `picked` the owner of the
    part that the person clicked."""

    asked = Signal(dict)
    picked = Signal(str)

    def __init__(self, chart: Chart, title: str, height: int, theme: Theme) -> None:
        super().__init__()
        self.setObjectName(f"model.{chart}.box")
        self.chart: Chart = chart
        self.canvas = Canvas(f"model.{chart}", title, theme)
        self.canvas.setFixedHeight(height)
        self.canvas.setMinimumWidth(80)
        self._words = paragraph("", "muted", f"model.{chart}.words")
        self._later = QTimer(self, singleShot=True, interval=RESIZED_MS)
        self._later.timeout.connect(self._send)
        self._on = False
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(5)
        for widget in (heading(title), self.canvas, self._words):
            box.addWidget(widget)
        self.canvas.resized.connect(lambda: self._later.start() if self._on else None)
        self.canvas.pressed.connect(self._pressed)
        self.forget()

    def ask(self) -> None:
        """Ask for the chart, once its place has its size."""
        self._on = True
        self.show()
        self._later.start()

    def _send(self) -> None:
        size = {"width": float(self.canvas.width()), "height": float(self.canvas.height())}
        self.asked.emit({"chart": self.chart, **size})

    def forget(self) -> None:
        """Show nothing, since nothing is open."""
        self._on = False
        self.canvas.set_picture(DisplayList(0, 0, ()))
        self.hide()

    def take(self, charted: Charted) -> None:
        """Show a chart that came."""
        self.canvas.set_picture(charted.picture)
        self.canvas.show()
        say(self._words, charted.words)
        self.show()

    def refuse(self, words: str) -> None:
        """Say why there is none."""
        self.canvas.hide()
        say(self._words, words)
        self.show()

    def _pressed(self, owner: str) -> None:
        if owner and owner != "rest":
            self.picked.emit(owner.removesuffix(" itself"))
