"""The Jacobian of the output, asked for when its tab is looked at: a row an element of the output, a column an element
of an input."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.tables.columns import Column
from gui.tables.view import Table
from gui.theme.theme import Theme
from gui.widgets.labels import name, paragraph, say
from tracer.analysis.jacobian import Jacobian
from tracer.worker.messages import JacobianFound

COMPUTING = "computing the Jacobian, one backward for each element of the output…"


class JacobianPage(QWidget):
    """Tells by `wanted` that it is looked at and has no newest Jacobian; shows the one that comes, or why none does."""

    wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        name(self, "expression.jacobian", "Jacobian")
        self._theme, self._stale = theme, False
        self.table: Table | None = None
        self._words = paragraph("", "muted", "expression.jacobian.words")
        self._words.setContentsMargins(12, 8, 12, 6)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self._box.addWidget(self._words)

    def renew(self) -> None:
        """Note that there is a newer result, whose Jacobian is another."""
        self._stale = True
        if self.isVisible():
            self._ask()

    def show_found(self, message: JacobianFound) -> None:
        """Show what was found for the newest result."""
        found = message.jacobian
        self._drop()
        say(self._words, message.why if found is None else _title(found))
        if found is not None:
            self.table = Table("expression.jacobian.table", "Jacobian", _columns(found), self._theme)
            self.table.set_rows(range(len(found.rows)))
            self._box.insertWidget(1, self.table, 1)

    def say(self, words: str) -> None:
        """Say what is waited for, where nothing is shown."""
        if self.table is None:
            say(self._words, words)

    def set_dimmed(self, dimmed: bool) -> None:
        """Show the Jacobian as that of an earlier state."""
        if self.table is not None:
            self.table.set_dimmed(dimmed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._ask()

    def _ask(self) -> None:
        self._stale = False
        self.set_dimmed(True)
        say(self._words, COMPUTING)
        self.wanted.emit()

    def _drop(self) -> None:
        if self.table is not None:
            self._box.removeWidget(self.table)
            self.table.hide()
            self.table.deleteLater()
            self.table = None


def _title(found: Jacobian) -> str:
    size = f"{len(found.rows)} × {len(found.columns)}"
    return f"∂{found.output}/∂input, output × input, {size}: row i, column j is how element i changes with input j"


def _columns(found: Jacobian) -> list[Column]:
    return [
        Column(f"∂ {found.output}", partial(_row_name, found), colour=lambda _row: "muted"),
        *(Column(title, partial(_number, found, at), right=True) for at, title in enumerate(found.columns)),
    ]


def _row_name(found: Jacobian, row: int) -> str:
    return found.rows[row]


def _number(found: Jacobian, column: int, row: int) -> str:
    return found.numbers[row][column]
