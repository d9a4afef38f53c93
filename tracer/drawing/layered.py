"""Our own layout for graphs that are too large for Graphviz: layers from the inputs down, straight links."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.drawing.dot import GAP, ROOM_GAP, SIDE
from tracer.drawing.lanes import Bundle
from tracer.drawing.layout import Layout, Route, Size, Spot

SWEEPS = 4


def place(sizes: Sequence[Size], bundles: Sequence[Bundle], frames: int = 0) -> Layout:
    """Lay boxes out in layers: each below all that it uses, an input just above its first use.

    Within a layer they stand by the mean place of their neighbours (barycentres, swept down and up). Long links may
    cross boxes; frames are not drawn.
    """
    ins: list[list[int]] = [[] for _ in sizes]
    outs: list[list[int]] = [[] for _ in sizes]
    for bundle in bundles:
        ins[bundle.head].append(bundle.tail)
        outs[bundle.tail].append(bundle.head)
    layers = _ordered(_layers(ins, outs), ins, outs)
    spots, size = _spots(sizes, layers, max((b.room for b in bundles), default=0.0))
    routes = tuple(_route(spots[b.tail], spots[b.head], b) for b in bundles)
    return Layout(size, tuple(spots), routes, (None,) * frames, "layered")


def _layers(ins: Sequence[Sequence[int]], outs: Sequence[Sequence[int]]) -> list[list[int]]:
    """Give each box the length of the longest path to it; then pull boxes without inputs down to their first use."""
    depth = [0] * len(ins)
    for box, tails in enumerate(ins):
        depth[box] = max((depth[tail] + 1 for tail in tails), default=0)
    for box, heads in enumerate(outs):
        if heads and not ins[box]:
            depth[box] = min(depth[head] for head in heads) - 1
    layers: list[list[int]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for box, at in enumerate(depth):
        layers[at].append(box)
    return layers


def _ordered(layers: list[list[int]], ins: Sequence[Sequence[int]], outs: Sequence[Sequence[int]]) -> list[list[int]]:
    place = [0.0] * len(ins)
    for layer in layers:
        _number(layer, place)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        neighbours = ins if down else outs
        for layer in layers if down else reversed(layers):
            layer.sort(key=lambda box: _mean(neighbours[box], place, place[box]))
            _number(layer, place)
    return layers


def _number(layer: Sequence[int], place: list[float]) -> None:
    """Number a layer around its middle, so that narrow layers stand under the middle of wide ones."""
    for number, box in enumerate(layer):
        place[box] = number - (len(layer) - 1) / 2


def _mean(neighbours: Sequence[int], place: Sequence[float], own: float) -> float:
    return sum(place[box] for box in neighbours) / len(neighbours) if neighbours else own


def _spots(sizes: Sequence[Size], layers: Sequence[Sequence[int]], room: float) -> tuple[list[Spot], Size]:
    gap = 2 * ROOM_GAP + room if room else GAP
    widths = [sum(sizes[box].width + SIDE for box in layer) - SIDE for layer in layers]
    widest = max(widths, default=0.0)
    spots, top = [Spot(0.0, 0.0, 0.0, 0.0)] * len(sizes), 0.0
    for layer, wide in zip(layers, widths, strict=True):
        left, high = (widest - wide) / 2, max(sizes[box].height for box in layer)
        for box in layer:
            spots[box] = Spot(left, top + (high - sizes[box].height) / 2, *sizes[box])
            left += sizes[box].width + SIDE
        top += high + gap
    return spots, Size(widest, max(top - gap, 0.0))


def _route(tail: Spot, head: Spot, bundle: Bundle) -> Route:
    x0, y0 = tail.x + tail.width / 2, tail.y + tail.height
    x1, y1 = head.x + head.width / 2, head.y
    bend = min((y1 - y0) / 2, 60.0)
    label = ((x0 + x1) / 2, (y0 + y1) / 2) if bundle.room else None
    return Route((((x0, y0), (x0, y0 + bend), (x1, y1 - bend), (x1, y1)),), label)
