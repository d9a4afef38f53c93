"""What a script prints, as it prints it, and the traceback of one that fails."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from gui.theme import fonts
from gui.widgets.labels import name

MOST_LINES = 20_000


class OutputPane(QPlainTextEdit):
    """Shows text as a terminal would: what follows a carriage return is written over the line."""

    def __init__(self) -> None:
        super().__init__()
        name(self, "model.output", "What the script printed")
        self.setProperty("kind", "output")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFont(fonts.mono())
        self.setMaximumBlockCount(MOST_LINES)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setPlaceholderText("What the script prints stands here.")
        self._line = ""

    def begin(self) -> None:
        """Start anew."""
        self._line = ""
        self.clear()

    def add(self, text: str) -> None:
        """Add what was printed; the end stays in view where it was."""
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        *whole, self._line = (self._line + text).replace("\r\n", "\n").split("\n")
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText("\n".join([*map(over_written, whole), over_written(self._line)]))
        if at_end:
            bar.setValue(bar.maximum())

    def add_failure(self, text: str) -> None:
        """Add why the script failed, unless Python has printed it already."""
        if text.strip() not in self.toPlainText():
            self.add(("\n" if self._line else "") + text.rstrip("\n") + "\n")


def over_written(line: str) -> str:
    """Give what is seen of a line whose parts were written over one another."""
    parts = [part for part in line.split("\r") if part]
    seen = ""
    for part in parts:
        seen = part + seen[len(part) :]
    return seen
