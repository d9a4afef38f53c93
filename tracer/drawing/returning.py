"""What a rolled loop hands on to its next pass: an arc from a card up to one above it, or to itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.analysis.folding import Link
from tracer.drawing import sentences
from tracer.drawing.cards import Card
from tracer.drawing.display_list import Area, Path, Rect, Text
from tracer.drawing.font_widths import width
from tracer.drawing.known import Known
from tracer.drawing.lanes import TEXT
from tracer.drawing.layout import Layout, Point, Size, Spot

Mark = Rect | Path | Text
ROOM = 146.0  # points beside a card in which arcs go round, with their words
OUT, APART = 44.0, 16.0  # how far an arc goes out, and how far the way back lies inside of it
LOW, HIGH = 0.86, 0.14  # where on its side it leaves a card, and where it comes back
BEHIND = 4.0  # points by which the cards behind stand out
TIP, HALF = 8.0, 3.6


def widened(sizes: Sequence[Size], returns: Sequence[Link]) -> list[Size]:
    """Make room on both sides of the cards that arcs leave or reach, so that they stay in the middle."""
    ends = _ends(returns)
    return [Size(wide + 2 * ROOM * (number in ends), high) for number, (wide, high) in enumerate(sizes)]


def narrowed(layout: Layout, returns: Sequence[Link]) -> Layout:
    """Take that room out of the cards again, once all is placed."""
    ends = _ends(returns)
    boxes = (
        Spot(x + ROOM, y, wide - 2 * ROOM, high) if number in ends else Spot(x, y, wide, high)
        for number, (x, y, wide, high) in enumerate(layout.boxes)
    )
    return layout._replace(boxes=tuple(boxes))


def returned(
    known: Known, returns: Sequence[Link], cards: Sequence[Card], layout: Layout
) -> Iterator[tuple[list[Mark], Area]]:
    """Draw the arcs: forward solid with its tip at the card of the next pass, backward dashed with its tip below."""
    for link in returns:
        tail, head = layout.boxes[link.producer], layout.boxes[link.consumer]
        between = layout.boxes[link.consumer : link.producer + 1]
        right = max(spot.x + spot.width for spot in between) + OUT
        start, end = _side(tail, LOW), _side(head, HIGH)
        found: list[Mark] = [Path(_arc(start, end, right, TIP), stroke="forward")]
        found.append(Path(_tip(end), curved=False, closed=True, fill="forward"))
        if any((flow := known.flows.get(edge)) and flow.state == "measured" for edge in link.drawn):
            below, above = (start[0], start[1] - APART), (end[0], end[1] + APART)
            found.append(Path(_arc(above, below, right - APART, TIP), stroke="backward", dashed=True))
            found.append(Path(_tip(below), curved=False, closed=True, fill="backward"))
        found += _label(link.words, right, (start[1] + end[1]) / 2)
        title = sentences.of_bundle(known, link.edges, cards[link.producer].title, cards[link.consumer].title)
        left, top = min(start[0], end[0]), min(start[1], end[1])
        low = max(start[1], end[1])
        owners = cards[link.producer].owner, cards[link.consumer].owner
        yield (
            found,
            Area(
                f"return {link.edges[0]}",
                left,
                top,
                right - left,
                low - top,
                f"{title}, to the {link.words}",
                joins=owners,
            ),
        )


def _ends(returns: Sequence[Link]) -> set[int]:
    return {box for link in returns for box in (link.producer, link.consumer)}


def _side(spot: Spot, down: float) -> Point:
    return spot.x + spot.width + BEHIND, spot.y + spot.height * down


def _arc(start: Point, end: Point, right: float, short: float) -> tuple[Point, ...]:
    """Go out to the right and back, and end short of the tip."""
    over = (4 * right - (start[0] + end[0]) / 2) / 3  # so that the arc's middle is at `right`
    return start, (over, start[1]), (over, end[1]), (end[0] + short, end[1])


def _tip(at: Point) -> tuple[Point, ...]:
    x, y = at
    return (x, y), (x + TIP, y - HALF), (x + TIP, y + HALF)


def _label(words: str, x: float, y: float) -> Iterator[Mark]:
    wide = width(words, TEXT) + 14
    left = x + 6
    yield Rect(left, y - 9, wide, 18.0, 5.0, "pill", "forward", 0.75)
    yield Text(left + wide / 2, y + 3.8, words, wide - 14, TEXT, "sans", "forward_text", "middle")
