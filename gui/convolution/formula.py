"""The size formula with the person's numbers in it; the number whose field has the focus is lit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.theme.theme import Theme
from gui.widgets.labels import heading, paragraph
from tracer.convolution.shapes import FormulaLine, Part


class Formula(QWidget):
    """Shows a line an axis."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("convolution.formula")
        self._theme = theme
        self._lines: tuple[FormulaLine, ...] = ()
        self._lit: tuple[str, int] = ("", 0)
        self._labels: list[QLabel] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(6)
        self._box.addWidget(heading("Size formula"))
        theme.changed.connect(lambda _: self._write())

    def show_lines(self, lines: Sequence[FormulaLine]) -> None:
        """Show other numbers."""
        self._lines = tuple(lines)
        while len(self._labels) < len(lines):
            line = paragraph("", "mono", f"convolution.formula.{len(self._labels)}")
            line.setTextFormat(Qt.TextFormat.RichText)
            self._labels.append(line)
            self._box.addWidget(line)
        self._write()

    def light(self, field: str, axis: int) -> None:
        """Light the number of a field, as long as that field has the focus."""
        if (field, axis) != self._lit:
            self._lit = (field, axis)
            self._write()

    def _write(self) -> None:
        for at, label in enumerate(self._labels):
            label.setVisible(at < len(self._lines))
            if at < len(self._lines):
                label.setText(self._html(self._lines[at]))
                label.setAccessibleName(self._lines[at].text)

    def _html(self, line: FormulaLine) -> str:
        *parts, result = line.parts
        size = self._theme.colour("forward_text").name()
        equals, _, number = result.text.rpartition(" ")
        last = f'{escape(equals)} <b style="color:{size}">{escape(number)}</b>'
        return escape(parts[0].text) + "".join(map(self._part, parts[1:])) + last

    def _part(self, part: Part) -> str:
        text = escape(part.text.replace(" ", ""))  # without spaces the line fits the form
        if part.field is None:
            return text
        if (part.field, part.axis) != self._lit:
            return f"<b>{text}</b>"
        back, front = self._theme.colour("accent").name(), self._theme.colour("panel").name()
        return f'<b style="background:{back};color:{front}">{text}</b>'
