"""A matrix made of kernels: the kernels slide and leave their rows behind, sheet behind sheet, and y stands as a slab.

The same map is read in three ways: dense, where each cell is a number of its own; local, where only the band is; and
shared, where the numbers of the band are those of the kernel at each place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tracer.drawing import number_table
from tracer.drawing.cells import line, within
from tracer.drawing.display_list import Area, DisplayList, Path, Rect, Text
from tracer.drawing.font_widths import width as text_width
from tracer.drawing.kernel_words import MARGIN, cell_words, counts, sentence, sum_text, title, weight
from tracer.drawing.moment import Moment, bank_of, paragraph, written
from tracer.drawing.number_table import GAP, Table, part, shortened
from tracer.drawing.sheets import hue
from tracer.matrix_vector.readings import total
from tracer.matrix_vector.settings import Bank, Settings

Mark = Rect | Path | Text
TOP, LINE = 78.0, 20.0  # points
FOOT, BRIEF, LOW = 118.0, 54.0, 440.0  # the counts and the sentence; a canvas less high than LOW has only the counts
DEEP, BEHIND = (11.0, 9.0), 4  # how far a sheet stands right of and above the next, and how many are seen behind
LEAST, MOST = 20.0, 36.0  # heights of a cell
ROOMY = 560.0  # a canvas less wide has no room for the bank beside the sheets
SIGN, ARROW, FEW = 26.0, 34.0, 5  # the room of a sign and of the arrow, and the columns that must be seen
SPREAD = 0.6180339887  # goes through all shades without coming near the last ones


class Placed(NamedTuple):
    """What is drawn where: the kernels from front to back, the lit row, the parts of rows, columns and x in view."""

    settings: Settings
    bank: Bank
    moment: Moment
    order: tuple[int, ...]
    lit: int
    rows: range
    columns: range
    signal: range
    left: float
    top: float
    wide: float
    high: float
    tap_wide: float
    x_wide: float
    y_wide: float
    width: float

    @property
    def right(self) -> float:
        """Where the sheets end, those behind included."""
        return self.left + len(self.columns) * self.wide + (len(self.order) - 1) * DEEP[0]

    def laid(self, row: int) -> bool:
        """Tell whether the kernels have come to a row; a layer that shares nothing has all of its rows."""
        return self.moment.kind != "shared" or row < self.moment.step

    def cell(self, kernel: int, row: int, column: int) -> int:
        """Tell which number of the bank stands in a cell of a kernel's sheet; −1 is a zero by structure."""
        return self.bank.weights[kernel * self.bank.height + row][column]

    def y(self, kernel: int, row: int) -> str:
        """Write an output."""
        return written(self.settings, total(self.settings, kernel * self.bank.height + row))


def steps(settings: Settings) -> int:
    """Count the places that a kernel slides over."""
    return bank_of(settings).height


def picture(settings: Settings, moment: Moment, width: float, height: float) -> DisplayList:
    """Draw the bank, its sheets, x and y; under them the sum of the lit row, the counts, and what they mean."""
    seen = _placed(settings, moment, width, height)
    marks: list[Mark] = [*title(seen.bank, len(settings.vector), width)]
    areas: list[Area] = []
    for draw in (_bank, _behind, _sheet, _signal, _slab):
        for mark in draw(seen):
            (areas if isinstance(mark, Area) else marks).append(mark)  # type: ignore[arg-type]
    y = max(seen.top + max(len(seen.rows), len(seen.signal)) * seen.high + 16, 0.0)
    marks += _sums(seen, y, width)
    for mark in counts(seen.bank, moment, MARGIN, width, height - foot_of(height) + 10):
        (areas if isinstance(mark, Area) else marks).append(mark)  # type: ignore[arg-type]
    if height >= LOW:
        marks += paragraph(sentence(settings, moment), MARGIN, height - 52, width - 2 * MARGIN)
    said = (
        f"{len(seen.bank.kernels)} sheets of {seen.bank.height} × {len(settings.vector)}. {sentence(settings, moment)}"
    )
    return DisplayList(width, height, tuple(marks), tuple(areas), "", said)


def foot_of(height: float) -> float:
    """Give the height of what stands under the sums."""
    return FOOT if height >= LOW else BRIEF


def _placed(settings: Settings, moment: Moment, width: float, height: float) -> Placed:
    bank, inputs = bank_of(settings), len(settings.vector)
    lit = moment.lit if moment.lit is not None else max(moment.step - 1, 0)
    least = number_table.widest([[written(settings, number) for number in bank.flat]], 56.0)
    x_wide = number_table.widest([[written(settings, number) for number in settings.vector]], 56.0)
    y_wide = number_table.widest([[written(settings, total(settings, lit))], *_some_totals(settings)], 56.0)
    layers = min(len(bank.kernels), BEHIND + 1, max(1, int((height - 280) // DEEP[1])))
    bare = width - MARGIN - x_wide - 2 * SIGN - MARGIN
    while layers > 1 and bare - layers * (DEEP[0] + y_wide) < min(inputs, FEW) * least:
        layers -= 1
    room = bare - layers * (DEEP[0] + y_wide)
    bank_wide = len(bank.kernels[0][0]) * least + ARROW
    left = MARGIN + (bank_wide if room - bank_wide >= min(inputs, FEW) * least and width >= ROOMY else 0.0)
    room -= left - MARGIN
    top = TOP + (layers - 1) * DEEP[1]
    tall = max(height - top - LINE * min(layers, 2) - 38 - foot_of(height), LEAST)
    high = min(MOST, max(LEAST, tall / max(bank.height, inputs)))
    wide = max(least, min(high, room / inputs))
    reads = [column for column, at in enumerate(bank.weights[lit]) if at >= 0]
    middle, fits = reads[len(reads) // 2] if reads else 0, max(1, int(tall // high))
    return Placed(
        settings=settings,
        bank=bank,
        moment=moment,
        order=tuple((moment.kernel + at) % len(bank.kernels) for at in range(layers)),
        lit=lit,
        rows=part(bank.height, fits, lit),
        columns=part(inputs, int(max(room, wide) // wide), middle),
        signal=part(inputs, fits, middle),
        left=left,
        top=top,
        wide=wide,
        high=high,
        tap_wide=least,
        x_wide=x_wide,
        y_wide=max(y_wide, min(wide, 32.0)),
        width=width,
    )


def _some_totals(settings: Settings) -> list[list[str]]:
    few = range(0, len(settings.matrix), max(1, len(settings.matrix) // 24))
    return [[written(settings, total(settings, at)) for at in few]]


def _bank(seen: Placed) -> Iterator[Mark | Area]:
    """Draw the m × k bank, a row a channel of a kernel, each in its kernel's colour."""
    bank = seen.bank
    if seen.left <= MARGIN:
        return
    channels, m, k = len(bank.signal), len(bank.kernels), len(bank.kernels[0][0])
    size = f"m × k = {m} × {k}" if channels == 1 else f"m × c × k = {m} × {channels} × {k}"
    texts = [[written(seen.settings, tap) for tap in row] for kernel in bank.kernels for row in kernel]
    fits = max(1, int((len(seen.rows) * seen.high) // LEAST))
    shown = part(len(texts), fits, seen.moment.kernel * channels)
    table = Table(texts, shown, range(len(texts[0])), MARGIN, seen.top, seen.tap_wide, min(seen.high, 26.0))
    yield line(MARGIN, seen.top - 10, size, 11.0, colour="muted")
    yield from number_table.cells(table, lambda row, _: hue(row // channels, row // channels == seen.moment.kernel))
    yield from number_table.areas(
        table,
        lambda row, _: f"kernel {row // channels}",
        lambda row, tap: f"{weight(bank, row * len(texts[0]) + tap)} = {texts[row][tap]}",
    )
    middle = seen.top + 13
    yield Path(((table.right + 4, middle), (seen.left - 12, middle)), False, stroke="muted", line=1.4)
    head = ((seen.left - 6, middle), (seen.left - 13, middle - 4), (seen.left - 13, middle + 4))
    yield Path(head, False, True, "muted", None)


def _behind(seen: Placed) -> Iterator[Mark | Area]:
    """Draw the sheets behind the one in front, from the furthest on: their bands, as far as the kernels have come."""
    wide, high = len(seen.columns) * seen.wide, len(seen.rows) * seen.high
    for depth in range(len(seen.order) - 1, 0, -1):
        kernel, x, y = seen.order[depth], seen.left + depth * DEEP[0], seen.top - depth * DEEP[1]
        yield Rect(x - 4, y - 4, wide + 6, high + 6, 4.0, "card", "border")
        for row in seen.rows:
            for column in seen.columns:
                if seen.cell(kernel, row, column) >= 0 and seen.laid(row):
                    left, top = x + (column - seen.columns.start) * seen.wide, y + (row - seen.rows.start) * seen.high
                    yield Rect(left, top, seen.wide - GAP, seen.high - GAP, 2.0, hue(kernel, False))
        yield Area(f"kernel {kernel}", x, y, wide, high, f"The sheet of kernel {kernel + 1}: click to bring it forward")


def _sheet(seen: Placed) -> Iterator[Mark | Area]:
    """Draw the sheet in front, each cell as what it is: a number of its own, a shared one, or none."""
    kernel = seen.order[0]
    wide, high = len(seen.columns) * seen.wide, len(seen.rows) * seen.high
    yield Rect(seen.left - 4, seen.top - 4, wide + 6, high + 6, 4.0, "card", "border")
    told = number_table.told("columns", seen.columns, len(seen.settings.vector))
    label = f"T({kernel + 1}): {seen.bank.height} × {len(seen.settings.vector)}" + (f", {told}" if told else "")
    yield line(seen.left, seen.top + high + 16, label, 11.0, colour="muted")
    for row in seen.rows:
        y = seen.top + (row - seen.rows.start) * seen.high
        if not seen.laid(row):
            yield Rect(seen.left, y, wide - GAP, seen.high - GAP, 3.0, None, "border", 1.0, True)
            yield Area(f"step {row + 1}", seen.left, y, wide, seen.high, f"row {row}: the kernel has not come here yet")
            continue
        for column in seen.columns:
            yield from _cell(seen, kernel, row, column, y)
    if seen.lit in seen.rows and seen.laid(seen.lit):
        y = seen.top + (seen.lit - seen.rows.start) * seen.high
        yield Rect(seen.left - 3, y - 3, wide + 4, seen.high + 4, 5.0, None, "forward", 2.0)


def _cell(seen: Placed, kernel: int, row: int, column: int, y: float) -> Iterator[Mark | Area]:
    at, kind = seen.cell(kernel, row, column), seen.moment.kind
    x, wide, high = seen.left + (column - seen.columns.start) * seen.wide, seen.wide - GAP, seen.high - GAP
    value = written(seen.settings, seen.settings.matrix[kernel * seen.bank.height + row][column])
    if kind != "dense" and at < 0:
        yield within(x + wide / 2, y, high, "∅", "muted", 10.0)
    elif kind == "shared":
        yield Rect(x, y, wide, high, 3.0, hue(kernel, row == seen.lit))
        yield within(x + wide / 2, y, high, shortened(value, wide - 2, 11.0, "mono"))
    else:
        number = (kernel * seen.bank.height + row) * len(seen.settings.vector) + column
        yield Rect(x, y, wide, high, 3.0, shade=(number * SPREAD) % 1.0 * 1.7 - 0.85)
        yield within(x + wide / 2, y, high, shortened(value, wide - 2, 11.0, "mono"))
    words = cell_words(seen.bank, kind, (kernel * seen.bank.height + row, column), value)
    yield Area(f"row {row}", x, y, seen.wide, seen.high, words)


def _signal(seen: Placed) -> Iterator[Mark | Area]:
    """Draw x with the window that the lit row reads."""
    texts = [[written(seen.settings, number)] for number in seen.settings.vector]
    x = seen.right + SIGN
    reads = {column for column, at in enumerate(seen.bank.weights[seen.lit]) if at >= 0}
    table = Table(texts, seen.signal, range(1), x, seen.top, seen.x_wide, seen.high)
    dense = seen.moment.kind == "dense"
    yield line(x - 13, seen.top + len(seen.rows) * seen.high / 2 + 4, "×", 15.0, colour="muted", anchor="middle")
    yield line(x, seen.top - 10, "x", 12.0, "semibold")
    yield from number_table.cells(table, lambda row, _: "taken" if dense or row in reads else "cell")
    place, told = _names(seen.bank), number_table.told("rows", seen.signal, len(texts))
    yield line(x, table.bottom + 14, told.removeprefix("rows "), 10.5, colour="muted")
    yield from number_table.areas(table, lambda _row, _: "", lambda row, _: f"{place[row]} = {texts[row][0]}")


def _slab(seen: Placed) -> Iterator[Mark | Area]:
    """Draw y as the slab that it is: a layer a kernel, each one step further back."""
    x, kernels = seen.right + SIGN + seen.x_wide + SIGN, len(seen.bank.kernels)
    yield line(x - 13, seen.top + len(seen.rows) * seen.high / 2 + 4, "=", 15.0, colour="muted", anchor="middle")
    bottom, shown = seen.top + len(seen.rows) * seen.high + 16, len(seen.order)
    label = f"{seen.bank.height} high, {kernels} thick" + (f", {shown} shown" if shown < kernels else "")
    fits = x + text_width(label, 11.0) <= seen.width - 4
    yield line(x, bottom, label if fits else f"{seen.bank.height} × {kernels}", 11.0, colour="muted")
    for depth in range(len(seen.order) - 1, -1, -1):
        kernel, rise = seen.order[depth], depth * DEEP[1]
        texts = [[seen.y(kernel, row) if seen.laid(row) else "·"] for row in range(seen.rows.stop)]
        table = Table(texts, seen.rows, range(1), x + depth * seen.y_wide, seen.top - rise, seen.y_wide, seen.high)
        yield line(table.x, table.y - 10, f"y({kernel + 1})", 11.0, "semibold")
        yield from number_table.cells(table, lambda row, _, kernel=kernel: hue(kernel, row == seen.lit))  # type: ignore[misc]
        yield from number_table.areas(
            table,
            lambda row, _: f"row {row}" if seen.laid(row) else f"step {row + 1}",
            lambda row, _, kernel=kernel: f"y({kernel + 1})[{row}] = {seen.y(kernel, row)}",  # type: ignore[misc]
        )
        if seen.lit in seen.rows and seen.laid(seen.lit):
            left, top, cell, high = table.box(seen.lit, 0)
            yield Rect(left - 2, top - 2, cell + 4, high + 4, 5.0, None, "forward", 1.8)


def _sums(seen: Placed, y: float, width: float) -> Iterator[Text]:
    """Write the lit outputs out: what stands in the row, times what it reads; zeros by structure are left out."""
    if not seen.laid(seen.lit):
        yield line(MARGIN, y + LINE, "No row is laid yet: play, or step on.", 12.0, colour="muted")
        return
    for at, kernel in enumerate(seen.order[:2]):
        text = f"y({kernel + 1})[{seen.lit}] = {sum_text(seen.settings, kernel, seen.lit, seen.moment.kind == 'dense')}"
        shown = shortened(text, width - 2 * MARGIN, 12.0, "mono")
        yield line(MARGIN, y + LINE * (at + 1), shown, 12.0, "mono", "text" if at == 0 else "muted")


def _names(bank: Bank) -> list[str]:
    """Name the numbers of the signal: x[2], or with their channel x[0, 2]."""
    channels, length = range(len(bank.signal)), range(len(bank.signal[0]))
    return [f"x[{channel}, {at}]" if len(channels) > 1 else f"x[{at}]" for channel in channels for at in length]
