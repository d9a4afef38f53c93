"""Two graphs side by side: equal nodes at equal heights, and what differs marked by words and a dashed line.

Parts of the second graph are owned by "node b3", "edge b5": the letter tells them from those of the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from tracer.analysis.beside import Beside, in_words
from tracer.analysis.comparison import Difference
from tracer.analysis.loops import rolled
from tracer.drawing import font_widths
from tracer.drawing.cards import Card, Line
from tracer.drawing.cells import line
from tracer.drawing.display_list import Area, DisplayList, Path, Rect, Shades, Text
from tracer.drawing.font_widths import width
from tracer.drawing.lanes import worded
from tracer.drawing.level import level
from tracer.drawing.picture import Parts, assembled, measured, placed
from tracer.drawing.wording import inert, operation
from tracer.facts import Facts
from tracer.graph import Edge
from tracer.quantities import count

Mark = Rect | Path | Text | Shades
APART, HEAD, NARROWEST, SECOND = 96.0, 62.0, 280.0, "b"
TITLE, UNDER = 15.0, 12.0  # sizes of the texts above a graph
ONLY_HERE, OTHER_GRADIENT = "only here", "other gradient"
OUTSIDE = 8.0  # points from a card to the dashed line around it
NO_GRAPH = "Autograd recorded no graph for this output."


class Drawn(NamedTuple):
    """One of the two graphs, painted; `marked` are the owners of its cards that have a line around them."""

    picture: DisplayList
    marked: frozenset[str]
    title: str
    under: str


def draw_beside(a: Facts, b: Facts, found: Beside, titles: tuple[str, str], seconds: float = 10.0) -> DisplayList:
    """Draw two graphs, each under its title.

    Raises:
        DrawingError: Graphviz is missing or can't be run.
    """
    both = measured(a), measured(b)
    words = _words(found.rows, 0), _words(found.rows, 1)
    alone = _alone(a, b, found)
    marked = [_marked(*each) for each in zip(both, words, alone, strict=True)]
    one, other = (placed(parts, seconds, unbroken=True) for parts in marked)
    layouts = level(one, other, _boxes(*both, found.pairs))
    unders = _unders(a, b)
    drawn = [
        Drawn(assembled(parts, layout), _owners(parts, said), title, under)
        for parts, layout, said, title, under in zip(marked, layouts, words, titles, unders, strict=True)
    ]
    whole = f"{titles[0]} beside {titles[1]}. {in_words(found)}"
    return _joined(drawn[0], drawn[1], whole)


def _words(rows: Sequence[Difference], side: int) -> dict[int, list[str]]:
    """Say of each node of one side what differs at it."""
    words: dict[int, list[str]] = {}
    for row in rows:
        node = (row.node, row.other)[side]
        if node is not None:
            told = _told(row, side)
            words.setdefault(node, []).extend([told] if told and told not in words.get(node, ()) else [])
    return words


def _told(row: Difference, side: int) -> str:
    if row.kind == "operation":
        return _turned(operation(row.before or ""), operation(row.after or ""), side)
    if row.kind == "inputs":
        return f"{row.where.rpartition(', ')[2]}: {_turned(row.before, row.after, side)}"
    return SAID.get(row.kind, f"another {row.kind}")


def _turned(before: str | None, after: str | None, side: int) -> str:
    """Say what is here and what is there."""
    return f"{after} here, {before} on the left" if side else f"{before} here, {after} on the right"


SAID = {
    "removed": ONLY_HERE,
    "added": ONLY_HERE,
    "gradient": OTHER_GRADIENT,
}


def _alone(a: Facts, b: Facts, found: Beside) -> tuple[set[int], set[int]]:
    """Find the edges of each side that the other lacks although it has both of their nodes."""
    to, back = dict(found.pairs), {other: node for node, other in found.pairs}
    return _lacking(a.graph.edges, b.graph.edges, to), _lacking(b.graph.edges, a.graph.edges, back)


def _lacking(edges: Sequence[Edge], others: Sequence[Edge], paired: Mapping[int, int]) -> set[int]:
    left = Counter((edge.producer, edge.output_nr, edge.consumer) for edge in others)
    lacking = set()
    for number, edge in enumerate(edges):
        there = (paired.get(edge.producer, -1), edge.output_nr, paired.get(edge.consumer, -1))
        left[there] -= 1
        if left[there] < 0 and -1 not in there:
            lacking.add(number)
    return lacking


def _marked(parts: Parts, words: Mapping[int, list[str]], alone: set[int]) -> Parts:
    """Write on cards and lanes what differs there."""
    cards = [_card(parts, number, card, words) for number, card in enumerate(parts.cards)]
    bundles = [worded(one, dict.fromkeys(alone & set(one.drawn), ONLY_HERE)) for one in parts.bundles]
    return parts._replace(cards=cards, bundles=bundles)


def _card(parts: Parts, number: int, card: Card, words: Mapping[int, list[str]]) -> Card:
    box = parts.folded.boxes[number]
    said = list(dict.fromkeys(word for node in box.nodes for word in words.get(node, ())))
    if not said:
        return card
    shown = said if box.title is None else [f"{sum(node in words for node in box.nodes)} nodes inside"]
    lines = tuple(Line(f"≠ {text}", "semibold", "changed") for text in shown)
    return card._replace(lines=(*card.lines, *lines), label=f"{card.label}. Differs: {', '.join(said)}")


def _owners(parts: Parts, words: Mapping[int, list[str]]) -> frozenset[str]:
    """Name the cards around which there is a line: those that differ in more than their numbers."""
    boxes = zip(parts.folded.boxes, parts.cards, strict=True)
    return frozenset(
        card.owner for box, card in boxes if any(set(words.get(node, ())) - {OTHER_GRADIENT} for node in box.nodes)
    )


def _boxes(one: Parts, other: Parts, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give the cards that stand for the same nodes."""
    ours, theirs = (
        {node: number for number, box in enumerate(parts.folded.boxes) for node in box.nodes} for parts in (one, other)
    )
    return list(dict.fromkeys((ours[a], theirs[b]) for a, b in pairs if a in ours and b in theirs))


def _unders(a: Facts, b: Facts) -> list[str]:
    """Say how large each graph is, and how often a line ran that ran more than once in one of the two."""
    passes = [_passes(facts) for facts in (a, b)]
    repeated = [line for line in dict.fromkeys([*passes[0], *passes[1]]) if max(p.get(line, 0) for p in passes) > 1]
    said = []
    for facts, ran in zip((a, b), passes, strict=True):
        nodes = len(facts.graph.nodes)
        turns = [f"{line} ran {_times(ran[line])}" for line in repeated if line in ran]
        said.append(" · ".join([f"{count(nodes)} node{'' if nodes == 1 else 's'}", *turns]))
    return said


def _times(turns: int) -> str:
    return "once" if turns == 1 else f"{count(turns)} times"


def _passes(facts: Facts) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in rolled(facts.graph):
        found[one.source] = max(found.get(one.source, 0), *one.passes)
    return found


def _joined(one: Drawn, other: Drawn, title: str) -> DisplayList:
    widths = [max(NARROWEST, drawn.picture.width) for drawn in (one, other)]
    marks: list[Mark] = []
    areas: list[Area] = []
    loose: list[Mark] = []
    for drawn, wide, left, letter in ((one, widths[0], 0.0, ""), (other, widths[1], widths[0] + APART, SECOND)):
        right = left + (wide - drawn.picture.width) / 2
        start = len(marks)
        marks += [_shifted(mark, right, HEAD) for mark in drawn.picture.marks]
        moved = [_area(area, right, start, letter) for area in drawn.picture.areas]
        loose += [
            _outline(area) for area, was in zip(moved, drawn.picture.areas, strict=True) if was.owner in drawn.marked
        ]
        loose += _head(drawn, left, wide)
        areas += moved
    high = HEAD + max(one.picture.height, other.picture.height, UNDER + 12)
    middle = widths[0] + APART / 2
    loose.append(Path(((middle, 0.0), (middle, high)), False, False, None, "border", 1.0))
    whole = sum(widths) + APART
    return DisplayList(whole, high, (*marks, *loose), tuple(areas), one.picture.layout, title)


def _head(drawn: Drawn, left: float, wide: float) -> Iterator[Mark]:
    middle = left + wide / 2
    shown = font_widths.fitted(inert(drawn.title), TITLE, "semibold", wide)
    yield Text(middle, 16.0, shown, width(shown, TITLE, "semibold"), TITLE, "semibold", "text", "middle")
    yield line(middle, 36.0, drawn.under, UNDER, "sans", "muted", "middle")
    if not drawn.picture.areas:
        yield line(middle, HEAD + 14.0, NO_GRAPH, UNDER, "sans", "muted", "middle")


def _outline(area: Area) -> Rect:
    spot = area.x - OUTSIDE, area.y - OUTSIDE, area.width + 2 * OUTSIDE, area.height + 2 * OUTSIDE
    return Rect(*spot, 13.0, None, "changed", 1.6, dashed=True)


def _area(area: Area, right: float, marks: int, letter: str) -> Area:
    start, end = area.marks
    return replace(
        area,
        owner=second_owner(area.owner) if letter else area.owner,
        x=area.x + right,
        y=area.y + HEAD,
        marks=(start + marks, end + marks),
        joins=tuple(map(second_owner, area.joins)) if letter else area.joins,
    )


def second_owner(owner: str) -> str:
    """Name a part of the second graph: "node b3" for its "node 3"."""
    kind, _, number = owner.partition(" ")
    return f"{kind} {SECOND}{number}"


def _shifted(mark: Mark, right: float, down: float) -> Mark:
    if isinstance(mark, Path):
        return replace(mark, points=tuple((x + right, y + down) for x, y in mark.points))
    return replace(mark, x=mark.x + right, y=mark.y + down)
