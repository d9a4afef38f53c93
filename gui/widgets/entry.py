"""A line of text that tells every change, whoever made it keeps what they typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.widgets.labels import name
from gui.widgets.undo_keys import leave_undo_to_the_window
from tracer.quantities import MINUS


def read(text: str) -> int | str:
    """Read a whole number, or give the text as it is."""
    try:
        return int(text.strip().replace(MINUS, "-"))
    except ValueError:
        return text.strip()


def typed(text: str) -> int | float | str:
    """Keep what was typed: a number where it reads the same again, otherwise the text, such as "1/3" or "1.50"."""
    for kind in (int, float):
        try:
            if str(kind(text)) == text:
                return kind(text)
        except ValueError:
            continue
    return text


class Entry(QLineEdit):
    """Tells what is typed, and shows a value without disturbing what the person types for the same value."""

    edited = Signal(str)

    def __init__(self, path: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, path, accessible)
        leave_undo_to_the_window(self)
        self.textEdited.connect(self.edited)

    def show_text(self, text: str) -> None:
        """Show a value that came from elsewhere: undo, a preset, a file."""
        if text != self.text():
            self.setText(text)


class NumberEntry(Entry):
    """A whole number: typed, stepped by the arrow keys (with Shift by 10), or by the wheel while it has the focus."""

    def __init__(self, path: str, accessible: str, least: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(path, accessible, parent)
        self._least = least
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(34)

    def show_number(self, number: int | str) -> None:
        """Show a number, unless the text already reads as it."""
        if read(self.text()) != number or not self.text():
            self.show_text(str(number).replace("-", MINUS))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            far = abs(step) == 1 and event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._step(10 * step if far else step)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()  # so that the form scrolls
            return
        self._step((event.angleDelta().y() > 0) - (event.angleDelta().y() < 0))
        event.accept()

    def _step(self, step: int) -> None:
        number = read(self.text())
        if step and isinstance(number, int):
            self.setText(str(max(self._least, number + step)).replace("-", MINUS))
            self.selectAll()
            self.edited.emit(self.text())
