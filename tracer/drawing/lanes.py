"""The lanes between two cards: one forward for each edge, and beside it one backward where a gradient was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from tracer import quantities
from tracer.analysis.folding import Link
from tracer.drawing.font_widths import width
from tracer.drawing.grids import Grid, grid
from tracer.drawing.known import Known, partial
from tracer.drawing.sentences import norm_of
from tracer.facts import EdgeGradient

LANE = 16.0  # points from one lane to the next
TEXT = 11.0
CAPTION, CAPTION_ROW = 10.0, 14.0  # the words over a grid, and their height
MOST = 12  # parallel edges that have lanes of their own; more share one, with their number
SMALL_GRID = 150.0


class Label(NamedTuple):
    """What stands on a lane: a small grid of what flows with words over it, or a few words. Sizes include the pill."""

    text: str
    grid: Grid | None
    width: float
    height: float


class Lane(NamedTuple):
    """One arrow: its line is `offset` to the right of the middle of the bundle where its label stands and where it
    meets a card, and `close` to the right of it on the way."""

    edge: int
    backward: bool
    label: Label | None
    offset: float
    close: float


class Bundle(NamedTuple):
    """All lanes from one box (`tail`) to another (`head`), side by side; `room` is the height of their labels. Without
    `edges` it is a way that autograd does not follow, and `cut` says what cut it off."""

    tail: int
    head: int
    edges: tuple[int, ...]
    drawn: tuple[int, ...]
    lanes: tuple[Lane, ...]
    width: float
    room: float
    cut: str = ""


def bundle(known: Known, link: Link, grouped: bool = False, plain: bool = False, repeats: int = 1) -> Bundle:
    """Give the lanes of a link. Between groups all edges share a lane, with the number of tensors that flow on it.

    Inside of `repeats` blocks alike, tensors are counted for one of them. In a `plain` picture there are no labels.
    """
    several = len(link.drawn or link.edges) > (1 if grouped else MOST)
    drawn = link.edges[:1] if several else link.drawn or link.edges
    found = [(edge, backward) for edge in drawn for backward in ((False, True) if _flows(known, edge) else (False,))]
    shared = _shared(known, link, grouped, repeats) if several else link.words
    labels = [None if plain else _label(known, edge, backward, several, shared) for edge, backward in found]
    return _arranged(Bundle(link.producer, link.consumer, link.edges, drawn, (), 0.0, 0.0), found, labels)


def worded(one: Bundle, said: Mapping[int, str]) -> Bundle:
    """Write words on the forward lanes of some edges."""
    found = [(lane.edge, lane.backward) for lane in one.lanes]
    texts = [None if lane.backward else said.get(lane.edge) for lane in one.lanes]
    labels = [words(text) if text else lane.label for text, lane in zip(texts, one.lanes, strict=True)]
    return _arranged(one, found, labels)


def _arranged(one: Bundle, found: Sequence[tuple[int, bool]], labels: Sequence[Label | None]) -> Bundle:
    """Put the lanes side by side, each as wide as its label."""
    widths = [max(LANE, label.width + 6) if label else LANE for label in labels]
    total = sum(widths)
    middles = [end - wide / 2 - total / 2 for end, wide in zip(accumulate(widths), widths, strict=True)]
    close = [LANE * (number - (len(found) - 1) / 2) for number in range(len(found))]
    lanes = map(Lane, *zip(*found, strict=True), labels, middles, close)
    room = max((label.height for label in labels if label), default=0.0)
    return one._replace(lanes=tuple(lanes), width=total, room=room)


def _flows(known: Known, edge: int) -> bool:
    flow = known.flows.get(edge)
    return flow is not None and flow.state == "measured"


def _label(known: Known, edge: int, backward: bool, several: bool, shared: str) -> Label | None:
    if not backward:
        return words(shared) if shared else None
    flow = known.flows[edge]
    if several or flow.statistics is None:
        return None
    producer = known.edges[edge].producer
    if _summed(known, edge) or len(known.nodes[producer].outputs) > 1:
        return _numbers(flow, _caption(known, edge)) or words(norm_of(flow))
    return None


def _caption(known: Known, edge: int) -> str:
    """Say what flows on an edge: a partial derivative, or a part of one where a value is used several times."""
    what = partial(known, (known.edges[edge].producer, known.edges[edge].output_nr))
    return "" if what is None else f"part of {what}" if _summed(known, edge) else what


def _shared(known: Known, link: Link, grouped: bool, repeats: int) -> str:
    """Say how many edges, or between groups how many tensors, share a lane."""
    if not grouped:
        return f"× {quantities.count(len(link.edges))}"
    tensors = len({(known.edges[edge].producer, known.edges[edge].output_nr) for edge in link.edges})
    each = -(-tensors // repeats)
    return f"{quantities.count(each)} tensors" if each > 1 else ""


def _summed(known: Known, edge: int) -> bool:
    return known.uses[known.edges[edge].producer, known.edges[edge].output_nr] > 1


def _numbers(flow: EdgeGradient, caption: str) -> Label | None:
    cells = grid(flow.values, TEXT, SMALL_GRID)
    if cells is None:
        return None
    wide = max(cells.width, width(caption, CAPTION) + 6)
    return Label(caption, cells, wide, cells.height + (CAPTION_ROW if caption else 0.0))


def words(text: str) -> Label:
    """Give a lane a few words as its label."""
    return Label(text, None, width(text, TEXT) + 14, 18.0)


def sides(bundles: Sequence[Bundle]) -> Iterator[tuple[int, bool, float]]:
    """Tell how wide each bundle is where it leaves its tail (below) and where it reaches its head (above)."""
    for one in bundles:
        yield one.tail, True, one.width
        yield one.head, False, one.width
