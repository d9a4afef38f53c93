"""What the facts tell of each node and edge, by index."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from tracer.analysis.rolling import turns_of
from tracer.drawing.wording import inert, program
from tracer.experiment import Expression
from tracer.facts import Cut, EdgeGradient, Facts, Gradient, Tensor
from tracer.graph import Edge, Node

LONGEST = 7  # characters of a name beside ∂
Output = tuple[int, int]  # a node and which of its outputs


class Known(NamedTuple):
    """Facts by node and edge: `uses` counts the edges that leave an output, `ends` names the traced outputs, `cuts` are
    those whose result a node used; where `cuts_drawn`, arrows of their own show them. `turns` tell which pass of a loop
    made a node. `of` is the scalar of a program of which all gradients are the partial derivatives."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    tensors: dict[Output, Tensor]
    gradients: dict[Output, Gradient]
    flows: dict[int, EdgeGradient]
    uses: Counter[Output]
    ends: dict[int, str]
    cuts: dict[int, list[Cut]]
    flowing: bool
    turns: dict[int, int]
    cuts_drawn: bool = False
    of: str | None = None


def know(facts: Facts) -> Known:
    """Index the facts. Where several tensors share an output, the first with a name and values speaks for it."""
    tensors: dict[Output, Tensor] = {}
    for tensor in sorted(facts.tensors, key=lambda t: (t.name is None, t.values is None)):
        if tensor.node is not None:
            tensors.setdefault((tensor.node, tensor.output_nr), tensor)
    cuts: dict[int, list[Cut]] = {}
    for cut in facts.cuts or ():
        for node in cut.nodes:
            cuts.setdefault(node, []).append(cut)
    return Known(
        nodes=facts.graph.nodes,
        edges=facts.graph.edges,
        tensors=tensors,
        gradients={(g.node, g.output_nr): g for g in facts.gradients or ()},
        flows={flow.edge: flow for flow in facts.edge_gradients or ()},
        uses=Counter((edge.producer, edge.output_nr) for edge in facts.graph.edges),
        ends={end.node: end.name for end in reversed(facts.graph.outputs) if end.node is not None},
        cuts=cuts,
        flowing=facts.edge_gradients is not None,
        of=_scalar(facts),
        turns=turns_of(facts),
    )


def _scalar(facts: Facts) -> str | None:
    """Name the output of a program where backward began at it with 1, so that gradients are ∂(output)/∂(tensor)."""
    if not isinstance(facts.experiment, Expression) or len(facts.graph.outputs) != 1:
        return None
    end = facts.graph.outputs[0]
    start = next((row for row in facts.gradients or () if (row.node, row.output_nr) == (end.node, end.output_nr)), None)
    whole = start is not None and start.values is not None and start.values.shape == ()
    return end.name if whole and start and start.values and start.values.numbers == (1,) else None


def partial(known: Known, place: Output) -> str | None:
    """Write what the gradient of an output of a node is: "∂a/∂y", "∂a/∂(y*y)"; `None` where the names are long."""
    tensor = known.tensors.get(place)
    if known.of is None or tensor is None:
        return None
    by = inert(tensor.name) if tensor.name else f"({program(tensor.made_by)})" if tensor.made_by else ""
    return f"∂{inert(known.of)}/∂{by}" if by and max(len(known.of), len(by)) <= LONGEST else None
