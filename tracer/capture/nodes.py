"""Live nodes → plain Node values. Reads what the graph keeps of shapes; unpacks no saved tensor."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec
import torch

from tracer.capture.names import Named
from tracer.capture.notes import Notes
from tracer.capture.notes import Told as Noted
from tracer.capture.walk import Walked
from tracer.graph import Kind, Node, Role, TensorSpec

LEAF = "AccumulateGrad"
UNKNOWN = TensorSpec(None, None, None)
_GIVES_ALL = re.compile(r"(?<!Backward)Backward\d+$")
_LEAFS_NUMBER = 2**64 - 1  # every leaf has it
_NODE_ROLES: Mapping[str | None, Role] = {"parameter": "parameter", "buffer": "buffer", "input": "input"}


_Told = tuple[str | None, Role | None, str | None]  # what names tell of a node: its label, its role, its line


def describe(
    walked: Walked, named: Sequence[Named], places: Sequence[tuple[int, int] | None], notes: Notes | None = None
) -> tuple[Node, ...]:
    """Describe each node of a walked graph: name, outputs, and what the person's names and notes tell of it."""
    told = _told(named, places)
    noted = {} if notes is None else notes.tell(sequences(walked))
    kinds, specs, several = _Kinds(), _Specs(), []
    nodes = []
    for index, live in enumerate(walked.nodes):
        name, kind = kinds[live.name()]
        sequence = None if kind == "leaf" else live._sequence_nr()
        label, role, source = told.get(index, _NOTHING)
        module, call, line = noted.get(sequence, _UNNOTED)
        outputs = specs.of(live._input_metadata)
        if len(outputs) > 1:
            several.append(index)
        slots = walked.slots[index]
        nodes.append(Node(index, name, kind, outputs, slots, role, label, module, source or line, sequence, call))
    return _without_undefined(nodes, several, walked)


def _without_undefined(nodes: list[Node], several: Sequence[int], walked: Walked) -> tuple[Node, ...]:
    """Say "not known" of the outputs that the graph may know nothing of; `several` nodes have more than one.

    For an output that can't be differentiated, or that the operation did not give, autograd keeps the place and fills
    it with a scalar's shape, torch's default dtype and the CPU; so only where such an output is used is it known.
    torch's own operators give all their outputs, but for those that are a backward themselves.
    """
    blank = TensorSpec((), dtype_name(torch.get_default_dtype()), "cpu")
    asked = [index for index in several if blank in nodes[index].outputs and not _GIVES_ALL.search(nodes[index].name)]
    if asked:
        used = {(edge.producer, edge.output_nr) for edge in walked.edges} | {end[:2] for end in walked.outputs}
        for index in asked:
            outputs = tuple(
                UNKNOWN if spec == blank and (index, number) not in used else spec
                for number, spec in enumerate(nodes[index].outputs)
            )
            nodes[index] = msgspec.structs.replace(nodes[index], outputs=outputs)
    return tuple(nodes)


class _Kinds(dict[str, tuple[str, Kind]]):
    """Gives each name as torch has it the one that is shown, and what kind of node it is."""

    def __missing__(self, full: str) -> tuple[str, Kind]:
        name = full.rpartition("::")[2]
        kind: Kind = "leaf" if name == LEAF else "operation"
        self[full] = name, kind
        return name, kind


def sequences(walked: Walked) -> list[int]:
    """List the numbers that autograd gave to the operations of a graph; leaves have none."""
    return [number for live in walked.nodes if (number := live._sequence_nr()) != _LEAFS_NUMBER]


_NOTHING: _Told = (None, None, None)
_UNNOTED = Noted()


def _told(named: Sequence[Named], places: Sequence[tuple[int, int] | None]) -> dict[int, _Told]:
    """Join what is told of one node: two names of one value become "y = z", those of two outputs "a, b"."""
    found: dict[int, list[tuple[int, Named]]] = {}
    for item, place in zip(named, places, strict=True):
        if place is not None:
            found.setdefault(place[0], []).append((place[1], item))
    return {node: _alone(items[0][1]) if len(items) == 1 else _joined(items) for node, items in found.items()}


def _alone(item: Named) -> _Told:
    return item.name or None, _NODE_ROLES.get(item.role), item.source or None


def _joined(items: Sequence[tuple[int, Named]]) -> _Told:
    outputs: dict[int, list[Named]] = {}
    for number, item in sorted(items, key=itemgetter(0)):
        outputs.setdefault(number, []).append(item)
    every = [item for some in outputs.values() for item in some]
    labels = [" = ".join(dict.fromkeys(item.name for item in some if item.name)) for some in outputs.values()]
    return (
        ", ".join(filter(None, labels)) or None,
        next((_NODE_ROLES[item.role] for item in every if item.role in _NODE_ROLES), None),
        next((item.source for item in every if item.source), None),
    )


class _Specs:
    """Gives each distinct shape, dtype and device one TensorSpec, and each distinct list of them one tuple."""

    def __init__(self) -> None:
        self._known: dict[Any, tuple[TensorSpec, ...]] = {}

    def of(self, kept: Sequence[Any]) -> tuple[TensorSpec, ...]:
        """Tell of the outputs of a node by what it keeps of them."""
        return self._alone(kept[0]) if len(kept) == 1 else tuple(self._alone(one)[0] for one in kept)

    def _alone(self, one: Any) -> tuple[TensorSpec, ...]:
        try:
            found = self._known.get((tuple(one.shape), one.dtype, one.device))
        except (RuntimeError, TypeError):  # a shape that is not single, or has symbols
            found = None
        if found is None:
            shape, dtype, device = known_shape(one), one.dtype, one.device
            spec = TensorSpec(shape, dtype_name(dtype), device_name(device))
            found = self._known.setdefault((shape, dtype, device), (spec,))
        return found


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


@functools.cache
def dtype_name(dtype: torch.dtype) -> str:
    """Name a dtype without its "torch."."""
    return str(dtype).removeprefix("torch.")


@functools.cache
def device_name(device: torch.device) -> str:
    """Name a device: "cuda:0"."""
    return str(device)
