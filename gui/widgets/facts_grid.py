"""Keys and values under one another, a hairline between."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from gui.theme import fonts
from gui.widgets.labels import label, paragraph

KEY_WIDTH = 120


class FactsGrid(QWidget):
    """Shows (key, value) pairs; a value can be selected and copied. One too long for its place stands under its key."""

    def __init__(self) -> None:
        super().__init__()
        self._facts: tuple[tuple[str, str], ...] = ()
        self._above: tuple[bool, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.setColumnMinimumWidth(0, KEY_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show other pairs."""
        if tuple(facts) != self._facts:
            self._facts = tuple(facts)
            self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._too_long() != self._above:
            self._fill()

    def _too_long(self) -> tuple[bool, ...]:
        metrics, room = QFontMetrics(fonts.mono()), self.width() - KEY_WIDTH - 4
        return tuple(max(map(metrics.horizontalAdvance, value.split("\n"))) > room for _, value in self._facts)

    def _fill(self) -> None:
        self._above = self._too_long()
        while self._grid.count():
            widget = self._grid.takeAt(0).widget()
            widget.hide()
            widget.deleteLater()
        for at, ((key, value), above) in enumerate(zip(self._facts, self._above, strict=True)):
            shown = paragraph(value, "value")
            shown.setAccessibleName(f"{key}: {value}".replace("\n", " "))
            if above:
                self._grid.addWidget(label(key, "key above"), 2 * at, 0, 1, 2)
                self._grid.addWidget(shown, 2 * at + 1, 0, 1, 2)
            else:
                self._grid.addWidget(label(key, "key"), 2 * at, 0)
                self._grid.addWidget(shown, 2 * at, 1)
