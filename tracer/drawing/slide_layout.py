"""Where the sheets of the Slide stand in a picture of some size, and which part of each is in view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from tracer.convolution.tap_places import Ints
from tracer.drawing.slide_sheets import Sheet, Sheets

Pair = tuple[int, int]
SIDE, TOP, HEAD, FOOT = 24.0, 10.0, 10.0, 97.0  # points: margins, room under the titles, the words under the sheets
LINE = 16.0  # from one line of a title to the next
GUTTER, BETWEEN, BAND = 128.0, 22.0, 48.0  # in one dimension: the width and height of titles beside the sheets
CELL, LEAST, MOST = 17.0, 8.0, 64.0  # of a large sheet at first, and the limits of zooming
LARGEST = 40.0  # of a cell that was not zoomed
KERNEL_PART, KERNEL_LEAST, KERNEL_MOST, HEADED = 0.30, 6.0, 46.0, 96.0
NARROW, LOW = 640.0, 330.0
ZOOMS = (0.25, 8.0)


class Part(msgspec.Struct, frozen=True):
    """What is in view: the zoom, the first row and column of x, of the weight and of y (`None`: around what is looked
    at), and the slice of the kernel."""

    zoom: float = 1.0
    x: Pair | None = None
    weight: Pair | None = None
    y: Pair | None = None
    tap: int = 0


class Placed(NamedTuple):
    """A sheet in the picture: its top left corner, the size of a cell, and the first row and column and how many are
    in view. `head` is how wide its title may be."""

    sheet: Sheet
    left: float
    top: float
    cell: tuple[float, float]
    first: Pair
    shown: Pair
    head: float

    @property
    def width(self) -> float:
        """Width in points."""
        return self.shown[1] * self.cell[0]

    @property
    def height(self) -> float:
        """Height in points."""
        return self.shown[0] * self.cell[1]

    @property
    def whole(self) -> bool:
        """Whether all of the sheet is in view."""
        return self.shown == self.sheet.size


class Layout(NamedTuple):
    """The three sheets in their places; `low` is where the words under them begin."""

    x: Placed
    weight: Placed
    y: Placed
    low: float
    flat: bool
    narrow: bool


def laid_out(found: Sheets, part: Part, width: float, height: float, flat: bool) -> Layout:
    """Place the sheets beside each other, or (`flat`, in one dimension) under one another."""
    return (_under if flat else _beside)(found, part, width, height)


def followed(found: Sheets, part: Part, width: float, height: float, flat: bool) -> Part:
    """Move what is in view as little as it takes to see all that belongs to what is looked at."""
    layout = laid_out(found, part, width, height, flat)
    firsts = {name: _follow(getattr(layout, name), getattr(part, name) is None) for name in ("x", "weight", "y")}
    return msgspec.structs.replace(part, **firsts)


def panned(found: Sheets, part: Part, name: str, by: Pair) -> Part:
    """Move what is in view of a sheet by rows and columns, as far as there are any (it is placed within when drawn)."""
    sheet, first = getattr(found, name), getattr(part, name) or (0, 0)
    moved = (min(max(first[axis] + by[axis], 0), sheet.size[axis] - 1) for axis in (0, 1))
    return msgspec.structs.replace(part, **{name: tuple(moved)})


def zoomed(part: Part, factor: float) -> Part:
    """Make the cells larger or smaller."""
    return msgspec.structs.replace(part, zoom=min(max(part.zoom * factor, ZOOMS[0]), ZOOMS[1]))


def _follow(placed: Placed, anew: bool) -> Pair:
    lit = (placed.sheet.lit_rows, placed.sheet.lit_cols)
    return (
        _axis(placed.first[0], placed.shown[0], placed.sheet.size[0], lit[0], anew),
        _axis(placed.first[1], placed.shown[1], placed.sheet.size[1], lit[1], anew),
    )


def _axis(first: int, shown: int, size: int, lit: Ints, anew: bool) -> int:
    """Give the first place in view along an axis: one cell of margin around what is lit; its beginning if too long."""
    if not len(lit):
        return first
    low, high = int(min(lit)), int(max(lit))
    if anew:
        first = (low + high + 1 - shown) // 2
    margin = 1 if high - low + 3 <= shown else 0
    first = max(first, high + margin + 1 - shown)
    first = min(first, low - margin)
    return min(max(first, 0), max(size - shown, 0))


def _placed(
    sheet: Sheet, at: Pair | None, corner: tuple[float, float], cell: tuple[float, float], shown: Pair, head: float
) -> Placed:
    first = at or (0, 0)
    inside = tuple(min(max(first[axis], 0), max(sheet.size[axis] - shown[axis], 0)) for axis in (0, 1))
    return Placed(sheet, *corner, cell, (inside[0], inside[1]), shown, head)


def _beside(found: Sheets, part: Part, width: float, height: float) -> Layout:
    x, weight, y = found.x.size, found.weight.size, found.y.size
    narrow = width < NARROW
    gap = 40.0 if narrow else 66.0
    head = TOP + HEAD + LINE * (2 + narrow + (found.deep))
    high = max(height - head - FOOT, 3 * LEAST)
    wide = max(width - 2 * SIDE - 2 * gap, 12 * LEAST)
    kernel = min(max(min(KERNEL_PART * wide / weight[1], high / weight[0], KERNEL_MOST), KERNEL_LEAST), high)
    weight_shown = (min(weight[0], int(high / kernel)), min(weight[1], max(1, int(0.4 * wide / kernel))))
    column = max(weight_shown[1] * kernel, min(HEADED, 0.26 * wide))
    left = wide - column
    cell = min(left / (x[1] + y[1]), high / max(x[0], y[0]), LARGEST)
    cell = _readable(cell, found.x, high, 0.58 * left)
    cell = min(max(cell * part.zoom, LEAST), MOST)
    rows, places = max(1, int(high / cell)), max(2, int(left / cell))
    x_wide = min(x[1], max(int(places * 0.58), places - y[1]))
    y_wide = min(y[1], places - x_wide)
    x_shown, y_shown = (min(x[0], rows), x_wide), (min(y[0], rows), y_wide)
    spare = left - (x_wide + y_wide) * cell
    gap += min(spare / 4, 60.0)
    start = (width - (x_wide + y_wide) * cell - column - 2 * gap) / 2
    tall = max(x_shown[0] * cell, y_shown[0] * cell, weight_shown[0] * kernel)
    top = head + max(0.0, (high - tall) / 3)
    lefts = (start, start + x_wide * cell + gap, start + x_wide * cell + gap + column + gap)

    def corner(at: float, rows_high: float) -> tuple[float, float]:
        return at, top + (tall - rows_high) / 2

    return Layout(
        _placed(found.x, part.x, corner(lefts[0], x_shown[0] * cell), (cell, cell), x_shown, lefts[1] - start - 10),
        _placed(
            found.weight, part.weight, corner(lefts[1] + (column - weight_shown[1] * kernel) / 2,
            weight_shown[0] * kernel), (kernel, kernel), weight_shown, column + gap - 10,
        ),
        _placed(
            found.y, part.y, corner(lefts[2], y_shown[0] * cell), (cell, cell), y_shown, width - lefts[2] - 8
        ),
        top + tall,
        False,
        narrow,
    )  # fmt: skip


def _readable(whole: float, x: Sheet, high: float, wide: float) -> float:
    """Choose the size of a cell: that at which all is in view, or one at which the cells under the kernel are."""
    if whole >= CELL - 1:
        return whole
    rows, cols = (int(max(lit) - min(lit)) + 2 if len(lit) else 1 for lit in (x.lit_rows, x.lit_cols))
    return min(CELL, max(high / rows, LEAST), max(wide / cols, LEAST))


def _under(found: Sheets, part: Part, width: float, height: float) -> Layout:
    sizes = [sheet.size for sheet in (found.x, found.weight, found.y)]
    gutter = GUTTER if width >= NARROW else GUTTER - 20
    wide = max(width - SIDE - gutter - 12, 12 * LEAST)
    between = BETWEEN if height > LOW else BETWEEN / 2
    high = max(height - TOP - FOOT - 2 * between, 3 * 17.0)
    longest = max(sizes[0][1], sizes[2][1])
    across = wide / longest
    across = min(max((min(across, LARGEST) if across >= 10 else CELL) * part.zoom, LEAST), MOST)
    tall = min(max(min(high / sum(rows for rows, _ in sizes), 26.0) * min(part.zoom, 1.5), 17.0), 34.0)
    rows = _shared(int(high / tall), [max(size[0], int(BAND / tall) + 1) for size in sizes[:2]] + [sizes[2][0]])
    bands = sum(max(min(rows[at], sizes[at][0]) * tall, BAND) for at in (0, 1))
    rows[2] = max(1, int((high - bands) / tall))
    shown = [(min(rows[at], size[0]), min(size[1], max(1, int(wide / across)))) for at, size in enumerate(sizes)]
    kernel = min(max(across, 38.0), wide / max(sizes[1][1], 1))
    kernel = max(kernel, KERNEL_LEAST)
    shown[1] = (shown[1][0], min(sizes[1][1], max(1, int(wide / kernel))))
    spare = max(0.0, high - bands - shown[2][0] * tall)
    between, top = between + min(spare / 3, 34.0), TOP + min(spare / 6, 24.0)
    placed, left = [], SIDE / 2 + gutter
    firsts = (part.x, part.weight, part.y)
    for at, sheet in enumerate((found.x, found.weight, found.y)):
        cell = (kernel, tall) if at == 1 else (across, tall)
        middle = left + (min(longest * across, wide) - shown[at][1] * kernel) / 2 if at == 1 else left
        placed.append(_placed(sheet, firsts[at], (middle, top), cell, shown[at], gutter - 14))
        band = max(shown[at][0] * tall, BAND) if at < 2 else shown[at][0] * tall
        top += band + between
    return Layout(placed[0], placed[1], placed[2], max(top - between, placed[2].top + BAND - 14), True, width < NARROW)


def _shared(places: int, wanted: Sequence[int]) -> list[int]:
    """Share rows out: each gets what it wants, or an equal part of what the others leave; one at least."""
    given, left = [0] * len(wanted), max(places, len(wanted))
    for number, at in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        given[at] = max(1, min(wanted[at], left // (len(wanted) - number)))
        left -= given[at]
    return given
