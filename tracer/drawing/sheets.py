"""A layer as a matrix with its numbers, as pictures of it need it: sheets, and what is lit in them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer import quantities
from tracer.convolution import flip, shapes
from tracer.convolution.by_channel import names
from tracer.convolution.chosen import Chosen, Numbers
from tracer.convolution.layer import Settings
from tracer.convolution.reads import batched
from tracer.convolution.toeplitz import Toeplitz, toeplitz
from tracer.drawing.cells import SHORT, room
from tracer.drawing.display_list import Colour, Path, Rect, Text
from tracer.drawing.matrix_layout import Layout, Part, Widths, column_of, columns_of, row_of
from tracer.drawing.palette import KERNELS

Mark = Rect | Path | Text
EACH = 9.0  # points: the smallest cell that is drawn by itself where it is zero
SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Sheets(NamedTuple):
    """A layer as a matrix with its numbers, `local` rows a sheet. `numbered` tells whether they may be written,
    `flipped` that its kernels are turned round, and y is what they give then, `came` whether an answer came at all."""

    settings: Settings
    matrix: Toeplitz
    arrays: Mapping[str, NDArray[Any]]
    local: int
    numbered: bool
    flipped: bool = False
    came: bool = True

    def flat(self, element: str, batch: int) -> NDArray[Any] | None:
        """Give x or y of one element of the batch, in the order of the matrix; `None` where it may not be shown."""
        if not self.numbered or element not in self.arrays:
            return None
        found: NDArray[Any] = self.arrays[element].reshape(self.settings.batch or 1, -1)[batch]
        return found

    def written(self, value: Any) -> str:
        """Write a number with the digits of the layer's dtype."""
        return quantities.number(float(value), self.settings.dtype)

    def widths(self) -> Widths:
        """Give the widths of the cells of each kind."""
        found = (self._room(name) for name in ("weight", "x", "y", "bias"))
        return Widths(*found)

    def _room(self, name: str) -> float:
        return room(self.arrays[name], self.settings.dtype) if name in self.arrays else SHORT


class Lit(NamedTuple):
    """What is lit: the row of the output that is looked at and the columns that it reads, or the column of the input
    and the rows that read it."""

    forward: bool
    batch: int
    row: int
    column: int
    columns: NDArray[np.int64]
    rows: NDArray[np.int64]


def sheets(settings: Settings, numbers: Numbers, flipped: bool = False, y: Any = None) -> Sheets:
    """Take a layer and its numbers as sheets; where they are not here (or not those of these settings), without them.
    Flipped ones have the y that they give, as far as it is known."""
    arrays = dict(numbers.arrays) if numbers.fresh else {}
    weight, local = arrays.get("weight"), math.prod(shapes.output_size(settings))
    if weight is None:
        return Sheets(
            settings,
            toeplitz(settings, np.ones(shapes.weight_shape(settings))),
            arrays,
            local,
            False,
            False,
            numbers.fresh,
        )
    if flipped:
        arrays |= {"weight": flip.flipped(settings, weight)}
        arrays = {name: array for name, array in arrays.items() if name != "y" and not name.endswith(".grad")}
        arrays |= {} if y is None else {"y": y}
    return Sheets(settings, toeplitz(settings, arrays["weight"]), arrays, local, True, flipped)


def lit(sheets: Sheets, chosen: Chosen) -> Lit:
    """Find what is lit."""
    row, column = row_of(sheets.settings, chosen), column_of(sheets.settings, chosen)
    forward = chosen.leads == "output"
    none = np.zeros(0, np.int64)
    columns = sheets.matrix.row(row)[0] if forward else none
    rows = none if forward else sheets.matrix.column(column)[0]
    return Lit(forward, batched(sheets.settings, chosen.output)[0], row, column, columns, rows)


def hue(kernel: int, strong: bool = False) -> Colour:
    """Give the colour of a kernel."""
    return f"kernel {kernel % KERNELS}{' lit' if strong else ''}"  # type: ignore[return-value]


def superscript(letter: str, kernel: int) -> str:
    """Write the name of a kernel's sheet or output: T⁽¹⁰⁾."""
    return f"{letter}⁽{str(kernel).translate(SUPERSCRIPT)}⁾"


class Seen(NamedTuple):
    """All that the parts of one picture are drawn from."""

    sheets: Sheets
    lit: Lit
    chosen: Chosen
    part: Part
    placed: Layout
    width: float

    def name(self, element: str, at: int) -> str:
        """Write the name of a row's output ("y") or a column's input ("x")."""
        length = columns_of(self.sheets.settings) if element == "x" else self.sheets.matrix.shape[0]
        return names(self.sheets.settings, element, self.lit.batch * length + at)

    def kernels(self) -> Iterator[tuple[int, float]]:
        """Give the kernels in view, each with where its cells begin."""
        for at in range(self.placed.sheets):
            yield self.part.kernel + at, self.placed.sheet_top(at)

    def lit_row(self, row: int) -> bool:
        """Tell whether a row, or its place in another sheet, is looked at."""
        return self.lit.forward and row % self.sheets.local == self.lit.row % self.sheets.local

    def channels(self) -> Iterator[tuple[int, int]]:
        """Give each channel in view with the column, counted in view, where it begins."""
        signal, start = math.prod(self.sheets.settings.input_size), self.part.column
        for channel in range(start // signal, (start + self.placed.columns - 1) // signal + 1):
            yield max(0, channel * signal - start), channel
