"""What flows back on every edge and into every leaf: one backward, watched by hooks, that leaves no trace.

Statistics are taken while gradients flow, so memory stays that of a backward: what flows towards an output is held
only until the whole arrives there, and where several parts meet only up to a limit.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate

import torch
from torch.autograd.graph import GradientEdge
from torch.autograd.graph import Node as LiveNode

from tracer.backward.contributions import Measures, Meeting, Place
from tracer.backward.samples import Samples, Told
from tracer.backward.undisturbed import undisturbed
from tracer.capture.saved import is_packed
from tracer.capture.walk import Walked, without_gc
from tracer.errors import LimitPassed, TracerError, is_out_of_memory
from tracer.facts import EdgeGradient, Gradient, State
from tracer.graph import Edge, Node, TensorSpec


def measure(
    walked: Walked, nodes: Sequence[Node], start: Sequence[torch.Tensor | None], *, alone: bool = False
) -> tuple[tuple[Gradient, ...], tuple[EdgeGradient, ...]]:
    """Run one backward from the outputs and describe every gradient in it. The graph can still be gone through.

    `start` has what backward starts from for each output, of its shape; `None` is ones. `alone` says that no one
    else holds tensors of this graph, so nothing need be put back. A graph through a reentrant checkpoint, which runs
    only in a backward that writes `.grad`, is not measured.

    Raises:
        TracerError: torch, or a person's own backward or hook, refused; with its words.
    """
    ends = [output for output in walked.outputs if output.node is not None]
    watch = _Watch(walked, nodes)
    if not ends or is_reentrant(nodes):
        return watch.gradients("not measured"), watch.edge_gradients("not measured")
    places = [(end.node or 0, end.output_nr) for end in ends]
    begin = [_start(nodes[node], number, given) for (node, number), given in zip(places, start, strict=True)]
    watch.meeting.start(list(zip(places, begin, strict=True)))
    wanted, packed = _sinks(walked, nodes), is_packed(walked)
    # where no code of a person's runs, Python's collector need not look through all that is taken in between
    quiet = not packed and all(map(_is_torchs, walked.nodes))
    with contextlib.nullcontext() if alone else undisturbed(walked, packed), without_gc(quiet):
        results = watch.over(partial(_backward, walked, places, wanted, begin))
    for place, tensor in zip(wanted, results, strict=True):
        watch.arrived(place, tensor)
    watch.finish()
    return watch.gradients(), watch.edge_gradients()


def _backward(
    walked: Walked, places: Sequence[Place], wanted: Sequence[Place], begin: Sequence[torch.Tensor]
) -> Sequence[torch.Tensor | None]:
    try:
        return torch.autograd.grad(
            [GradientEdge(walked.nodes[node], number) for node, number in places],
            [GradientEdge(walked.nodes[node], number) for node, number in wanted],
            begin,
            retain_graph=True,
            allow_unused=True,
        )
    except Exception as error:  # a custom backward or a hook may raise anything
        raise _refusal(error) from error


def is_reentrant(nodes: Sequence[Node]) -> bool:
    """Tell whether a graph goes through a reentrant checkpoint."""
    return any(node.name == "CheckpointFunctionBackward" for node in nodes)


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


def _is_torchs(node: LiveNode) -> bool:
    """Tell whether what a node runs is torch's own, none of a person's in Python or C++ (which is a CppFunction)."""
    return type(node).__module__ == "builtins" and type(node).__name__ != "CppFunction"


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
    return torch.ones((), dtype=getattr(torch, spec.dtype), device=spec.device).expand(spec.shape)


class _Watch:
    """Collects what hooks see, and describes it."""

    def __init__(self, walked: Walked, nodes: Sequence[Node]) -> None:
        self._walked, self._nodes, self._samples = walked, nodes, Samples()
        self.meeting = Meeting((edge.producer, edge.output_nr) for edge in walked.edges)
        counts = Counter(edge.consumer for edge in walked.edges)
        self._first = list(accumulate((counts[index] for index in range(len(nodes))), initial=0))  # edge of each node
        self._seen: set[int] = set()  # nodes whose gradient is looked at before they run
        self._wholes: dict[Place, Told] = {}
        self._parts: dict[int, tuple[Told, Measures]] = {}

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
        if whole is None:
            return
        told = self._wholes[place] = self._samples.take(whole)
        for number, tensor, measures in self.meeting.settle(place):
            self._parts[number] = told if tensor is whole else self._samples.take(tensor), measures

    def finish(self) -> None:
        """Complete what was taken."""
        self._samples.finish()

    def gradients(self, otherwise: State = "none") -> tuple[Gradient, ...]:
        """Give the gradient at every output of every node, inputs first; `otherwise` is the state of the rest."""
        return tuple(
            self._gradient(node, number, spec, otherwise)
            for node in self._nodes
            for number, spec in enumerate(node.outputs)
        )

    def edge_gradients(self, otherwise: State = "none") -> tuple[EdgeGradient, ...]:
        """Give what flowed on each edge; `otherwise` is the state of the rest."""
        return tuple(self._edge(number, edge, otherwise) for number, edge in enumerate(self._walked.edges))

    def _arrive(self, index: int, arriving: Sequence[torch.Tensor | None]) -> None:
        for number, tensor in enumerate(arriving[: len(self._nodes[index].outputs)]):
            self.arrived((index, number), tensor)

    def _ran(self, index: int, leaving: Sequence[torch.Tensor | None], arriving: Sequence[torch.Tensor | None]) -> None:
        if index not in self._seen:
            self._arrive(index, arriving)
        for number in range(self._first[index], self._first[index + 1]):
            edge = self._walked.edges[number]
            tensor = leaving[edge.slot] if edge.slot < len(leaving) else None
            if tensor is not None:
                self._flowed(number, edge, tensor.detach() if tensor.requires_grad else tensor)

    def _flowed(self, number: int, edge: Edge, tensor: torch.Tensor) -> None:
        if not self.meeting.hold((edge.producer, edge.output_nr), number, tensor):
            self._parts[number] = self._samples.take(tensor), (None, None)

    def _gradient(self, node: Node, number: int, spec: TensorSpec, otherwise: State) -> Gradient:
        told = self._wholes.get((node.index, number))
        state, found, values = (told.state, told.statistics, told.values) if told else (otherwise, None, None)
        name = node.label if len(node.outputs) == 1 else None
        return Gradient(node.index, number, name, spec.shape, spec.dtype, state, found, values)

    def _edge(self, number: int, edge: Edge, otherwise: State) -> EdgeGradient:
        if number not in self._parts:
            outputs = self._nodes[edge.producer].outputs
            shape = outputs[edge.output_nr].shape if edge.output_nr < len(outputs) else None
            return EdgeGradient(number, shape, otherwise)
        told, (share, cosine) = self._parts[number]
        if told.statistics is None or not 0 < told.statistics.norm < math.inf:
            share = cosine = None
        return EdgeGradient(number, told.shape, told.state, told.statistics, told.values, share, cosine)
