"""The program editor: line numbers, what each line gave, the current line, the line that is refused."""

from __future__ import annotations

import html
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from gui.expression.highlighter import Highlighter
from gui.expression.margin import Margin
from gui.theme import fonts
from gui.theme.theme import Theme
from gui.widgets.labels import mark, name
from gui.widgets.undo_keys import leave_undo_to_the_window

GUTTER, LEAST_LINES, MOST_LINES, EDITOR_SIZE = 30, 5, 16, 10


class Editor(QPlainTextEdit):
    """Tells what is typed and on which line the person is; lines are counted from 1.

    `line_chosen` tells where the person went, `moved` the line wherever it came from. `margin` is what lines gave.
    """

    edited = Signal(str)
    line_chosen = Signal(int)
    moved = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        name(self, "expression.program", "Program")
        self._theme, self._wrong, self._showing = theme, 0, False
        self.setFont(fonts.mono(EDITOR_SIZE))
        self.setProperty("kind", "program")
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        leave_undo_to_the_window(self)
        self._numbers, self.margin = _Numbers(self), Margin(self, theme)
        self.setViewportMargins(GUTTER, 2, 0, 2)
        self._highlighter = Highlighter(self.document(), theme)
        self.textChanged.connect(self._tell)
        self.cursorPositionChanged.connect(self._moved)
        self.updateRequest.connect(lambda _area, _dy: self._numbers.update())
        theme.changed.connect(lambda _: self._paint_lines())
        self._paint_lines()

    def show_text(self, text: str) -> None:
        """Show a program that came from elsewhere; the cursor stays as near as it can."""
        if text == self.toPlainText():
            return
        at = self.textCursor().position()
        self._showing = True
        self.setPlainText(text)
        cursor = self.textCursor()
        cursor.setPosition(min(at, len(text)))
        self.setTextCursor(cursor)
        self._showing = False

    def show_line(self, line: int) -> None:
        """Go to a line, without telling that the person did."""
        if 1 <= line <= self.blockCount() and line != self.line:
            self._showing = True
            self.setTextCursor(QTextCursor(self.document().findBlockByNumber(line - 1)))
            self._showing = False

    def say_wrong(self, line: int) -> None:
        """Mark the line that is refused; 0 for none."""
        self._wrong = line
        mark(self, line > 0)
        self._paint_lines()

    @property
    def line(self) -> int:
        """The line of the cursor."""
        return self.textCursor().blockNumber() + 1

    def paint_numbers(self, painter: QPainter) -> None:
        """Paint the numbers of the lines in view, that of the current line brighter."""
        painter.setFont(self.font())
        for block, area in self._in_view():
            here = block.blockNumber() + 1
            role = "problem" if here == self._wrong else "text" if here == self.line else "line_number"
            painter.setPen(self._theme.colour(role))
            metrics, number = self.fontMetrics(), str(here)
            x = GUTTER - 9 - metrics.horizontalAdvance(number)
            painter.drawText(QPointF(x, area.top() + 2 + metrics.ascent()), number)

    def _in_view(self) -> Iterator[tuple[QTextBlock, QRectF]]:
        block = self.firstVisibleBlock()
        while block.isValid():
            area = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if area.top() > self.height():
                break
            yield block, area
            block = block.next()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        ascent, painter = self.fontMetrics().ascent(), QPainter(self.viewport())
        try:
            places = {
                block.blockNumber() + 1: (area.left() + _typed_width(block), area.top() + ascent)
                for block, area in self._in_view()
            }
            self.margin.paint(painter, places)
        finally:
            painter.end()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            one = self.margin.shown().get(self.cursorForPosition(event.pos()).blockNumber() + 1)
            QToolTip.showText(event.globalPos(), f"<pre>{html.escape(one.whole)}</pre>" if one else "", self)
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._numbers.setGeometry(1, 1, GUTTER, self.height() - 2)

    def sizeHint(self) -> QSize:
        lines = max(LEAST_LINES, min(MOST_LINES, self.blockCount() + 1))
        return QSize(120, round(lines * QFontMetricsF(self.font()).lineSpacing()) + 22)

    def _tell(self) -> None:
        self.updateGeometry()
        self._paint_lines()
        if not self._showing:
            self.edited.emit(self.toPlainText())

    def _moved(self) -> None:
        self._paint_lines()
        self.moved.emit(self.line)
        if not self._showing:
            self.line_chosen.emit(self.line)

    def _paint_lines(self) -> None:
        looks = [_look(self.document(), self.line, self._theme.colour("accent_fill"))]
        if 1 <= self._wrong <= self.blockCount():
            looks.append(_look(self.document(), self._wrong, self._theme.colour("problem_fill")))
        self.setExtraSelections(looks)
        self._numbers.update()


def _look(document: QTextDocument, line: int, colour: QColor) -> QTextEdit.ExtraSelection:
    """Give a whole line a colour behind it."""
    look = QTextEdit.ExtraSelection()
    look.cursor = QTextCursor(document.findBlockByNumber(line - 1))  # type: ignore[attr-defined]
    look.format.setBackground(colour)  # type: ignore[attr-defined]
    look.format.setProperty(QTextFormat.Property.FullWidthSelection, True)  # type: ignore[attr-defined]
    return look


def _typed_width(block: QTextBlock) -> float:
    """Measure what is typed on a line, from its left edge."""
    layout = block.layout()
    return layout.lineAt(0).naturalTextRect().right() if layout.lineCount() else 0.0


class _Numbers(QWidget):
    """The strip of line numbers."""

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.setObjectName("expression.program.numbers")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._editor.paint_numbers(painter)
        finally:
            painter.end()
