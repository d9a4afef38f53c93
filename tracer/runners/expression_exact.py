"""Facts of a program → the same with exact fractions beside the numbers: values, and what flows back on each edge.

Gradients are not guessed from floats: each operation's own rule, on fractions, gives its partial derivatives, and they
are multiplied and added back through the recorded graph. What torch measured decides: fractions that are not what it
found, but for rounding, are left out, and so is all that would follow from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from fractions import Fraction

import msgspec
import numpy as np

from tracer.capture.names import Named
from tracer.expression import exact
from tracer.facts import Facts
from tracer.graph import Edge
from tracer.runners.interpreter.shadows import Done, Shadows, is_written, written

NODES = 2_000  # of a graph that is gone through
Place = tuple[int, int]


def exactly(facts: Facts, named: Sequence[Named], shadows: Shadows, start: exact.Array | None) -> Facts:
    """Add what is exactly known to the values and gradients. `named` are the first of the facts' tensors, in their
    order; `start` is what backward starts from (`None`: not exactly known)."""
    rows = [
        msgspec.structs.replace(row, values=written(row.values, shadows.of(item.tensor)))
        for row, item in zip(facts.tensors, named, strict=False)
    ]
    facts = msgspec.structs.replace(facts, tensors=(*rows, *facts.tensors[len(rows) :]))
    if start is None or len(facts.graph.nodes) > NODES or facts.gradients is None or facts.edge_gradients is None:
        return facts
    back = _Back(facts, named, shadows)
    back.go(start)
    return msgspec.structs.replace(
        facts,
        gradients=tuple(
            msgspec.structs.replace(row, values=written(row.values, back.wholes.get((row.node, row.output_nr))))
            for row in facts.gradients
        ),
        edge_gradients=tuple(
            msgspec.structs.replace(row, values=written(row.values, back.parts.get(row.edge)))
            for row in facts.edge_gradients
        ),
    )


class _Back:
    """Goes back through a graph with fractions: `wholes` at each output of a node, `parts` on each edge."""

    def __init__(self, facts: Facts, named: Sequence[Named], shadows: Shadows) -> None:
        self._facts = facts
        self.wholes: dict[Place, exact.Array] = {}
        self.parts: dict[int, exact.Array] = {}
        self._places: dict[int, Place] = {}
        self._done: dict[int, Done] = {}
        for row, item in zip(facts.tensors, named, strict=False):
            if row.node is not None:
                self._places[id(item.tensor)] = row.node, row.output_nr
                if (done := shadows.done.get(id(item.tensor))) is not None:
                    self._done[row.node] = done
        self._leaving: dict[int, list[tuple[int, Edge]]] = {}
        self._coming: dict[Place, list[int]] = {}
        for number, edge in enumerate(facts.graph.edges):
            self._leaving.setdefault(edge.consumer, []).append((number, edge))
            self._coming.setdefault((edge.producer, edge.output_nr), []).append(number)

    def go(self, start: exact.Array) -> None:
        """Go from the traced output to the inputs."""
        starts = {(end.node, end.output_nr): start for end in self._facts.graph.outputs if end.node is not None}
        measured = {(row.node, row.output_nr): row for row in self._facts.gradients or ()}
        for node in reversed(self._facts.graph.nodes):
            known = True
            for output_nr in range(len(node.outputs)):
                place = node.index, output_nr
                row = measured.get(place)
                if row is None or row.state != "measured":
                    known = known and row is not None and row.state == "none"
                    continue
                whole = self._whole(place, starts)
                known = known and whole is not None and row.values is not None and is_written(whole, row.values)
                if known:
                    self.wholes[place] = whole
            if known and node.index in self._done:
                self._pass_on(node.index, self._done[node.index])

    def _whole(self, place: Place, starts: Mapping[Place, exact.Array]) -> exact.Array | None:
        """Add up what comes to a place; `None` where a part of it is not exactly known."""
        rows = self._facts.edge_gradients or ()
        coming = [number for number in self._coming.get(place, ()) if rows[number].state != "none"]
        if any(number not in self.parts for number in coming):
            return None
        found = [self.parts[number] for number in coming] + ([starts[place]] if place in starts else [])
        return np.asarray(sum(found[1:], found[0]), dtype=object) if found else None

    def _pass_on(self, node: int, done: Done) -> None:
        """Multiply what came to an operation by its partial derivatives, for each of its operands."""
        results = done.compute(lambda operand, number: exact.duals(operand.known, number))
        if results is None:
            return
        operands = done.operands()
        sums = [np.full(operand.known.size, Fraction(0)) for operand in operands]
        for tensor, result in zip(done.results, results, strict=True):
            whole = self.wholes.get(self._places.get(id(tensor), (-1, 0)))
            if whole is None:
                continue  # nothing flows to this output
            for weight, element in zip(whole.reshape(-1), result.reshape(-1), strict=True):
                for (which, index), partial in getattr(element, "partials", {}).items():
                    sums[which][index] += weight * partial
        edges = self._edges(node, {self._places.get(id(operand.tensor)) for operand in operands})
        for operand, total in zip(operands, sums, strict=True):
            waiting = edges.get(self._places.get(id(operand.tensor), (-1, 0)))
            if waiting:
                self._take(waiting.pop(0), total.reshape(operand.known.shape))

    def _edges(self, node: int, wanted: Set[Place | None]) -> dict[Place, list[int]]:
        """List the edges by which an operation reaches its operands, by their place, in the order of its inputs.

        One that torch composes of several nodes, as 1/x is a reciprocal and a product, reaches them through those.
        """
        found: dict[Place, list[int]] = {}
        for start, first in sorted(self._leaving.get(node, ()), key=lambda pair: pair[1].slot):
            number, edge = start, first
            while (edge.producer, edge.output_nr) not in wanted and self._is_between(edge):
                number, edge = self._leaving[edge.producer][0]
            found.setdefault((edge.producer, edge.output_nr), []).append(number)
        return found

    def _is_between(self, edge: Edge) -> bool:
        """Tell whether an edge leads to a node that no operation of the program is, on the one way that leads on."""
        alone = len(self._coming[edge.producer, edge.output_nr]) == 1
        return alone and edge.producer not in self._done and len(self._leaving.get(edge.producer, ())) == 1

    def _take(self, number: int, part: exact.Array) -> None:
        values = (self._facts.edge_gradients or ())[number].values
        if values is not None and is_written(part, values):
            self.parts[number] = part
