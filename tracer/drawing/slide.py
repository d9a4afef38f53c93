"""The picture of a kernel that slides: x, weight and y side by side, and the sum of what is looked at under them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from numpy.typing import NDArray

from tracer import quantities
from tracer.convolution import shapes
from tracer.convolution.chosen import Chosen, Numbers
from tracer.convolution.layer import Settings
from tracer.convolution.tap_places import OUTSIDE
from tracer.drawing import number_grid, slide_layout, slide_sum
from tracer.drawing.display_list import Area, Colour, DisplayList, Font, Path, Rect, Text
from tracer.drawing.font_widths import fitted, width
from tracer.drawing.slide_layout import HEAD, SIDE, TOP, Layout, Part, Placed
from tracer.drawing.slide_sheets import Sheets, sheets
from tracer.drawing.slide_sum import Sum

Mark = Rect | Path | Text
Box = tuple[float, float, float, float]
TITLE, WORD, MONO, LINE = 13.0, 12.0, 11.0, 16.0  # sizes of texts, and from one line of them to the next
HINT = "drag to pan, wheel to scroll, Ctrl+wheel to zoom"
COPIES = {"reflect": "mirrored", "replicate": "repeated from the edge", "circular": "from the other side"}


class Line(NamedTuple):
    """A line of words under the sheets."""

    text: str
    font: Font = "sans"
    colour: Colour = "muted"


class Drawn(NamedTuple):
    """All that a picture of the Slide is made of."""

    settings: Settings
    numbers: Numbers
    chosen: Chosen
    sheets: Sheets
    layout: Layout
    sum: Sum
    waiting: str

    @property
    def colour(self) -> Colour:
        """The colour of the way that is shown."""
        return "forward" if self.chosen.leads == "output" else "backward"


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
        *_foot(drawn, width, height),
    ]
    return DisplayList(width, height, tuple(marks), tuple(_areas(drawn)), "Slide", title(total, settings))


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


def _areas(drawn: Drawn) -> Iterator[Area]:
    nothing = "a gap: no number stands here" if drawn.settings.transposed else "a zero of the padding"
    for name, placed in _placed(drawn):
        yield from number_grid.areas(placed, name, _array(drawn, placed), drawn.settings.dtype, nothing)


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
        shape = quantities.shape(_shape(drawn, name))
        lines = _which(drawn, name)
        left, top = (SIDE / 2, placed.top + 11) if drawn.layout.flat else (placed.left, TOP + 12)
        if name == "weight" and not drawn.layout.flat:
            left = drawn.layout.x.left + drawn.layout.x.head + 10
        called = width(array_name, TITLE, "semibold")
        yield Text(left, top, array_name, called, TITLE, "semibold")
        room = placed.head - called - 8
        if drawn.layout.flat:
            lines, room = (shape, *lines), 0.0
        else:
            yield _text(left + called + 8, top, shape, room)
        for number, words in enumerate(lines):
            yield _text(left, top + LINE * (number + 1), words, placed.head)


def _text(x: float, y: float, words: str, most: float, font: Font = "sans", colour: Colour = "muted") -> Text:
    size = WORD if width(words, WORD, font) <= most else WORD - 1.5
    shown = fitted(words, size, font, most)
    return Text(x, y, shown, width(shown, size, font), size, font, colour)


def _shape(drawn: Drawn, name: str) -> tuple[int, ...]:
    return {"x": shapes.input_shape, "weight": shapes.weight_shape, "y": shapes.output_shape}[name](drawn.settings)


def _which(drawn: Drawn, name: str) -> tuple[str, ...]:
    """Say which channel, kernel and slice a sheet shows, counted from 0."""
    settings, found = drawn.settings, drawn.sheets
    batch = f"batch {drawn.chosen.output[0]}, " if (settings.batch or 1) > 1 else ""
    deep = settings.dims == 3
    flipped = "flipped" if found.flipped else ""
    if settings.dims == 1:
        rows = {"x": "a row a channel", "y": "a row a kernel"}.get(name) or (
            f"channel {found.channel}, all kernels" if drawn.chosen.leads == "input" else f"kernel {found.kernel}"
        )
        return tuple(filter(None, (batch.rstrip(", ") if name != "weight" else "", rows, flipped * (name == "weight"))))
    channel = f"channel {found.channel} of 0–{settings.in_channels - 1}"
    kernel = f"kernel {found.kernel} of 0–{settings.out_channels - 1}"
    if name == "weight":
        both = f"kernel {found.kernel}, channel {found.channel}"
        return (", ".join(filter(None, (both, f"slice {found.tap}" if deep else "", flipped))),)
    if name == "x":
        at = found.x.before[-1]
        inside = "padding" if at == OUTSIDE else f"slice {at}" + (" (a copy)" if found.x.copied else "")
        return (batch + channel + (f", {inside}" if deep else ""),)
    return (batch + kernel + (f", slice {found.y.before[-1]}" if deep else ""),)


def _foot(drawn: Drawn, wide: float, high: float) -> Iterator[Mark]:
    top, left = drawn.layout.low + 24, SIDE if not drawn.layout.flat else SIDE / 2
    if not drawn.layout.flat:
        left = min(max(SIDE / 2, drawn.layout.x.left), SIDE * 3)
    most = wide - left - 12
    room = int((high - 5 - top) / (LINE + 1)) + 1
    for line in _in_room(list(_captions(drawn, most)), list(_sums(drawn, most)), room):
        yield _line(line, left, top, most)
        top += LINE + (0.5 if line.font == "mono" else 2.0)


def _in_room(captions: list[Line], sums: list[Line], room: int) -> list[Line]:
    """Leave lines out where there is no room: first of what the marks mean, then the products, never the check."""
    spare = room - len(captions) - len(sums)
    captions = captions[: max(1, len(captions) + spare)]
    over = len(captions) + len(sums) - room
    if over > 0 and len(sums) > 2:
        sums = [sums[0], sums[-1]]
    return [*captions, *sums]


def _line(line: Line, x: float, y: float, most: float) -> Text:
    size = MONO if line.font == "mono" else WORD
    shown = fitted(line.text, size, line.font, most)
    return Text(x, y, shown, width(shown, size, line.font), size, line.font, line.colour)


def _captions(drawn: Drawn, most: float) -> Iterator[Line]:
    """Say which part of x is in view and how it is moved, and what the marks in it mean."""
    x, settings = drawn.layout.x, drawn.settings
    whole = all(placed.whole for _, placed in _placed(drawn))
    said = [] if x.whole else [_in_view(drawn)]
    said += _meanings(drawn)
    if not whole:
        said.append(HINT)
    if drawn.settings.dims > 1 and settings.groups > 1:
        said.append(f"{settings.groups} groups: only the channels of one go into an output")
    words = ""
    for piece in said:
        longer = f"{words} · {piece}" if words else piece
        if words and width(longer, WORD) > most:
            yield Line(words)
            longer = piece
        words = longer
    if words:
        yield Line(words)


def _in_view(drawn: Drawn) -> str:
    x = drawn.layout.x
    parts = []
    names = ("channels" if drawn.settings.dims == 1 else "rows", "columns")
    for axis, (places, size) in enumerate(((x.sheet.rows, _shape(drawn, "x")[-2]), (x.sheet.cols, _shape(drawn, "x")[-1]))):
        first, last = x.sheet.own[axis]
        here = places[max(x.first[axis], first) : min(x.first[axis] + x.shown[axis], last)]
        here = here[here != OUTSIDE]
        if x.shown[axis] < len(places):
            parts.append(f"{names[axis]} {here.min()}–{here.max()} of {size}" if len(here) else f"padding beside the {names[axis]}")
    return "x: " + ", ".join(parts)


def _meanings(drawn: Drawn) -> list[str]:
    settings, x = drawn.settings, drawn.sheets.x
    found = []
    if settings.transposed:
        if OUTSIDE in x.cols or OUTSIDE in x.rows:
            gap = max(settings.stride) > 1
            found.append("dots: no number stands there" + (f", stride {quantities.shape(settings.stride)} spreads x" if gap else ""))
    elif settings.padding_mode == "zeros" and (OUTSIDE in x.cols or OUTSIDE in x.rows or x.outside):
        found.append("empty cells: zeros of the padding")
    elif settings.padding_mode != "zeros" and any(sum(pair) for pair in settings.padding):
        found.append(f"dashed cells: copies in the padding, {COPIES[settings.padding_mode]}")
    if drawn.sheets.unread:
        found.append("no output reads this number")
    return found


def _sums(drawn: Drawn, most: float) -> Iterator[Line]:
    total, dtype = drawn.sum, drawn.settings.dtype
    if total.write is None:
        yield Line(f"{total.head}: {slide_sum.count_words(total)}", "mono", "text")
        if drawn.waiting:
            yield Line(drawn.waiting)
        return
    value = quantities.number(total.value, dtype)
    yield from _wrapped(f"{total.head} = {slide_sum.count_words(total)} = {value}", most, "text")
    if total.products:
        yield from _products(total, most)
    good = "leaf_text" if total.agrees else "problem"
    yield Line(slide_sum.check_words(total, dtype), "mono", good)


def _products(total: Sum, most: float) -> list[Line]:
    """Write as many products as go into two lines."""
    assert total.write is not None
    lines: list[Line] = []
    for number in slide_sum.WRITTEN:
        if number >= 8 and total.products > 4 * number and number > 8:
            continue
        lines = list(_wrapped(f"= {total.write(number)}", most, "muted"))
        if len(lines) <= 2:
            return lines
    return lines[:0]


def _wrapped(text: str, most: float, colour: Colour) -> Iterator[Line]:
    """Break a sum into lines after its signs."""
    each = max(1, int(most / width("0", MONO, "mono")))
    line = ""
    for piece in text.replace(" = ", " §= ").replace(" ≈ ", " §≈ ").replace(" + ", " §+ ").split("§"):
        if line and len(line) + len(piece.rstrip()) > each:
            yield Line(line.rstrip(), "mono", colour)
            line = "  "
        line += piece
    yield Line(line.rstrip(), "mono", colour)
