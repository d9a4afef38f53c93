"""The picture of a kernel that slides: x, weight and y side by side, and the sum of what is looked at under them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from tracer import quantities
from tracer.convolution.chosen import Chosen, Numbers
from tracer.convolution.layer import Settings
from tracer.convolution.tap_places import OUTSIDE
from tracer.drawing import number_grid, slide_foot, slide_layout, slide_sum
from tracer.drawing.display_list import Colour, DisplayList, Font, Mark, Path, Rect, Text
from tracer.drawing.font_widths import fitted, width
from tracer.drawing.slide_foot import Drawn, shape
from tracer.drawing.slide_layout import LINE, SIDE, TOP, Part, Placed
from tracer.drawing.slide_sheets import Sheet, sheets
from tracer.drawing.slide_sum import Sum

Box = tuple[float, float, float, float]
TITLE, WORD = 13.0, 12.0  # sizes of texts


def picture(
    settings: Settings, numbers: Numbers, chosen: Chosen, part: Part, width: float, height: float, waiting: str = ""
) -> DisplayList:
    """Draw what is looked at; `waiting` is said while there are no numbers of these settings."""
    found = sheets(settings, chosen, part.tap)
    layout = slide_layout.laid_out(found, part, width, height, settings.dims == 1)
    total = slide_sum.of_chosen(settings, numbers, chosen)
    drawn = Drawn(settings, numbers, chosen, found, layout, total, waiting)
    marks = [
        *_grids(drawn),
        *_guides(drawn),
        *_rings(drawn),
        *_heads(drawn),
        *slide_foot.foot(drawn, width, height),
    ]
    return DisplayList(
        width,
        height,
        tuple(marks),
        tuple(number_grid.area(placed, name) for name, placed in _placed(drawn)),
        "Slide",
        title(total, settings),
    )


def title(total: Sum, settings: Settings) -> str:
    """Say in a sentence what the picture shows."""
    words = f"{total.head}: {slide_sum.count_words(total)}"
    return words if total.write is None else f"{words}, {quantities.number(total.value, settings.dtype)}"


def _placed(drawn: Drawn) -> tuple[tuple[str, Placed], ...]:
    return (("x", drawn.layout.x), ("weight", drawn.layout.weight), ("y", drawn.layout.y))


def _array(drawn: Drawn, placed: Placed) -> NDArray[Any] | None:
    return drawn.numbers.arrays.get(placed.sheet.name)


def _grids(drawn: Drawn) -> Iterator[Mark]:
    """Draw the three sheets; the strongest shade is that of the largest number in what a sheet is a part of."""
    start = 0 if drawn.settings.batch is None else 1
    for name, placed in _placed(drawn):
        array = _array(drawn, placed)
        depth = start if drawn.settings.dims == 1 else start + 1
        near = array[placed.sheet.before[:depth]] if array is not None and name != "weight" else array
        most = number_grid.largest(near) if near is not None else 0.0
        yield from number_grid.cells(placed, array, most, drawn.settings.transposed and name == "x")


def cell_words(settings: Settings, numbers: Numbers, chosen: Chosen, part: Part, owner: str) -> str:
    """Say what stands in the cell of an owner, "x 3 5"."""
    name, row, column = owner.split()
    sheet: Sheet = getattr(sheets(settings, chosen, part.tap), name)
    array = numbers.arrays.get(sheet.name)
    gaps = settings.transposed and name == "x"
    return number_grid.cell_words(sheet, int(row), int(column), array, settings.dtype, gaps)


def _rings(drawn: Drawn) -> Iterator[Mark]:
    """Frame the cells that belong together: under the kernel, of the kernel that count, and of the output."""
    colour = drawn.colour
    x, weight, y = drawn.layout.x, drawn.layout.weight, drawn.layout.y
    yield Rect(weight.left, weight.top, weight.width, weight.height, 1.0, None, "leaf", 1.6)
    sheet = weight.sheet
    if (len(sheet.lit_rows), len(sheet.lit_cols)) != sheet.size:
        yield from number_grid.ring(weight, sheet.lit_rows, sheet.lit_cols, colour, 1.6)
    for placed in (x, y):
        rows, cols = placed.sheet.lit_rows, placed.sheet.lit_cols
        rows = rows[:0] if drawn.sheets.unread and placed is y else rows
        around = number_grid.span(placed, rows, cols)
        rings = list(number_grid.ring(placed, rows, cols, colour, 2.2))
        if around and len(rings) > 1:  # taps apart from one another: the reach of the kernel around them
            left, top, right, bottom = around
            yield Rect(left - 2, top - 2, right - left + 4, bottom - top + 4, 2.0, None, colour, 1.2, True)
        yield from (rings if len(rings) < 2 else number_grid.ring(placed, rows, cols, colour, 1.5))


def _guides(drawn: Drawn) -> Iterator[Mark]:
    """Lead dashed lines from what lies under the kernel to the kernel, and from there to the output."""
    x, weight, y = (number_grid.span(p, p.sheet.lit_rows, p.sheet.lit_cols) for _, p in _placed(drawn))
    placed = drawn.layout.weight
    kernel = (placed.left, placed.top, placed.left + placed.width, placed.top + placed.height)
    if drawn.sheets.unread or not weight:
        return
    for box, after in ((x, False), (y, True)):
        if box:
            ends = _ends(box, kernel, drawn.layout.flat) if not after else _ends(kernel, box, drawn.layout.flat)
            for points in ends:
                yield Path(points, curved=False, stroke=drawn.colour, line=1.1, dashed=True)


def _ends(a: Box, b: Box, flat: bool) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Join the near sides of two boxes by two lines."""
    if flat:
        return (((a[0], a[3]), (b[0], b[1])), ((a[2], a[3]), (b[2], b[1])))
    return (((a[2], a[1]), (b[0], b[1])), ((a[2], a[3]), (b[0], b[3])))


def _heads(drawn: Drawn) -> Iterator[Mark]:
    for name, placed in _placed(drawn):
        array_name = placed.sheet.name
        size = quantities.shape(shape(drawn, name))
        lines = _which(drawn, name)
        left, top = (SIDE / 2, placed.top + 11) if drawn.layout.flat else (placed.left, TOP + 12)
        if name == "weight" and not drawn.layout.flat:
            left = drawn.layout.x.left + drawn.layout.x.head + 10
        called = width(array_name, TITLE, "semibold")
        yield Text(left, top, array_name, called, TITLE, "semibold")
        room = placed.head - called - 8
        if drawn.layout.flat or drawn.layout.narrow:
            lines, room = (size, *lines), 0.0
        else:
            yield _text(left + called + 8, top, size, room)
        for number, words in enumerate(lines):
            yield _text(left, top + LINE * (number + 1), words, placed.head)


def _text(x: float, y: float, words: str, most: float, font: Font = "sans", colour: Colour = "muted") -> Text:
    size = WORD if width(words, WORD, font) <= most else WORD - 1.5
    shown = fitted(words, size, font, most)
    return Text(x, y, shown, width(shown, size, font), size, font, colour)


def _which(drawn: Drawn, name: str) -> tuple[str, ...]:
    """Say which channel, kernel and slice a sheet shows, counted from 0."""
    settings, found = drawn.settings, drawn.sheets
    batch = f"batch {drawn.chosen.output[0]}, " if (settings.batch or 1) > 1 else ""
    deep = settings.dims == 3
    flipped = "flipped" if found.flipped else ""
    if settings.dims == 1 and name == "weight":
        one = f"channel {found.channel}" if drawn.chosen.leads == "input" else f"kernel {found.kernel}"
        return (", ".join(filter(None, (one, flipped))),)
    if settings.dims == 1:
        return (batch + {"x": "a row a channel", "y": "a row a kernel"}[name],)
    channel = f"channel {found.channel} of 0–{settings.in_channels - 1}"
    kernel = f"kernel {found.kernel} of 0–{settings.out_channels - 1}"
    if name == "weight":
        both = f"kernel {found.kernel}, channel {found.channel}"
        return (both if deep or not flipped else f"{both}, {flipped}", *_slice(deep, f"slice {found.tap}", flipped))
    if name == "x":
        at = found.x.before[-1]
        inside = "padding" if at == OUTSIDE else f"slice {at}" + (" (a copy)" if found.x.copied else "")
        return (batch + channel, *_slice(deep, inside))
    return (batch + kernel, *_slice(deep, f"slice {found.y.before[-1]}"))


def _slice(deep: bool, *words: str) -> tuple[str, ...]:
    return (", ".join(filter(None, words)),) if deep else ()
