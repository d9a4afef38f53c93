"""What is looked at in A·x: one output, and how many columns are added so far; always in range."""

from __future__ import annotations

import msgspec

from tracer.matrix_vector.settings import Settings


class Look(msgspec.Struct, frozen=True):
    """The row (and output) that is lit, and the columns that are added; the last of these is lit too."""

    row: int = 0
    added: int = 1_000_000


def kept(look: Look, settings: Settings) -> Look:
    """Keep what is looked at, as near as there is one, where the matrix has become another."""
    rows, columns = len(settings.matrix), len(settings.vector)
    return Look(min(max(look.row, 0), rows - 1), min(max(look.added, 0), columns))
