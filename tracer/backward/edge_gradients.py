"""What flows back on every edge and into every leaf: one backward, watched by hooks, that leaves no trace.

Statistics are taken while gradients flow, so memory stays that of a backward: what flows towards an output is held
only until the whole arrives there, and where several parts meet only up to a limit.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import torch
from torch.autograd.graph import GradientEdge

from tracer.backward.statistics import Budget, has_data, statistics
from tracer.backward.undisturbed import undisturbed
from tracer.capture.walk import Walked
from tracer.errors import TracerError
from tracer.facts import EdgeGradient, Gradient, State
from tracer.graph import Edge, Node

HELD_BYTES = 256 << 20  # of parts that wait for their sum; past it they are described without being compared
Place = tuple[int, int]  # a node and which of its outputs


def measure(
    walked: Walked,
    nodes: Sequence[Node],
    start: Sequence[torch.Tensor | None],
    model: torch.nn.Module | None = None,
    *,
    alone: bool = False,
) -> tuple[tuple[Gradient, ...], tuple[EdgeGradient, ...]]:
    """Run one backward from the outputs and describe every gradient in it. The graph can still be gone through.

    `start` has what backward starts from for each output, of its shape; `None` is ones. `alone` says that no one
    else holds tensors of this graph, so nothing need be put back.

    Raises:
        TracerError: torch refused the backward; with its words.
    """
    ends = [output for output in walked.outputs if output.node is not None]
    if not ends:
        return (), ()
    watch = _Watch(walked, nodes)
    hooks = watch.hooks()
    wanted = _sinks(walked, nodes)
    edges = [GradientEdge(walked.nodes[output.node], output.output_nr) for output in ends if output.node is not None]
    begin = [_start(nodes[end.node or 0], end.output_nr, given) for end, given in zip(ends, start, strict=True)]
    try:
        with contextlib.nullcontext() if alone else undisturbed(model):
            results = torch.autograd.grad(
                edges,
                [GradientEdge(walked.nodes[node], number) for node, number in wanted],
                begin,
                retain_graph=True,
                allow_unused=True,
            )
    except RuntimeError as error:
        raise TracerError(f"Backward can't run here: {str(error).splitlines()[0]}") from error
    finally:
        for hook in hooks:
            hook.remove()
    for place, tensor in zip(wanted, results, strict=True):
        watch.arrived(place, tensor)
    return watch.gradients(), watch.edge_gradients()


def _sinks(walked: Walked, nodes: Sequence[Node]) -> list[Place]:
    """List the outputs of all nodes that hand their gradient to no other: asking for these runs the whole graph."""
    consumers = {edge.consumer for edge in walked.edges}
    return [
        (node.index, number) for node in nodes if node.index not in consumers for number in range(len(node.outputs))
    ]


def _start(node: Node, number: int, given: torch.Tensor | None) -> torch.Tensor:
    if given is not None:
        return given
    spec = node.outputs[number]
    if spec.shape is None or spec.dtype is None:
        raise TracerError(
            "The shape of a traced tensor is not known, so backward has nothing to start from", cure="Pass start="
        )
    return torch.ones(spec.shape, dtype=getattr(torch, spec.dtype), device=spec.device)


class _Watch:
    """Collects what hooks see. `_meeting` holds what flowed towards one output until the whole of it arrives there."""

    def __init__(self, walked: Walked, nodes: Sequence[Node]) -> None:
        self._walked, self._nodes, self._budget = walked, nodes, Budget()
        self._fan_out = Counter((edge.producer, edge.output_nr) for edge in walked.edges)
        self._out: list[dict[int, int]] = [{} for _ in nodes]  # slot → edge, of each consumer
        for number, edge in enumerate(walked.edges):
            self._out[edge.consumer][edge.slot] = number
        self._meeting: dict[Place, list[tuple[int, torch.Tensor]]] = defaultdict(list)
        self._held = 0
        self._not_compared: set[Place] = set()
        self._gradients: dict[Place, Gradient] = {}
        self._edges: dict[int, EdgeGradient] = {}

    def hooks(self) -> list[torch.utils.hooks.RemovableHandle]:
        """Hang a hook before and one after every operation; a leaf's node does not run, its gradient is asked for."""
        handles = []
        for node, live in zip(self._nodes, self._walked.nodes, strict=True):
            if node.kind == "operation":
                handles.append(live.register_prehook(self._before(node.index)))
                handles.append(live.register_hook(self._after(node.index)))
        return handles

    def arrived(self, place: Place, tensor: torch.Tensor | None) -> None:
        """Describe the whole gradient at one output of a node, and the parts that it was summed from."""
        if place in self._gradients and tensor is None:
            return
        node = self._nodes[place[0]]
        spec = node.outputs[place[1]] if place[1] < len(node.outputs) else None
        self._gradients[place] = Gradient(
            *place,
            name=node.label if len(node.outputs) == 1 else None,
            shape=spec.shape if spec else None,
            dtype=spec.dtype if spec else None,
            state=_state(tensor),
            statistics=None if tensor is None else statistics(tensor),
            values=None if tensor is None else self._budget.values(tensor),
        )
        self._settle(place, tensor)

    def gradients(self) -> tuple[Gradient, ...]:
        """Give the gradient at every output of every node, inputs first."""
        for node in self._nodes:
            for number in range(len(node.outputs)):
                if (node.index, number) not in self._gradients:
                    self.arrived((node.index, number), None)
        return tuple(self._gradients[place] for place in sorted(self._gradients))

    def edge_gradients(self) -> tuple[EdgeGradient, ...]:
        """Give what flowed on each edge."""
        return tuple(
            self._edges.get(number) or EdgeGradient(number, self._shape(edge), "none")
            for number, edge in enumerate(self._walked.edges)
        )

    def _before(self, index: int) -> Callable[[Any], None]:
        def hook(arriving: Sequence[torch.Tensor | None]) -> None:
            for number, tensor in enumerate(arriving):
                self.arrived((index, number), tensor)

        return hook

    def _after(self, index: int) -> Callable[[Any, Any], None]:
        slots = self._out[index]

        def hook(leaving: Sequence[torch.Tensor | None], _arriving: Any) -> None:
            for slot, tensor in enumerate(leaving):
                if slot in slots and tensor is not None:
                    self._flowed(slots[slot], tensor.detach() if tensor.requires_grad else tensor)

        return hook

    def _flowed(self, number: int, tensor: torch.Tensor) -> None:
        """Hold a part until the whole arrives; where that would take too much memory, describe it now, uncompared."""
        edge = self._walked.edges[number]
        place = (edge.producer, edge.output_nr)
        if self._fan_out[place] > 1:
            size = tensor.numel() * tensor.element_size()
            if self._held + size > HELD_BYTES:
                self._not_compared.add(place)
                self._edges[number] = self._edge(number, tensor)
                return
            self._held += size
        self._meeting[place].append((number, tensor))

    def _settle(self, place: Place, whole: torch.Tensor | None) -> None:
        """Describe each part that came to this place, compare it with their sum, and let it go."""
        parts = self._meeting.pop(place, [])
        if self._fan_out[place] > 1:
            self._held -= sum(tensor.numel() * tensor.element_size() for _, tensor in parts)
        for number, tensor in parts:
            self._edges[number] = self._edge(number, tensor, self._gradients[place] if tensor is whole else None)
        if self._fan_out[place] == 1:
            for number, _ in parts:
                self._edges[number] = _whole(self._edges[number])
        elif place not in self._not_compared:
            for number, share, cosine in _compared(parts):
                self._edges[number] = msgspec.structs.replace(self._edges[number], share=share, cosine=cosine)

    def _edge(self, number: int, tensor: torch.Tensor, same: Gradient | None = None) -> EdgeGradient:
        told = same.statistics if same else statistics(tensor)
        values = same.values if same else self._budget.values(tensor)
        return EdgeGradient(number, tuple(tensor.shape), _state(tensor), told, values)

    def _shape(self, edge: Edge) -> tuple[int, ...] | None:
        outputs = self._nodes[edge.producer].outputs
        return outputs[edge.output_nr].shape if edge.output_nr < len(outputs) else None


def _state(tensor: torch.Tensor | None) -> State:
    return "none" if tensor is None else "measured" if has_data(tensor) else "not measured"


def _whole(edge: EdgeGradient) -> EdgeGradient:
    """Say of a part that nothing else came with that it is the whole sum."""
    known = edge.statistics is not None and 0 < edge.statistics.norm < math.inf
    return msgspec.structs.replace(edge, share=1.0, cosine=1.0) if known else edge


def _compared(parts: Sequence[tuple[int, torch.Tensor]]) -> Iterator[tuple[int, float | None, float | None]]:
    """Give each part's share of the sum, ⟨g, s⟩ / ⟨s, s⟩, and its cosine to it, ⟨g, s⟩ / (‖g‖·‖s‖)."""
    doubles = [_double(tensor) for _, tensor in parts if has_data(tensor)]
    if len(doubles) < len(parts) or not doubles:
        return
    total = sum(doubles[1:], doubles[0])
    square = _dot(total, total)
    for (number, _), part in zip(parts, doubles, strict=True):
        dot, own = _dot(part, total), _dot(part, part)
        known = math.isfinite(dot) and math.isfinite(own) and 0 < square < math.inf
        yield number, dot / square if known else None, dot / math.sqrt(own * square) if known and own > 0 else None


def _double(tensor: torch.Tensor) -> torch.Tensor:
    """Give all elements as one row of float64; of complex ones real and imaginary parts."""
    dense = tensor.to_dense() if tensor.layout is not torch.strided else tensor
    real = torch.view_as_real(dense.resolve_conj()) if dense.is_complex() else dense
    return real.flatten() if real.device.type == "mps" else real.flatten().to(torch.float64)


def _dot(a: torch.Tensor, b: torch.Tensor) -> float:
    return float(torch.dot(a, b))
