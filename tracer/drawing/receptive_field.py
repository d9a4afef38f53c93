"""The picture of a receptive field: the signals of a stack as rows of cells, the input lowest, one cone lit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracer import quantities
from tracer.convolution.layer import AXES
from tracer.convolution.receptive_field import Layer
from tracer.drawing.cone import Row, Sizes, links, rows, runs
from tracer.drawing.display_list import Area, DisplayList, Path, Rect, Text
from tracer.drawing.font_widths import fitted
from tracer.drawing.font_widths import width as text_width
from tracer.drawing.input_plane import plane_marks

LEFT, RIGHT, TOP, BOTTOM, MARGIN = 142.0, 70.0, 46.0, 28.0, 18.0
PLANE, WIDE = 178.0, 620.0  # the input seen from above, for which a picture must be so wide
LEAST_ROW, MOST_ROW, MOST_CELL, LEAST_CELL = 22.0, 130.0, 20.0, 5.0
WIDEST_CELL = 48.0
MOST_LINKS, MOST_CELLS = 400, 2000
LIT = 0.55


class Stack(NamedTuple):
    """Layers, and the sizes of the signals: the input's, then after each layer."""

    layers: tuple[Layer, ...]
    sizes: Sizes


class Looked(NamedTuple):
    """What is looked at: an output of the last layer, and the axis along which the stack is cut. `first` is where the
    picture begins (in numbers of the input), so that it stays where it is while the output moves inside of it."""

    place: tuple[int, ...]
    axis: int
    first: float | None = None


class _Scale(NamedTuple):
    """Where a position stands in the picture: `left` + (position − `first`)·`unit`, as far as `right`."""

    left: float
    right: float
    first: float
    unit: float

    def x(self, position: float) -> float:
        return self.left + (position - self.first) * self.unit


def least_height(stack: Stack) -> float:
    """Tell how much height a picture needs at least."""
    return TOP + BOTTOM + LEAST_ROW * len(stack.sizes)


def picture(stack: Stack, looked: Looked, width: float, height: float) -> tuple[DisplayList, float]:
    """Draw a stack; give the picture, and where it begins (for the next `Looked.first`)."""
    found = rows(stack.layers, stack.sizes, looked.place, looked.axis)
    plane = len(stack.sizes[0]) > 1 and width >= WIDE
    right = width - RIGHT - MARGIN - (PLANE if plane else 0)
    scale = _scale(found, MARGIN + LEFT, right, looked.first)
    pitch = min(MOST_ROW, max(LEAST_ROW, (height - TOP - BOTTOM) / len(found)))
    cell = min(MOST_CELL, pitch * 0.4)
    tops = [TOP + pitch * (len(found) - 1 - at) for at in range(len(found))]
    marks: list[Rect | Path | Text] = [*_heading(stack, looked, width)]
    for at, layer in enumerate(stack.layers):
        marks += _cone(layer, looked.axis, found[at + 1], found[at], scale, (tops[at + 1] + cell, tops[at]))
    areas: list[Area] = []
    for at, (row, top) in enumerate(zip(found, tops, strict=True)):
        shown = _visible(row, scale)
        marks += _cells(row, shown, scale, top, cell, last=at == len(found) - 1)
        marks += _names(stack, at, row, top, cell, right)
        areas += _areas(stack, at, row, shown, scale, top, cell, looked.axis)
    marks += _ends(found[0], scale, tops[0] + cell)
    if plane:
        most = max(40.0, min(PLANE - 26, height - TOP - 48))
        marks += plane_marks(stack.layers, stack.sizes, looked.place, (width - MARGIN - PLANE + 26, TOP), most)
    words = sentence(stack, looked)
    low = tops[0] + cell + BOTTOM
    return DisplayList(width, max(height, low), tuple(marks), tuple(areas), "cells", words), scale.first


def sentence(stack: Stack, looked: Looked) -> str:
    """Tell which numbers of the input the output depends on, along each axis, and how many they are."""
    names = AXES[len(looked.place)]
    lit = [rows(stack.layers, stack.sizes, looked.place, axis)[0].lit for axis in range(len(names))]
    parts = ", ".join(f"{name} {_spoken(numbers)}" for name, numbers in zip(names, lit, strict=True))
    product = f"{quantities.shape([*map(len, lit)])} = " if len(lit) > 1 else ""
    read, all_ = math.prod(map(len, lit)), math.prod(stack.sizes[0])
    return f"Depends on {parts} of the input: {product}{quantities.count(read)} of {quantities.count(all_)}"


def _spoken(numbers: Sequence[int]) -> str:
    if not numbers:
        return "none"
    if len(numbers) == 1:
        return str(numbers[0])
    holes = numbers[-1] - numbers[0] + 1 != len(numbers)
    return f"{numbers[0]}–{numbers[-1]}" + (f" ({len(numbers)} of them)" if holes else "")


def _scale(found: Sequence[Row], left: float, right: float, first: float | None) -> _Scale:
    """Fit the whole input if its cells can be seen, or a part of it with the cone inside."""
    low = min(row.start - row.jump / 2 - row.before * row.jump for row in found)
    high = max(row.start + row.jump * (row.size - 0.5 + row.after) for row in found)
    lit = [
        (row.start + row.jump * (at - 0.5), row.start + row.jump * (at + 0.5)) for row in found for at in _ends_of(row)
    ]
    begin, end = min(a for a, _ in lit), max(b for _, b in lit)
    room = max(60.0, right - left)
    unit = room / (high - low)
    if unit >= LEAST_CELL:
        unit = min(unit, WIDEST_CELL)
        spare = room - unit * (high - low)
        return _Scale(left, right, low - spare / unit / 2, unit)
    unit = min(10.0, room / (end - begin + 2))
    span = room / unit
    if span >= high - low:
        return _Scale(left, right, low, room / (high - low))
    first = (begin + end - span) / 2 if first is None else min(max(first, end + 1 - span), begin - 1)
    return _Scale(left, right, min(max(first, low), high - span), unit)


def _ends_of(row: Row) -> tuple[int, ...]:
    return (row.lit[0], row.lit[-1]) if row.lit else ()


def _visible(row: Row, scale: _Scale) -> range:
    """Give the numbers of a signal and its padding that stand in the picture."""
    last = scale.first + (scale.right - scale.left) / scale.unit
    low = math.ceil((scale.first - row.start) / row.jump - 0.5 + 1e-9)
    high = math.floor((last - row.start) / row.jump + 0.5 - 1e-9)
    return range(max(low, -row.before), min(high, row.size - 1 + row.after) + 1)


def _cells(row: Row, shown: range, scale: _Scale, top: float, height: float, *, last: bool) -> Iterator[Rect | Text]:
    wide = row.jump * scale.unit
    if wide < 3 or len(shown) > MOST_CELLS:
        yield from _strip(row, shown, scale, top, height)
        return
    lit, gap = set(row.lit), 1.0 if wide >= 5 else 0.0
    for number in shown:
        x = scale.x(row.start + row.jump * (number - 0.5)) + gap / 2
        chosen = last and number in lit
        if not 0 <= number < row.size:
            yield Rect(x, top, wide - gap, height, 1.5, None, "border", 0.8, dashed=True)
        elif chosen:
            yield Rect(x, top, wide - gap, height, 1.5, "forward", "forward", 1.4)
        elif number in lit:
            yield Rect(x, top, wide - gap, height, 1.5, None, "forward", 0.9, shade=LIT)
        else:
            yield Rect(x, top, wide - gap, height, 1.5, "card", "border", 0.8)


def _strip(row: Row, shown: range, scale: _Scale, top: float, height: float) -> Iterator[Rect]:
    """Draw a signal whose cells are too narrow to be told apart as a band."""
    begin, end = max(shown.start, 0), min(shown.stop, row.size)
    x = scale.x(row.start + row.jump * (begin - 0.5))
    yield Rect(x, top, (end - begin) * row.jump * scale.unit, height, 1.5, "card", "border", 0.8)
    for low, high in runs([number for number in row.lit if number in shown]):
        left = scale.x(row.start + row.jump * (low - 0.5))
        yield Rect(left, top, max(1.0, (high - low + 1) * row.jump * scale.unit), height, 0.0, "forward")


def _cone(
    layer: Layer, axis: int, upper: Row, lower: Row, scale: _Scale, between: tuple[float, float]
) -> Iterator[Path]:
    """Draw what lies between two signals: a soft shape from what is lit above to what is lit below, and each link."""
    if not upper.lit or not lower.lit:
        return
    (a, b), (c, d) = (
        (_edge(row, row.lit[0], -0.5, scale), _edge(row, row.lit[-1], 0.5, scale)) for row in (upper, lower)
    )
    yield Path(((a, between[0]), (b, between[0]), (d, between[1]), (c, between[1])), False, True, "badge")
    for link in links(layer, axis, upper, lower, MOST_LINKS) or ():
        inside = 0 <= link.lower < lower.size
        ends = (_edge(upper, link.upper, 0, scale), between[0]), (_edge(lower, link.lower, 0, scale), between[1])
        yield Path(ends, False, stroke="forward" if inside else "muted", line=0.8, dashed=not inside)


def _edge(row: Row, number: int, side: float, scale: _Scale) -> float:
    """Give where a number stands, no further out than the picture's edge."""
    return min(max(scale.x(row.start + row.jump * (number + side)), scale.left - 6), scale.right + 6)


def _heading(stack: Stack, looked: Looked, width: float) -> Iterator[Text]:
    place = looked.place[0] if len(looked.place) == 1 else f"({', '.join(map(str, looked.place))})"
    name, words = f"output {place} of {stack.layers[-1].name}", sentence(stack, looked)
    wide, room = text_width(name, 13, "semibold"), width - 2 * MARGIN
    beside = wide + 10 + text_width(words, 12) <= room
    yield Text(MARGIN, 26 if beside else 18, name, wide, 13, "semibold", "text")
    words = fitted(f"depends{words.removeprefix('Depends')}", 12, "sans", max(40.0, room))
    x, y = (MARGIN + wide + 10, 26) if beside else (MARGIN, 35)
    yield Text(x, y, words, text_width(words, 12), 12, "sans", "muted")


def _names(stack: Stack, at: int, row: Row, top: float, cell: float, right: float) -> Iterator[Text]:
    """Name a signal on its left, and tell on its right how much of it is lit."""
    base = top + cell / 2 + 4
    words = fitted(f"{at}  {row.name}" if at else "input x", 12, "semibold", LEFT - 10)
    yield Text(MARGIN, base, words, text_width(words, 12, "semibold"), 12, "semibold", "text")
    told = f"{quantities.count(len(row.lit))} of {quantities.count(row.size)}"
    told = fitted(told, 11, "mono", RIGHT + MARGIN - 12)
    yield Text(right + 12, base, told, text_width(told, 11, "mono"), 11, "mono", "forward_text")


def _ends(row: Row, scale: _Scale, bottom: float) -> Iterator[Text]:
    """Number the first and the last lit number of the input, and the ends of the input that are in view."""
    taken: list[tuple[float, float]] = []
    for number, colour in itertools.chain(
        ((n, "forward_text") for n in _ends_of(row)), ((0, "muted"), (row.size - 1, "muted"))
    ):
        x, words = scale.x(row.start + row.jump * number), str(number)
        wide = text_width(words, 11, "mono")
        if scale.left - 1 <= x <= scale.right + 1 and all(
            x + wide / 2 + 3 < a or x - wide / 2 - 3 > b for a, b in taken
        ):
            taken.append((x - wide / 2, x + wide / 2))
            yield Text(x, bottom + 15, words, wide, 11, "mono", colour, "middle")  # type: ignore[arg-type]


def _areas(
    stack: Stack, at: int, row: Row, shown: range, scale: _Scale, top: float, cell: float, axis: int
) -> Iterator[Area]:
    """Make a place to point at of every cell that is wide enough."""
    wide, name, lit = row.jump * scale.unit, AXES[len(stack.sizes[0])][axis], set(row.lit)
    if len(shown) > MOST_CELLS:
        return
    for number in shown:
        said = "padding" if not 0 <= number < row.size else "the output depends on it" if number in lit else "not read"
        said = "the output" if at == len(stack.layers) and number in lit else said
        label = f"{'input x' if not at else row.name}, {name} = {quantities.count(number)}: {said}"
        yield Area(
            f"cell {at} {number}", scale.x(row.start + row.jump * (number - 0.5)), top - 4, wide, cell + 8, label
        )
