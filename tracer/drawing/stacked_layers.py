"""Compositionality as a picture that moves: layers on one another, and how far one output of the last of them sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracer.convolution.receptive_field import Layer, layer_of
from tracer.convolution.shapes import size_after
from tracer.drawing import cone
from tracer.drawing.cells import line
from tracer.drawing.display_list import Area, Path, Rect, Text
from tracer.drawing.moment import Moment
from tracer.drawing.number_table import part
from tracer.matrix_vector.settings import Bank

Mark = Rect | Path | Text
MARGIN, NAMES, TOP, FOOT, CELL, TOLD = 22.0, 66.0, 92.0, 24.0, 22.0, 96.0
UNIT = (16.0, 72.0)  # points from one number to the next, at least and at most
LAYERS, WIDEST, APART = 3, 23, 84.0  # layers, inputs that the last one sees at most, and points between two signals


class Placed(NamedTuple):
    """Where the numbers of each signal stand, and where the signals do."""

    rows: tuple[cone.Row, ...]
    shown: range
    left: float
    right: float
    unit: float
    tops: tuple[float, ...]

    def x(self, row: cone.Row, number: int) -> float:
        return self.left + (row.start + row.jump * number - self.shown.start + 0.5) * self.unit


def stack(bank: Bank) -> tuple[Layer, ...]:
    """Put the layer on itself, up to three times, as long as what the last one sees can be drawn; without padding."""
    layer = layer_of(bank.layer)
    bare = Layer(layer.name, layer.kernel_size, layer.stride, ((0, 0),), layer.dilation, (0,))
    layers: tuple[Layer, ...] = (bare,)
    while len(layers) < LAYERS and _reach((*layers, bare)) <= WIDEST:
        layers = (*layers, bare)
    return layers


def fields_of(bank: Bank) -> tuple[int, ...]:
    """Count the inputs that one output depends on after each layer of the stack: 3, 5, 7."""
    layers = stack(bank)
    return tuple(len(_cone(layers[: depth + 1], 0)[0].lit) for depth in range(len(layers)))


def sentence(bank: Bank, moment: Moment) -> str:
    """Say how far the stack sees at this step."""
    fields, k = fields_of(bank), len(bank.kernels[0][0])
    if not moment.step:
        return f"No layer yet. {len(fields)} layers of kernel {k} can be put on the input: play, or step on."
    layers = f"{moment.step} layer{'' if moment.step == 1 else 's'} of kernel {k}"
    seen = f"{fields[moment.step - 1]} input{'' if fields[moment.step - 1] == 1 else 's'}"
    return f"After {layers} one output depends on {seen}: {' → '.join(map(str, fields[: moment.step]))}."


def drawn(bank: Bank, moment: Moment, width: float, height: float) -> Iterator[Mark | Area]:
    """Draw the input at the bottom, a signal a layer above it, and the cone of the output in the middle."""
    layers = stack(bank)
    seen = _placed(layers, moment.step, width, height)
    for depth in range(1, moment.step + 1):
        upper, lower = seen.rows[depth], seen.rows[depth - 1]
        for link in cone.links(layers[depth - 1], 0, upper, lower, 500) or ():
            ends = seen.x(lower, link.lower), seen.x(upper, link.upper)
            if all(seen.left <= x <= seen.right for x in ends):
                points = (ends[0], seen.tops[depth - 1]), (ends[1], seen.tops[depth] + CELL)
                yield Path(points, False, stroke="forward", line=1.6)
    for depth in range(len(layers) + 1):
        yield from _signal(seen, depth, moment.step)


def _signal(seen: Placed, depth: int, step: int) -> Iterator[Mark | Area]:
    """Draw a signal: what the output depends on is lit; of a layer that is not there yet, its place."""
    y, there = seen.tops[depth], depth <= step
    name = "input" if not depth else f"layer {depth}"
    yield line(MARGIN, y + 15, name, 12.0, "semibold" if there else "sans", "text" if there else "muted")
    if not there:
        middle = y + CELL / 2
        yield Path(((seen.left, middle), (seen.right, middle)), False, stroke="border", line=1.0, dashed=True)
        yield Area(f"step {depth}", seen.left, y, seen.right - seen.left, CELL, f"Layer {depth} is not on yet")
        return
    row = seen.rows[depth]
    for number in range(row.size):
        x, wide = seen.x(row, number), min(seen.unit - 3, 40.0)
        if seen.left <= x - wide / 2 and x + wide / 2 <= seen.right:
            lit = number in row.lit
            yield Rect(x - wide / 2, y, wide, CELL, 4.0, "forward" if lit else "cell")
    words = f"{len(row.lit)} of {row.size}" if depth < step or not depth else "1 output"
    yield line(seen.right + 12, y + 15, words, 12.0, "mono", "forward_text")
    label = f"{name}: the output depends on {len(row.lit)} of its {row.size} numbers"
    yield Area(f"step {depth}", seen.left, y, seen.right - seen.left, CELL, label)


def _placed(layers: Sequence[Layer], step: int, width: float, height: float) -> Placed:
    rows = _rows(layers, step)
    left, room = MARGIN + NAMES, width - 2 * MARGIN - NAMES - TOLD
    shown = part(rows[0].size, max(1, int(room // UNIT[0])), rows[0].lit[len(rows[0].lit) // 2])
    unit = min(UNIT[1], room / len(shown))
    apart = min(APART, (height - TOP - FOOT - CELL) / len(layers))
    bottom = TOP + apart * len(layers)
    tops = tuple(bottom - apart * depth for depth in range(len(layers) + 1))
    return Placed(rows, shown, left, left + len(shown) * unit, unit, tops)


def _rows(layers: Sequence[Layer], step: int) -> tuple[cone.Row, ...]:
    """Give the signals up to a layer, of an input that has two numbers more than the whole stack needs."""
    size = _reach(layers) + 2
    if step:
        return _cone(layers[:step], size - _reach(layers[:step]))
    return (cone.Row("input", size, (size // 2,), 0.0, 1.0),)


def _cone(layers: Sequence[Layer], more: int) -> tuple[cone.Row, ...]:
    """Find what the middle output depends on, of a signal that has `more` numbers than one output needs."""
    sizes = [_reach(layers) + more]
    for layer in layers:
        reach = layer.dilation[0] * (layer.kernel_size[0] - 1) + 1
        sizes.append(size_after(sizes[-1], reach, layer.stride[0], 0))
    return cone.rows(layers, [(size,) for size in sizes], (sizes[-1] // 2,), 0)


def _reach(layers: Sequence[Layer]) -> int:
    """Give the length of a signal of which the stack gives just one output."""
    size = 1
    for layer in reversed(layers):
        size = (size - 1) * layer.stride[0] + layer.dilation[0] * (layer.kernel_size[0] - 1) + 1
    return size
