"""The words under the sheets of the Slide: what is in view, the sum with its numbers, and torch's own value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tracer import quantities
from tracer.convolution import shapes
from tracer.convolution.chosen import Chosen, Numbers
from tracer.convolution.layer import Settings
from tracer.convolution.tap_places import OUTSIDE
from tracer.drawing import slide_sum
from tracer.drawing.display_list import Colour, Font, Text
from tracer.drawing.font_widths import fitted, width
from tracer.drawing.number_grid import MARKED
from tracer.drawing.slide_layout import LINE, SIDE, Layout, Placed
from tracer.drawing.slide_sheets import Sheets
from tracer.drawing.slide_sum import Sum

WORD, MONO = 12.0, 11.0  # sizes of texts
MOST_LINES = 4  # of products
BREAKS = re.compile(r"(?<= )(?=[=≈+] )(?!\+ 1 bias)")  # where a sum may go on in the next line
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


def foot(drawn: Drawn, wide: float, high: float) -> Iterator[Text]:
    """Write the lines under the sheets."""
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
    products = _products(drawn.sum, most, min(room, MOST_LINES)) if drawn.sum.write and drawn.sum.products else []
    return [*captions[: 1 + max(0, room - len(products))], *head, *products, *check]


def _line(line: Line, x: float, y: float, most: float) -> Text:
    size = MONO if line.font == "mono" else WORD
    shown = fitted(line.text, size, line.font, most)
    return Text(x, y, shown, width(shown, size, line.font), size, line.font, line.colour)


def _captions(drawn: Drawn, most: float) -> Iterator[Line]:
    """Say which part of x is in view and how it is moved, and what the marks in it mean."""
    x, settings = drawn.layout.x, drawn.settings
    whole = all(placed.whole for placed in (x, drawn.layout.weight, drawn.layout.y))
    said = [] if x.whole else [_in_view(x, "x", shape(drawn, "x"), drawn.layout.flat)]
    if drawn.layout.flat and not drawn.layout.y.whole:
        said.append(_in_view(drawn.layout.y, "y", shape(drawn, "y"), True))
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
            cells = "dots" if min(drawn.layout.x.cell) >= MARKED else "empty cells"
            why = f", stride {quantities.shape(settings.stride)} spreads x" if max(settings.stride) > 1 else ""
            found.append(f"{cells}: no number stands there{why}")
    elif settings.padding_mode == "zeros" and (OUTSIDE in x.cols or OUTSIDE in x.rows or x.outside):
        found.append("empty cells: zeros of the padding")
    elif settings.padding_mode != "zeros" and any(sum(pair) for pair in settings.padding):
        found.append(f"small cells: copies in the padding, {COPIES[settings.padding_mode]}")
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


def _products(total: Sum, most: float, room: int) -> list[Line]:
    """Write as many products as go into so many lines; many are not written beyond the first and the last few."""
    assert total.write is not None
    for number in slide_sum.WRITTEN:
        if number <= slide_sum.FEW or total.products <= number:
            lines = list(_wrapped(f"= {total.write(number)}", most, "muted"))
            if len(lines) <= (room if total.products <= number else min(room, 2)):
                return lines
    return []


def _wrapped(text: str, most: float, colour: Colour) -> Iterator[Line]:
    """Break a sum into lines after its signs."""
    each = max(1, int(most / width("0", MONO, "mono")))
    line = ""
    for piece in BREAKS.split(text):
        if line and len(line) + len(piece.rstrip()) > each:
            yield Line(line.rstrip(), "mono", colour)
            line = "  "
        line += piece
    yield Line(line.rstrip(), "mono", colour)


def shape(drawn: Drawn, name: str) -> tuple[int, ...]:
    """Give the shape of x, weight or y."""
    return {"x": shapes.input_shape, "weight": shapes.weight_shape, "y": shapes.output_shape}[name](drawn.settings)
