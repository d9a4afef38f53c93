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
from tracer.drawing.slide_layout import LINE, SIDE, TOP, Layout, Part, Placed
from tracer.drawing.slide_sheets import Sheets, sheets
from tracer.drawing.slide_sum import Sum

Mark = Rect | Path | Text
Box = tuple[float, float, float, float]
TITLE, WORD, MONO = 13.0, 12.0, 11.0  # sizes of texts
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
        if drawn.layout.flat or drawn.layout.narrow:
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


def _foot(drawn: Drawn, wide: float, high: float) -> Iterator[Mark]:
    top, left = drawn.layout.low + 24, SIDE if not drawn.layout.flat else SIDE / 2
    if not drawn.layout.flat:
        left = min(max(SIDE / 2, drawn.layout.x.left), SIDE * 3)
    most = wide - left - 12
    room = int((high - 6 - top) / (LINE + 0.5)) + 1
    for line in _in_room(drawn, most, room):
        yield _line(line, left, top, most)
        top += LINE + (0.5 if line.font == "mono" else 2.0)


def _in_room(drawn: Drawn, most: float, room: int) -> list[Line]:
    """Choose the lines that have room: the sum and its check, what is in view, the products, what the marks mean."""
    captions = list(_captions(drawn, most))
    head, check = _sums(drawn, most)
    room -= len(head) + len(check) + min(len(captions), 1)
    products = _products(drawn.sum, most) if drawn.sum.write and drawn.sum.products else []
    products = products if len(products) <= room else []
    return [*captions[: 1 + max(0, room - len(products))], *head, *products, *check]


def _line(line: Line, x: float, y: float, most: float) -> Text:
    size = MONO if line.font == "mono" else WORD
    shown = fitted(line.text, size, line.font, most)
    return Text(x, y, shown, width(shown, size, line.font), size, line.font, line.colour)


def _captions(drawn: Drawn, most: float) -> Iterator[Line]:
    """Say which part of x is in view and how it is moved, and what the marks in it mean."""
    x, settings = drawn.layout.x, drawn.settings
    whole = all(placed.whole for _, placed in _placed(drawn))
    said = [] if x.whole else [_in_view(x, "x", _shape(drawn, "x"), drawn.layout.flat)]
    if drawn.layout.flat and not drawn.layout.y.whole:
        said.append(_in_view(drawn.layout.y, "y", _shape(drawn, "y"), True))
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


def _in_view(placed: Placed, name: str, shape: tuple[int, ...], flat: bool) -> str:
    """Say which rows and columns are in view, in numbers of the tensor."""
    sheet, parts = placed.sheet, []
    words = ({"x": "channels", "y": "kernels"}[name] if flat else "rows", "columns")
    for axis, places in enumerate((sheet.rows, sheet.cols)):
        first, last = sheet.own[axis]
        begin = placed.first[axis]
        here = places[max(begin, first) : max(min(begin + placed.shown[axis], last), 0)]
        here = here[here != OUTSIDE]
        if placed.shown[axis] < len(places):
            inside = f"{here.min()}–{here.max()}" if len(here) else "none"
            parts.append(f"{words[axis]} {inside} of {shape[axis - 2]}")
    return f"{name}: {', '.join(parts)}"


def _meanings(drawn: Drawn) -> list[str]:
    settings, x = drawn.settings, drawn.sheets.x
    found = []
    if settings.transposed:
        if OUTSIDE in x.cols or OUTSIDE in x.rows:
            gap = max(settings.stride) > 1
            found.append(
                "dots: no number stands there"
                + (f", stride {quantities.shape(settings.stride)} spreads x" if gap else "")
            )
    elif settings.padding_mode == "zeros" and (OUTSIDE in x.cols or OUTSIDE in x.rows or x.outside):
        found.append("empty cells: zeros of the padding")
    elif settings.padding_mode != "zeros" and any(sum(pair) for pair in settings.padding):
        found.append(f"dashed cells: copies in the padding, {COPIES[settings.padding_mode]}")
    if drawn.sheets.unread:
        found.append("no output reads this number")
    return found


def _sums(drawn: Drawn, most: float) -> tuple[list[Line], list[Line]]:
    """Say what the sum is of and what it is, and whether torch has the same; without numbers, what is waited for."""
    total, dtype = drawn.sum, drawn.settings.dtype
    if total.write is None:
        head = _wrapped(f"{total.head} = {slide_sum.count_words(total)}", most, "text")
        return list(head), [Line(drawn.waiting)] if drawn.waiting else []
    value = quantities.number(total.value, dtype)
    head = _wrapped(f"{total.head} = {slide_sum.count_words(total)} = {value}", most, "text")
    return list(head), [Line(slide_sum.check_words(total, dtype), "mono", "leaf_text" if total.agrees else "problem")]


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
