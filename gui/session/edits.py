"""The one undo command: an old value, a new value, and where it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QUndoCommand

Set = Callable[[str, Any], None]


class Edit(QUndoCommand):
    """Sets the value at a path; edits of one path in one gesture (typing, stepping) are one step."""

    def __init__(self, place: Set, path: str, old: Any, new: Any, gesture: int, words: str) -> None:
        super().__init__(words)
        self._place, self._path, self._old, self._new, self._gesture = place, path, old, new, gesture

    def id(self) -> int:
        return 1

    def redo(self) -> None:
        self._place(self._path, self._new)

    def undo(self) -> None:
        self._place(self._path, self._old)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Edit) or (other._path, other._gesture) != (self._path, self._gesture):
            return False
        self._new = other._new
        self.setObsolete(self._new == self._old)
        return True
