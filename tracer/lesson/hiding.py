"""What must stay off the screen until a prediction is answered, from what its query asks for.

What is asked for is hidden, and what follows from it on the way: a shape and a value forward, a gradient backward. What
comes later on the way is hidden with it: gradients after values, values after shapes. The gradient of a leaf is the end
of the way back, which often has the same numbers as the box before: it hides all gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

import msgspec
from msgspec.structs import asdict

from tracer.facts import Facts, Tensor
from tracer.graph import Graph
from tracer.lesson.query_syntax import calls
from tracer.lesson.steps import Hidden, Solution

Outputs = Set[int]  # nodes


def hidden(facts: Facts, query: str) -> Hidden:
    """Tell what gives the answer to a query away."""
    return joined(ASKED[function](facts, name) for function, name in calls(query) if function in ASKED)


def still_hidden(solution: Solution, answered: Set[int]) -> Hidden:
    """Tell what stays hidden of a step, when the predictions of these numbers are answered."""
    rest = (solved.hidden for number, solved in enumerate(solution.predictions) if number not in answered)
    return joined(rest)


def joined(parts: Iterable[Hidden]) -> Hidden:
    """Hide what any of them hides."""
    every = [asdict(part) for part in parts]
    return msgspec.convert({field: _union([one[field] for one in every]) for field in FIELDS if every}, Hidden)


def _union(found: Sequence[Any]) -> Any:
    return any(found) if isinstance(found[0], bool) else tuple(sorted({item for items in found for item in items}))


FIELDS = Hidden.__struct_fields__


def _shape(facts: Facts, name: str) -> Hidden:
    after = _names(facts, _after(facts, name), name)
    return joined([Hidden(shapes=after, gradients=after, cost=True), _value(facts, name)])


def _value(facts: Facts, name: str) -> Hidden:
    """Hide a value, what is computed from it, and every gradient; a name that is no tensor was given by a line."""
    if not any(tensor.name == name for tensor in facts.tensors):
        return _lines(facts, name)
    nodes = _after(facts, name)
    return joined([Hidden(values=_names(facts, nodes, name), value_nodes=tuple(nodes)), _all_gradients(facts)])


def _gradient(facts: Facts, name: str) -> Hidden:
    """Hide a gradient and those that it flows on to, with what flows along the edges to them; and those of the same
    numbers, on the way there. That of a leaf is the end of backward: it hides all of it."""
    own = _nodes(facts, name)
    if any(facts.graph.nodes[node].kind == "leaf" for node in own):
        return _all_gradients(facts)
    numbers = {row.values.numbers for row in facts.gradients or () if row.node in own and row.values}
    alike = {row.node for row in facts.gradients or () if row.values and row.values.numbers in numbers}
    nodes = _reached(facts.graph, own | alike, backward=True)
    edges = tuple(at for at, edge in enumerate(facts.graph.edges) if edge.producer in nodes)
    return Hidden(
        gradients=_names(facts, nodes, name), gradient_nodes=tuple(nodes), gradient_edges=edges, derivation=True
    )


def _all_gradients(facts: Facts) -> Hidden:
    nodes = range(len(facts.graph.nodes))
    names = tuple(tensor.name for tensor in facts.tensors if tensor.name is not None)
    return Hidden(
        gradients=names,
        gradient_nodes=tuple(nodes),
        gradient_edges=tuple(range(len(facts.graph.edges))),
        derivation=True,
    )


def _graph(facts: Facts, _name: str) -> Hidden:
    return joined([Hidden(graph=True), _all_gradients(facts)])


def _lines(facts: Facts, name: str) -> Hidden:
    """Hide how often lines ran, and all that was computed: the graph shows it too."""
    names = tuple(tensor.name for tensor in facts.tensors if tensor.name is not None and tensor.role != "input")
    return joined([Hidden(lines=True, values=names), _graph(facts, name)])


def _matrix(facts: Facts, _name: str) -> Hidden:
    return joined([Hidden(matrix=True), _value(facts, "y")])


def _cost(facts: Facts, name: str) -> Hidden:
    """Hide the cost, and the shapes that it is counted from: those of the layer's own tensors and of its output."""
    return joined(_shape(facts, name) for name in ("weight", "bias", "y") if _nodes(facts, name))


ASKED: Mapping[str, Callable[[Facts, str], Hidden]] = {
    "shape": _shape,
    "count": _shape,
    "value": _value,
    "grad": _gradient,
    "differences": _gradient,
    "arriving": _gradient,
    "grad_fn": _graph,
    "tracked": _graph,
    "arrows": _graph,
    "nodes": _graph,
    "constants": _graph,
    "passes": _lines,
    "notes": _graph,
    "cost": _cost,
    "toeplitz": _matrix,
    "real_taps": _cost,
    "with_real_taps": _cost,
    "sees": _cost,
}


def _tensors(facts: Facts, name: str) -> list[Tensor]:
    return [tensor for tensor in facts.tensors if tensor.name == name]


def _nodes(facts: Facts, name: str) -> Outputs:
    return {tensor.node for tensor in _tensors(facts, name) if tensor.node is not None}


def _after(facts: Facts, name: str) -> Outputs:
    return _reached(facts.graph, _nodes(facts, name), backward=False)


def _names(facts: Facts, nodes: Outputs, name: str) -> tuple[str, ...]:
    return tuple({tensor.name for tensor in facts.tensors if tensor.name and tensor.node in nodes} | {name})


def _reached(graph: Graph, start: Outputs, *, backward: bool) -> Outputs:
    """Give the nodes that are reached from some; nodes come inputs first, so one pass over the edges is enough."""
    found = set(start)
    for edge in reversed(graph.edges) if backward else graph.edges:
        near, far = (edge.consumer, edge.producer) if backward else (edge.producer, edge.consumer)
        if near in found:
            found.add(far)
    return found
