"""A box that shows a program, to be read and copied."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from gui.theme import fonts
from gui.widgets.labels import name

MOST_LINES = 14


class CodeBox(QPlainTextEdit):
    """Is as high as its text, up to some lines, and scrolls beyond."""

    def __init__(self, path: str, accessible: str) -> None:
        super().__init__()
        name(self, path, accessible)
        self.setProperty("kind", "code")
        self.setReadOnly(True)
        self.setFont(fonts.mono())
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show another program."""
        if text != self.toPlainText():
            self.setPlainText(text)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        lines = min(MOST_LINES, self.blockCount())
        return QSize(120, round(lines * QFontMetricsF(self.font()).lineSpacing()) + 32)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())
