"""Live nodes → plain Node values. Reads what the graph keeps of shapes; unpacks no saved tensor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import torch
from torch.autograd.graph import Node as LiveNode

from tracer.capture.names import Named
from tracer.capture.notes import Notes
from tracer.capture.notes import Told as Noted
from tracer.capture.walk import Walked
from tracer.graph import Node, Role, TensorSpec

LEAF = "AccumulateGrad"
UNKNOWN = TensorSpec(None, None, None)
_GIVES_ALL = re.compile(r"(?<!Backward)Backward\d+$")
_LEAFS_NUMBER = 2**64 - 1  # every leaf has it
_NODE_ROLES: Mapping[str | None, Role] = {"parameter": "parameter", "buffer": "buffer", "input": "input"}


class _Told(NamedTuple):
    """What names tell of a node."""

    label: str | None
    role: Role | None
    source: str | None


def describe(
    walked: Walked, named: Sequence[Named], places: Sequence[tuple[int, int] | None], notes: Notes | None = None
) -> tuple[Node, ...]:
    """Describe each node of a walked graph: name, outputs, and what the person's names and notes tell of it."""
    told = _told(named, places)
    noted = {} if notes is None else notes.tell(sequences(walked))
    specs = _Specs()
    nodes = []
    for index, live in enumerate(walked.nodes):
        name = live.name().rpartition("::")[2]
        leaf = name == LEAF
        sequence = None if leaf else live._sequence_nr()
        label, role, source = told.get(index, _NOTHING)
        module, call, line = noted.get(sequence, _UNNOTED)
        nodes.append(
            Node(
                index,
                name,
                "leaf" if leaf else "operation",
                specs.of(live),
                walked.slots[index],
                role,
                label,
                module,
                source or line,
                sequence,
                call,
            )
        )
    return _without_undefined(nodes, walked)


def _without_undefined(nodes: list[Node], walked: Walked) -> tuple[Node, ...]:
    """Say "not known" of the outputs that the graph may know nothing of.

    For an output that can't be differentiated, or that the operation did not give, autograd keeps the place and fills
    it with a scalar's shape, torch's default dtype and the CPU; so only where such an output is used is it known.
    torch's own operators give all their outputs, but for those that are a backward themselves.
    """
    blank = TensorSpec((), dtype_name(torch.get_default_dtype()), "cpu")
    asked = [n.index for n in nodes if len(n.outputs) > 1 and blank in n.outputs and not _GIVES_ALL.search(n.name)]
    if asked:
        used = {(edge.producer, edge.output_nr) for edge in walked.edges} | {end[:2] for end in walked.outputs}
        for index in asked:
            outputs = tuple(
                UNKNOWN if spec == blank and (index, number) not in used else spec
                for number, spec in enumerate(nodes[index].outputs)
            )
            nodes[index] = msgspec.structs.replace(nodes[index], outputs=outputs)
    return tuple(nodes)


def sequences(walked: Walked) -> list[int]:
    """List the numbers that autograd gave to the operations of a graph; leaves have none."""
    return [number for live in walked.nodes if (number := live._sequence_nr()) != _LEAFS_NUMBER]


_NOTHING, _UNNOTED = _Told(None, None, None), Noted()


def _told(named: Sequence[Named], places: Sequence[tuple[int, int] | None]) -> dict[int, _Told]:
    """Join what is told of one node: two names of one value become "y = z", those of two outputs "a, b"."""
    found: dict[int, dict[int, list[Named]]] = {}
    for item, place in zip(named, places, strict=True):
        if place is not None:
            found.setdefault(place[0], {}).setdefault(place[1], []).append(item)
    return {node: _joined(outputs) for node, outputs in found.items()}


def _joined(outputs: Mapping[int, Sequence[Named]]) -> _Told:
    every = [item for number in sorted(outputs) for item in outputs[number]]
    labels = [" = ".join(dict.fromkeys(i.name for i in outputs[number] if i.name)) for number in sorted(outputs)]
    return _Told(
        ", ".join(filter(None, labels)) or None,
        next((_NODE_ROLES[item.role] for item in every if item.role in _NODE_ROLES), None),
        next((item.source for item in every if item.source), None),
    )


class _Specs:
    """Gives each distinct shape, dtype and device one TensorSpec, and each distinct list of them one tuple."""

    def __init__(self) -> None:
        self._known: dict[Any, TensorSpec] = {}
        self._single: dict[Any, tuple[TensorSpec, ...]] = {}

    def of(self, node: LiveNode) -> tuple[TensorSpec, ...]:
        metadata: Sequence[Any] = node._input_metadata
        if len(metadata) != 1:
            return tuple(map(self._spec, metadata))
        spec = self._spec(metadata[0])
        return self._single.setdefault(spec, (spec,))

    def _spec(self, metadata: Any) -> TensorSpec:
        key = (known_shape(metadata), metadata.dtype, metadata.device)
        return self._known.get(key) or self._known.setdefault(
            key, TensorSpec(key[0], dtype_name(metadata.dtype), str(metadata.device))
        )


def known_shape(sized: Any) -> tuple[int, ...] | None:
    """Give the shape of a tensor, or of what a node keeps of one.

    `None` where there is no single one: a nested tensor has many, one inside a compiler may have symbols, and a
    parameter that waits for its first input has none yet.
    """
    try:
        sizes = tuple(sized.shape)
    except RuntimeError:
        return None
    return sizes if set(map(type, sizes)) <= {int} else None


def dtype_name(dtype: Any) -> str:
    """Name a dtype without its "torch."."""
    return str(dtype).removeprefix("torch.")
