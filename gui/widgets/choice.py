"""A choice of one from a list, and chips that are on or off."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox, QPushButton, QSizePolicy, QWidget

from gui.widgets.labels import name


class Choice(QComboBox):
    """Shows options by their words and tells the value that was chosen."""

    chosen = Signal(object)

    def __init__(
        self,
        path: str,
        accessible: str,
        options: Sequence[tuple[object, str]] = (),
        kind: str = "field",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        name(self, path, accessible)
        self.setProperty("kind", kind)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        if kind == "field":
            self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.setMinimumContentsLength(4)
        self._values: tuple[object, ...] = ()
        self.set_options(options)
        self.activated.connect(lambda at: self.chosen.emit(self._values[at]))

    def set_options(self, options: Sequence[tuple[object, str]]) -> None:
        """Replace the options, (value, words) each; what was shown stays shown if it is still there."""
        if [(value, self.itemText(at)) for at, value in enumerate(self._values)] == list(options):
            return
        shown = self._values[self.currentIndex()] if self.currentIndex() >= 0 else None
        self.clear()
        self._values = tuple(value for value, _ in options)
        self.addItems([words for _, words in options])
        self.show_value(shown)

    def show_value(self, value: object) -> None:
        """Show the option of that value; none where there is no such option."""
        self.setCurrentIndex(self._values.index(value) if value in self._values else -1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.palette().placeholderText().color(), 1.4))
            x, y = self.width() - 14.0, self.height() / 2 - 1.5
            painter.drawPolyline([QPointF(x, y), QPointF(x + 3.5, y + 3.5), QPointF(x + 7, y)])
        finally:
            painter.end()


class Chip(QPushButton):
    """A small button that can stay on; what is on also says so with a tick, not by colour alone."""

    def __init__(
        self, path: str, words: str, accessible: str, *, stays: bool = True, kind: str = "chip", tick: bool = False
    ) -> None:
        super().__init__(words)
        name(self, path, accessible)
        self.setProperty("kind", kind)
        self.setCheckable(stays)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if tick:
            self.toggled.connect(lambda on: self.setText(f"{words} ✓" if on else words))


def link(path: str, words: str, accessible: str, kind: str = "link") -> QPushButton:
    """Make a button that looks like a link."""
    made = QPushButton(words)
    name(made, path, accessible)
    made.setProperty("kind", kind)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return made
