"""How a gradient that is pending, or not whole yet, looks in the place where the whole one will stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from tracer import quantities
from tracer.drawing.display_list import Area, Mark, Path, Rect, Text
from tracer.drawing.font_widths import width
from tracer.values import Values

SIZE, TAG, DOT = 11.0, 10.5, 12.0
HEAVY, NEXT, FAINT = 3.0, 2.0, 1.0
BOLD = 2.0  # times the width of a line, on an edge that has just carried

Writer = Callable[[Any, str], str]
WRITERS: tuple[Writer, ...] = (
    quantities.number,
    lambda value, _: quantities.figure(value) if isinstance(value, float) else quantities.number(value),
    lambda value, _: quantities.figure(value, 2) if isinstance(value, float) else quantities.number(value),
    lambda value, _: quantities.rough(value) if isinstance(value, float) else quantities.number(value),
    lambda _value, _: "…",
)


def pending(marks: Sequence[Mark]) -> list[Mark]:
    """Put an empty box with a word where a grid and its label stand."""
    return _box(marks, ("grad pending", "pending", "…"))


def so_far(marks: Sequence[Mark], values: Values | None) -> list[Mark]:
    """Write what has come so far into the cells of a grid; where it is not known, a box with words."""
    cells = [at for at, mark in enumerate(marks) if isinstance(mark, Text) and mark.font == "mono"]
    numbers = _flat(values, any("/" in mark.text for mark in marks if isinstance(mark, Text))) if values else []
    if values is None or len(numbers) != len(cells):
        return _box(marks, ("grad so far", "so far", "…"))
    shown = [_outlined(_called(mark)) for mark in marks]
    widest = _widest([mark for at in cells if isinstance(mark := marks[at], Text)])
    for at, number in zip(cells, numbers, strict=True):
        mark = marks[at]
        assert isinstance(mark, Text)
        shown[at] = _written(mark, number, values.dtype, widest[mark.x])
    return shown


def line(mark: Mark, words: str) -> Mark:
    """Write a line of small text anew."""
    assert isinstance(mark, Text)
    return replace(mark, text=words, width=width(words, mark.size, mark.font), colour="muted")


def faint(marks: Sequence[Mark]) -> list[Mark]:
    """Show a lane on which nothing has flowed back yet."""
    lanes: list[Mark] = [
        replace(mark, stroke=mark.stroke and "border", fill=mark.fill and "border", line=FAINT)
        for mark in marks
        if isinstance(mark, Path)
    ]
    label = [mark for mark in marks if not isinstance(mark, Path)]
    return [*lanes, *_box(label, ("pending", "…"))] if label else lanes


def lit(marks: Sequence[Mark]) -> list[Mark]:
    """Show a lane on which a gradient has just flowed back: heavier, and with the word "now"."""
    shown = [replace(mark, line=mark.line * BOLD) if isinstance(mark, Path) and mark.curved else mark for mark in marks]
    rects = [mark for mark in marks if isinstance(mark, Rect)]
    wide = _tag_width("now")
    if rects:
        x, y = rects[0].x + (rects[0].width - wide) / 2, max(rect.y + rect.height for rect in rects) - 3
    else:
        x, y = _middle(next(mark for mark in marks if isinstance(mark, Path)))
        x, y = x - 9, y - 8  # clear of the lane to its left
    return [*shown, *_tag(x, y, "now")]


def emphasised(marks: Sequence[Mark], words: str, *, strong: bool) -> list[Mark]:
    """Give a card a heavier border, dashed unless it is `strong`, and a tag with words."""
    at = max(at for at, mark in enumerate(marks[:2]) if isinstance(mark, Rect) and mark.fill == "card")
    card = marks[at]
    assert isinstance(card, Rect)
    heavier = replace(card, stroke="backward", line=HEAVY if strong else NEXT, dashed=not strong)
    return [*marks[:at], heavier, *marks[at + 1 :], *_tag(card.x + 10, card.y - 9, words)]


def breakpoint_dot(area: Area) -> Mark:
    """Put a dot on the left border of a card."""
    return Rect(area.x - DOT / 2, area.y + area.height / 2 - DOT / 2, DOT, DOT, DOT / 2, "problem", "card", 1.5)


def _tag(x: float, y: float, words: str) -> list[Mark]:
    wide = _tag_width(words)
    return [
        Rect(x, y, wide, 17.0, 5.0, "pill", "backward", 1.2),
        Text(x + wide / 2, y + 12.3, words, wide - 12, TAG, "semibold", "backward_text", "middle"),
    ]


def _tag_width(words: str) -> float:
    return width(words, TAG, "semibold") + 12


def _box(marks: Sequence[Mark], choices: Sequence[str]) -> list[Mark]:
    """Put a dashed box in the place of marks, with the first of some words that fits."""
    rects = [mark for mark in marks if isinstance(mark, Rect)]
    labels = [mark.x for mark in marks if isinstance(mark, Text) and mark.anchor == "start"]
    left = min([*(rect.x for rect in rects), *labels])
    right, top = max(rect.x + rect.width for rect in rects), min(rect.y for rect in rects)
    low = max(rect.y + rect.height for rect in rects)
    room = right - left - 4
    words = next((text for text in choices if width(text, SIZE) <= room), choices[-1])
    return [
        Rect(left, top, right - left, low - top, 4.0, "pill", "border", 1.0, dashed=True),
        Text((left + right) / 2, (top + low) / 2 + 4, words, width(words, SIZE), SIZE, "sans", "muted", "middle"),
    ]


def _called(mark: Mark) -> Mark:
    """Call a grid what has come so far, in the place of its label, which is a little shorter."""
    if isinstance(mark, Text) and mark.anchor == "start":
        size = mark.size * min(1.0, (mark.width + 4) / width("so far", mark.size))
        return replace(mark, text="so far", width=width("so far", size), size=size)
    return mark


def _outlined(mark: Mark) -> Mark:
    """Dash the outline of a grid."""
    return replace(mark, dashed=True) if isinstance(mark, Rect) and mark.stroke else mark


def _flat(values: Values, fractions: bool) -> list[Any]:
    found: list[Any] = [values.fractions() if fractions and values.exact is not None else values.nested()]
    while any(isinstance(item, list) for item in found):
        found = [entry for item in found for entry in item]
    return found


def _widest(cells: Sequence[Text]) -> dict[float, float]:
    """Measure how wide a number of each column can be; columns are told by where their numbers end."""
    widest: dict[float, float] = {}
    for cell in cells:
        widest[cell.x] = max(widest.get(cell.x, 1.4 * cell.size), cell.width + 0.4 * cell.size)
    return widest


def _written(mark: Text, number: Any, dtype: str, room: float) -> Mark:
    """Write a number into a cell, with as many digits as there is room for."""
    texts = [quantities.fractions(number), "…"] if isinstance(number, str) else [w(number, dtype) for w in WRITERS]
    text = next((text for text in texts if width(text, mark.size, mark.font) <= room), "…")
    return replace(mark, text=text, width=width(text, mark.size, mark.font))


def _middle(path: Path) -> tuple[float, float]:
    """Give the middle of the middle piece of a curve."""
    pieces = (len(path.points) - 1) // 3
    first = 3 * (pieces // 2)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = path.points[first : first + 4]
    return (ax + 3 * bx + 3 * cx + dx) / 8, (ay + 3 * by + 3 * cy + dy) / 8
