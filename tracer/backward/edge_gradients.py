"""What flows back on every edge and into every leaf: one backward, watched by hooks, that leaves no trace.

Statistics are taken while gradients flow, so memory stays that of a backward: what flows towards an output is held
only until the whole arrives there, and where several parts meet only up to a limit.
"""

from __future__ import annotations

import contextlib
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence, Set
from functools import partial
from itertools import accumulate
from typing import NamedTuple

import torch
from torch.autograd.graph import GradientEdge

from tracer.backward import contributions, hooked, reentrant
from tracer.backward.contributions import ALL, START, UNKNOWN, Measures, Meeting, Part, Place
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
    places = [(end.node or 0, end.output_nr) for end in ends]
    watch = _Watch(walked, nodes, extent.hidden, places)
    if not ends:
        return watch.measured()
    begin = [_start(nodes[node], number, given) for (node, number), given in zip(places, start, strict=True)]
    watch.start(begin)
    packed = is_packed(walked)
    # where no code of a person's runs, Python's collector need not look through all that is taken in between
    quiet = not packed and all(map(_is_torchs, set(map(type, walked.nodes))))
    with without_gc(quiet):
        with contextlib.ExitStack() as until:
            if not alone:
                until.enter_context(undisturbed(packed))
                until.enter_context(grads_kept(walked))
            results = watch.over(partial(_backward, walked, places, extent.stops, begin))
        for (node, number), tensor in zip(extent.stops, results, strict=True):
            watch.arrived(watch.places[node] + number, tensor)
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


def _is_torchs(kind: type) -> bool:
    """Tell whether what nodes of a type run is torch's own, none of a person's in Python or C++ (a CppFunction)."""
    return kind.__module__ == "builtins" and kind.__name__ != "CppFunction"


class _Watch:
    """Collects what hooks see, and describes it. Places, where gradients arrive, are numbered: those of a node, one for
    each of its outputs, follow one another from `places[node]`."""

    def __init__(self, walked: Walked, nodes: Sequence[Node], hidden: Set[int], starts: Sequence[Place]) -> None:
        self._walked, self._nodes, self._hidden, self._starts = walked, nodes, hidden, starts
        self._samples = Samples()
        self.places, self._edges = _numbered(nodes, walked.edges)
        self._towards = [self.places[edge.producer] + edge.output_nr for edge in walked.edges]  # place of each edge
        self._expected = [0] * self.places[-1]
        for place in [*self._towards, *(self.places[node] + number for node, number in starts)]:
            self._expected[place] += 1
        self._meeting = Meeting(self._expected)
        self._seen: set[int] = set()  # nodes whose gradient is looked at before they run
        self._wholes: list[Told | None] = [None] * len(self._expected)
        self._parts: list[tuple[Told, Measures] | None] = [None] * len(walked.edges)
        self._hooked: set[int] = set()

    def start(self, begin: Sequence[torch.Tensor]) -> None:
        """Take what backward starts from at the traced outputs: a part of their gradients that comes on no edge."""
        for (node, number), tensor in zip(self._starts, begin, strict=True):
            self._meeting.hold(self.places[node] + number, (START, tensor, _version(tensor)))

    def over(self, backward: Callable[[], Sequence[torch.Tensor | None]]) -> Sequence[torch.Tensor | None]:
        """Run a backward, with a hook after every operation; a leaf's node does not run, its gradient is asked for.

        Where parts wait to be compared, and where a person's own backward may write into what it is given, there is
        one before it too, so that they are let go, and seen, before it runs.
        """
        handles: list[torch.utils.hooks.RemovableHandle] = []
        self._seen.update(self._joins(), self._persons())
        try:
            with without_gc():
                for index, live in enumerate(self._walked.nodes):
                    if self._nodes[index].kind == "operation":
                        if index in self._seen:
                            handles.append(live.register_prehook(partial(self._before, index)))
                        handles.append(live.register_hook(partial(self._ran, index)))
            return backward()
        finally:
            for handle in handles:
                handle.remove()

    def _joins(self) -> Iterator[int]:
        """List the nodes at which several parts meet."""
        return (bisect_right(self.places, place) - 1 for place, count in enumerate(self._expected) if count > 1)

    def _persons(self) -> Iterator[int]:
        """List the nodes that run a person's own backward."""
        kinds = {kind for kind in set(map(type, self._walked.nodes)) if not _is_torchs(kind)}
        return (index for index, live in enumerate(self._walked.nodes if kinds else ()) if type(live) in kinds)

    def _before(self, index: int, arriving: Sequence[torch.Tensor | None]) -> None:
        with looking():
            self._arrive(index, arriving)

    def _ran(self, index: int, leaving: Sequence[torch.Tensor | None], arriving: Sequence[torch.Tensor | None]) -> None:
        edges, towards, hold = self._walked.edges, self._towards, self._meeting.hold
        with looking():
            if index not in self._seen:
                self._arrive(index, arriving)
            for number in range(self._edges[index], self._edges[index + 1]):
                slot = edges[number].slot
                tensor = leaving[slot] if slot < len(leaving) else None
                if tensor is not None:
                    tensor = tensor.detach() if tensor.requires_grad else tensor
                    part = number, tensor, _version(tensor)
                    if not hold(towards[number], part):
                        self._describe(part, UNKNOWN)

    def _arrive(self, index: int, arriving: Sequence[torch.Tensor | None]) -> None:
        place = self.places[index]
        for tensor in arriving[: self.places[index + 1] - place]:
            self.arrived(place, tensor)
            place += 1

    def arrived(self, place: int, whole: torch.Tensor | None) -> None:
        """Take the whole gradient at a place, and the parts that it was summed from."""
        if whole is None or self._wholes[place] is not None:
            return
        told = self._wholes[place] = self._samples.take(whole)
        if self._expected[place] > 1:
            self._settle(place, whole)
        elif (part := self._meeting.alone.pop(place, None)) is not None:
            same = part[1] is whole
            if not same and not hooked.adds_up([part[1]], whole):
                self._hooked.add(place)
            self._describe(part, ALL, told if same else None)

    def _settle(self, place: int, whole: torch.Tensor) -> None:
        """Compare the parts that met with their sum."""
        parts, complete = self._meeting.settle(place)
        tensors = [tensor for _, tensor, _ in parts]
        if complete and not hooked.adds_up(tensors, whole):
            self._hooked.add(place)
        measures = contributions.compare(tensors) if complete else [UNKNOWN] * len(parts)
        for part, found in zip(parts, measures, strict=True):
            self._describe(part, found)

    def _describe(self, part: Part, measures: Measures, same: Told | None = None) -> None:
        """Tell of a part that came on an edge; `same` is told of the very tensor already."""
        number, tensor, version = part
        if number == START:
            return
        if version == _version(tensor):
            self._parts[number] = same or self._samples.take(tensor), measures
        else:  # a hook wrote into it, so what flowed is lost
            self._hooked.add(self._towards[number])
            self._parts[number] = Told(known_shape(tensor), "not measured"), measures

    def measured(self) -> Measured:
        """Give what flowed at every output and on every edge, inputs first."""
        for part in self._meeting.leave():
            self._describe(part, UNKNOWN)
        self._samples.finish()
        return Measured(
            tuple(gradient for node in self._nodes for gradient in self._gradients(node)),
            tuple(map(self._edge, range(len(self._parts)), self._parts, self._walked.edges)),
            (*([reentrant.NOTE] if self._hidden else []), *hooked.note(self._nodes, self._changed())),
        )

    def _changed(self) -> list[Place]:
        """List the places where hooks changed gradients, as nodes and outputs."""
        nodes = [bisect_right(self.places, place) - 1 for place in sorted(self._hooked)]
        return [(node, place - self.places[node]) for node, place in zip(nodes, sorted(self._hooked), strict=True)]

    def _missing(self, index: int) -> State:
        return "not measured" if index in self._hidden else "none"

    def _gradients(self, node: Node) -> Iterator[Gradient]:
        name = node.label if len(node.outputs) == 1 else None
        for number, spec in enumerate(node.outputs):
            told = self._wholes[self.places[node.index] + number] or Told(None, self._missing(node.index))
            yield Gradient(node.index, number, name, spec.shape, spec.dtype, told.state, told.statistics, told.values)

    def _edge(self, number: int, part: tuple[Told, Measures] | None, edge: Edge) -> EdgeGradient:
        if part is None:
            outputs = self._nodes[edge.producer].outputs
            shape = outputs[edge.output_nr].shape if edge.output_nr < len(outputs) else None
            return EdgeGradient(number, shape, self._missing(edge.producer))
        told, (share, cosine) = part
        if told.statistics is None or not 0 < told.statistics.norm < math.inf:
            share = cosine = None
        return EdgeGradient(number, told.shape, told.state, told.statistics, told.values, share, cosine)


def _numbered(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[list[int], list[int]]:
    """Number the places of all nodes, and find the first edge of each; the last number is that of all."""
    outputs = [len(node.outputs) for node in nodes]
    slots = [0] * len(nodes)
    for edge in edges:
        slots[edge.consumer] += 1
        if edge.output_nr >= outputs[edge.producer]:  # what a node keeps of its outputs may tell of fewer
            outputs[edge.producer] = edge.output_nr + 1
    return list(accumulate(outputs, initial=0)), list(accumulate(slots, initial=0))


def _version(tensor: torch.Tensor) -> int:
    try:
        return tensor._version
    except RuntimeError:  # a tensor of inference mode has none
        return -1
