"""Facts without what must stay hidden, for a picture that gives nothing away."""

from __future__ import annotations

from msgspec.structs import replace

from tracer.facts import Facts
from tracer.lesson.steps import Hidden


def veiled(facts: Facts, hidden: Hidden) -> Facts:
    """Take the values and gradients out of facts that are hidden; with a derivation all of them are gone.

    Shapes stay: a picture of the graph is not to be shown where `hidden.shapes` has any, or `hidden.graph` is set.
    """
    tensors = tuple(
        replace(tensor, values=None, grad=None)
        if tensor.name in hidden.values or tensor.node in hidden.value_nodes
        else tensor
        for tensor in facts.tensors
    )
    gradients, edges = facts.gradients, facts.edge_gradients
    if gradients is not None:
        gradients = tuple(row for row in gradients if row.node not in hidden.gradient_nodes)
    if edges is not None:
        edges = tuple(row for row in edges if row.edge not in hidden.gradient_edges)
    lines = tuple(row for row in facts.lines if not hidden.lines and row.name not in hidden.values)
    return replace(
        facts,
        tensors=tensors,
        gradients=gradients,
        edge_gradients=edges,
        derivations=() if hidden.derivation else facts.derivations,
        lines=lines,
    )
