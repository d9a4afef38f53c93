"""The table of what each line of the program gave."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker

from gui.expression.margin import text_of
from gui.tables.columns import Column
from gui.tables.view import Table
from gui.theme.theme import Theme
from tracer import quantities
from tracer.facts import Line


def _tracked(line: Line) -> str:
    return "–" if line.kind != "a tensor" else "yes" if line.tracked else "not tracked"


LINES = (
    Column("line", lambda row: str(row.number)),
    Column("name", lambda row: row.name or "–"),
    Column("value", text_of, "What it gave last", elastic=True, least=120),
    Column("shape", lambda row: "–" if row.shape is None else quantities.brackets(row.shape)),
    Column("dtype", lambda row: row.dtype or "–", colour=lambda _row: "muted", spare=2),
    Column(
        "tracked",
        _tracked,
        "Whether autograd follows it on",
        lambda row: "leaf_text" if row.tracked else "muted",
        spare=1,
    ),
    Column("passes", lambda row: quantities.count(row.passes), "How often the line gave it", right=True),
)


class LineTable(Table):
    """Shows lines; `picked` tells the one that the person chose."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("expression.lines", "Lines", LINES, theme)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        self.set_rows(lines)
        self.say("" if lines else "No line gave anything")

    def choose_line(self, number: int) -> None:
        """Select a line, without telling that the person did; none where it gave nothing."""
        at = next((at for at, row in enumerate(self.rows_model.rows) if row.number == number), None)
        with QSignalBlocker(self):
            if at is None:
                self.clearSelection()
            elif self.rows_model.rows[max(self.currentIndex().row(), 0)].number != number or self.is_clear():
                self.selectRow(at)

    def is_clear(self) -> bool:
        """Tell whether no row is selected."""
        return not self.selectionModel().hasSelection()
