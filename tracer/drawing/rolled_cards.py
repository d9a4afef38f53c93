"""What the card of an operation in a rolled loop says: that of the pass that is shown, and how often it ran."""

from __future__ import annotations

from collections.abc import Iterator

from tracer import quantities
from tracer.analysis.folding import Box
from tracer.drawing.cards import Card, node_card
from tracer.drawing.known import Known

MOST_MEASURED = 64  # passes whose cards are measured


def rolled_card(known: Known, box: Box, plain: bool = False) -> Card:
    """Say what is known of the node that is shown, of which pass it is, and of how many nodes it is one."""
    shown = box.nodes[0] if box.shown is None else box.shown
    return _card(known, box, shown, known.turns.get(shown, 0), plain)


def every_pass(known: Known, box: Box, plain: bool) -> Iterator[Card]:
    """Give the cards of all passes of a rolled box, or of some of many."""
    if box.shown is not None and box.repeats > 1:
        step = -(-len(box.nodes) // MOST_MEASURED)
        for index in {*box.nodes[::step], box.nodes[-1]}:
            yield _card(known, box, index, 10 ** len(str(box.repeats)) - 1, plain)


def _card(known: Known, box: Box, shown: int, turn: int, plain: bool) -> Card:
    card = node_card(known, shown, plain)
    if box.repeats == 1:
        return card
    output = any(index in known.ends for index in box.nodes)
    times = f"× {quantities.count(box.repeats)}"
    lines = card.lines[:1] and (card.lines[0]._replace(text=f"{card.lines[0].text} · pass {turn}"), *card.lines[1:])
    return card._replace(
        word=f"{times} · output" if shown in known.ends else times,
        lines=lines,
        border="forward" if output else card.border,
        label=f"{card.label}, one of {quantities.count(box.repeats)} alike, drawn once",
        word_colour="forward_text" if shown in known.ends else "muted",
        strong=output,
        stacked=True,
    )
