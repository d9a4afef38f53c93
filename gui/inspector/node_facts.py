"""What is said about a node or an edge of the graph: pure functions from what was found to keys and values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gui.inspector.ways import Way, ways
from tracer import quantities
from tracer.analysis.gradients import GradientRow
from tracer.graph import Edge, Graph, Node, TensorSpec
from tracer.values import SavedValue, Values
from tracer.worker.messages import Found

MOST_NEIGHBOURS, MOST_VALUES = 6, 16


class Told(NamedTuple):
    """A title, keys with their values, and the Python that leads there."""

    title: str
    facts: tuple[tuple[str, str], ...]
    ways: tuple[Way, ...] = ()


def tell(owner: str, graph: Graph, found: Found | None) -> Told | None:
    """Tell what is known of "node 3" or "edge 5"; `None` where the graph has no such part."""
    kind, _, number = owner.partition(" ")
    if not number.isdecimal():
        return None
    at = int(number)
    if kind == "node" and at < len(graph.nodes):
        facts = _node(graph, at) + _saved(at, found) + _numbers(graph.nodes[at], found)
        return Told(graph.nodes[at].name, _kept(facts), ways(graph, owner))
    if kind == "edge" and at < len(graph.edges):
        return Told(_edge_title(graph, graph.edges[at]), _kept(_edge(graph, graph.edges[at])))
    return None


def _node(graph: Graph, at: int) -> list[tuple[str, str]]:
    node = graph.nodes[at]
    return [
        ("tensor", node.label or ""),
        ("is", f"{node.role or 'leaf'}, gathers its gradient" if node.kind == "leaf" else ""),
        *_spec(node.outputs[0] if node.outputs else None),
        ("module", node.module or ""),
        ("made at", node.source or ""),
        ("next_functions", "" if node.kind == "leaf" else _next_functions(graph, at)),
        ("used by", _few([graph.nodes[edge.consumer].name for edge in graph.edges if edge.producer == at])),
    ]


def _spec(spec: TensorSpec | None) -> list[tuple[str, str]]:
    if spec is None:
        return []
    return [("shape", quantities.brackets(spec.shape)), ("dtype", spec.dtype or ""), ("device", spec.device or "")]


def _next_functions(graph: Graph, at: int) -> str:
    """Write what autograd goes on to, a line each: (function, which of its outputs); None where one is not tracked."""
    edges = {edge.slot: edge for edge in graph.edges if edge.consumer == at}
    return _few(
        f"({graph.nodes[edges[slot].producer].name}, {edges[slot].output_nr})" if slot in edges else "(None, 0)"
        for slot in range(graph.nodes[at].slots)
    )


def _saved(at: int, found: Found | None) -> list[tuple[str, str]]:
    """Say what a node saved for its backward, a line each: "self = y · [2, 2] · 16 B", "alpha = 1"."""
    rows = sorted((row for row in found.saved if row.node == at), key=lambda row: row.name != "self") if found else []
    return [("saves", "\n".join(map(_saved_line, rows)))]


def _saved_line(row: SavedValue) -> str:
    known = row.tensor or row.text
    called = f"{row.name} = {known}" if known else row.name
    size = "" if row.bytes is None else f" · {quantities.brackets(row.shape)} · {quantities.size(row.bytes)}"
    return called + size


def _numbers(node: Node, found: Found | None) -> list[tuple[str, str]]:
    """Give the value and the gradient of the tensor that the node made, where it has a name."""
    if found is None or node.label is None:
        return []
    value = next((row for row in found.shapes if row.name == node.label), None)
    gradient = next((row for row in found.gradients if row.name == node.label), None)
    told = [] if value is None else [("value", written(value.values, value.shape, value.dtype, value.exact))]
    return told + ([] if gradient is None else _gradient(gradient))


def _gradient(row: GradientRow) -> list[tuple[str, str]]:
    if row.state != "measured":
        return [("gradient", row.state)]
    return [
        ("gradient", written(row.values, row.shape, row.dtype, row.exact)),
        *(() if row.std is None else _spread(row)),
        ("not finite", quantities.count(row.non_finite) if row.non_finite else ""),
    ]


def _spread(row: GradientRow) -> tuple[tuple[str, str], ...]:
    return (
        ("its mean", quantities.figure(row.mean)),
        ("its std", quantities.figure(row.std)),
        ("its norm", quantities.figure(row.norm)),
        ("its zeros", quantities.share(row.zeros)),
    )


def written(
    numbers: tuple[bool | int | float, ...] | None,
    shape: tuple[int, ...] | None,
    dtype: str | None,
    exact: tuple[str, ...] | None = None,
) -> str:
    """Write the values of a small tensor on one line; nothing for a large one, or where they are not held."""
    if numbers is None or shape is None or len(numbers) > MOST_VALUES:
        return ""
    values = Values(shape, dtype or "float32", numbers, exact)
    return quantities.values(values.nested(), dtype, values.fractions())


def _edge_title(graph: Graph, edge: Edge) -> str:
    return f"{graph.nodes[edge.producer].name} → {graph.nodes[edge.consumer].name}"


def _edge(graph: Graph, edge: Edge) -> list[tuple[str, str]]:
    outputs = graph.nodes[edge.producer].outputs
    return [
        ("carries", graph.nodes[edge.producer].label or ""),
        *_spec(outputs[edge.output_nr] if edge.output_nr < len(outputs) else None),
        ("output", f"number {edge.output_nr} of {graph.nodes[edge.producer].name}"),
        ("input", f"number {edge.slot} of {graph.nodes[edge.consumer].name}"),
    ]


def _few(names: Iterable[str]) -> str:
    every = list(names)
    rest = [f"and {len(every) - MOST_NEIGHBOURS} more"] if len(every) > MOST_NEIGHBOURS else []
    return ",\n".join(every[:MOST_NEIGHBOURS]) + "".join(f"\n{words}" for words in rest)


def _kept(facts: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in facts if value)
