"""The card of one channel: the patch of x, the slice of the kernel on it, their scalar product, and the sum so far."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer import quantities
from tracer.convolution.by_channel import Part, names
from tracer.convolution.layer import Settings
from tracer.convolution.tap_places import OUTSIDE
from tracer.drawing.cells import cell_text, line, within
from tracer.drawing.display_list import Area, Colour, Rect
from tracer.drawing.sheets import Mark

SIZE = 10.5  # of the numbers in cells
PAD, TITLE, NAME, SIGN, FOOT, SLICE = 12.0, 24.0, 14.0, 22.0, 42.0, 5.0
HIGH, SIDE = 18.0, 13.0  # of a cell with a number, and of one that has none
LEAST = 176.0  # the narrowest card: its foot needs that
MOST_NUMBER, LEAST_SIDE = 43.0, 4.0  # the widest cell where there are many, and the smallest
MOST_GROWN, HIGHEST = 62.0, 26.0  # of a cell where there are few
FREE, GAP = 8.0, 12.0  # over the foot, and between cards


class Card(NamedTuple):
    """The size of all cards of a picture, of the cells in them, and how many of those: planes, rows and columns.
    `beside`: the two grids stand side by side."""

    width: float
    height: float
    wide: float
    high: float
    grid: tuple[float, float]
    cells: tuple[int, int, int]
    beside: bool
    written: bool


class Scale(NamedTuple):
    """The numbers that are the ends of the scale of colours: of the patches, and of the kernel."""

    patch: float
    weight: float


class Drawn(NamedTuple):
    """What one card shows."""

    settings: Settings
    part: Part
    forward: bool
    title: str
    lit: bool


def card(shape: tuple[int, ...], parts: int, needs: float, across: float, down: float) -> Card:
    """Find the size of cards for patches of a shape: of those that fit, the one of which most are in view; with
    numbers where they fit, else with cells as large as they can be, and of a huge patch only the first of them."""
    whole, needs = _planes(shape), min(needs, MOST_NUMBER)
    numbered = [_sized(whole, needs, HIGH, beside, True) for beside in (False, True)]
    fits = [size for size in numbered if size.width <= across and size.height <= down]
    if fits:
        best = max(fits, key=lambda size: (min(parts, in_view(size, across, down)), size.beside))
        return _grown(best, parts, across, down)
    wide, high = (across - 2 * PAD - SIGN) / 2, down - TITLE - NAME - FOOT - FREE
    planes = min(whole[0], max(1, int((high + SLICE) / (LEAST_SIDE + SLICE))))
    high -= (planes - 1) * SLICE
    rows = min(whole[1], max(1, int(high / planes / LEAST_SIDE)))
    columns = min(whole[2], max(1, int(wide / LEAST_SIDE)))
    side = max(LEAST_SIDE, min(SIDE, wide / max(columns, 1), high / max(planes * rows, 1)))
    return _sized((planes, rows, columns), side, side, True, False)


def _grown(size: Card, parts: int, across: float, down: float) -> Card:
    """Let the cells of cards that all stand in one row take the room that is left."""
    if parts * (size.width + GAP) - GAP > across:
        return size
    planes, rows, columns = size.cells
    spare = (across + GAP) / parts - GAP - size.width
    wide = min(MOST_GROWN, size.wide + max(0.0, spare / max(columns * (2 if size.beside else 1), 1)))
    over = (down - size.height) / max(planes * rows * (1 if size.beside else 2), 1)
    grown = _sized(size.cells, wide, min(HIGHEST, size.high + max(0.0, over)), size.beside, True)
    return grown if parts * (grown.width + GAP) - GAP <= across else size


def in_view(size: Card, across: float, down: float) -> int:
    """Count the cards of a size that fit."""
    return max(1, int((across + GAP) / (size.width + GAP))) * max(1, int((down + GAP) / (size.height + GAP)))


def _sized(cells: tuple[int, int, int], wide: float, high: float, beside: bool, written: bool) -> Card:
    planes, rows, columns = cells
    grid = (columns * wide, planes * rows * high + max(0, planes - 1) * SLICE)
    width = max(LEAST, (2 * grid[0] + SIGN if beside else grid[0]) + 2 * PAD)
    height = TITLE + (NAME + grid[1]) * (1 if beside else 2) + FOOT + FREE
    return Card(width, height, wide, high, grid, cells, beside, written)


def _planes(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Give a shape as planes, rows and columns."""
    *outer, rows, columns = (1, 1, *shape)
    return math.prod(outer), rows, columns


def marks(size: Card, drawn: Drawn, scale: Scale, x: float, y: float) -> Iterator[Mark | Area]:
    """Draw a card with its top left corner at x, y."""
    part = drawn.part
    ring: Colour = ("forward" if drawn.forward else "backward") if drawn.lit else "border"
    yield Rect(x, y, size.width, size.height, 6.0, "card", ring, 1.8 if drawn.lit else 1.0)
    yield line(x + PAD, y + 17, drawn.title, 12.0, "semibold")
    owner = f"channel {part.channel}"
    yield Area(owner, x, y, size.width, size.height, f"{drawn.title}: {_number(drawn, part.product)}")
    inner = (2 * size.grid[0] + SIGN) if size.beside else size.grid[0]
    left, top = x + (size.width - inner) / 2, y + TITLE + NAME
    element = "x" if drawn.forward else "y"
    count, few = part.patch.size, math.prod(size.cells)
    some = f": {quantities.count(few)} of {quantities.count(count)}" if few < count else ""
    yield line(left, top - 4, f"{'x' if drawn.forward else 'y.grad'}{some}", 10.0, "mono", "muted")
    yield from _grid(size, drawn, (part.patch, part.places, element), scale.patch, left, top)
    second = (left + size.grid[0] + SIGN, top) if size.beside else (left, top + size.grid[1] + NAME)
    if size.beside:
        middle = left + size.grid[0] + SIGN / 2
        yield line(middle, top + size.grid[1] / 2 + 5, "·", 16.0, "semibold", "muted", "middle")
    yield line(second[0], second[1] - 4, "kernel", 10.0, "mono", "muted")
    yield from _grid(size, drawn, (part.weights, part.taps, "weight"), scale.weight, *second)
    foot, right = y + size.height - FOOT, x + size.width - PAD
    yield Rect(x + PAD, foot + 1, size.width - 2 * PAD, 0.75, 0.0, "border")
    for at, (words, value) in enumerate((("scalar product", part.product), ("sum so far", part.so_far))):
        colour: Colour = "muted" if at else "forward_text" if drawn.forward else "backward_text"
        yield line(x + PAD, foot + 17 + at * 17, words, 11.0, colour="muted")
        text = cell_text(value, drawn.settings.dtype, size.width - 2 * PAD - 84, 11.5)
        yield line(right, foot + 17 + at * 17, text, 11.5, "mono", colour, "end")


def _grid(
    size: Card,
    drawn: Drawn,
    numbers: tuple[NDArray[np.float64], NDArray[np.int64], str],
    largest: float,
    left: float,
    top: float,
) -> Iterator[Mark | Area]:
    """Draw a grid of numbers; a zero of the padding is an empty cell that says so."""
    values, places, element = numbers
    planes, rows, columns = size.cells
    shown = [array.reshape(_planes(array.shape))[:planes, :rows, :columns] for array in (values, places)]
    for at, value, place in zip(np.ndindex(size.cells), shown[0].flat, shown[1].flat, strict=True):
        plane, row, column = at
        x = left + column * size.wide
        y = top + (plane * rows + row) * size.high + plane * SLICE
        outside = place == OUTSIDE
        shade = None if outside else float(value) / largest
        box = (x, y, size.wide - 1.5, size.high - 1.5)
        yield Rect(*box, 2.0, None, "border" if outside else None, 1.0, outside, shade)
        name = "a zero of the padding" if outside else names(drawn.settings, element, int(place))
        gradient = ".grad" if element == "y" else ""
        number = "" if outside else f"{gradient} = {_number(drawn, float(value))}"
        owner = f"channel {drawn.part.channel}" if outside or element == "weight" else f"{element} {place}"
        yield Area(owner, x, y, size.wide, size.high, f"{name}{number}")
        if size.written:
            text = "pad" if outside else cell_text(float(value), drawn.settings.dtype, size.wide - 3, SIZE)
            yield within(x + size.wide / 2 - 0.75, y, size.high - 1.5, text, "muted" if outside else "text", SIZE)


def _number(drawn: Drawn, value: float) -> str:
    return quantities.number(value, drawn.settings.dtype)
