"""Facts and some nodes → what is known of them together: what comes in, what goes out, what they keep."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection

import msgspec

from tracer.facts import Facts
from tracer.graph import TensorSpec

Port = tuple[int, int]  # a node and which of its outputs


class GroupFacts(msgspec.Struct, frozen=True):
    """What is known of some nodes together.

    `inputs` are the values of others, apart from parameters and buffers, that they use, `outputs` those of theirs that
    others use or that were traced. `parameters` counts the elements of parameters among them or used by them alone.
    `kept` are the bytes that only they keep for backward, `shared` those that others keep too (`None`: not known).
    `norm` is the Euclidean norm of the gradients of their parameters (`None`: one was not measured, or there is none).
    """

    inputs: tuple[tuple[Port, TensorSpec | None], ...]
    outputs: tuple[tuple[Port, TensorSpec | None], ...]
    operations: int
    kinds: tuple[tuple[str, int], ...]
    parameters: int
    names: tuple[str, ...]
    norm: float | None
    kept: int | None
    shared: int | None
    sources: tuple[str, ...]
    modules: tuple[str, ...]


def group_facts(facts: Facts, nodes: Collection[int]) -> GroupFacts:
    """Tell what is known of these nodes together."""
    every = facts.graph.nodes
    inside = bytearray(len(every))
    for index in nodes:
        inside[index] = 1
    inputs, outputs, leaves = _ports(facts, inside)
    kept, shared = _kept(facts, inside)
    operations = [every[index] for index in nodes if every[index].kind == "operation"]
    return GroupFacts(
        inputs=inputs,
        outputs=outputs,
        operations=len(operations),
        kinds=tuple(Counter(node.name for node in operations).most_common()),
        parameters=sum(math.prod(every[leaf].shape or ()) for leaf in leaves),
        names=tuple(every[leaf].label or "a parameter without a name" for leaf in leaves),
        norm=_norm(facts, set(leaves)),
        kept=kept,
        shared=shared,
        sources=tuple(dict.fromkeys(node.source for node in operations if node.source)),
        modules=tuple(dict.fromkeys(node.module for node in operations if node.module)),
    )


def _ports(
    facts: Facts, inside: bytearray
) -> tuple[tuple[tuple[Port, TensorSpec | None], ...], tuple[tuple[Port, TensorSpec | None], ...], list[int]]:
    """Give what comes in, what goes out, and the parameters within or used from within alone."""
    nodes = facts.graph.nodes
    inputs: dict[Port, None] = {}
    outputs: dict[Port, None] = {}
    within: dict[int, bool] = {}
    for edge in facts.graph.edges:
        port = edge.producer, edge.output_nr
        used, parameter = bool(inside[edge.consumer]), nodes[edge.producer].role in ("parameter", "buffer")
        if parameter:
            within[edge.producer] = within.get(edge.producer, True) and (used or bool(inside[edge.producer]))
        elif used and not inside[edge.producer]:
            inputs[port] = None
        elif inside[edge.producer] and not used:
            outputs[port] = None
    for end in facts.graph.outputs:
        if end.node is not None and inside[end.node]:
            outputs[end.node, end.output_nr] = None
    leaves = [leaf for leaf, alone in within.items() if alone and nodes[leaf].role == "parameter"]
    return _specs(facts, inputs), _specs(facts, outputs), leaves


def _specs(facts: Facts, ports: Collection[Port]) -> tuple[tuple[Port, TensorSpec | None], ...]:
    found = []
    for node, number in ports:
        outputs = facts.graph.nodes[node].outputs
        found.append(((node, number), outputs[number] if number < len(outputs) else None))
    return tuple(found)


def _norm(facts: Facts, leaves: Collection[int]) -> float | None:
    gradients = [gradient for gradient in facts.gradients or () if gradient.node in leaves]
    norms = [gradient.statistics.norm for gradient in gradients if gradient.statistics is not None]
    known = len(gradients) >= len(leaves) and all(gradient.state != "not measured" for gradient in gradients)
    return math.hypot(*norms) if norms and known else None


def _kept(facts: Facts, inside: bytearray) -> tuple[int | None, int | None]:
    """Count the bytes that only these nodes keep, and those that others keep too."""
    if facts.saved is None:
        return None, None
    alone = shared = 0
    for storage in facts.saved:
        keeping = sum(inside[node] for node in storage.nodes)
        if keeping and keeping == len(storage.nodes):
            alone += storage.bytes
        elif keeping:
            shared += storage.bytes
    return alone, shared
