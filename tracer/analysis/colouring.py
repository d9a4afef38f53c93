"""Facts and a folded graph → what colours each box, with what the colours mean."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from tracer.analysis.folding import Folded
from tracer.facts import Facts
from tracer.quantities import figure, size

Colour = Literal["none", "gradient", "bytes", "dtype", "device"]
HUES = 6  # kinds that have a hue of their own; what is rarer shares the last one
SMALLEST = 0.12  # of a shade, so that the smallest amount is still told from none


class Tint(msgspec.Struct, frozen=True):
    """The colour of one box, and the words that say the same: a `shade` from −1 to 1, or the number of a `hue`; an
    amount that is NaN or infinite has none, and is `broken`."""

    words: str
    shade: float | None = None
    hue: int | None = None
    broken: bool = False


class Colouring(msgspec.Struct, frozen=True):
    """A tint for each box (`None`: it has none), and the legend: a title and tints, from small to large."""

    title: str
    tints: tuple[Tint | None, ...]
    legend: tuple[Tint, ...]


def colouring(facts: Facts, folded: Folded, by: Colour) -> Colouring | None:
    """Colour boxes by the norm of all gradients that reach their parameters and operations, by the bytes that they
    alone keep for backward, by the dtype or the device of most of their nodes."""
    return COLOURINGS[by](facts, folded)


def known_by(facts: Facts) -> tuple[Colour, ...]:
    """List by what a recording can be coloured."""
    known: dict[Colour, bool] = {
        "none": True,
        "gradient": facts.gradients is not None,
        "bytes": facts.saved is not None,
        "dtype": True,
        "device": True,
    }
    return tuple(colour for colour, there in known.items() if there)


def _by_gradient(facts: Facts, folded: Folded) -> Colouring:
    """Colour by the Euclidean norm of the gradients of a box's parameters, or of its operations where it has none."""
    nodes = facts.graph.nodes
    squares: dict[int, float] = {}
    for gradient in facts.gradients or ():
        if gradient.statistics is not None:
            squares[gradient.node] = squares.get(gradient.node, 0.0) + gradient.statistics.norm**2
    amounts: list[float | None] = []
    for box in folded.boxes:
        leaves = [squares[index] for index in box.nodes if nodes[index].kind == "leaf" and index in squares]
        found = leaves or [squares[index] for index in box.nodes[-1:] if index in squares]
        amounts.append(math.sqrt(sum(found)) if found else None)
    return _scaled("Norm of the gradient", amounts, lambda norm: f"‖g‖ {figure(norm)}", -1.0)


def _by_bytes(facts: Facts, folded: Folded) -> Colouring:
    box_of = _box_of(folded)
    amounts = [0.0] * len(folded.boxes)
    for storage in facts.saved or ():
        keepers = {box_of.get(node, -1) for node in storage.nodes}
        if len(keepers) == 1 and -1 not in keepers:
            amounts[keepers.pop()] += storage.bytes
    return _scaled("Kept for backward by this alone", amounts, lambda kept: f"keeps {size(round(kept))}", 1.0)


def _scaled(title: str, amounts: Sequence[float | None], words: Callable[[float], str], side: float) -> Colouring:
    """Shade amounts from the smallest to the largest by their logarithm; nothing at all has no shade."""
    some = [amount for amount in amounts if amount is not None and 0 < amount < math.inf]
    low, high = (min(some), max(some)) if some else (1.0, 1.0)

    def tint(amount: float | None) -> Tint | None:
        if amount is None:
            return None
        if not math.isfinite(amount):
            return Tint(words(amount), broken=True)
        return Tint(words(amount), _shade(amount, low, high, side))

    marks = dict.fromkeys([low, math.sqrt(low * high), high]) if some else ()
    zero = [Tint(words(0.0), 0.0)] if 0.0 in amounts else []
    tints = tuple(map(tint, amounts))
    broken = [Tint("NaN or infinite", broken=True)] if any(one and one.broken for one in tints) else []
    legend = (*zero, *(found for mark in marks if (found := tint(mark))), *broken)
    return Colouring(title, tints, legend)


def _shade(amount: float, low: float, high: float, side: float) -> float:
    if amount <= 0:
        return 0.0
    part = math.log(amount / low) / math.log(high / low) if high > low else 1.0
    return side * (SMALLEST + (1 - SMALLEST) * part)


def _by_kind(title: str, of: Callable[[Facts, int], str | None]) -> Callable[[Facts, Folded], Colouring]:
    def kinds(facts: Facts, folded: Folded) -> Colouring:
        """Give the kinds their hues by how often they come, and each box the kind of most of its nodes."""
        each = [Counter(kind for index in box.nodes if (kind := of(facts, index))) for box in folded.boxes]
        often = [kind for kind, _ in sum(each, Counter[str]()).most_common()]
        tints = {kind: Tint(kind, hue=min(number, HUES - 1)) for number, kind in enumerate(often)}
        return Colouring(title, tuple(_most(counted, tints) for counted in each), tuple(tints.values()))

    return kinds


def _most(counted: Counter[str], tints: Mapping[str, Tint]) -> Tint | None:
    if not counted:
        return None
    most = counted.most_common(1)[0][0]
    others = len(counted) - 1
    return tints[most] if not others else Tint(f"{', '.join(sorted(counted))}", hue=tints[most].hue)


def _dtype(facts: Facts, index: int) -> str | None:
    return facts.graph.nodes[index].dtype


def _device(facts: Facts, index: int) -> str | None:
    return facts.graph.nodes[index].device


def _box_of(folded: Folded) -> dict[int, int]:
    return {node: number for number, box in enumerate(folded.boxes) for node in box.nodes}


COLOURINGS: Mapping[Colour, Callable[[Facts, Folded], Colouring | None]] = {
    "none": lambda facts, folded: None,
    "gradient": _by_gradient,
    "bytes": _by_bytes,
    "dtype": _by_kind("Dtype", _dtype),
    "device": _by_kind("Device", _device),
}
