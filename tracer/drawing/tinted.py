"""Cards in the colours that a colouring gives them, and the legend that says what those mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from tracer.analysis.colouring import Colouring, Tint
from tracer.drawing.cards import Card, Line
from tracer.drawing.display_list import Colour, DisplayList, Rect, Text
from tracer.drawing.font_widths import width
from tracer.drawing.wording import inert

SWATCH, GAP, ROW, TEXT = 14.0, 18.0, 22.0, 11.0  # points: a square, between two entries, a line, its text
HUES: tuple[Colour, ...] = ("kernel 0", "kernel 1", "kernel 2", "kernel 3", "kernel 4", "kernel 5")


def tinted(card: Card, tint: Tint | None) -> Card:
    """Fill a card, say its colour in words too, and write all of it so that it can be read there."""
    if tint is None:
        return card
    words = inert(tint.words)
    lines = tuple(line._replace(colour="text") for line in card.lines)
    return card._replace(
        lines=(*lines, Line(words, "sans", "text")) if lines or not card.numbers else lines,
        word_colour="text",
        border="problem" if tint.broken else card.border,
        fill=_fill(tint),
        shade=tint.shade,
        label=f"{card.label} {words[:1].upper()}{words[1:]}.",
    )


def legend(colouring: Colouring) -> DisplayList:
    """Draw a legend: its title, then a square for each colour and its words."""
    marks = list(_entries(colouring.title, colouring.legend))
    wide = max((mark.x + mark.width for mark in marks), default=0.0)
    words = ", ".join(tint.words for tint in colouring.legend)
    return DisplayList(wide, ROW, tuple(marks), layout="", title=f"{colouring.title}: {words or 'not known'}")


def with_legend(picture: DisplayList, below: DisplayList) -> DisplayList:
    """Put a legend under a picture, as a file needs it."""
    down = picture.height + SWATCH
    marks = tuple(replace(mark, y=mark.y + down) for mark in below.marks if isinstance(mark, Rect | Text))
    return replace(
        picture,
        width=max(picture.width, below.width),
        height=down + below.height,
        marks=(*picture.marks, *marks),
        title=f"{picture.title}. {below.title}" if picture.title else below.title,
    )


def _entries(title: str, tints: Sequence[Tint]) -> Iterator[Rect | Text]:
    middle, left = ROW / 2 + 4, 0.0
    yield Text(left, middle, title, width(title, TEXT, "semibold"), TEXT, "semibold", "muted")
    left += width(title, TEXT, "semibold") + GAP
    for tint in tints:
        fill = None if tint.shade is not None else _fill(tint)
        stroke: Colour = "problem" if tint.broken else "border"
        yield Rect(left, (ROW - SWATCH) / 2, SWATCH, SWATCH, 3.0, fill, stroke, shade=tint.shade)
        words = inert(tint.words)
        wide = width(words, TEXT)
        yield Text(left + SWATCH + 6, middle, words, wide, TEXT)
        left += SWATCH + 6 + wide + GAP


def _fill(tint: Tint) -> Colour:
    return "card" if tint.hue is None else HUES[tint.hue % len(HUES)]
