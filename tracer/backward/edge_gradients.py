"""What flows back on every edge and into every leaf: one backward, watched by hooks, that leaves no trace.

Statistics are taken while gradients flow, so memory stays that of a backward: what flows towards an output is held
only until the whole arrives there, and where several parts meet only up to a limit.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Sequence, Set
from functools import partial
from itertools import accumulate
from typing import NamedTuple

import torch
from torch.autograd.graph import GradientEdge
from torch.autograd.graph import Node as LiveNode

from tracer.backward import hooked, reentrant
from tracer.backward.contributions import Measures, Meeting, Place
from tracer.backward.inner import grads_kept
from tracer.backward.reentrant import reach
from tracer.backward.samples import Samples, Told
from tracer.backward.undisturbed import undisturbed
from tracer.capture.nodes import known_shape
from tracer.capture.saved import is_packed
from tracer.capture.unseen import looking
from tracer.capture.walk import Walked, without_gc
from tracer.errors import LimitPassed, TracerError, is_out_of_memory
from tracer.facts import EdgeGradient, Gradient, State
from tracer.graph import Edge, Node, TensorSpec


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
    packed = is_packed(walked)
    # where no code of a person's runs, Python's collector need not look through all that is taken in between
    quiet = not packed and all(map(_is_torchs, walked.nodes))
    with contextlib.ExitStack() as until:
        if not alone:
            until.enter_context(undisturbed(packed))
            until.enter_context(grads_kept(walked))
        until.enter_context(without_gc(quiet))
        results = watch.over(partial(_backward, walked, places, extent.stops, begin))
    for place, tensor in zip(extent.stops, results, strict=True):
        watch.arrived(place, tensor)
    return watch.measured()


def _backward(
    walked: Walked, places: Sequence[Place], wanted: Sequence[Place], begin: Sequence[torch.Tensor]
) -> Sequence[torch.Tensor | None]:
    try:
        with torch._C._EnableTorchFunction():
            return torch.autograd.grad(
                [GradientEdge(walked.nodes[node], number) for node, number in places],
                [GradientEdge(walked.nodes[node], number) for node, number in wanted],
                begin,
                retain_graph=True,
                allow_unused=True,
            )
    except Exception as error:  # a custom backward or a hook may raise anything
        raise _refusal(error) from error


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


def _is_torchs(node: LiveNode) -> bool:
    """Tell whether what a node runs is torch's own, none of a person's in Python or C++ (which is a CppFunction)."""
    return type(node).__module__ == "builtins" and type(node).__name__ != "CppFunction"


class _Watch:
    """Collects what hooks see, and describes it."""

    def __init__(self, walked: Walked, nodes: Sequence[Node], hidden: Set[int]) -> None:
        self._walked, self._nodes, self._hidden, self._samples = walked, nodes, hidden, Samples()
        self.meeting = Meeting((edge.producer, edge.output_nr) for edge in walked.edges)
        counts = Counter(edge.consumer for edge in walked.edges)
        self._first = list(accumulate((counts[index] for index in range(len(nodes))), initial=0))  # edge of each node
        self._seen: set[int] = set()  # nodes whose gradient is looked at before they run
        self._wholes: dict[Place, Told] = {}
        self._parts: dict[int, tuple[Told, Measures]] = {}
        self._versions: dict[int, int] = {}
        self._hooked: list[Place] = []

    def over(self, backward: Callable[[], Sequence[torch.Tensor | None]]) -> Sequence[torch.Tensor | None]:
        """Run a backward, with a hook after every operation; a leaf's node does not run, its gradient is asked for.

        Where parts wait to be compared, and where a person's own backward may write into what it is given, there is
        one before it too, so that they are let go, and seen, before it runs.
        """
        handles: list[torch.utils.hooks.RemovableHandle] = []
        try:
            with without_gc():
                for node, live in zip(self._nodes, self._walked.nodes, strict=True):
                    if node.kind == "leaf":
                        continue
                    if self.meeting.meets(node.index, len(node.outputs)) or not _is_torchs(live):
                        self._seen.add(node.index)
                        handles.append(live.register_prehook(partial(self._arrive, node.index)))
                    handles.append(live.register_hook(partial(self._ran, node.index)))
            return backward()
        finally:
            for handle in handles:
                handle.remove()

    def arrived(self, place: Place, whole: torch.Tensor | None) -> None:
        """Take the whole gradient at one output of a node, and the parts that it was summed from."""
        if whole is None or place in self._wholes:
            return
        told = self._wholes[place] = self._samples.take(whole)
        if not hooked.adds_up(self.meeting.held(place), whole):
            self._hooked.append(place)
        for number, tensor, measures in self.meeting.settle(place):
            self._parts[number] = self._part(number, tensor, told if tensor is whole else None), measures

    def measured(self) -> Measured:
        """Give what flowed at every output and on every edge, inputs first."""
        for number, tensor in self.meeting.leave():
            self._parts[number] = self._part(number, tensor), (None, None)
        self._samples.finish()
        return Measured(
            tuple(self._gradient(node, nr, spec) for node in self._nodes for nr, spec in enumerate(node.outputs)),
            tuple(self._edge(number, edge) for number, edge in enumerate(self._walked.edges)),
            (*([reentrant.NOTE] if self._hidden else []), *hooked.note(self._nodes, self._hooked)),
        )

    def _arrive(self, index: int, arriving: Sequence[torch.Tensor | None]) -> None:
        with looking():
            for number, tensor in enumerate(arriving[: len(self._nodes[index].outputs)]):
                self.arrived((index, number), tensor)

    def _ran(self, index: int, leaving: Sequence[torch.Tensor | None], arriving: Sequence[torch.Tensor | None]) -> None:
        if index not in self._seen:
            self._arrive(index, arriving)
        with looking():
            for number in range(self._first[index], self._first[index + 1]):
                edge = self._walked.edges[number]
                tensor = leaving[edge.slot] if edge.slot < len(leaving) else None
                if tensor is not None:
                    self._flowed(number, edge, tensor.detach() if tensor.requires_grad else tensor)

    def _flowed(self, number: int, edge: Edge, tensor: torch.Tensor) -> None:
        self._versions[number] = _version(tensor)
        if not self.meeting.hold((edge.producer, edge.output_nr), number, tensor):
            self._parts[number] = self._part(number, tensor), (None, None)

    def _part(self, number: int, tensor: torch.Tensor, same: Told | None = None) -> Told:
        """Tell of a part that came on an edge; `same` is told of the very tensor already."""
        if self._versions.pop(number) == _version(tensor):
            return same or self._samples.take(tensor)
        edge = self._walked.edges[number]  # a hook wrote into it, so what flowed is lost
        self._hooked.append((edge.producer, edge.output_nr))
        return Told(known_shape(tensor), "not measured")

    def _missing(self, index: int) -> State:
        return "not measured" if index in self._hidden else "none"

    def _gradient(self, node: Node, number: int, spec: TensorSpec) -> Gradient:
        told = self._wholes.get((node.index, number)) or Told(None, self._missing(node.index))
        name = node.label if len(node.outputs) == 1 else None
        return Gradient(node.index, number, name, spec.shape, spec.dtype, told.state, told.statistics, told.values)

    def _edge(self, number: int, edge: Edge) -> EdgeGradient:
        if number not in self._parts:
            outputs = self._nodes[edge.producer].outputs
            shape = outputs[edge.output_nr].shape if edge.output_nr < len(outputs) else None
            return EdgeGradient(number, shape, self._missing(edge.producer))
        told, (share, cosine) = self._parts[number]
        if told.statistics is None or not 0 < told.statistics.norm < math.inf:
            share = cosine = None
        return EdgeGradient(number, told.shape, told.state, told.statistics, told.values, share, cosine)


def _version(tensor: torch.Tensor) -> int:
    return -1 if tensor.is_inference() else tensor._version
