"""What is said of a node, an edge or a group in one plain sentence: its tooltip, and what a screen reader reads."""

from __future__ import annotations

from collections.abc import Iterable

from tracer import quantities
from tracer.analysis.folding import Box, Frame
from tracer.drawing.known import Known
from tracer.drawing.wording import inert, operation, program
from tracer.facts import Cut, EdgeGradient, Gradient, Values
from tracer.graph import Edge, Node, TensorSpec

_ONE = {"alike": "module", "passes": "1 pass"}
SPELLED_OUT = 16  # a tensor of at most so many elements is read out


def of_node(known: Known, node: Node) -> str:
    """Say what a node is: "SubBackward0, y = x − 2, shape 2 × 2, gradient norm 3.674, line 1"."""
    outputs = range(len(node.outputs))
    parts = [
        node.name,
        *_names(known, node),
        f"output {known.ends[node.index]}" if node.index in known.ends else None,
        f"module {node.module}" if node.module else None,
        f"call {node.call} of it" if node.module and node.call and node.call > 1 else None,
        *(f"{_which(known, node, nr)}{_shape(node.outputs[nr])}" for nr in outputs),
        *(f"{_which(known, node, nr)}{_value(known, node, nr)}" for nr in outputs if _value(known, node, nr)),
        of_gradients(known, node),
        _line(known, node),
        *(f"no gradient flows on to {of_cut(cut)}" for cut in known.cuts.get(node.index, ())),
    ]
    return _sentence(parts)


def of_gradients(known: Known, node: Node) -> str:
    """Say what the gradients at a node's outputs are, as it stands in the sentence about the node."""
    return _sentence(
        f"{_which(known, node, nr)}{_gradient(known.gradients[node.index, nr])}"
        for nr in range(len(node.outputs))
        if _has(known, node, nr)
    )


def _line(known: Known, node: Node) -> str | None:
    """Name the line, and in a loop of a program the pass: "line 4, pass 3"."""
    turn = known.turns.get(node.index)
    return f"{node.source}, pass {turn}" if turn else node.source


def of_cut(cut: Cut) -> str:
    """Say where the graph was cut: "detach at train.py:12"."""
    return f"{cut.operation} at {cut.source}" if cut.source else cut.operation


def of_edge(known: Known, number: int) -> str:
    """Say what flows on an edge: "y goes to Mul as its input 0, gradient norm 1.837"."""
    edge = known.edges[number]
    producer, consumer = known.nodes[edge.producer], known.nodes[edge.consumer]
    goes = f"{_output(known, producer, edge.output_nr)} goes to {_called(known, consumer)} as its input {edge.slot}"
    return _sentence([goes, of_flow(known, number)])


def of_flow(known: Known, number: int) -> str:
    """Say what flows back on an edge, as it stands in the sentence about the edge; nothing where it is not known."""
    flow = known.flows.get(number)
    return _sentence([_flow(flow), _part_of_sum(known, known.edges[number], flow)]) if flow else ""


def of_box(box: Box) -> str:
    """Say what a group holds: "layer1.0, 7 operations, 73 984 parameters, gradient norm of its parameters 0.12"."""
    parts = [
        box.title or "Operations outside of modules",
        f"{box.repeats} alike, drawn once" if box.repeats > 1 else None,
        _plural(box.operations, "operation"),
        _plural(box.parameters, "parameter") if box.parameters else None,
        of_norm(box),
    ]
    return _sentence(parts)


def of_norm(box: Box) -> str:
    """Say how large the gradients of a group's parameters are, as it stands in the sentence about the group."""
    return f"gradient norm of its parameters {quantities.figure(box.norm)}" if box.norm is not None else ""


def of_frame(frame: Frame) -> str:
    """Say what a frame is: "blocks.0–11, 12 blocks alike, one after another, drawn once"."""
    several = frame.repeats > 1
    alike = f"{frame.repeats} {frame.of}, one after another, drawn once" if several else _ONE[frame.of]
    return _sentence([frame.title or "Repeated operations", alike])


def of_bundle(known: Known, edges: tuple[int, ...], producer: str, consumer: str) -> str:
    """Say how many edges join two groups."""
    return of_edge(known, edges[0]) if len(edges) == 1 else f"{len(edges)} edges from {producer} to {consumer}"


def _plural(number: int, thing: str) -> str:
    return f"{quantities.count(number)} {thing}{'' if number == 1 else 's'}"


def _names(known: Known, node: Node) -> Iterable[str | None]:
    if len(node.outputs) <= 1:
        tensor = known.tensors.get((node.index, 0))
        name = (tensor.name if tensor else None) or node.label
        made_by = program(tensor.made_by) if tensor and tensor.made_by else None
        yield f"{name} = {made_by}" if name and made_by else name or made_by
    yield node.role or ("leaf" if node.kind == "leaf" else None)


def _called(known: Known, node: Node) -> str:
    tensor = known.tensors.get((node.index, 0))
    name = node.label or (tensor.name if tensor else None)
    return name if name and len(node.outputs) <= 1 else operation(node.name)


def _output(known: Known, node: Node, number: int) -> str:
    """Name one output of an operation: by the person's name, else "output 1 of Split", or the operation's alone."""
    if len(node.outputs) <= 1:
        return _called(known, node)
    tensor = known.tensors.get((node.index, number))
    return tensor.name if tensor and tensor.name else f"output {number} of {operation(node.name)}"


def _which(known: Known, node: Node, number: int) -> str:
    if len(node.outputs) <= 1:
        return ""
    tensor = known.tensors.get((node.index, number))
    return f"{tensor.name} " if tensor and tensor.name else f"output {number} "


def _shape(spec: TensorSpec) -> str:
    told = quantities.shape(spec.shape)
    return told if spec.shape is None else f"shape {told}"


def _has(known: Known, node: Node, number: int) -> bool:
    return (node.index, number) in known.gradients


def _value(known: Known, node: Node, number: int) -> str:
    tensor = known.tensors.get((node.index, number))
    return f"value {_spelled(tensor.values)}" if tensor and tensor.values and _short(tensor.values) else ""


def _gradient(gradient: Gradient) -> str:
    if gradient.state == "none":
        return "no gradient flows here"
    if gradient.state == "not measured" or gradient.statistics is None:
        return "gradient not measured"
    norm = f"gradient norm {quantities.figure(gradient.statistics.norm)}"
    spelled = gradient.values is not None and _short(gradient.values)
    return f"gradient {_spelled(gradient.values)}, {norm}" if spelled and gradient.values else norm


def norm_of(flow: EdgeGradient) -> str:
    """Write the norm of what flows back on an edge: "‖g‖ 1.837"; nothing where it was not measured."""
    return f"‖g‖ {quantities.figure(flow.statistics.norm)}" if flow.statistics else ""


def _flow(flow: EdgeGradient) -> str:
    if flow.state != "measured" or flow.statistics is None:
        return "no gradient flows back" if flow.state == "none" else "what flows back was not measured"
    norm = f"gradient norm {quantities.figure(flow.statistics.norm)}"
    return (
        f"back flows {_spelled(flow.values)}, {norm}" if flow.values and _short(flow.values) else f"{norm} flows back"
    )


def _part_of_sum(known: Known, edge: Edge, flow: EdgeGradient) -> str | None:
    together = known.uses[edge.producer, edge.output_nr]
    if together < 2 or flow.share is None:
        return None
    return f"{quantities.share(flow.share)} of the sum of {together} that arrive there"


def _short(values: Values) -> bool:
    return len(values.numbers) <= SPELLED_OUT


def _spelled(values: Values) -> str:
    return quantities.values(values.nested(), values.dtype, values.fractions())


def _sentence(parts: Iterable[str | None]) -> str:
    return inert(", ".join(part for part in parts if part), most=None)
