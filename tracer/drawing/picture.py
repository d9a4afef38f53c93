"""Facts → a picture: the main road of drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from tracer import quantities
from tracer.analysis.colouring import Colour as Tone
from tracer.analysis.colouring import colouring
from tracer.analysis.folding import AUTO, Fold, Folded, Frame, Link
from tracer.analysis.rolling import Roll, folded
from tracer.drawing import card_marks, columns, ghosts, graphviz, lane_marks, layered, returning, sentences
from tracer.drawing.cards import PLAIN_ABOVE, Card, node_card
from tracer.drawing.display_list import Area, Backward, DisplayList, Rect, Text
from tracer.drawing.dot import FRAME_TITLE, frame_title
from tracer.drawing.font_widths import fitted, width
from tracer.drawing.group_cards import group_card
from tracer.drawing.known import Known, know
from tracer.drawing.lane_marks import Mark
from tracer.drawing.lanes import Bundle, bundle, sides
from tracer.drawing.layout import Layout, Route, Size
from tracer.drawing.rolled_cards import every_pass, rolled_card
from tracer.drawing.routes import MARGIN, Slot, slots
from tracer.drawing.tinted import legend, tinted, with_legend
from tracer.errors import LimitPassed
from tracer.facts import Facts

MARGIN_AROUND = 24.0
FOR_GRAPHVIZ = 1000  # boxes; Graphviz's time grows with their square
WIDEST_FOR_LANES = 520.0


class Drawing(NamedTuple):
    """A picture, whose each card is (the owners of the areas of the boxes, in their order), and the legend of its
    colours."""

    picture: DisplayList
    owners: tuple[str, ...]
    legend: DisplayList | None = None


def draw(facts: Facts, *, seconds: float = 10.0, how: Fold | Roll = AUTO, colour: Tone = "none") -> DisplayList:
    """Draw a graph: cards with what is known of each node, and lanes with what flows forward and back.

    A large graph is folded first, or loops are rolled up, as `how` says. Graphviz places the cards; above about 1,000
    of them, or when it takes longer than `seconds`, our own layered layout does, and `layout` says so. Cards in a
    `colour` have a legend below.

    Raises:
        DrawingError: Graphviz is missing or can't be run.
    """
    drawing = draw_folded(facts, folded(facts, how), seconds, colour)
    return drawing.picture if drawing.legend is None else with_legend(drawing.picture, drawing.legend)


def draw_folded(facts: Facts, boxed: Folded, seconds: float = 10.0, colour: Tone = "none") -> Drawing:
    """Draw a graph that is folded already; the legend is a picture of its own.

    Raises:
        DrawingError: Graphviz is missing or can't be run.
    """
    colours = colouring(facts, boxed, colour)
    parts = _parts(facts, boxed, grey=colours is None)
    if colours is not None:
        parts = parts._replace(cards=[tinted(*pair) for pair in zip(parts.cards, colours.tints, strict=True)])
    picture, owners = assembled(parts, placed(parts, seconds)), tuple(card.owner for card in parts.cards)
    return Drawing(picture, owners, None if colours is None else legend(colours))


class Parts(NamedTuple):
    """What a picture is made of, before anything has its place. `passes` are, for each card, those in whose room it
    stands: that of a rolled loop has room for each pass, so that the picture keeps still from pass to pass."""

    known: Known
    folded: Folded
    cards: Sequence[Card]
    bundles: Sequence[Bundle]
    passes: Sequence[Sequence[Card]]


def measured(facts: Facts, how: Fold | Roll = AUTO) -> Parts:
    """Say what each card and each lane has on it."""
    return _parts(facts, folded(facts, how), grey=False)


def _parts(facts: Facts, boxed: Folded, *, grey: bool) -> Parts:
    """Say what each card and each lane has on it; with `grey`, there are cards for what autograd does not follow."""
    grey = grey and ghosts.are_drawn(facts, boxed)
    known = know(facts)._replace(cuts_drawn=grey)
    plain = len(boxed.boxes) > PLAIN_ABOVE
    cards = _distinct([_card(known, boxed, number, plain) for number in range(len(boxed.boxes))])
    bundles = [_bundle(known, boxed, link, plain) for link in boxed.links]
    if not grey:
        return Parts(known, boxed, cards, bundles, [tuple(every_pass(known, box, plain)) for box in boxed.boxes])
    cards, bundles, frames = ghosts.joined(facts, boxed, cards, bundles)
    return Parts(known, replace(boxed, frames=frames), cards, bundles, [()] * len(cards))


def _card(known: Known, folded: Folded, number: int, plain: bool) -> Card:
    box = folded.boxes[number]
    if box.shown is not None:
        return rolled_card(known, box, plain)
    if box.title is None:
        return node_card(known, box.nodes[0], plain)
    around = [frame for frame in folded.frames if frame.boxes[0] <= number < frame.boxes[1]]
    return group_card(known, box, around)


def _distinct(cards: Sequence[Card]) -> list[Card]:
    """Give each card an owner of its own, where a module has run several times: "group relu", "group relu (2)"."""
    seen, distinct = Counter[str](), list[Card]()
    for card in cards:
        seen[card.owner] += 1
        times = seen[card.owner]
        distinct.append(card if times == 1 else card._replace(owner=f"{card.owner} ({times})"))
    return distinct


def _bundle(known: Known, folded: Folded, link: Link, plain: bool) -> Bundle:
    ends = folded.boxes[link.producer], folded.boxes[link.consumer]
    grouped = any(box.title is not None for box in ends)
    return bundle(known, link, grouped, plain, min(box.repeats for box in ends))


def _sizes(parts: Parts) -> list[Size]:
    """Measure the cards; each is at least as wide as the lanes on its wider side, within reason."""
    lower, upper = [0.0] * len(parts.cards), [0.0] * len(parts.cards)
    for box, below, wide in sides(parts.bundles):
        (lower if below else upper)[box] += wide
    sizes = []
    for number, (card, passes) in enumerate(zip(parts.cards, parts.passes, strict=True)):
        wide, high = map(max, zip(*map(card_marks.size, (card, *passes)), strict=True))
        lanes = min(max(lower[number], upper[number]) + 2 * MARGIN, WIDEST_FOR_LANES)
        sizes.append(Size(max(wide, lanes), high))
    return sizes


def placed(parts: Parts, seconds: float, *, unbroken: bool = False) -> Layout:
    """Place the cards; a tall picture is broken into columns, unless it is to stay `unbroken`."""
    returns = parts.folded.returns
    sizes = returning.widened(_sizes(parts), returns)
    return returning.narrowed(_laid_out(sizes, parts.bundles, parts.folded.frames, seconds, unbroken), returns)


def _laid_out(
    sizes: Sequence[Size], bundles: Sequence[Bundle], frames: Sequence[Frame], seconds: float, unbroken: bool
) -> Layout:
    if len(sizes) > FOR_GRAPHVIZ:
        return layered.place(sizes, bundles, len(frames))
    try:
        whole = graphviz.place(sizes, bundles, frames, [range(len(sizes))], seconds)[0]
        broken = columns.columns(whole, bundles, frames)
        if unbroken or len(broken) == 1:
            return whole
        return columns.side_by_side(graphviz.place(sizes, bundles, frames, broken, seconds), bundles)
    except LimitPassed:
        return layered.place(sizes, bundles, len(frames))


def assembled(parts: Parts, layout: Layout) -> DisplayList:
    """Paint frames, then lanes, then cards, and note which marks are whose."""
    known, folded, cards, bundles, _ = parts
    marks: list[Mark] = []
    areas: list[Area] = []
    returns = returning.returned(known, folded.returns, cards, layout)
    laned = _laned(known, cards, bundles, layout)
    for drawn in (_framed(folded.frames, layout), laned, returns, _carded(cards, layout)):
        for found, area in drawn:
            areas.append(replace(area, marks=(len(marks), len(marks) + len(found))))
            marks += found
    marks += _frame_titles(folded.frames, layout)
    wide = max((area.x + area.width for area in areas), default=0.0)
    high = max((area.y + area.height for area in areas), default=0.0)
    size = max(layout.size.width, wide), max(layout.size.height, high)  # a lane may run outside of all cards
    return DisplayList(*size, tuple(marks), tuple(areas), layout.name, _title(known, folded))


Drawn = tuple[Sequence[Mark], Area]


def _framed(frames: Sequence[Frame], layout: Layout) -> Iterator[Drawn]:
    for number, (frame, spot) in enumerate(zip(frames, layout.frames, strict=True)):
        if spot is not None:
            found = [Rect(*spot, 10.0, "group", "group_border", 1.0, dashed=True)]
            owner = f"frame {frame.title or frame_title(frames, number)}"
            yield found, Area(owner, *spot, sentences.of_frame(frame))


def _frame_titles(frames: Sequence[Frame], layout: Layout) -> Iterator[Mark]:
    """Write the titles of frames, each on its ground, so that no lane runs through it."""
    size, font = FRAME_TITLE
    for number, spot in enumerate(layout.frames):
        if spot is not None:
            title = fitted(frame_title(frames, number), size, font, spot.width - 24)
            wide = width(title, size, font)
            yield Rect(spot.x + 8, spot.y + 7, wide + 8, 18.0, 4.0, "group")
            yield Text(spot.x + 12, spot.y + 20, title, wide, size, font, "muted")


def _laned(known: Known, cards: Sequence[Card], bundles: Sequence[Bundle], layout: Layout) -> Iterator[Drawn]:
    starts, ends = slots(layout, bundles)
    for number, one in enumerate(bundles):
        if not one.edges:
            yield _gap(number, one, cards, layout.routes[number], starts[number], ends[number])
            continue
        shared = one.edges if len(one.edges) > len(one.drawn) else ()
        for edge, lanes in lane_marks.by_edge(one):
            found = [
                (mark, lane.backward)
                for lane in lanes
                for mark in lane_marks.lane_marks(lane, layout.routes[number], starts[number], ends[number])
            ]
            tail, head = cards[one.tail], cards[one.head]
            label = sentences.of_bundle(known, shared or (edge,), tail.title, head.title)
            backward = _backward(found, "" if len(shared) > 1 else sentences.of_flow(known, edge))
            marks = [mark for mark, _ in found]
            yield marks, lane_marks.area(edge, marks, label, (tail.owner, head.owner), backward)


def _gap(number: int, one: Bundle, cards: Sequence[Card], route: Route, start: Slot, end: Slot) -> Drawn:
    """Draw a way on which no gradient comes back."""
    tail, head = cards[one.tail], cards[one.head]
    found = list(lane_marks.gap_marks(one, route, start, end))
    area = lane_marks.area(
        ghosts.GAP, found, ghosts.of_gap(one, tail.title, head.title), (tail.owner, head.owner), None
    )
    return found, replace(area, owner=f"gap {number}")


def _carded(cards: Sequence[Card], layout: Layout) -> Iterator[Drawn]:
    for card, spot in zip(cards, layout.boxes, strict=True):
        found = tuple(card_marks.marks(card, *spot))
        backward = _backward(found, card.backward)
        yield [mark for mark, _ in found], Area(card.owner, *spot, card.label, backward=backward)


def _backward(found: Sequence[tuple[Mark, bool]], words: str) -> Backward | None:
    """Note which marks, that follow one another, and which words tell of backward."""
    places = [at for at, (_, backward) in enumerate(found) if backward]
    if not places and not words:
        return None
    return Backward((places[0], places[-1] + 1) if places else (0, 0), words)


def _title(known: Known, folded: Folded) -> str:
    nodes = f"{quantities.count(len(known.nodes))} node{'' if len(known.nodes) == 1 else 's'}"
    ends = ", ".join(dict.fromkeys(known.ends.values()))
    what = f"The autograd graph of {ends}: {nodes}" if ends else f"An autograd graph: {nodes}"
    if folded.shows:
        return f"{what}, its loops rolled up into {len(folded.boxes)} boxes, {folded.shows}"
    return f"{what}, folded into {len(folded.boxes)} boxes" if folded.folded else what
