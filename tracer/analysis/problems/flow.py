"""Goes back, from a place where a gradient is as it should not be, towards the loss: to what made it so."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tracer.analysis.backward_order import backward_order
from tracer.facts import EdgeGradient, Facts, Gradient
from tracer.graph import Node

Place = tuple[int, int]
Measured = Gradient | EdgeGradient


class Mark(NamedTuple):
    """What to look for in a gradient. `whole`: a sum has it only where all its parts have it (zero), else where any
    part has it (NaN)."""

    has: Callable[[Measured], bool]
    whole: bool


class Origin(NamedTuple):
    """What made it so. "operation": what arrived there was otherwise, and what it handed on along `edge` is so; "sum":
    parts that are otherwise met; "hook": one part came, otherwise; "start": backward starts so; "unknown": what led to
    it was not measured."""

    what: Literal["operation", "sum", "hook", "start", "unknown"]
    node: Node
    slot: int | None = None


@dataclass(frozen=True)
class Flow:
    """A graph with what flowed on it, by place and by edge."""

    facts: Facts

    @functools.cached_property
    def arrived(self) -> dict[int, list[Gradient]]:
        """The gradients at the outputs of each node."""
        found: dict[int, list[Gradient]] = defaultdict(list)
        for gradient in self.facts.gradients or ():
            found[gradient.node].append(gradient)
        return found

    @functools.cached_property
    def coming(self) -> dict[Place, list[int]]:
        """The edges on which a gradient comes to each place."""
        found: dict[Place, list[int]] = defaultdict(list)
        for number, edge in enumerate(self.facts.graph.edges):
            found[edge.producer, edge.output_nr].append(number)
        return found

    @functools.cached_property
    def starts(self) -> frozenset[tuple[int | None, int]]:
        """The places that backward starts from."""
        return frozenset((end.node, end.output_nr) for end in self.facts.graph.outputs)

    @functools.cached_property
    def order(self) -> dict[int, int]:
        """When backward comes to each node."""
        return {node: when for when, node in enumerate(backward_order(self.facts.graph))}

    @property
    def on_edges(self) -> Sequence[EdgeGradient]:
        """What flows on each edge."""
        return self.facts.edge_gradients or ()

    def at(self, place: Place) -> Gradient | None:
        """Give the gradient at a place."""
        return next((gradient for gradient in self.arrived[place[0]] if gradient.output_nr == place[1]), None)

    def origins(self, mark: Mark) -> dict[Place, Origin]:
        """Find, for each place whose gradient is so, what made it so; of several, the first in backward's order."""
        found: dict[Place, Origin] = {}
        for node in reversed(self.facts.graph.nodes):  # consumers come before what they use
            for gradient in filter(mark.has, self.arrived[node.index]):
                origins, further = self._step((node.index, gradient.output_nr), mark)
                every = origins + [found[place] for place in further if place in found]
                if every:
                    found[node.index, gradient.output_nr] = min(every, key=lambda origin: self.order[origin.node.index])
        return found

    def _step(self, place: Place, mark: Mark) -> tuple[list[Origin], list[Place]]:
        """Look at what comes to one place: what made it so there, and where to look further."""
        node = self.facts.graph.nodes[place[0]]
        parts = [number for number in self.coming[place] if self.on_edges[number].state != "none" or _is_none(mark)]
        if any(self.on_edges[number].state == "not measured" for number in parts):
            return [Origin("unknown", node)], []
        having = [number for number in parts if mark.has(self.on_edges[number])]
        if not having or (mark.whole and len(having) < len(parts)):
            return [Origin(self._made_here(place, parts), node)], []
        origins, further = [], list[Place]()
        for number in having:
            origin, places = self._through(number, mark)
            origins += origin
            further += places
        return origins, further

    def _made_here(self, place: Place, parts: Sequence[int]) -> Literal["start", "hook", "sum"]:
        starts = place in self.starts
        if not parts:
            return "start"
        return "hook" if len(parts) == 1 and not starts else "sum"

    def _through(self, number: int, mark: Mark) -> tuple[list[Origin], list[Place]]:
        """Look at the operation that a gradient comes from: did it make it so, or did it come to it so?"""
        edge = self.facts.graph.edges[number]
        node, arrived = self.facts.graph.nodes[edge.consumer], self.arrived[edge.consumer]
        if any(gradient.state == "not measured" for gradient in arrived):
            return [Origin("unknown", node)], []
        there = arrived if _is_none(mark) else [gradient for gradient in arrived if gradient.state == "measured"]
        having = [gradient for gradient in there if mark.has(gradient)]
        if not having or (mark.whole and len(having) < len(there)):
            return [Origin("operation", node, edge.slot)], []
        return [], [(gradient.node, gradient.output_nr) for gradient in having]


def is_zero(gradient: Measured) -> bool:
    """Tell whether a gradient was measured and all of it is zero."""
    statistics = gradient.statistics
    return gradient.state == "measured" and statistics is not None and statistics.zeros == 1


def is_non_finite(gradient: Measured) -> bool:
    """Tell whether a gradient has a NaN or an infinity."""
    return gradient.statistics is not None and gradient.statistics.non_finite > 0


def is_none(gradient: Measured) -> bool:
    """Tell whether nothing flowed."""
    return gradient.state == "none"


def _is_none(mark: Mark) -> bool:
    return mark.has is is_none


ZERO, NON_FINITE, NONE = Mark(is_zero, True), Mark(is_non_finite, False), Mark(is_none, True)
