"""A grid of numbers to type into, for one input; values that no grid can show are typed as nested lists."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from gui.widgets.entry import Entry, typed
from gui.widgets.labels import mark
from gui.widgets.pasted import several
from gui.widgets.rows import axes_of, nested, rows_of

MOST_ROWS, MOST_COLUMNS = 12, 8
CELL, LEAST_CELL = 48, 20  # the widths of a cell where there is room, and where many share a narrow form
_MOVES = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class Grid(QWidget):
    """Shows values; `changed` gives all of them anew, each as it was typed."""

    changed = Signal(object)

    def __init__(self, path: str, input_name: str) -> None:
        super().__init__()
        self._path, self._name = path, input_name
        self._values: Any = None
        self._cells: dict[tuple[int, int], Entry] = {}
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.setColumnStretch(MOST_COLUMNS, 1)

    def show_values(self, values: Any) -> None:
        """Show other values; cells that read as theirs stay as they are."""
        self._values = values
        wanted = self._wanted(values)
        if wanted.keys() != self._cells.keys():
            self._rebuild(wanted)
        for place, text in wanted.items():
            if typed(self._cells[place].text()) != typed(text) or not self._cells[place].text():
                self._cells[place].show_text(text)

    def say_wrong(self, wrong: bool) -> None:
        """Mark the cells."""
        for cell in self._cells.values():
            mark(cell, wrong)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go up and down the rows with the arrow keys (Tab goes along them); pasted lists replace all values."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.matches(QKeySequence.StandardKey.Paste):
            values = several(QGuiApplication.clipboard().text())
            if values is not None:
                self.changed.emit(values)
            return values is not None
        move = _MOVES.get(Qt.Key(event.key()))
        place = next((at for at, cell in self._cells.items() if cell is watched), None)
        if move is None or place is None:
            return False
        target = self._cells.get((place[0] + move[0], place[1] + move[1]))
        if target is not None:
            target.setFocus(Qt.FocusReason.TabFocusReason)
        return target is not None

    def _wanted(self, values: Any) -> dict[tuple[int, int], str]:
        """Give the text of each cell, or of the one line (−1, −1) that stands for values too large for a grid."""
        rows = rows_of(values)
        if rows is None or len(rows) > MOST_ROWS or not rows[0] or len(rows[0]) > MOST_COLUMNS:
            return {(-1, -1): values if isinstance(values, str) else json.dumps(values)}
        return {(at, to): str(entry) for at, row in enumerate(rows) for to, entry in enumerate(row)}

    def _rebuild(self, wanted: dict[tuple[int, int], str]) -> None:
        for place in self._cells.keys() - wanted.keys():
            cell = self._cells.pop(place)
            self._layout.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        for place in wanted.keys() - self._cells.keys():
            self._cells[place] = self._cell(place)
            span = 1 if place[1] >= 0 else MOST_COLUMNS + 1
            self._layout.addWidget(self._cells[place], max(0, place[0]), max(0, place[1]), 1, span)
        before: QWidget | None = None
        for place in sorted(self._cells):
            if before is not None:
                QWidget.setTabOrder(before, self._cells[place])
            before = self._cells[place]

    def _cell(self, place: tuple[int, int]) -> Entry:
        row, column = place
        whole = row < 0
        path = self._path if whole else f"{self._path}.{row}.{column}"
        accessible = f"{self._name}, all values" if whole else f"{self._name}, row {row}, column {column}"
        cell = Entry(path, accessible) if whole else _Cell(path, accessible)
        cell.installEventFilter(self)
        cell.edited.connect(partial(self._edited, place))
        return cell

    def _edited(self, place: tuple[int, int], text: str) -> None:
        if place[0] < 0:
            self.changed.emit(_nested_lists(text))
            return
        rows = rows_of(self._values) or [[0]]
        rows[place[0]][place[1]] = typed(text.strip())
        self.changed.emit(nested(rows, axes_of(self._values)))


class _Cell(Entry):
    """One number, as wide as the form allows, up to a width that is enough for most."""

    def __init__(self, path: str, accessible: str) -> None:
        super().__init__(path, accessible)
        self.setProperty("kind", "cell")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(CELL)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def sizeHint(self) -> QSize:
        return QSize(CELL, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_CELL, super().minimumSizeHint().height())


def _nested_lists(text: str) -> Any:
    """Read nested lists; what can't be read stays text, and is refused where it is checked."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text
