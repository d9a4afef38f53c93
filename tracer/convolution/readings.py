"""One map read in three ways: as a dense layer, as a local one, and as a convolution, with what each has to store."""

from __future__ import annotations

import math
from typing import NamedTuple

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


def counts_rows(settings: Settings) -> tuple[CountsRow, ...]:
    """Count the numbers of the three readings; the bias is not counted."""
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
