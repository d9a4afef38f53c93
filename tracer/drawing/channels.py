"""A sum taken apart as a picture: a card for each channel, the sum of them all, and every kernel at the same place."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer import quantities
from tracer.convolution import by_channel
from tracer.convolution.by_channel import Sum
from tracer.convolution.chosen import Chosen, Numbers
from tracer.convolution.layer import Settings
from tracer.convolution.reads import batched
from tracer.drawing import channel_cards, channel_words
from tracer.drawing.cells import cell_text, line, room, within
from tracer.drawing.channel_cards import GAP, Card
from tracer.drawing.display_list import Area, Colour, DisplayList, Path, Rect
from tracer.drawing.matrix_layout import spaces
from tracer.drawing.sheets import Mark, hue

TOP, STRIP, PLACE, LOW = 38.0, 52.0, 44.0, 300.0  # heights; a lower picture has no elements at one place
CELL = 20.0  # height of the cells of all kernels at one place


class Layout(NamedTuple):
    """How the cards go: `columns` side by side, `rows` of them in view of `needed`."""

    card: Card
    columns: int
    rows: int
    needed: int
    edge: float
    down: float


class Seen(NamedTuple):
    """All that the parts of one picture are drawn from."""

    settings: Settings
    numbers: Numbers
    chosen: Chosen
    found: Sum
    placed: Layout
    first: int
    size: tuple[float, float]

    @property
    def forward(self) -> bool:
        """Whether an output is taken apart, and not the gradient of an input."""
        return self.chosen.leads == "output"


def ready(numbers: Numbers) -> bool:
    """Tell whether there are numbers to add up."""
    return numbers.fresh and {"x", "weight", "y", "x.grad", "y.grad"} <= set(numbers.arrays)


def taken_apart(settings: Settings, numbers: Numbers, chosen: Chosen) -> Sum:
    """Take the element apart that is looked at."""
    if chosen.leads == "output":
        return by_channel.of_output(settings, numbers.arrays, chosen.output)
    return by_channel.of_input(settings, numbers.arrays, chosen.input)


def lay_out(settings: Settings, numbers: Numbers, found: Sum, width: float, height: float) -> Layout:
    """Place the cards: as many as fit, in rows."""
    edge = spaces(width).edge
    across, down = width - 2 * edge, height - TOP - STRIP - (PLACE if height >= LOW else 6.0)
    patch = found.parts[0].patch
    needs = max(room(numbers.arrays[name], settings.dtype, channel_cards.SIZE) for name in ("x", "weight"))
    card = channel_cards.card(patch.shape, len(found.parts), needs, across, down)
    columns = max(1, int((across + GAP) / (card.width + GAP)))
    columns = min(columns, len(found.parts))
    rows = max(1, int((down + GAP) / (card.height + GAP)))
    needed = math.ceil(len(found.parts) / columns)
    return Layout(card, columns, min(rows, needed), needed, edge, down)


def channels(
    settings: Settings, numbers: Numbers, chosen: Chosen, first: int, width: float, height: float
) -> DisplayList:
    """Draw the parts of the sum that is looked at, from row `first` of the cards on.

    Areas are "x C" and "y R" (flat numbers) for the cells of patches, "channel C" for a card, and "kernel K" or
    "input C" for the elements at the same place in the other channels.
    """
    if not ready(numbers):
        words = channel_words.waiting(settings, chosen, numbers)
        return DisplayList(width, height, (line(28.0, 26.0, words, colour="muted"),), title=words)
    found = taken_apart(settings, numbers, chosen)
    placed = lay_out(settings, numbers, found, width, height)
    first = min(max(first, 0), placed.needed - placed.rows)
    seen = Seen(settings, numbers, chosen, found, placed, first, (width, height))
    marks, areas = list[Mark](), list[Area]()
    for draw in (_caption, _cards, _place, _strip):
        for item in draw(seen):
            areas.append(item) if isinstance(item, Area) else marks.append(item)
    first_line, second = channel_words.strip(settings, chosen, found, math.inf)
    return DisplayList(width, height, tuple(marks), tuple(areas), title=f"{first_line}. {second[0]}")


def _caption(seen: Seen) -> Iterator[Mark]:
    shown = range(seen.first * seen.placed.columns, (seen.first + seen.placed.rows) * seen.placed.columns)
    words = channel_words.captions(seen.settings, seen.chosen, seen.found, shown)
    yield channel_words.fitting(words, seen.placed.edge, 26.0, seen.size[0] - 2 * seen.placed.edge)


def _cards(seen: Seen) -> Iterator[Mark | Area]:
    placed = seen.placed
    block = placed.columns * (placed.card.width + GAP) - GAP
    left = placed.edge + max(0.0, (seen.size[0] - 2 * placed.edge - block) / 2)
    high = placed.rows * (placed.card.height + GAP) - GAP
    top = TOP + max(0.0, (placed.down - high) / 2)
    scale = channel_cards.Scale(*(_largest(seen, patches) for patches in (True, False)))
    lit = batched(seen.settings, seen.chosen.input if seen.forward else seen.chosen.output)[1]
    start = seen.first * placed.columns
    for at, part in enumerate(seen.found.parts[start : start + placed.rows * placed.columns]):
        row, column = divmod(at, placed.columns)
        corner = left + column * (placed.card.width + GAP), top + row * (placed.card.height + GAP)
        title = channel_words.title(seen.settings, part.channel, seen.forward)
        drawn = channel_cards.Drawn(seen.settings, part, seen.forward, title, part.channel == lit)
        yield from channel_cards.marks(placed.card, drawn, scale, *corner)


def _largest(seen: Seen, patches: bool) -> float:
    """Give the largest number of all patches, or of all kernel slices, that the colours are scaled by."""
    arrays = [part.patch if patches else part.weights for part in seen.found.parts]
    finite = [np.abs(array[np.isfinite(array)]).max(initial=0.0) for array in arrays]
    return float(max(finite)) or 1.0


def _place(seen: Seen) -> Iterator[Mark | Area]:
    """Draw what all kernels give at the same place, each in its colour; or the gradient of all channels there."""
    settings, edge = seen.settings, seen.placed.edge
    if seen.size[1] < LOW:
        return
    index = seen.chosen.output if seen.forward else seen.chosen.input
    axis = len(index) - settings.dims - 1
    name = "y" if seen.forward else "x.grad"
    place: Any = (*index[:axis], slice(None), *index[axis + 1 :])
    values: NDArray[Any] = seen.numbers.arrays[name][place]
    top = seen.size[1] - STRIP - CELL - 8
    words = channel_words.place(settings, seen.chosen)
    label = line(edge, top + CELL / 2 + 4, words, colour="muted")
    yield label
    left, wide = edge + label.width + 14, room(values, settings.dtype) + 2
    count = max(1, int((seen.size[0] - edge - left) / wide))
    start = min(max(0, index[axis] - count // 2), max(0, len(values) - count))
    for at, value in enumerate(values[start : start + count].tolist()):
        number, x = start + at, left + at * wide
        own = number == index[axis]
        fill: Colour = hue(number, own) if seen.forward else "taken" if own else "cell"
        yield Rect(x, top, wide - 2, CELL, 2.0, fill)
        yield within(x + wide / 2 - 1, top, CELL, cell_text(value, settings.dtype, wide - 4))
        if own:
            ring: Colour = "forward" if seen.forward else "backward"
            yield Rect(x - 2.5, top - 2.5, wide + 3, CELL + 5, 4.0, None, ring, 1.8)
        element = f"{name}[{', '.join(str(number if a == axis else i) for a, i in enumerate(index))}]"
        owner = f"kernel {number}" if seen.forward else f"input {number}"
        words = f"{element} = {quantities.number(value, settings.dtype)}"
        yield Area(owner, x, top, wide, CELL, words)


def _strip(seen: Seen) -> Iterator[Mark]:
    edge, (width, height) = seen.placed.edge, seen.size
    top = height - STRIP
    yield Path(((edge, top + 2), (width - edge, top + 2)), False, stroke="border", line=1.0)
    first, second = channel_words.strip(seen.settings, seen.chosen, seen.found, width - 2 * edge)
    yield line(edge, top + 21, first, 12.0, "mono", "forward_text" if seen.forward else "backward_text")
    yield channel_words.fitting(second, edge, top + 40, width - 2 * edge)
