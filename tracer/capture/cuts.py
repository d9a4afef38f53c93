"""Finds where a graph is cut while it is recorded, and follows what was cut to the operations that used it.

An operation cuts the graph where it reads a tensor that autograd follows and gives one that it does not: `detach`,
anything under `no_grad`, `argmax`. What it gave is remembered, and so is all that is computed from it unrecorded,
until a recorded operation uses it: there the gradient would have gone on. Not seen are a new `nn.Parameter` of a
computed value and what comes back from another library (NumPy), which no torch function reports.
"""

from __future__ import annotations

import weakref
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

import torch

from tracer.capture.lines import Line, persons, source
from tracer.facts import Cut, CutKind
from tracer.graph import Edge, Node

if TYPE_CHECKING:
    from tracer.capture.notes import Call, Notes

Ends = Sequence[tuple[str, torch.Tensor]]

KINDS: Mapping[str, CutKind] = {
    "detach": "detach",
    "detach_": "detach",
    "data": "detach",
    "tensor": "copied",
    "new_tensor": "copied",
    "item": "left torch",
    "tolist": "left torch",
    "numpy": "left torch",
    "__array__": "left torch",
    "__float__": "left torch",
    "__int__": "left torch",
    "__index__": "left torch",
    "__complex__": "left torch",
}
LOOKS_ONLY = frozenset(  # they read no value of the tensor, or give back what autograd keeps beside it
    (
        *("empty_like", "full_like", "ones_like", "rand_like", "randint_like", "randn_like", "zeros_like"),
        *("grad", "new_empty", "new_empty_strided", "new_full", "new_ones", "new_zeros"),
    )
)
_SETS_GRAD_MODE = torch._C._set_grad_enabled
DETACHES = torch.Tensor.detach_  # it cuts its own argument off, which can't be seen afterwards


class LiveCut:
    """A place that cut the graph: its operation and kind, its line and module call, how often it ran, and the spans of
    autograd's numbers given out to what used its result."""

    __slots__ = ("call", "kind", "line", "operation", "spans", "times")

    def __init__(self, operation: str, kind: CutKind, line: Line | None, call: Call | None) -> None:
        self.operation, self.kind, self.line, self.call = operation, kind, line, call
        self.times, self.spans = 0, list[tuple[int, int]]()


class _Region:
    """A stretch without gradients: where it began, and the one cut that all its operations are."""

    __slots__ = ("call", "cut", "line")

    def __init__(self, line: Line | None, call: Call | None) -> None:
        self.line, self.call = line, call
        self.cut: LiveCut | None = None


Found = frozenset[LiveCut]


class Cuts:
    """Where the graph was cut so far, in the order in which it happened; `carried` are the tensors that came of it."""

    def __init__(self) -> None:
        self.carried: dict[int, tuple[weakref.ref[torch.Tensor], Found]] = {}
        self._found: dict[tuple[str, CutKind, Line | None, int | None], LiveCut] = {}
        self._region: _Region | None = None  # the `with no_grad()` that is open

    def __iter__(self) -> Iterator[LiveCut]:
        return iter(self._found.values())

    def used(self, start: int, end: int, args: Any, kwargs: Any) -> None:
        """Note which cuts a recorded operation would have handed its gradient on to; it has the numbers from start up
        to end."""
        for cut in self._carried_by(_tensors((args, kwargs))):
            cut.spans.append((start, end))

    def look(
        self, func: Any, args: Any, kwargs: Any, result: Any, detaches: bool, frame: FrameType, call: Call | None
    ) -> None:
        """Look at a function that autograd did not record: does it cut the graph, or carry on what was cut?

        `detaches` says that it cut its own argument off.
        """
        if func is _SETS_GRAD_MODE:
            self._region = None if args[0] else _Region(persons(frame), call)
            return
        with torch._C.DisableTorchFunctionSubclass():  # a person's own kind of tensor may refuse to be looked at
            read = list(_tensors((args, kwargs)))
            if not read:
                return
            given = [tensor for tensor in _given(func, args, result) if not tensor.requires_grad]
            cuts = self._carried_by(read) if self.carried else frozenset()
            if detaches or any(tensor.requires_grad for tensor in read):
                cuts |= self._cut(func, given, frame, call)
            if cuts:
                for tensor in given:
                    self._carry(tensor, cuts)

    def reaching(self, tensor: torch.Tensor) -> Found:
        """Give the cuts behind a tensor."""
        return self._carried_by([tensor])

    def _cut(self, func: Any, given: list[torch.Tensor], frame: FrameType, call: Call | None) -> Found:
        """Count one more run of the place that is running now, if it cuts."""
        operation = _name(func)
        kind = _kind(operation, given)
        if kind is None:
            return frozenset()
        if kind != "no_grad" or self._region is None:
            return frozenset([self._at(operation, kind, persons(frame), call)])
        if self._region.cut is None:
            self._region.cut = self._at(kind, kind, self._region.line, self._region.call)
        return frozenset([self._region.cut])

    def _at(self, operation: str, kind: CutKind, line: Line | None, call: Call | None) -> LiveCut:
        key = operation, kind, line, None if call is None else id(call.module)
        cut = self._found.setdefault(key, LiveCut(operation, kind, line, call))
        cut.times += 1
        return cut

    def _carry(self, tensor: torch.Tensor, cuts: Found) -> None:
        key = id(tensor)
        self.carried[key] = weakref.ref(tensor, lambda _: self.carried.pop(key, None)), cuts

    def _carried_by(self, tensors: Any) -> Found:
        found: Found = frozenset()
        for tensor in tensors:
            known = self.carried.get(id(tensor))
            if known is not None and not _has_graph(tensor):
                found |= known[1]
        return found


def told(notes: Notes, nodes: Sequence[Node], edges: Sequence[Edge], ends: Ends) -> tuple[Cut, ...]:
    """Tell of the cuts behind a graph and its traced tensors, in the order in which they happened; a value that left
    torch is told of as well, since it may have come back."""
    reached = _Reached(nodes, edges)
    became: defaultdict[LiveCut, list[str]] = defaultdict(list)
    for name, tensor in ends:
        for cut in notes.cuts.reaching(tensor):
            became[cut].append(name)
    every = (
        Cut(
            operation=cut.operation,
            kind=cut.kind,
            module=notes.path(cut.call),
            source=None if cut.line is None else source(cut.line),
            times=cut.times,
            nodes=reached.nodes(cut.spans),
            outputs=tuple(became[cut]),
        )
        for cut in notes.cuts
    )
    return tuple(cut for cut in every if cut.nodes or cut.outputs or cut.kind == "left torch")


class _Reached:
    """Finds nodes by autograd's numbers; of an operation that recorded several, those with an input without an edge."""

    def __init__(self, nodes: Sequence[Node], edges: Sequence[Edge]) -> None:
        tracked = Counter(edge.consumer for edge in edges)
        numbered = sorted((node.sequence, node.index) for node in nodes if node.sequence is not None)
        self._numbers = [number for number, _ in numbered]
        self._nodes = [index for _, index in numbered]
        self._open = {node.index for node in nodes if node.slots > tracked[node.index]}

    def nodes(self, spans: Sequence[tuple[int, int]]) -> tuple[int, ...]:
        found: set[int] = set()
        for start, end in spans:
            here = self._nodes[bisect_left(self._numbers, start) : bisect_left(self._numbers, end)]
            found.update([index for index in here if index in self._open] or here)
        return tuple(sorted(found))


def _kind(operation: str, given: list[torch.Tensor]) -> CutKind | None:
    """Say in what way an unrecorded operation on a tensor that autograd follows cuts the graph, if it does.

    A comparison does not count: it has no gradient that could be lost.
    """
    if operation in LOOKS_ONLY:
        return None
    known = KINDS.get(operation)
    if known is not None:
        return known
    if not given or all(tensor.dtype is torch.bool for tensor in given):
        return None
    if torch.is_inference_mode_enabled():
        return "inference_mode"
    return "not differentiable" if torch.is_grad_enabled() else "no_grad"


def _has_graph(tensor: torch.Tensor) -> bool:
    """Tell whether autograd follows a tensor after all: what a custom function computes unrecorded, it gives with a
    graph."""
    with torch._C.DisableTorchFunctionSubclass():
        return tensor.requires_grad and not tensor.is_leaf


def _name(func: Any) -> str:
    """Name a torch function: "detach"; of the getter of a property, the property."""
    name: str = getattr(func, "__name__", type(func).__name__)
    return func.__self__.__name__ if name == "__get__" else name


def _given(func: Any, args: Any, result: Any) -> list[torch.Tensor]:
    """Give the tensors that a function gave; of one that writes into its first argument, that one."""
    if result is None and args and getattr(func, "__name__", "") == "__setitem__":
        return [args[0]]
    return list(_tensors(result))


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    """Go through the tensors in what a function takes or gives: tuples, lists and dicts of them."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            if isinstance(item, torch.Tensor):
                yield item
            elif isinstance(item, tuple | list | dict):
                yield from _tensors(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item)
