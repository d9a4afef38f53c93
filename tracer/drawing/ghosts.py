"""What autograd does not follow, drawn beside its graph: grey cards, and arrows on which no gradient comes back.

Where a tensor was cut off from a tracked one, the arrow between them is broken by the words "cut by detach · line 2".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from tracer import quantities
from tracer.analysis.folding import Folded, Frame
from tracer.drawing.cards import Card, Line, Numbers
from tracer.drawing.grids import grid
from tracer.drawing.lanes import LANE, Bundle, Label, Lane, words
from tracer.drawing.sentences import SPELLED_OUT
from tracer.drawing.wording import inert, program
from tracer.facts import Facts, Tensor
from tracer.values import Unfollowed

MOST = 24  # grey cards; more would hide the graph, whose own cards say where it was cut
BESIDE = 30.0  # points of room beside the words of a cut
GAP = -1  # the edge of a lane that autograd has no edge for


class Joined(NamedTuple):
    """The cards of a graph with the grey ones among them, each before those that use it."""

    cards: list[Card]
    bundles: list[Bundle]
    frames: tuple[Frame, ...]


def are_drawn(facts: Facts, folded: Folded) -> bool:
    """Tell whether there are grey cards: in a small graph of which no part is folded."""
    return 0 < len(facts.unfollowed) <= MOST and not folded.folded


def joined(facts: Facts, folded: Folded, cards: Sequence[Card], bundles: Sequence[Bundle]) -> Joined:
    """Put grey cards among those of a graph, and join them to what was computed from them."""
    if not are_drawn(facts, folded):
        return Joined(list(cards), list(bundles), folded.frames)
    boxes = {node: number for number, box in enumerate(folded.boxes) for node in box.nodes}
    before = _before(facts, boxes, len(cards))
    order: list[tuple[str, int]] = []
    for number in range(len(cards) + 1):
        order += [("grey", at) for at, place in enumerate(before) if place == number]
        order += [("box", number)] if number < len(cards) else []
    place = {item: number for number, item in enumerate(order)}
    moved = [one._replace(tail=place["box", one.tail], head=place["box", one.head]) for one in bundles]
    return Joined(
        [cards[at] if kind == "box" else _card(facts, facts.unfollowed[at]) for kind, at in order],
        [*moved, *_bundles(facts, boxes, place)],
        tuple(_frame(frame, place) for frame in folded.frames),
    )


def _before(facts: Facts, boxes: Mapping[int, int], last: int) -> list[int]:
    """Give for each grey card the first box that depends on it; `last` where none does."""
    rows = facts.unfollowed
    before = [min((boxes[node] for node in row.nodes), default=last) for row in rows]
    numbers = {row.tensor: number for number, row in enumerate(rows)}
    for number in reversed(range(len(rows))):
        for one in rows[number].read:
            if one in numbers:
                before[numbers[one]] = min(before[numbers[one]], before[number])
    return before


def _frame(frame: Frame, place: Mapping[tuple[str, int], int]) -> Frame:
    start, end = frame.boxes
    return replace(frame, boxes=(place["box", start], place["box", end - 1] + 1))


def _bundles(facts: Facts, boxes: Mapping[int, int], place: Mapping[tuple[str, int], int]) -> list[Bundle]:
    """Join each grey card to what it was made of, and to the operations that used it."""
    grey = {row.tensor: place["grey", number] for number, row in enumerate(facts.unfollowed)}
    found = []
    for row in facts.unfollowed:
        for one in row.read:
            tensor = facts.tensors[one]
            cut = cut_words(facts, row) if _is_tracked(facts, one) else ""
            at = None if tensor.node is None else boxes.get(tensor.node)
            tail = grey.get(one, None if at is None else place["box", at])
            if tail is not None:
                found.append(_bundle(tail, grey[row.tensor], cut))
        found += [_bundle(grey[row.tensor], place["box", boxes[node]], "") for node in row.nodes]
    return found


def _is_tracked(facts: Facts, place: int) -> bool:
    standing = facts.tensors[place].standing
    return standing is not None and standing.requires_grad


def _bundle(tail: int, head: int, cut: str) -> Bundle:
    label: Label | None = words(f"⫽ {cut}") if cut else None
    wide = label.width + BESIDE if label else LANE
    return Bundle(tail, head, (), (), (Lane(GAP, False, label, 0.0, 0.0),), wide, label.height if label else 0.0, cut)


def cut_words(facts: Facts, row: Unfollowed) -> str:
    """Say what cut a tensor off: "cut by detach · line 2"."""
    cut = facts.cuts[row.cut] if row.cut is not None and facts.cuts else None
    return "" if cut is None else inert(" · ".join(filter(None, (f"cut by {cut.operation}", cut.source))))


def _card(facts: Facts, row: Unfollowed) -> Card:
    tensor, tracked = facts.tensors[row.tensor], _is_tracked(facts, row.tensor)
    value = grid(tensor.values)
    word = "not reached" if tracked else "not tracked"
    return Card(
        owner=f"tensor {row.tensor}",
        title=_title(tensor),
        word=f"output, {word}" if tensor.role == "output" else word,
        badge=quantities.shape(tensor.shape),
        lines=_lines(tensor, tracked),
        numbers=() if value is None else (Numbers("value", value, "muted", "group", "muted"),),
        border="group_border",
        label=sentence(facts, row),
        ghost=True,
    )


def _title(tensor: Tensor) -> str:
    made_by = program(tensor.made_by) if tensor.made_by else None
    return inert(f"{tensor.name} = {made_by}" if tensor.name and made_by else tensor.name or made_by or "unnamed")


def _lines(tensor: Tensor, tracked: bool) -> tuple[Line, ...]:
    if tensor.role == "input":
        return (Line(inert(f"input · {tensor.name}.grad is None"), "mono"),)
    return (Line("no gradient comes back to it"),) if tracked else ()


def sentence(facts: Facts, row: Unfollowed) -> str:
    """Say of a grey card what it is, whole: its tooltip, and what a screen reader reads."""
    tensor, cut = facts.tensors[row.tensor], cut_words(facts, row)
    values = tensor.values
    spelled = values is not None and len(values.numbers) <= SPELLED_OUT
    parts = [
        _title(tensor),
        tensor.role,
        "no gradient reaches it" if _is_tracked(facts, row.tensor) else "not tracked, no gradient reaches it",
        cut.replace(" · ", " at "),
        f"shape {quantities.shape(tensor.shape)}",
        f"value {quantities.values(values.nested(), values.dtype, values.fractions())}" if values and spelled else "",
    ]
    return ", ".join(part for part in parts if part)


def of_gap(bundle: Bundle, tail: str, head: str) -> str:
    """Say of an arrow that no gradient comes back on it, and what cut it."""
    cut = f", {bundle.cut.replace(' · ', ' at ')}" if bundle.cut else ""
    return f"{tail} goes to {head}{cut}, no gradient comes back"
