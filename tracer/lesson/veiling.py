"""Facts → the same facts without what a lesson hides, so that no table, picture or file can give it away."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from tracer.facts import EdgeGradient, Facts, Gradient, Tensor
from tracer.graph import Graph, Node
from tracer.lesson.steps import Hidden


def veiled(facts: Facts, hidden: Hidden) -> Facts:
    """Take what is hidden out of a recording; what is left is as it was."""
    if hidden == Hidden():
        return facts
    gradients, edges = facts.gradients, facts.edge_gradients
    return replace(
        facts,
        graph=_graph(facts.graph, hidden.shapes),
        tensors=tuple(_tensor(tensor, hidden) for tensor in facts.tensors),
        gradients=None if gradients is None else tuple(_gradient(row, hidden) for row in gradients),
        edge_gradients=None if edges is None else tuple(_edge(row, hidden.gradient_edges) for row in edges),
        derivations=() if hidden.derivation else facts.derivations,
        lines=() if hidden.lines or hidden.values else facts.lines,
    )


def _graph(graph: Graph, names: Collection[str]) -> Graph:
    return replace(graph, nodes=tuple(_node(node) if node.label in names else node for node in graph.nodes))


def _node(node: Node) -> Node:
    return replace(node, outputs=tuple(replace(spec, shape=None) for spec in node.outputs))


def _tensor(tensor: Tensor, hidden: Hidden) -> Tensor:
    if tensor.name in hidden.shapes:
        return replace(tensor, shape=None, bytes=None, values=None, grad=None)
    if tensor.name in hidden.values or tensor.node in hidden.value_nodes:
        return replace(tensor, values=None)
    return tensor


def _gradient(row: Gradient, hidden: Hidden) -> Gradient:
    if row.node in hidden.gradient_nodes or row.name in hidden.gradients:
        return Gradient(row.node, row.output_nr, row.name, row.shape, row.dtype, "hidden")
    return row


def _edge(row: EdgeGradient, edges: Collection[int]) -> EdgeGradient:
    return EdgeGradient(row.edge, row.shape, "hidden") if row.edge in edges else row
