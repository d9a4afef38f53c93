"""A card as rectangles and texts: measured first, painted once its place is known."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.drawing.cards import Card, Numbers
from tracer.drawing.display_list import Rect, Text
from tracer.drawing.font_widths import fitted, width
from tracer.drawing.grids import grid_marks

SIDE, TOP = 13.0, 9.0  # points between a card's border and what stands in it
TITLE, WORD, BADGE, LINE, LABEL = 14.0, 12.0, 11.0, 11.0, 11.0  # sizes of the texts
TITLE_ROW, BADGE_ROW, LINE_ROW, GAP, BETWEEN = 20.0, 18.0, 15.0, 7.0, 16.0
WIDEST = 300.0  # of a title, and of a line
RADIUS = 8.0


def size(card: Card) -> tuple[float, float]:
    """Measure a card: width and height in points."""
    head = width(_title(card), TITLE, "semibold") + (_word_width(card) + 6 if card.word else 0)
    widths = [
        head + (_badge_width(card) + 14 if card.badge else 0),
        *(min(width(line.text, LINE, line.font), WIDEST) for line in card.lines),
        sum(map(_numbers_width, card.numbers)) + BETWEEN * (len(card.numbers) - 1),
    ]
    height = 2 * TOP + TITLE_ROW + LINE_ROW * len(card.lines)
    if card.numbers:
        height += GAP + max(numbers.grid.height for numbers in card.numbers) + 2
    return 2 * SIDE + max(widths), height


def marks(card: Card, x: float, y: float, wide: float, high: float) -> Iterator[tuple[Rect | Text, bool]]:
    """Paint a card into the rectangle at x, y, and tell of each mark whether it tells of backward."""
    for mark in _ground(card, x, y, wide, high):
        yield mark, False
    top = y + TOP + TITLE_ROW
    for text, font, colour, backward in card.lines:
        shown = fitted(text, LINE, font, WIDEST)
        yield Text(x + SIDE, top + 11.0, shown, width(shown, LINE, font), LINE, font, colour), backward
        top += LINE_ROW
    left = x + SIDE
    for numbers in card.numbers:
        for mark in _grid(numbers, left, top + GAP):
            yield mark, numbers.backward
        left += _numbers_width(numbers) + BETWEEN


def _ground(card: Card, x: float, y: float, wide: float, high: float) -> Iterator[Rect | Text]:
    line = 1.8 if card.strong else 1.4 if card.border != "border" else 1.0
    if card.stacked:
        yield Rect(x + 4, y + 5, wide, high - 10, RADIUS, "card", "border", 1.0)
    fill = None if card.shade is not None else "group" if card.ghost else card.fill
    yield Rect(x, y, wide, high, RADIUS, fill, card.border, line, dashed=card.ghost, shade=card.shade)
    yield from _head(card, x, y + TOP, wide)


def _head(card: Card, x: float, top: float, wide: float) -> Iterator[Rect | Text]:
    title = _title(card)
    titled = width(title, TITLE, "semibold")
    yield Text(x + SIDE, top + 14.5, title, titled, TITLE, "semibold", "muted" if card.ghost else "text")
    if card.word:
        yield Text(x + SIDE + titled + 6, top + 14.5, card.word, _word_width(card), WORD, "sans", card.word_colour)
    if card.badge:
        badge = _badge_width(card)
        left = x + wide - SIDE - badge
        yield Rect(left, top + 0.5, badge, BADGE_ROW, BADGE_ROW / 2, "badge")
        yield Text(left + badge / 2, top + 13.5, card.badge, badge - 16, BADGE, "sans", "muted", "middle")


def _grid(numbers: Numbers, x: float, top: float) -> Iterator[Rect | Text]:
    labelled = width(numbers.label, LABEL)
    middle = top + numbers.grid.row_height / 2 + 4
    yield Text(x, middle, numbers.label, labelled, LABEL, "sans", numbers.label_colour)
    yield from grid_marks(numbers.grid, x + labelled + 7, top, numbers.fill, "border", numbers.text)


def _title(card: Card) -> str:
    return fitted(card.title, TITLE, "semibold", WIDEST)


def _word_width(card: Card) -> float:
    return width(card.word, WORD)


def _badge_width(card: Card) -> float:
    return width(card.badge, BADGE) + 16


def _numbers_width(numbers: Numbers) -> float:
    return width(numbers.label, LABEL) + 7 + numbers.grid.width
