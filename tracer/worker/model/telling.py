"""What is told of a selected part: a node, an edge, or some nodes together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tracer import quantities
from tracer.analysis.group_facts import GroupFacts, Port, group_facts
from tracer.analysis.modules import innermost
from tracer.drawing.wording import inert, operation
from tracer.facts import EdgeGradient, Gradient
from tracer.graph import Node, TensorSpec
from tracer.worker.model.held import Held
from tracer.worker.model.messages import AskTold, Told

MOST = 6  # of a list of things
Facts = list[tuple[str, str]]
STATES = {"none": "none flows here", "not measured": "not measured", "hidden": "hidden"}


def told(held: Held, asked: AskTold) -> Told:
    """Tell about a part.

    Raises:
        TracerError: there is no such part.
    """
    nodes = held.nodes_of(asked.owner, asked.how)
    kind, _, name = asked.owner.partition(" ")
    if kind == "edge":
        title, facts = _edge(held, int(name))
    elif len(nodes) == 1:
        title, facts = _node(held, held.facts.graph.nodes[nodes[0]])
    else:
        title, facts = inert(name) or "The model", _group(held, group_facts(held.facts, nodes))
    one = held.facts.graph.nodes[nodes[-1]]
    picture = held.drawn(asked.how)
    shown = asked.owner if asked.owner in picture.areas else next(iter(picture.holding(nodes)), "")
    return Told(
        asked.edit,
        asked.recording,
        asked.owner,
        title,
        tuple((label, text) for label, text in facts if text),
        shown,
        len(nodes),
        name if kind == "module" else _common(held, nodes),
        one.source,
        _problems(held, nodes),
    )


def _common(held: Held, nodes: Sequence[int]) -> str | None:
    """Give the innermost module that all of the operations are in."""
    operations = [index for index in nodes if held.facts.graph.nodes[index].kind == "operation"]
    return innermost(held.facts.graph.nodes, operations) or None


def _problems(held: Held, nodes: Sequence[int]) -> tuple[str, ...]:
    """Give the problems of the tensors among these nodes, where they were looked for already."""
    if not held.searched:
        return ()
    labels = {held.facts.graph.nodes[index].label for index in nodes}
    found = [problem for problem in held.problems if labels.intersection(problem.names)]
    return tuple(inert(f"{problem.problem}: {problem.why} {problem.cure}".strip(), None) for problem in found)


def _node(held: Held, node: Node) -> tuple[str, Facts]:
    graph = held.facts.graph
    made_of = [graph.nodes[edge.producer] for edge in graph.edges if edge.consumer == node.index]
    users = [graph.nodes[edge.consumer] for edge in graph.edges if edge.producer == node.index]
    kept = [storage.bytes for storage in held.facts.saved or () if node.index in storage.nodes]
    gradients = [gradient for gradient in held.facts.gradients or () if gradient.node == node.index]
    call = "" if node.call is None or node.call == 1 else quantities.count(node.call)
    return inert(node.label or operation(node.name)), [
        ("autograd's name", node.name),
        ("is", f"{node.role or 'leaf'}, gathers its gradient" if node.kind == "leaf" else ""),
        *_specs(node.outputs),
        ("module", inert(node.module or "", None)),
        ("call of the module", call),
        ("made at", inert(node.source or "", None)),
        ("made of", _few(_called(one) for one in made_of)),
        ("used by", _few(_called(one) for one in users)),
        *_flow(gradients[0] if gradients else None),
        ("keeps for backward", quantities.size(sum(kept)) if held.facts.saved is not None else "not known"),
    ]


def _specs(outputs: Sequence[TensorSpec]) -> Iterator[tuple[str, str]]:
    for number, spec in enumerate(outputs[:MOST]):
        which = f" {number}" if len(outputs) > 1 else ""
        yield f"shape{which}", quantities.brackets(spec.shape)
        yield f"dtype{which}", f"{spec.dtype or 'not known'}, {spec.device or 'device not known'}"


def _edge(held: Held, number: int) -> tuple[str, Facts]:
    graph = held.facts.graph
    edge = graph.edges[number]
    producer, consumer = graph.nodes[edge.producer], graph.nodes[edge.consumer]
    flows = held.facts.edge_gradients
    flow = None if flows is None else flows[number]
    return f"{_called(producer)} → {_called(consumer)}", [
        ("from", f"{_called(producer)}, output {edge.output_nr}"),
        ("to", f"{_called(consumer)}, input {edge.slot}"),
        ("shape", quantities.brackets(flow.shape) if flow else ""),
        *_flow(flow),
        ("share of the sum", quantities.share(flow.share) if flow and flow.share is not None else ""),
        ("cosine to the sum", quantities.figure(flow.cosine) if flow and flow.cosine is not None else ""),
    ]


def _flow(flow: Gradient | EdgeGradient | None) -> Facts:
    """Tell the statistics of a gradient, or why there are none."""
    if flow is None or flow.state != "measured" or flow.statistics is None:
        return [("gradient", "not recorded" if flow is None else STATES.get(flow.state, flow.state))]
    found = flow.statistics
    return [
        ("gradient ‖g‖", quantities.figure(found.norm)),
        ("gradient max |g|", quantities.figure(found.max_abs)),
        ("gradient mean", quantities.figure(found.mean)),
        ("gradient std", quantities.figure(found.std)),
        ("gradient zeros", quantities.share(found.zeros)),
        ("NaN or infinite", quantities.count(found.non_finite) if found.non_finite else ""),
    ]


def _group(held: Held, group: GroupFacts) -> Facts:
    return [
        ("input", _ports(held, group.inputs)),
        ("output", _ports(held, group.outputs)),
        ("parameters", quantities.count(group.parameters)),
        ("backward nodes", quantities.count(group.operations)),
        ("operations", _few(f"{operation(name)} × {quantities.count(times)}" for name, times in group.kinds)),
        ("‖g‖ of parameters", "" if group.norm is None else quantities.figure(group.norm)),
        ("keeps alive", "not known" if group.kept is None else quantities.size(group.kept)),
        ("keeps with others", quantities.size(group.shared) if group.shared else ""),
        ("made at", _few(inert(source, None) for source in group.sources)),
    ]


def _ports(held: Held, ports: Sequence[tuple[Port, TensorSpec | None]]) -> str:
    """Write what comes in or goes out: "[8, 256, 56, 56] of layer1.2"."""
    nodes = held.facts.graph.nodes
    shapes = [(quantities.brackets(spec.shape if spec else None), nodes[port[0]]) for port, spec in ports]
    return _few(f"{shape} of {_called(node)}" for shape, node in shapes)


def _called(node: Node) -> str:
    known = node.label if node.kind == "leaf" else None
    return inert(known or ", ".join(filter(None, (operation(node.name), node.module))), None)


def _few(texts: Iterable[str]) -> str:
    """Write the first few, a line each, and how many more there are."""
    every = list(texts)
    more = len(every) - MOST
    return "\n".join(every if more <= 0 else [*every[:MOST], f"and {quantities.count(more)} more"])
