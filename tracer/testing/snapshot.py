"""A graph as a small file that is committed beside a test: one line a node, no addresses, no paths, no order of run.

Nodes name their inputs by how many lines above they stand, so that one operation more is one line more in a diff.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from tracer.errors import UnreadableFile
from tracer.facts import Facts, Gradient, Statistics, encodable
from tracer.graph import Edge, Graph, Kind, Node, Role, TensorSpec, TracedOutput

FORMAT, VERSION = "gradtrace-snapshot", 1
DIGITS = 9  # of a gradient's norm


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A node: `inputs` says for each slot how many lines above its producer stands (and which output it is, where that
    is not the first); `None` is not followed."""

    op: str
    outputs: list[tuple[list[int] | None, str | None, str | None]]
    inputs: list[int | tuple[int, int] | None] = []
    name: str | None = None
    role: Role | None = None
    norms: list[float | str | None] | None = None


class Snapshot(msgspec.Struct, frozen=True):
    """The whole file; `traced` gives for each traced tensor its name, the line from 0, and which output it is."""

    format: str
    version: int
    traced: list[tuple[str, int | None, int]]
    nodes: list[Line]


_DECODER: msgspec.json.Decoder[Snapshot] = msgspec.json.Decoder(Snapshot)


def text(facts: Facts, values: bool) -> str:
    """Write a snapshot; `values` adds the norms of gradients."""
    norms = _norms(facts) if values else {}
    inputs: list[list[Any]] = [[None] * node.slots for node in facts.graph.nodes]
    for edge in facts.graph.edges:
        above = edge.consumer - edge.producer
        inputs[edge.consumer][edge.slot] = (above, edge.output_nr) if edge.output_nr else above
    lines = [
        Line(
            node.name,
            [(None if o.shape is None else list(o.shape), o.dtype, o.device) for o in node.outputs],
            inputs[node.index],
            None if node.label is None else encodable(node.label),
            node.role,
            norms.get(node.index),
        )
        for node in facts.graph.nodes
    ]
    traced = [(encodable(end.name), end.node, end.output_nr) for end in facts.graph.outputs]
    head = f'{{"format": "{FORMAT}", "version": {VERSION},\n"traced": {_json(traced)},\n"nodes": [\n'
    return head + ",\n".join(map(_json, lines)) + "\n]}\n"


def _json(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)


def _norms(facts: Facts) -> dict[int, list[float | str | None]]:
    found: dict[int, list[float | str | None]] = {}
    for gradient in facts.gradients or ():
        places = found.setdefault(gradient.node, [None] * len(facts.graph.nodes[gradient.node].outputs))
        norm = None if gradient.statistics is None else gradient.statistics.norm
        places[gradient.output_nr] = (
            gradient.state if norm is None else float(f"{norm:.{DIGITS}g}") if abs(norm) < float("inf") else str(norm)
        )
    return found


def read(path: Path) -> Facts:
    """Read a snapshot.

    Raises:
        UnreadableFile: it can't be read, is damaged, or is from a newer version.
    """
    try:
        return facts_of(path.read_bytes())
    except OSError as error:
        raise UnreadableFile(f"This file can't be read: {error.strerror}", str(path)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, IndexError) as error:
        cure = "Make it again with pytest --autograd-update"
        raise UnreadableFile(f"This snapshot is damaged: {error}", str(path), cure) from error


def facts_of(content: str | bytes) -> Facts:
    """Give the graph of a snapshot, and its gradients where it has norms.

    Raises:
        ValueError: it is no snapshot of a version that is known.
    """
    found = _DECODER.decode(content)
    if (found.format, found.version) != (FORMAT, VERSION):
        raise ValueError(f"its format is {found.format} {found.version}, and {FORMAT} {VERSION} is wanted")
    nodes, edges = [], []
    for index, line in enumerate(found.nodes):
        specs = tuple(TensorSpec(None if shape is None else tuple(shape), *rest) for shape, *rest in line.outputs)
        kind: Kind = "leaf" if line.op == "AccumulateGrad" else "operation"
        nodes.append(Node(index, line.op, kind, specs, len(line.inputs), line.role, line.name))
        for slot, place in enumerate(line.inputs):
            if place is not None:
                above, number = place if isinstance(place, tuple) else (place, 0)
                if not 0 < above <= index:
                    raise ValueError(f"node {index + 1} has an input {above} lines above it")
                edges.append(Edge(index - above, index, number, slot))
    outputs = tuple(TracedOutput(*(node, number, name)) for name, node, number in found.traced)
    gradients = tuple(g for index, line in enumerate(found.nodes) for g in _gradients(nodes[index], line))
    has_norms = any(line.norms is not None for line in found.nodes)
    return Facts(Graph(tuple(nodes), tuple(edges), outputs), gradients=gradients if has_norms else None)


def _gradients(node: Node, line: Line) -> list[Gradient]:
    rows = []
    for number, (spec, norm) in enumerate(zip(node.outputs, line.norms or [], strict=False)):
        if norm in ("none", "not measured"):
            rows.append(Gradient(node.index, number, node.label, spec.shape, spec.dtype, norm))  # type: ignore[arg-type]
        elif norm is not None:
            size = float(norm)
            statistics = Statistics(None, None, size, size, 0.0, 0)
            rows.append(Gradient(node.index, number, node.label, spec.shape, spec.dtype, "measured", statistics))
    return rows
