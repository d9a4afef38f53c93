"""A handout as pages of A4: lines are broken by measured widths, and a block that does not fit begins a new page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from tracer.drawing.display_list import Colour as Hue
from tracer.drawing.display_list import DisplayList, Font, Path, Rect, Text
from tracer.drawing.font_widths import width
from tracer.drawing.palette import PALETTES
from tracer.drawing.wording import inert
from tracer.export.handout import Block, Code, Heading, Look, Rows, Shown, Words
from tracer.export.svg import body

WIDE, HIGH, MARGIN, FOOT = 595.0, 842.0, 56.0, 40.0
ROOM = WIDE - 2 * MARGIN
MOST_PICTURE = 330.0
TITLES = {1: (20.0, 0.0, 10.0), 2: (16.0, 0.0, 8.0), 3: (12.5, 20.0, 4.0)}  # size, room above, room below
LABEL_SHARE, GUTTER, LEADING = 0.52, 12.0, 1.45
FOLLOWING: dict[Look, float] = {"label": 64.0, "question": 48.0, "blank": 20.0}  # what they are about comes below


class Style(NamedTuple):
    """How a paragraph is set."""

    size: float
    colour: Hue
    above: float
    font: Font = "sans"


STYLES: dict[Look, Style] = {
    "body": Style(10.0, "text", 5.0),
    "muted": Style(9.0, "muted", 4.0),
    "label": Style(8.0, "muted", 9.0, "semibold"),
    "question": Style(10.0, "text", 9.0, "semibold"),
    "blank": Style(8.0, "muted", 4.0),
    "answer": Style(10.0, "leaf_text", 3.0, "mono"),
}


class Piece(NamedTuple):
    """A run of text of one font, and how wide it is."""

    text: str
    font: Font
    wide: float


class Flow:
    """Fills pages from the top: each block asks for room, and paints where it was given."""

    def __init__(self) -> None:
        self.pages: list[list[str]] = []
        self.top = 0.0
        self.turn()

    def turn(self) -> None:
        """Begin a page."""
        self.pages.append([])
        self.top = MARGIN

    def room(self, height: float) -> float:
        """Give the top of a strip so high, on this page or the next."""
        self.keep(height)
        top, self.top = self.top, self.top + height
        return top

    def keep(self, height: float) -> None:
        """Begin a page where there is no room so high, for what must not be torn apart."""
        if self.top + height > HIGH - MARGIN and self.top > MARGIN:
            self.turn()

    def paint(self, marks: Sequence[Rect | Path | Text]) -> None:
        """Paint marks on this page."""
        self.pages[-1] += body(DisplayList(WIDE, HIGH, tuple(marks)), "light")


def pages(blocks: Iterable[Block]) -> list[str]:
    """Lay blocks out; give each page as SVG."""
    flow = Flow()
    for block in blocks:
        WRITERS[type(block)](flow, block)
    return [_page(lines, number, len(flow.pages)) for number, lines in enumerate(flow.pages, 1)]


def _page(lines: Sequence[str], number: int, count: int) -> str:
    foot = f"{number} of {count}"
    mark = Text(WIDE - MARGIN, HIGH - FOOT, foot, width(foot, 8.0), 8.0, "sans", "muted", "end")
    size = f'width="{WIDE:.0f}" height="{HIGH:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDE:.0f} {HIGH:.0f}">'
    ground = f'<rect {size} fill="#ffffff"/>'
    return "\n".join([head, ground, *lines, *body(DisplayList(WIDE, HIGH, (mark,)), "light"), "</svg>"])


def _heading(flow: Flow, block: Heading) -> None:
    size, above, below = TITLES[block.level]
    if block.level == 2:
        flow.turn()
    lines = wrapped([(inert(block.text, most=None), "semibold")], size, ROOM)
    flow.keep(above + len(lines) * size * 1.3 + (90.0 if block.level == 3 else 0.0))  # never alone at a page's end
    flow.room(above if flow.top > MARGIN else 0.0)
    _lines(flow, lines, size, "text", 1.3)
    flow.room(below)


def _words(flow: Flow, block: Words) -> None:
    style = STYLES[block.look]
    fonts: dict[str, Font] = {"code": "mono", "strong": "semibold"}
    runs = [
        (inert(span.text, most=None), "mono" if block.look == "answer" else fonts.get(span.kind, style.font))
        for span in block.spans
    ]
    lines = wrapped(runs, style.size, ROOM)
    flow.keep(style.above + len(lines) * style.size * LEADING + FOLLOWING.get(block.look, 0.0))
    flow.room(style.above)
    _lines(flow, lines, style.size, style.colour)
    if block.look == "blank":
        top = flow.room(20.0)
        flow.paint([Path(((MARGIN, top + 16), (WIDE - MARGIN, top + 16)), False, stroke="border", line=0.8)])


def _lines(flow: Flow, lines: Sequence[Sequence[Piece]], size: float, colour: Hue, spacing: float = LEADING) -> None:
    for line in lines:
        top = flow.room(size * spacing)
        flow.paint(list(_placed(line, MARGIN, top + size, size, colour)))


def _placed(line: Sequence[Piece], left: float, baseline: float, size: float, colour: Hue) -> Iterator[Text]:
    for piece in line:
        yield Text(left, baseline, piece.text, piece.wide, size, piece.font, colour)
        left += piece.wide


def _code(flow: Flow, block: Code) -> None:
    size, pad = 8.0, 7.0
    lines = [
        line
        for text in block.text.splitlines()
        for line in wrapped([(inert(text, most=None) or " ", "mono")], size, ROOM - 2 * pad, spaces=True)
    ]
    flow.room(2.0)
    while lines:  # a long program goes on on the next page
        here = max(1, int((HIGH - MARGIN - flow.top - 2 * pad) // (size * LEADING)))
        if here < min(4, len(lines)):
            flow.turn()
            continue
        part, lines = lines[:here], lines[here:]
        high = len(part) * size * LEADING + 2 * pad
        top = flow.room(high)
        flow.paint([Rect(MARGIN, top, ROOM, high, 4.0, "badge")])
        for number, line in enumerate(part):
            baseline = top + pad + number * size * LEADING + size
            flow.paint(list(_placed(line, MARGIN + pad, baseline, size, "text")))
    flow.room(4.0)


def _rows(flow: Flow, block: Rows) -> None:
    size = 8.5
    column = ROOM * LABEL_SHARE
    for what, number in block.rows:
        left = wrapped([(inert(what, most=None), "sans")], size, column - GUTTER)
        right = wrapped([(inert(number, most=None), "mono")], size, ROOM - column)
        high = max(len(left), len(right)) * size * 1.4 + 4.0
        top = flow.room(high)
        flow.paint([Path(((MARGIN, top), (WIDE - MARGIN, top)), False, stroke="border", line=0.5)])
        for start, lines in ((MARGIN, left), (MARGIN + column, right)):
            for at, line in enumerate(lines):
                flow.paint(list(_placed(line, start, top + 2.0 + at * size * 1.4 + size, size, "text")))
    flow.room(4.0)


def _shown(flow: Flow, block: Shown) -> None:
    picture = block.picture
    scale = min(1.0, ROOM / picture.width, MOST_PICTURE / picture.height)
    flow.room(8.0)
    top = flow.room(picture.height * scale + 8.0)
    size = f'width="{picture.width:.2f}" height="{picture.height:.2f}"'
    ground = f'<rect {size} fill="{PALETTES["light"]["background"]}"/>'
    left = MARGIN + (ROOM - picture.width * scale) / 2
    place = f'<g transform="translate({left:.2f} {top:.2f}) scale({scale:.4f})">'
    flow.pages[-1] += [place, ground, *body(picture, "light"), "</g>"]


WRITERS: dict[type, Callable[[Flow, Any], None]] = {
    Heading: _heading,
    Words: _words,
    Code: _code,
    Rows: _rows,
    Shown: _shown,
}


def wrapped(runs: Sequence[tuple[str, Font]], size: float, most: float, spaces: bool = False) -> list[list[Piece]]:
    """Break runs of text into lines at most so wide: at spaces, and inside a word only where it alone is too wide.

    With `spaces`, those at the beginning stay, as in a program.
    """
    lines: list[list[Piece]] = [[]]
    room = most
    for word, font in _atoms(runs, size, most):
        wide = width(word, size, font)
        if wide > room and lines[-1]:
            lines.append([])
            room = most
            word = word if spaces else word.lstrip(" ")
            wide = width(word, size, font)
        if word:
            last = lines[-1][-1] if lines[-1] else None
            if last is not None and last.font == font:
                lines[-1][-1] = Piece(last.text + word, font, last.wide + wide)
            else:
                lines[-1].append(Piece(word, font, wide))
            room -= wide
    return lines


def _atoms(runs: Sequence[tuple[str, Font]], size: float, most: float) -> Iterator[tuple[str, Font]]:
    """Go through the words with the space before each; one that is wider than a line comes in parts."""
    for text, font in runs:
        word = ""
        for letter in text:
            if (letter == " " and word.strip(" ")) or width(word + letter, size, font) > most:
                yield word, font
                word = ""
            word += letter
        if word:
            yield word, font
