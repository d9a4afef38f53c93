"""The table of counts: one map read as a dense layer, as a local one, and as a convolution."""

from __future__ import annotations

import math
from typing import NamedTuple

from gui.tables.columns import Column
from gui.tables.view import Table
from gui.theme.theme import Theme
from tracer import quantities
from tracer.convolution import shapes, toeplitz
from tracer.convolution.layer import Settings


class CountsRow(NamedTuple):
    """The numbers of one reading; `None` where they were too many to count."""

    read_as: str
    stored: int | None
    free: int | None
    zeros: int | None
    why: str


COUNTS = (
    Column("read as", lambda row: row.read_as),
    Column("numbers stored", lambda row: _count(row.stored), right=True),
    Column("of them free", lambda row: _count(row.free), "Numbers that are learnt each by itself", right=True, spare=1),
    Column("zero by structure", lambda row: _count(row.zeros), "Cells in which no weight stands", right=True, spare=2),
    Column("why", lambda row: row.why, colour=lambda _row: "muted", elastic=True),
)


class Counts(Table):
    """Tells what sparsity and stationarity save; the bias is not counted."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("convolution.counts", "Counts", COUNTS, theme)

    def show_settings(self, settings: Settings) -> None:
        """Count for other settings."""
        self.set_rows(counts_rows(settings))


def counts_rows(settings: Settings) -> tuple[CountsRow, ...]:
    """Count the numbers of the three readings."""
    found, weights = toeplitz.counts(settings), math.prod(shapes.weight_shape(settings))
    taps = settings.in_channels // settings.groups * math.prod(settings.kernel_size)
    edge = any(map(any, settings.padding)) or settings.transposed
    read = f"{'at most ' if edge else ''}{quantities.count(taps)} input{'' if taps == 1 else 's'}"
    shared = f"the same {quantities.count(weights)} weights" if weights > 1 else "the same weight"
    return (
        CountsRow("dense layer", found.cells, found.cells, 0, "every output reads every input with its own weight"),
        CountsRow("local (banded)", found.entries, found.entries, found.zeros, f"sparsity: an output reads {read}"),
        CountsRow("convolution", weights, weights, found.zeros, f"stationarity: {shared} at each place"),
    )


def _count(value: int | None) -> str:
    return "not counted" if value is None else quantities.count(value)
