"""The cone of a receptive field along one axis: which numbers of each signal of a stack one output depends on, and
where they stand beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracer.convolution.receptive_field import Layer, support, taps_of

Sizes = Sequence[tuple[int, ...]]  # of each signal along each axis: the input, then the signal after each layer


class Row(NamedTuple):
    """One signal: its size, the numbers in it that the output depends on, and where number i stands, measured in
    numbers of the first input: at `start` + `jump`·i. `before` and `after` are the padding that the next layer puts
    around it."""

    name: str
    size: int
    lit: tuple[int, ...]
    start: float
    jump: float
    before: int = 0
    after: int = 0


class Link(NamedTuple):
    """A lit number of the signal after a layer (`upper`) reads this number of the one before; outside is padding."""

    upper: int
    lower: int


def rows(layers: Sequence[Layer], sizes: Sizes, place: Sequence[int], axis: int) -> tuple[Row, ...]:
    """List the signals of a stack from the input on, each with what the last layer's output at a place depends on."""
    found, start, jump = [], 0.0, 1.0
    for at, size in enumerate(sizes):
        lit = support(layers[at:], size, place)[axis] if at < len(layers) else (place[axis],)
        before, after = (0, 0) if at == len(layers) or layers[at].transposed else layers[at].padding[axis]
        found.append(Row(layers[at - 1].name if at else "input", size[axis], lit, start, jump, before, after))
        if at < len(layers):
            start, jump = _moved(layers[at], axis, start, jump)
    return tuple(found)


def links(layer: Layer, axis: int, upper: Row, lower: Row, most: int) -> tuple[Link, ...] | None:
    """List what the lit numbers after a layer read; `None` where there are more than `most`.

    Only numbers inside the signal and its padding count: a mode that copies is told by what is lit.
    """
    if len(upper.lit) * layer.kernel_size[axis] > most:
        return None
    inside = range(-lower.before, lower.size + lower.after)
    return tuple(Link(number, tap) for number in upper.lit for tap in taps_of(layer, axis, number) if tap in inside)


def runs(numbers: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Join neighbours: (0, 1, 2, 5) are (0, 2) and (5, 5)."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def _moved(layer: Layer, axis: int, start: float, jump: float) -> tuple[float, float]:
    """Give where the numbers after a layer stand: each over the middle of what it reads."""
    reach = layer.dilation[axis] * (layer.kernel_size[axis] - 1)
    before, stride = layer.padding[axis][0], layer.stride[axis]
    if layer.transposed:
        return start + jump * (before - reach / 2) / stride, jump / stride
    return start + jump * (reach / 2 - before), jump * stride
