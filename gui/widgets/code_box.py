"""A box that shows a program, to be read and copied."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from gui.theme import fonts
from gui.widgets.broken_lines import broken
from gui.widgets.labels import name

MOST_LINES, MARGINS = 18, 26


class CodeBox(QPlainTextEdit):
    """Is as high as its text, up to some lines, and scrolls beyond; lines too long are broken where Python allows."""

    def __init__(self, path: str, accessible: str) -> None:
        super().__init__()
        name(self, path, accessible)
        self._text = ""
        self.setProperty("kind", "code")
        self.setReadOnly(True)
        self.setFont(fonts.mono())
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show another program."""
        self._text = text
        self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._write()

    def _write(self) -> None:
        room = self.viewport().width() - 2 * self.document().documentMargin()
        shown = broken(self._text, int(room / QFontMetricsF(self.font()).horizontalAdvance("0")))
        if shown != self.toPlainText():
            self.setPlainText(shown)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        lines, bar = min(MOST_LINES, self.blockCount()), self.horizontalScrollBar()
        around = MARGINS + (bar.sizeHint().height() if bar.maximum() else 0)
        return QSize(120, round(lines * QFontMetricsF(self.font()).lineSpacing()) + around)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())
