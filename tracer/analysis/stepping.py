"""Facts → backward, step by step: a replay of what was recorded, in the engine's own order.

A position k says that k steps are done and `steps[k]` is next. Nothing is computed again but the sums of what has
arrived so far, added in the engine's order and in the gradients' own dtype.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction

import msgspec
from msgspec.structs import replace

from tracer.analysis.backward_order import backward_order
from tracer.errors import TracerError
from tracer.facts import EdgeGradient, Facts, Gradient, State, Values
from tracer.graph import Graph

Place = tuple[int, int]  # a node, and which of its outputs
_DTYPES = {"float64": "f8", "float32": "f4", "float16": "f2", "complex128": "f8", "complex64": "f4"}  # as pairs


class Part(msgspec.Struct, frozen=True):
    """One of the gradients that are summed at an output of a node: by which edge it came (`None`: backward starts
    here), its share of the whole sum and its cosine to it, and the sum of all parts up to it (`None`: not known)."""

    edge: int | None
    state: State
    values: Values | None = None
    share: float | None = None
    cosine: float | None = None
    so_far: Values | None = None


class Arrival(msgspec.Struct, frozen=True):
    """What arrives at one output of a node, in the order in which it came, and the whole of it."""

    output_nr: int
    parts: tuple[Part, ...]
    whole: Gradient


class Step(msgspec.Struct, frozen=True):
    """One node's turn: what arrives, and the edges by which the vector–Jacobian product of it leaves.

    A leaf adds what arrives to its `.grad`: `before` is what that held, `after` what it holds then (`None`: not known,
    or nothing yet).
    """

    number: int
    node: int
    arrives: tuple[Arrival, ...]
    leaves: tuple[EdgeGradient, ...] = ()
    before: Values | None = None
    after: Values | None = None


class Moment(msgspec.Struct, frozen=True):
    """Backward at a position: the nodes that have run, those that wait their turn with all that they need, what has
    arrived so far at each place that is still to run, and the `.grad` of each leaf that has run."""

    position: int
    done: frozenset[int]
    ready: tuple[int, ...]
    arrived: dict[Place, tuple[Part, ...]]
    grads: dict[int, Values | None]


def steps(facts: Facts) -> tuple[Step, ...]:
    """List the steps of backward in the engine's order.

    Raises:
        TracerError: the recording was made without gradients.
    """
    if facts.gradients is None or facts.edge_gradients is None:
        raise TracerError("This recording holds no gradients to step through", cure="Trace again with gradients=True")
    order = backward_order(facts.graph)
    wholes = {(row.node, row.output_nr): row for row in facts.gradients}
    leaving = _leaving(facts.graph, facts.edge_gradients)
    parts = _parts(facts.graph, order, wholes, leaving)
    before = {tensor.node: tensor.grad for tensor in facts.tensors if tensor.grad is not None}
    return tuple(
        _step(facts.graph, number, node, wholes, parts, tuple(leaving.get(node, ())), before.get(node))
        for number, node in enumerate(order)
    )


def moment(graph: Graph, every: Sequence[Step], position: int) -> Moment:
    """Give the state of backward when so many steps are done.

    Raises:
        ValueError: there is no such position.
    """
    if not 0 <= position <= len(every):
        raise ValueError(f"There are {len(every)} steps, and {position} is none of 0 to {len(every)}")
    done = frozenset(step.node for step in every[:position])
    waiting = Counter(edge.producer for edge in graph.edges if edge.consumer not in done)
    ready = tuple(step.node for step in every[position:] if not waiting[step.node])
    arrived = {
        (step.node, arrival.output_nr): come
        for step in every[position:]
        for arrival in step.arrives
        if (come := tuple(p for p in arrival.parts if p.edge is None or graph.edges[p.edge].consumer in done))
    }
    grads = {step.node: step.after for step in every[:position] if graph.nodes[step.node].kind == "leaf"}
    return Moment(position, done, ready, arrived, grads)


def whole_from(graph: Graph, every: Sequence[Step]) -> dict[Place, int]:
    """Give for each place the first position at which its gradient is whole: when the last part of it has come, and for
    a leaf when that has been added to its `.grad`."""
    turn = {step.node: step.number + 1 for step in every}
    return {
        (step.node, arrival.output_nr): turn[step.node]
        if graph.nodes[step.node].kind == "leaf" or not arrival.parts
        else max(0 if part.edge is None else turn[graph.edges[part.edge].consumer] for part in arrival.parts)
        for step in every
        for arrival in step.arrives
    }


def names_from(facts: Facts, every: Sequence[Step]) -> dict[str, int]:
    """Give for each tensor's name the first position at which its gradient is whole."""
    wholes = whole_from(facts.graph, every)
    named = ((tensor.name, (tensor.node, tensor.output_nr)) for tensor in facts.tensors if tensor.node is not None)
    return {name: wholes[place] for name, place in named if name is not None and place in wholes}


def lightened(every: Sequence[Step], most: int) -> tuple[Step, ...]:
    """Leave out the values of tensors with more than `most` numbers; their statistics stay."""

    def light(values: Values | None) -> Values | None:
        return values if values is None or len(values.numbers) <= most else None

    def part(one: Part) -> Part:
        return replace(one, values=light(one.values), so_far=light(one.so_far))

    def arrival(one: Arrival) -> Arrival:
        whole = replace(one.whole, values=light(one.whole.values), check=None, rule=None)
        return replace(one, parts=tuple(map(part, one.parts)), whole=whole)

    return tuple(
        replace(
            step,
            arrives=tuple(map(arrival, step.arrives)),
            leaves=tuple(replace(row, values=light(row.values)) for row in step.leaves),
            before=light(step.before),
            after=light(step.after),
        )
        for step in every
    )


def position_of(every: Sequence[Step], node: int) -> int:
    """Give the position at which a node is next.

    Raises:
        ValueError: backward does not come to it.
    """
    for step in every:
        if step.node == node:
            return step.number
    raise ValueError(f"Backward does not come to node {node}")


def to_breakpoint(every: Sequence[Step], position: int, breakpoints: Collection[int], *, back: bool = False) -> int:
    """Go on (or back) from a position to the next one at which a node with a breakpoint is next, or to the end."""
    ahead: Iterable[int] = range(position - 1, -1, -1) if back else range(position + 1, len(every))
    return next((at for at in ahead if every[at].node in breakpoints), 0 if back else len(every))


def _leaving(graph: Graph, rows: Sequence[EdgeGradient]) -> dict[int, list[EdgeGradient]]:
    found: dict[int, list[EdgeGradient]] = {}
    for row in rows:
        found.setdefault(graph.edges[row.edge].consumer, []).append(row)
    return found


def _parts(
    graph: Graph, order: Sequence[int], wholes: dict[Place, Gradient], leaving: dict[int, list[EdgeGradient]]
) -> dict[Place, list[Part]]:
    """List what comes to each place, in the order of the consumers' turns and, of one consumer, of its inputs."""
    came: dict[Place, list[Part]] = {}
    fed = {(edge.producer, edge.output_nr) for edge in graph.edges}
    for end in graph.outputs:
        if end.node is not None:
            place = (end.node, end.output_nr)
            alone = place not in fed and place not in came
            came.setdefault(place, []).append(_start(wholes[place]) if alone else Part(None, "not measured"))
    for node in order:
        for row in leaving.get(node, ()):
            edge = graph.edges[row.edge]
            place = (edge.producer, edge.output_nr)
            came.setdefault(place, []).append(Part(row.edge, row.state, row.values, row.share, row.cosine))
    return {place: _summed(parts, wholes.get(place)) for place, parts in came.items()}


def _start(whole: Gradient) -> Part:
    return Part(None, whole.state, whole.values, 1.0, 1.0)


def _summed(parts: Sequence[Part], whole: Gradient | None) -> list[Part]:
    """Add the parts up in their order; the last sum is the whole that was recorded."""
    found: list[Part] = []
    total: Values | None = None
    nothing = True  # what is "none" adds nothing, unlike what is not known
    for part in parts[:-1]:
        if part.state != "none":
            total, nothing = part.values if nothing else add(total, part.values), False
        found.append(replace(part, so_far=total))
    return [*found, replace(parts[-1], so_far=whole and whole.values)]


def add(a: Values | None, b: Values | None) -> Values | None:
    """Add two gradients as torch does, rounding in their dtype; `None` where one is not known, or they do not fit."""
    if a is None or b is None or (a.shape, a.dtype) != (b.shape, b.dtype) or a.dtype not in _DTYPES:
        return None
    import numpy as np  # late, since --help never waits for it

    kind = _DTYPES[a.dtype]
    with np.errstate(all="ignore"):  # an overflow is an infinity, as in torch
        total = np.array(a.numbers, kind) + np.array(b.numbers, kind)
    return Values(a.shape, a.dtype, tuple(total.tolist()), _exact(a, b))


def _exact(a: Values, b: Values) -> tuple[str, ...] | None:
    if a.exact is None or b.exact is None:
        return None
    return tuple(str(Fraction(one) + Fraction(other)) for one, other in zip(a.exact, b.exact, strict=True))


def _step(
    graph: Graph,
    number: int,
    node: int,
    wholes: dict[Place, Gradient],
    parts: dict[Place, list[Part]],
    leaves: tuple[EdgeGradient, ...],
    before: Values | None,
) -> Step:
    arrives = tuple(
        Arrival(output_nr, tuple(parts.get((node, output_nr), ())), wholes[node, output_nr])
        for output_nr in range(len(graph.nodes[node].outputs))
        if (node, output_nr) in wholes
    )
    after = None
    if graph.nodes[node].kind == "leaf" and arrives:
        given = arrives[0].whole.values
        after = given if before is None else before if arrives[0].whole.state == "none" else add(before, given)
    return Step(number, node, arrives, leaves, before, after)
