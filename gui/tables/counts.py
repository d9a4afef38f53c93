"""The table of counts: one map read as a dense layer, as a local one, and as a convolution."""

from __future__ import annotations

from gui.tables.columns import Column
from gui.tables.view import Table
from gui.theme.theme import Theme
from tracer import quantities
from tracer.convolution.layer import Settings
from tracer.convolution.readings import counts_rows

COUNTS = (
    Column("read as", lambda row: row.read_as),
    Column("numbers stored", lambda row: _count(row.stored), right=True),
    Column("of them free", lambda row: _count(row.free), "Numbers that are learnt each by itself", right=True, spare=1),
    Column("zero by structure", lambda row: _count(row.zeros), "Cells in which no weight stands", right=True, spare=2),
    Column("why", lambda row: row.why, colour=lambda _row: "muted", elastic=True),
)


class Counts(Table):
    """Tells what sparsity and stationarity save; the bias is not counted."""

    def __init__(self, path: str, theme: Theme) -> None:
        super().__init__(path, "Counts", COUNTS, theme)

    def show_settings(self, settings: Settings) -> None:
        """Count for other settings."""
        self.set_rows(counts_rows(settings))


def _count(value: int | None) -> str:
    return "not counted" if value is None else quantities.count(value)
