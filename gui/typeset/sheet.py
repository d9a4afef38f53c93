"""A sheet with formulas: painted line by line, gone through with the arrow keys, scrolled where it is larger."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication

from gui.graph_view.painting import DIMMED
from gui.theme import fonts
from gui.theme.theme import Theme
from gui.typeset.lines import EDGE, Page, Piece, Placed, Role, Size, formulas, page
from gui.typeset.shapes import EM, Shape
from gui.typeset.typesetter import Typesetter
from gui.widgets.labels import name

SCALE = 1.55  # of a formula's font to that of words: its letters look smaller
COLOURS: dict[Role, str] = {
    "formula": "text",
    "words": "dim",
    "told": "attention",
    "agrees": "leaf_text",
    "differs": "problem",
}


class Sheet(QAbstractScrollArea):
    """Shows lines of formulas and words. `picked` gives the number of a line that the person chose.

    While a new formula is being shaped the lines before stay, dimmed; where there are none, they are shown as plain
    text. A sheet that `grows` is as high as its lines; it stands beside other facts, so it never shows older lines.
    """

    picked = Signal(int)

    def __init__(
        self,
        path: str,
        accessible: str,
        typesetter: Typesetter,
        theme: Theme,
        *,
        grows: bool = False,
        edge: float = EDGE,
    ) -> None:
        super().__init__()
        name(self, path, accessible)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._typesetter, self._theme, self._grows, self._edge = typesetter, theme, grows, edge
        self._wanted: list[list[Piece]] = []
        self._rows: list[list[Piece]] = []
        self._page = Page((), (), 0.0, 0.0)
        self._plain, self._text = False, ""
        self.current = -1
        typesetter.ready.connect(self._set)
        theme.changed.connect(lambda _: self.viewport().update())

    def show_rows(self, rows: Sequence[Sequence[Piece]], text: str) -> None:
        """Show other lines; `text` is what they say, for who can't see them."""
        self._wanted, self._text, self.current = [list(row) for row in rows], text, -1
        self.setAccessibleDescription(text)
        self._set()

    def toPlainText(self) -> str:
        """Give what the lines say."""
        return self._text

    def mark(self, lines: Sequence[int]) -> None:
        """Show one of these lines as the chosen one: the first, or none."""
        self.current = lines[0] if lines else -1
        if lines and lines[0] < len(self._page.spans):
            self._bring(lines[0])
        self.viewport().update()

    def is_typeset(self) -> bool:
        """Tell whether the newest lines are shown, as formulas."""
        return self._rows == self._wanted and not self._plain

    def page(self) -> Page:
        """Give where everything stands."""
        return self._page

    def _set(self) -> None:
        """Show the wanted lines as soon as their formulas are there; ask for them only while the sheet is in view."""
        wanted = formulas(self._wanted)
        there = self._typesetter.has(wanted)
        if there or self._grows or not self._rows or not self.isVisible():
            self._rows, self._plain = self._wanted, not there
            self._lay()
        if not there and self.isVisible():
            self._typesetter.ask(id(self), wanted)
        self.viewport().update()

    def _lay(self) -> None:
        self._page = page(self._rows, self.viewport().width(), self._size, self._broken, self._edge)
        if self._grows:
            bar_ = self.horizontalScrollBar().sizeHint().height() if self._page.width > self.viewport().width() else 0
            self.setFixedHeight(round(self._page.height) + bar_)
        for bar, whole, view in (
            (self.horizontalScrollBar(), self._page.width, self.viewport().width()),
            (self.verticalScrollBar(), self._page.height, self.viewport().height()),
        ):
            bar.setRange(0, max(0, round(whole - view)))
            bar.setPageStep(view)
            bar.setSingleStep(24)
        self.viewport().update()

    def _scale(self) -> float:
        return QFontMetricsF(fonts.sans()).xHeight() / 5.6 * SCALE * 10 / EM

    def _shape(self, piece: Piece) -> Shape | None:
        if piece.latex is None or self._plain or not self._typesetter.has((piece.latex,)):
            return None
        return self._typesetter.shape(piece.latex)

    def _size(self, piece: Piece) -> Size:
        shape, scale = self._shape(piece), self._scale()
        if shape is not None:
            return Size(shape.width * scale, shape.above * scale, shape.below * scale)
        metrics = QFontMetricsF(_font(piece))
        return Size(metrics.horizontalAdvance(piece.text), metrics.ascent(), metrics.descent())

    def _broken(self, text: str, width: float) -> list[str]:
        layout = QTextLayout(text, fonts.sans())
        layout.setTextOption(QTextOption())
        layout.beginLayout()
        found = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 40.0))
            found.append(text[line.textStart() : line.textStart() + line.textLength()].rstrip())
        layout.endLayout()
        return found or [""]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())
        painter.setOpacity(1.0 if self._rows == self._wanted else DIMMED)
        if 0 <= self.current < len(self._page.spans):
            top, bottom = self._page.spans[self.current]
            band = QRectF(0, top, max(self._page.width, self.viewport().width()), bottom - top)
            painter.fillRect(band, self._theme.colour("accent_fill"))
            painter.fillRect(QRectF(0, top, 3, bottom - top), self._theme.colour("accent"))
        for placed in self._page.pieces:
            self._paint(painter, placed, self._theme.colour(COLOURS[placed.piece.role]))
        painter.end()

    def _paint(self, painter: QPainter, placed: Placed, colour: QColor) -> None:
        shape = self._shape(placed.piece)
        if shape is None:
            painter.setFont(_font(placed.piece))
            painter.setPen(colour)
            painter.drawText(QPointF(placed.x, placed.baseline), placed.piece.text)
            return
        painter.save()
        painter.translate(placed.x, placed.baseline)
        painter.scale(self._scale(), self._scale())
        painter.fillPath(shape.outline, colour)
        painter.restore()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._set()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        y = event.position().y() + self.verticalScrollBar().value()
        line = next((number for number, (top, bottom) in enumerate(self._page.spans) if top <= y < bottom), -1)
        self._choose(line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in steps and self._page.spans:
            start = self.current if self.current >= 0 else -1 if event.key() == Qt.Key.Key_Down else 0
            self._choose(max(0, min(len(self._page.spans) - 1, start + steps[Qt.Key(event.key())])))
        elif event.matches(QKeySequence.StandardKey.Copy):
            QApplication.clipboard().setText(self._text)
        else:
            super().keyPressEvent(event)

    def _choose(self, line: int) -> None:
        self.current = line
        if line >= 0:
            self._bring(line)
            self.picked.emit(line)
        self.viewport().update()

    def _bring(self, line: int) -> None:
        """Scroll so that a line is in view."""
        top, bottom = self._page.spans[line]
        bar = self.verticalScrollBar()
        bar.setValue(round(min(top, max(bar.value(), bottom - self.viewport().height()))))


def _font(piece: Piece) -> QFont:
    return fonts.mono() if piece.latex is not None else fonts.sans() if piece.role != "formula" else fonts.mono()
