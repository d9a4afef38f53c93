"""Where the first NaN or infinity appears: in a value that is held, in what backward starts from, or on its way."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import msgspec

from tracer.analysis.backward_order import backward_order
from tracer.errors import TracerError
from tracer.facts import EdgeGradient, Facts, Gradient, Tensor, Values
from tracer.graph import Edge, Node
from tracer.quantities import count

What = Literal["value", "start", "operation", "sum", "hook", "unknown"]


class NonFinite(msgspec.Struct, frozen=True):
    """Where a NaN or an infinity first appears, and what made it.

    `what` made it: "value" (a tensor of the forward pass has it already), "start" (backward started from it),
    "operation" (what arrived there was finite and what it handed on is not), "sum" (finite gradients met and their sum
    is not: it overflowed, or a hook changed it), "hook" (one finite gradient came and another was there), "unknown"
    (what led to it was not measured).
    `name` is the tensor's or the operation's; `node` and `edge` index the graph, `slot` is the operation's input. `nan`
    and `infinite` count elements, `None` where only their sum, `non_finite`, is known. `then`: what comes first in
    backward, where a value of the forward pass is told.
    """

    what: What
    name: str
    non_finite: int
    nan: int | None
    infinite: int | None
    text: str
    node: int | None = None
    edge: int | None = None
    slot: int | None = None
    label: str | None = None
    module: str | None = None
    source: str | None = None
    then: NonFinite | None = None


def first_non_finite(facts: Facts) -> NonFinite | None:
    """Find the first NaN or infinity: among the values that are held, in forward order, else in backward's order.

    `None` says that there is none in what was measured. Values are held of small tensors that have a name.

    Raises:
        TracerError: the recording was made without gradients, and no value that it holds tells.
    """
    value = _first_value(facts)
    if facts.gradients is None or facts.edge_gradients is None:
        if value is None:
            raise TracerError("This recording holds no gradients", cure="Trace again with gradients=True")
        return value
    then = _Backward(facts).first()
    return then if value is None else msgspec.structs.replace(value, then=then)


def _first_value(facts: Facts) -> NonFinite | None:
    found = [(tensor, *_counted(tensor.values)) for tensor in facts.tensors if tensor.values is not None]
    bad = [(tensor, nan, infinite) for tensor, nan, infinite in found if nan + infinite]
    if not bad:
        return None
    tensor, nan, infinite = min(bad, key=lambda item: _recorded(facts, item[0]))
    node = None if tensor.node is None else facts.graph.nodes[tensor.node]
    name = tensor.name or tensor.made_by or "a value without a name"
    made = f", made by {_called(node)}," if node is not None and node.kind == "operation" else ""
    return NonFinite(
        what="value",
        name=name,
        non_finite=nan + infinite,
        nan=nan,
        infinite=infinite,
        text=f"The forward pass has it already: the value of {name}{made} holds {_amount(nan + infinite, nan)}.",
        node=tensor.node,
        label=node.label if node else None,
        module=node.module if node else None,
        source=node.source if node else None,
    )


def _recorded(facts: Facts, tensor: Tensor) -> int:
    sequence = None if tensor.node is None else facts.graph.nodes[tensor.node].sequence
    return -1 if sequence is None else sequence


class _Backward:
    """Goes through what was measured, in the engine's order."""

    def __init__(self, facts: Facts) -> None:
        self._graph, self._flows = facts.graph, facts.edge_gradients or ()
        self._arrived: dict[int, list[Gradient]] = defaultdict(list)
        for gradient in facts.gradients or ():
            self._arrived[gradient.node].append(gradient)
        self._in: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._out: dict[int, list[int]] = defaultdict(list)
        for number, edge in enumerate(facts.graph.edges):
            self._in[edge.producer, edge.output_nr].append(number)
            self._out[edge.consumer].append(number)
        self._ends = {(end.node, end.output_nr) for end in facts.graph.outputs}

    def first(self) -> NonFinite | None:
        """Tell what is the first to be non-finite; all that led to it is finite, or was not measured."""
        for index in backward_order(self._graph):
            node = self._graph.nodes[index]
            for gradient in filter(_bad, self._arrived[index]):
                return self._arrival(node, gradient)
            for number in self._out[index]:
                if _bad(self._flows[number]):
                    return self._departure(node, number)
        return None

    def _arrival(self, node: Node, gradient: Gradient) -> NonFinite:
        place = gradient.node, gradient.output_nr
        parts = [self._flows[number] for number in self._in[place]]
        starts = place in self._ends
        what: What = "unknown"
        if all(map(_known, parts)):
            came = sum(part.state == "measured" for part in parts)
            what = "start" if starts and not came else "hook" if came == 1 and not starts else "sum"
        words = _SUM_WITH_START if what == "sum" and starts else _ARRIVALS[what]
        return _row(what, node, gradient, words.format(place=_place(node, gradient), amount=_amounts(gradient)))

    def _departure(self, node: Node, number: int) -> NonFinite:
        flow, edge = self._flows[number], self._graph.edges[number]
        what: What = "operation" if all(map(_known, self._arrived[node.index])) else "unknown"
        to = _called(self._graph.nodes[edge.producer])
        text = _DEPARTURES[what].format(place=_called(node), amount=_amounts(flow), slot=edge.slot, to=to)
        return _row(what, node, flow, text, edge)


_ARRIVALS: dict[What, str] = {
    "start": "It is there where backward starts: the gradient of {place} holds {amount}.",
    "sum": "Finite gradients meet at {place}, and what becomes of them there holds {amount}: their sum overflows, or a "
    "hook changed it.",
    "hook": "A hook changed the gradient of {place}: a finite one came, and now it holds {amount}.",
    "unknown": "The gradient of {place} holds {amount}; what led to it was not measured.",
}
_SUM_WITH_START = "What backward starts from at {place} and the finite gradients that come there make {amount}."
_DEPARTURES: dict[What, str] = {
    "operation": "{place} makes it: all that arrives there in backward is finite, and the gradient of its input "
    "{slot}, which goes to {to}, holds {amount}.",
    "unknown": "The gradient that {place} hands on for its input {slot} holds {amount}; what led to it was not "
    "measured.",
}


def _row(what: What, node: Node, told: Gradient | EdgeGradient, text: str, edge: Edge | None = None) -> NonFinite:
    nan, infinite = (None, None) if told.values is None else _counted(told.values)
    return NonFinite(
        what=what,
        name=node.name,
        non_finite=_count(told),
        nan=nan,
        infinite=infinite,
        text=text,
        node=node.index,
        edge=told.edge if isinstance(told, EdgeGradient) else None,
        slot=None if edge is None else edge.slot,
        label=node.label,
        module=node.module,
        source=node.source,
    )


def _count(told: Gradient | EdgeGradient) -> int:
    return 0 if told.statistics is None else told.statistics.non_finite


def _bad(told: Gradient | EdgeGradient) -> bool:
    return _count(told) > 0


def _known(told: Gradient | EdgeGradient) -> bool:
    return told.state != "not measured"


def _counted(values: Values) -> tuple[int, int]:
    """Count the elements that are NaN and those that are infinite; a complex one is NaN where a part of it is."""
    numbers: Sequence[float] = values.numbers
    parts = 2 if values.dtype.startswith("complex") else 1
    elements = [numbers[start : start + parts] for start in range(0, len(numbers), parts)]
    nan = sum(any(map(math.isnan, element)) for element in elements)
    return nan, sum(not all(map(math.isfinite, element)) for element in elements) - nan


def _amounts(told: Gradient | EdgeGradient) -> str:
    return _amount(_count(told), None if told.values is None else _counted(told.values)[0])


def _amount(bad: int, nan: int | None) -> str:
    """Write how many: "1 NaN and 2 infinities"; "3 NaN or infinities" where it is not known which."""
    if nan is None:
        return f"{count(bad)} NaN or {_infinities(bad)}"
    words = [f"{count(nan)} NaN"] if nan else []
    if bad - nan:
        words.append(f"{count(bad - nan)} {_infinities(bad - nan)}")
    return " and ".join(words)


def _infinities(number: int) -> str:
    return "infinity" if number == 1 else "infinities"


def _place(node: Node, gradient: Gradient) -> str:
    which = f", output {gradient.output_nr}," if len(node.outputs) > 1 else ""
    return _called(node) + which


def _called(node: Node | None) -> str:
    """Name a node with what is known of where it comes from: "SqrtBackward0 (h, encoder.0, train.py:12)"."""
    if node is None:
        return ""
    if node.kind == "leaf":
        return node.label or "a leaf without a name"
    known = ", ".join(filter(None, [node.label, node.module, node.source]))
    return f"{node.name} ({known})" if known else node.name
