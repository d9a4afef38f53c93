"""The one slider: the wheel moves it only while it has the focus, so that a form or a page can be scrolled past it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSlider

from gui.widgets.labels import name


class Slider(QSlider):
    """A horizontal slider with its stable name, what a screen reader says, and what a tooltip says."""

    def __init__(self, path: str, accessible: str, tip: str, least: int = 40) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        name(self, path, accessible)
        self.setToolTip(tip)
        self.setMinimumWidth(least)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
