"""What the facts tell of each node and edge, by index."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from tracer.analysis.rolling import turns_of
from tracer.facts import Cut, EdgeGradient, Facts, Gradient, Tensor
from tracer.graph import Edge, Node

Output = tuple[int, int]  # a node and which of its outputs


class Known(NamedTuple):
    """Facts by node and edge: `uses` counts the edges that leave an output, `ends` names the traced outputs, `cuts` are
    those whose result a node used, `turns` tell which pass of a loop made a node."""

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
        turns=turns_of(facts),
    )
