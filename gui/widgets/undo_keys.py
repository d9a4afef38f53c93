"""Text fields give Ctrl+Z to the window, whose undo history knows every edit; they keep none of their own. They give it
Ctrl+K too, which opens the command palette."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

_KEYS = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo, QKeySequence.StandardKey.DeleteEndOfLine)


class _LeaveUndo(QObject):
    """Says to Qt that the field has no use for the keys of undo and redo, so that the window's actions get them."""

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if not any(event.matches(key) for key in _KEYS):
            return False
        event.ignore()
        return True


def leave_undo_to_the_window(field: QWidget) -> None:
    """Let Ctrl+Z and Ctrl+Shift+Z, typed in a text field, undo and redo in the window."""
    field.installEventFilter(_LeaveUndo(field))
