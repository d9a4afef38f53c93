"""What flows back on every edge and into every leaf: one backward, watched by hooks, that leaves no trace.

Statistics are taken while gradients flow, so memory stays that of a backward: what flows towards an output is held
only until the whole arrives there, and where several parts meet only up to a limit.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence, Set
from typing import Any, NamedTuple

import msgspec
import torch
from torch.autograd.graph import GradientEdge

from tracer.backward import hooked, reentrant
from tracer.backward.contributions import Meeting, Place
from tracer.backward.inner import grads_kept
from tracer.backward.reentrant import reach
from tracer.backward.statistics import Budget, has_data, statistics
from tracer.backward.undisturbed import undisturbed
from tracer.capture.nodes import known_shape
from tracer.capture.unseen import looking
from tracer.capture.walk import Walked
from tracer.errors import LimitPassed, TracerError, is_out_of_memory
from tracer.facts import EdgeGradient, Gradient, State
from tracer.graph import Edge, Node


class Measured(NamedTuple):
    """What flowed: the gradient at every output of every node, that on every edge, and what must be said of them."""

    gradients: tuple[Gradient, ...]
    edge_gradients: tuple[EdgeGradient, ...]
    notes: tuple[str, ...] = ()


def measure(
    walked: Walked, nodes: Sequence[Node], start: Sequence[torch.Tensor | None], *, alone: bool = False
) -> Measured:
    """Run one backward from the outputs and describe every gradient in it. The graph can still be gone through.

    `start` has what backward starts from for each output, of its shape; `None` is ones. `alone` says that no one
    else holds tensors of this graph, so nothing need be put back. What lies behind a reentrant checkpoint, which runs
    only in a backward that writes `.grad`, is not measured.

    Raises:
        TracerError: torch, or a person's own backward or hook, refused; with its words.
    """
    ends = [output for output in walked.outputs if output.node is not None]
    extent = reach(nodes, walked.edges)
    watch = _Watch(walked, nodes, extent.hidden)
    if not ends:
        return watch.measured()
    places = [(end.node or 0, end.output_nr) for end in ends]
    begin = [_start(nodes[node], number, given) for (node, number), given in zip(places, start, strict=True)]
    watch.meeting.start(list(zip(places, begin, strict=True)))
    hooks = watch.hooks()
    try:
        with contextlib.ExitStack() as until:
            for guard in () if alone else (undisturbed, grads_kept):
                until.enter_context(guard(walked))
            until.enter_context(torch._C._EnableTorchFunction())
            results = torch.autograd.grad(
                [GradientEdge(walked.nodes[node], number) for node, number in places],
                [GradientEdge(walked.nodes[node], number) for node, number in extent.stops],
                begin,
                retain_graph=True,
                allow_unused=True,
            )
    except Exception as error:  # a custom backward or a hook may raise anything
        raise _refusal(error) from error
    finally:
        for hook in hooks:
            hook.remove()
    for place, tensor in zip(extent.stops, results, strict=True):
        watch.arrived(place, tensor)
    return watch.measured()


def _refusal(error: Exception) -> TracerError:
    text = str(error).strip().partition("\n")[0]
    if is_out_of_memory(error):
        return LimitPassed(f"Backward needs more memory than there is: {text}", cure="Use smaller tensors")
    if "wrong index for variant" in text:  # torch's words where a strided nested tensor is asked for its one shape
        return TracerError(
            "torch can't be asked for gradients of strided nested tensors", cure="Use layout=torch.jagged"
        )
    if type(error) is RuntimeError and text:
        return TracerError(f"Backward can't run here: {text}")
    return TracerError(f"Backward can't run here: {type(error).__name__}{': ' if text else ''}{text}")


def _start(node: Node, number: int, given: torch.Tensor | None) -> torch.Tensor:
    if given is not None:
        return given
    spec = node.outputs[number]
    if spec.shape is None or spec.dtype is None:
        raise TracerError(
            "The shape of a traced tensor is not known, so backward has nothing to start from", cure="Pass start="
        )
    return torch.ones((), dtype=getattr(torch, spec.dtype), device=spec.device).expand(spec.shape)


class _Watch:
    """Collects what hooks see, and describes it."""

    def __init__(self, walked: Walked, nodes: Sequence[Node], hidden: Set[int]) -> None:
        self._walked, self._nodes, self._hidden, self._budget = walked, nodes, hidden, Budget()
        self.meeting = Meeting((edge.producer, edge.output_nr) for edge in walked.edges)
        self._out: list[dict[int, int]] = [{} for _ in nodes]  # slot → edge, of each consumer
        for number, edge in enumerate(walked.edges):
            self._out[edge.consumer][edge.slot] = number
        self._gradients: dict[Place, Gradient] = {}
        self._edges: dict[int, EdgeGradient] = {}
        self._versions: dict[int, int] = {}
        self._hooked: list[Place] = []

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
        if tensor is None or place in self._gradients:
            return
        self._gradients[place] = msgspec.structs.replace(
            self._gradient(place, _state(tensor)), statistics=statistics(tensor), values=self._budget.values(tensor)
        )
        self._settle(place, tensor)

    def measured(self) -> Measured:
        """Give what flowed at every output and on every edge, inputs first."""
        for number, tensor in self.meeting.leave():
            self._edges[number] = self._edge(number, tensor)
        every = ((node.index, number) for node in self._nodes for number in range(len(node.outputs)))
        return Measured(
            tuple(self._gradients.get(place) or self._gradient(place, self._missing(place[0])) for place in every),
            tuple(
                self._edges.get(number) or EdgeGradient(number, self._shape(edge), self._missing(edge.producer))
                for number, edge in enumerate(self._walked.edges)
            ),
            (*([reentrant.NOTE] if self._hidden else []), *hooked.note(self._nodes, self._hooked)),
        )

    def _missing(self, index: int) -> State:
        return "not measured" if index in self._hidden else "none"

    def _gradient(self, place: Place, state: State) -> Gradient:
        node = self._nodes[place[0]]
        spec = node.outputs[place[1]]
        return Gradient(*place, node.label if len(node.outputs) == 1 else None, spec.shape, spec.dtype, state)

    def _before(self, index: int) -> Callable[[Any], None]:
        def hook(arriving: Sequence[torch.Tensor | None]) -> None:
            with looking():
                for number, tensor in enumerate(arriving[: len(self._nodes[index].outputs)]):
                    self.arrived((index, number), tensor)

        return hook

    def _after(self, index: int) -> Callable[[Any, Any], None]:
        slots = self._out[index]

        def hook(leaving: Sequence[torch.Tensor | None], _arriving: Any) -> None:
            with looking():
                for slot, tensor in enumerate(leaving):
                    if slot in slots and tensor is not None:
                        self._flowed(slots[slot], tensor.detach() if tensor.requires_grad else tensor)

        return hook

    def _flowed(self, number: int, tensor: torch.Tensor) -> None:
        edge = self._walked.edges[number]
        self._versions[number] = _version(tensor)
        if not self.meeting.hold((edge.producer, edge.output_nr), number, tensor):
            self._edges[number] = self._edge(number, tensor)

    def _settle(self, place: Place, whole: torch.Tensor) -> None:
        """Describe each part that came to this place; one that is the whole has its statistics already."""
        if not hooked.adds_up(self.meeting.held(place), whole):
            self._hooked.append(place)
        for number, tensor, measures in self.meeting.settle(place):
            edge = self._edge(number, tensor, self._gradients[place] if tensor is whole else None)
            if edge.statistics is not None and 0 < edge.statistics.norm < math.inf:
                edge = msgspec.structs.replace(edge, share=measures[0], cosine=measures[1])
            self._edges[number] = edge

    def _edge(self, number: int, tensor: torch.Tensor, same: Gradient | None = None) -> EdgeGradient:
        if self._versions.pop(number) != _version(tensor):  # a hook wrote into it, so what flowed is lost
            edge = self._walked.edges[number]
            self._hooked.append((edge.producer, edge.output_nr))
            return EdgeGradient(number, known_shape(tensor), "not measured")
        told = same.statistics if same else statistics(tensor)
        values = same.values if same else self._budget.values(tensor)
        return EdgeGradient(number, known_shape(tensor), _state(tensor), told, values)

    def _shape(self, edge: Edge) -> tuple[int, ...] | None:
        outputs = self._nodes[edge.producer].outputs
        return outputs[edge.output_nr].shape if edge.output_nr < len(outputs) else None


def _version(tensor: torch.Tensor) -> int:
    return -1 if tensor.is_inference() else tensor._version


def _state(tensor: torch.Tensor) -> State:
    return "measured" if has_data(tensor) else "not measured"
