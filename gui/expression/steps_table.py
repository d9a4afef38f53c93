"""The tab of backward's steps: a row of each; going to a row goes to that step."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtGui import QShowEvent

from gui.expression.debugger import Debugger
from gui.expression.steps import STEPS, Row, rows
from gui.tables.view import Table
from gui.theme.theme import Theme


class StepsTable(Table):
    """Follows the debugger, and leads it where the person chooses a row."""

    def __init__(self, debugger: Debugger, theme: Theme) -> None:
        super().__init__("expression.steps", "Steps of backward", STEPS, theme)
        self._debugger, self._following = debugger, False
        debugger.moved.connect(self._follow)
        self.picked.connect(self._lead)

    def _follow(self) -> None:
        """Show the steps as they stand, and choose the row of the one done last; not while this is behind others."""
        graph, every, position = self._debugger.graph, self._debugger.steps, self._debugger.position
        if graph is None or not self.isVisible():
            return  # the graph is on its way; what is shown stays until then
        self._following = True
        self.set_rows(rows(graph, every, position))
        if not every:
            self.say("no steps: the output has no gradient, or its graph is too large to step through")
        row = position - 1 if position < len(every) else -1
        choose = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self.rows_model.index(row, 0), choose)
        self._following = False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    def _lead(self, row: Row) -> None:
        if not self._following:
            self._debugger.go(row.step.number)
