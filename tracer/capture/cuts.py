"""Finds where a graph is cut while it is recorded, and follows what was cut to the operations that used it.

An operation cuts the graph where it reads a tensor that autograd follows and gives one that it does not: `detach`,
anything under `no_grad`, `argmax`. What it gave is remembered, and so is all that is computed from it unrecorded,
until a recorded operation uses it: there the gradient would have gone on. Not seen is what comes back from another
library (NumPy), which no torch function reports.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.checkpoint import CheckpointFunction

from tracer.capture.lines import Line, persons
from tracer.capture.reads import SWITCHES, Reads
from tracer.facts import CutKind

if TYPE_CHECKING:
    from tracer.capture.notes import Call

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
CHECKPOINT, PARAMETER = "checkpoint", "Parameter"
_CHECKPOINT = CheckpointFunction.forward.__code__
_NEAR = 4  # frames between a `with no_grad()` and the function that switches
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
    """A stretch without gradients: what began it and where, and the one cut that all its operations are."""

    __slots__ = ("call", "cut", "line", "name")

    def __init__(self, name: str, line: Line | None, call: Call | None) -> None:
        self.name, self.line, self.call = name, line, call
        self.cut: LiveCut | None = None


Found = frozenset[LiveCut]


class Cuts:
    """Where the graph was cut so far, in the order in which it happened; `carried` are the tensors that came of it.

    `reads` follows which leaves everything is made of, where that was asked for: it takes as long again as the rest.
    """

    def __init__(self, reads: Reads | None = None) -> None:
        self.reads = reads
        self.carried: dict[int, tuple[weakref.ref[torch.Tensor], Found]] = {}
        self._found: dict[tuple[str, CutKind, Line | None, int | None], LiveCut] = {}
        self._region: _Region | None = None  # the `with no_grad()` that is open

    def __iter__(self) -> Iterator[LiveCut]:
        return iter(self._found.values())

    def recorded(
        self,
        func: Any,
        args: Any,
        kwargs: Any,
        result: Any,
        numbers: tuple[int, int],
        line: Line | None,
        call: Call | None,
    ) -> None:
        """Note what an operation that autograd recorded read, and which cuts it would have handed its gradient on to;
        it has the numbers from the first of `numbers` up to the second."""
        with torch._C.DisableTorchFunctionSubclass():
            read = list(_tensors((args, kwargs)))
            if self.reads is not None:
                mask = self.reads.read(read, _name(func), line, call, "recorded")
                if mask:
                    self.reads.made((result,) if isinstance(result, torch.Tensor) else _given(func, args, result), mask)
            if self.carried:
                for cut in self._carried_by(tensor for tensor in read if not tensor.requires_grad):
                    cut.spans.append(numbers)

    def look(
        self, func: Any, args: Any, kwargs: Any, result: Any, detaches: bool, frame: FrameType, call: Call | None
    ) -> None:
        """Look at a function that autograd did not record: does it cut the graph, or carry on what was cut?

        `detaches` says that it cut its own argument off.
        """
        if func is _SETS_GRAD_MODE:
            self._region = None if args[0] else _Region(_region_name(frame), persons(frame), call)
            return
        with torch._C.DisableTorchFunctionSubclass():  # a person's own kind of tensor may refuse to be looked at
            read = list(_tensors((args, kwargs)))
            if not read:
                return
            if self.reads is not None and func in SWITCHES:
                self.reads.switched(read[0], persons(frame))
                return
            given = [tensor for tensor in _given(func, args, result) if not tensor.requires_grad]
            mask = 0 if self.reads is None else self._read(self.reads, func, read, given, frame, call)
            cuts = self._carried_by(read) if self.carried else frozenset()
            if detaches or any(tensor.requires_grad for tensor in read) or (cuts and _leaves_torch(func)):
                found = self._cut(func, given, frame, call)
                if self.reads is not None:
                    self.reads.cut_off(found, mask)
                cuts |= found
            if cuts:
                for tensor in given:
                    self._carry(tensor, cuts)

    def made_a_parameter(self, data: torch.Tensor, made: torch.Tensor, frame: FrameType, call: Call | None) -> None:
        """Look at a new `nn.Parameter`: made of a computed tensor, it has the numbers and not the history."""
        with torch._C.DisableTorchFunctionSubclass():
            if data.requires_grad and not data.is_leaf:
                cuts = frozenset([self._at(PARAMETER, "copied", persons(frame), call)])
                if self.reads is not None:
                    self.reads.cut_off(cuts, self.reads.mask(data))
                self._carry(made, cuts)

    def reaching(self, tensor: torch.Tensor) -> Found:
        """Give the cuts behind a tensor."""
        return self._carried_by([tensor])

    @staticmethod
    def _read(
        reads: Reads,
        func: Any,
        read: list[torch.Tensor],
        given: list[torch.Tensor],
        frame: FrameType,
        call: Call | None,
    ) -> int:
        """Note what an unrecorded operation made of what, and which parameters it read; give the leaves behind it."""
        mask = 0
        for tensor in read:
            mask |= reads.mask(tensor)
        if given and _name(func) not in LOOKS_ONLY:
            if mask:
                reads.made(given, mask)
            still = [tensor for tensor in read if tensor is not given[0]]
            if any(isinstance(tensor, torch.nn.Parameter) for tensor in still):
                reads.read(still, _name(func), persons(frame), call, "not recorded")
        return mask

    def _cut(self, func: Any, given: list[torch.Tensor], frame: FrameType, call: Call | None) -> Found:
        """Count one more run of the place that is running now, if it cuts."""
        operation = _name(func)
        kind = kind_of(operation, given)
        if kind is None:
            return frozenset()
        if kind != "no_grad" or self._region is None:
            return frozenset([self._at(operation, kind, persons(frame), call)])
        region = self._region
        if region.cut is None:
            region.cut = self._at(region.name, kind, region.line, region.call)
        return frozenset([region.cut])

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
            if known is not None and tensor.is_leaf:  # a history again, as a custom function gives, is no cut
                found |= known[1]
        return found


def _region_name(frame: FrameType | None) -> str:
    """Name what began a stretch without gradients: a reentrant checkpoint, which runs its part again in backward, or
    `no_grad` itself."""
    for _ in range(_NEAR):
        if frame is not None:
            if frame.f_code is _CHECKPOINT:
                return CHECKPOINT
            frame = frame.f_back
    return "no_grad"


def kind_of(operation: str, given: list[torch.Tensor]) -> CutKind | None:
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


def _name(func: Any) -> str:
    """Name a torch function: "detach"; of the getter of a property, the property."""
    name: str = getattr(func, "__name__", type(func).__name__)
    return func.__self__.__name__ if name == "__get__" else name


def _leaves_torch(func: Any) -> bool:
    return KINDS.get(_name(func)) == "left torch"


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
