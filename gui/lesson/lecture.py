"""Lecture mode: large type, a presenter's keys, nothing but the step."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

KEYS: Mapping[str, tuple[str, ...]] = {  # what a presenter's remote sends, and what hands find by themselves
    "on": ("PgDown", "Right", "N"),
    "back": ("PgUp", "Left", "P"),
    "first": ("Home",),
    "leave": ("Esc",),
}


class Lecture(QObject):
    """Holds whether the lesson is lectured, and the keys that go with it."""

    def __init__(self, frame: QWidget, does: Mapping[str, Callable[[], object]]) -> None:
        super().__init__(frame)
        self.on = False
        self._shortcuts = [_shortcut(keys, frame, does[action]) for action, every in KEYS.items() for keys in every]

    def set(self, on: bool) -> None:
        """Begin or end the lecture."""
        self.on = on
        for shortcut in self._shortcuts:
            shortcut.setEnabled(on)


def _shortcut(keys: str, frame: QWidget, does: Callable[[], object]) -> QShortcut:
    made = QShortcut(QKeySequence(keys), frame)
    made.activated.connect(lambda: does())
    made.setEnabled(False)
    return made


def enlarge(widget: QWidget, large: bool) -> None:
    """Give a part and all that is in it large type, or its own again."""
    for part in (widget, *widget.findChildren(QWidget)):
        part.setProperty("lecture", large)
        part.style().unpolish(part)
        part.style().polish(part)
        part.updateGeometry()
