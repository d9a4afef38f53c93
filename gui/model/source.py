"""The line that made the selected node, among the lines around it."""

from __future__ import annotations

import textwrap

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from gui.theme import fonts
from gui.theme.theme import Theme
from gui.widgets.labels import heading, name, paragraph, say
from tracer.worker.model.messages import SourceText

AROUND = 7  # lines above and below


class SourceBox(QWidget):
    """Shows lines of a file, their numbers, and how many nodes each made. `picked` gives the owner of a clicked line
    that made any."""

    picked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("model.source.box")
        self._theme = theme
        self.text = _Lines()
        self.text.clicked.connect(self._clicked)
        self._where = paragraph("", "mono", "model.source.where")
        self._note = paragraph("", "muted", "model.source.note")
        self._shown: SourceText | None = None
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(5)
        for widget in (heading("Source"), self._where, self.text, self._note):
            box.addWidget(widget)
        theme.changed.connect(lambda _: self._mark())
        self.forget()

    def forget(self) -> None:
        """Show nothing."""
        self._shown = None
        self.hide()

    def show_source(self, shown: SourceText) -> None:
        """Show the lines around one."""
        at = _line_of(shown.source)
        first = max(0, at - AROUND - shown.first)
        kept = shown.lines[first : at + AROUND + 1 - shown.first]
        self._shown = shown
        self._first, made = shown.first + first, dict(shown.marked)
        width = len(str(self._first + len(kept)))
        kept = tuple(textwrap.dedent("\n".join(kept)).split("\n"))
        lines = [
            f"{number:>{width}} {_sign(made.get(number, 0))} {line}" for number, line in enumerate(kept, self._first)
        ]
        self.text.setPlainText("\n".join(lines))
        self.text.setToolTip("Lines marked with • made nodes; click one to see them")
        say(self._where, shown.source)
        self._where.setToolTip(shown.path)
        say(self._note, shown.note)
        self.text.updateGeometry()
        self._mark()
        self.show()

    def refuse(self, words: str) -> None:
        """Say why there are no lines."""
        self.forget()
        if words:
            say(self._where, "")
            self.text.hide()
            say(self._note, words)
            self.show()

    def _mark(self) -> None:
        """Light the line."""
        if self._shown is None:
            return
        self.text.show()
        lit = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.text.document().findBlockByNumber(_line_of(self._shown.source) - self._first))
        style = QTextCharFormat()
        style.setBackground(QColor(self._theme.colour("accent_fill")))
        style.setProperty(QTextFormat.Property.FullWidthSelection, True)
        lit.cursor, lit.format = cursor, style  # type: ignore[attr-defined]
        self.text.setExtraSelections([lit])
        self.text.setTextCursor(cursor)
        self.text.horizontalScrollBar().setValue(0)

    def _clicked(self, block: int) -> None:
        if self._shown is not None and self._first + block in dict(self._shown.marked):
            self.picked.emit(f"line {self._shown.source.rpartition(':')[0]}:{self._first + block}")


class _Lines(QPlainTextEdit):
    """Lines to be read; `clicked` gives the number of the one that was clicked, from 0."""

    clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        name(self, "model.source", "Source of the selected node")
        self.setProperty("kind", "code")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFont(fonts.mono())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, round((self.blockCount() + 1) * QFontMetricsF(self.font()).lineSpacing()) + 18)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if not self.textCursor().hasSelection():
            self.clicked.emit(self.cursorForPosition(event.position().toPoint()).blockNumber())


def _line_of(source: str) -> int:
    number = source.rpartition(":")[2]
    return int(number) if number.isdecimal() else 1


def _sign(made: int) -> str:
    return "•" if made else " "
