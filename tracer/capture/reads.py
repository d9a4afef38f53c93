"""Follows which leaves every tensor was made of while a program is recorded, and how each leaf stood to autograd.

A leaf here is a parameter, or any other tensor of the person's that autograd follows. What an operation gives is made
of the leaves that its arguments were made of; nothing is read from the graph itself, since reading a node changes how
it is freed. Writing into a tensor through a view of it, or through another library, is not seen.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING

import torch

from tracer.capture.lines import Line
from tracer.facts import Taken

if TYPE_CHECKING:
    from tracer.capture.notes import Call

SWITCHES = (torch.Tensor.requires_grad_, torch.Tensor.requires_grad.__set__)  # type: ignore[attr-defined]
SWEPT = 1000  # leaves met since the last look at which of them still live


class LiveRead:
    """The operation that first read a leaf, its line and module call, and how autograd took it then."""

    __slots__ = ("call", "line", "operation", "taken")

    def __init__(self, operation: str, line: Line | None, call: Call | None, taken: Taken) -> None:
        self.operation, self.line, self.call, self.taken = operation, line, call, taken


class LiveLeaf:
    """A leaf, the number that it is known by here, its first read, and where its requires_grad was last set."""

    __slots__ = ("number", "read", "switched", "tensor")

    def __init__(self, tensor: torch.Tensor, number: int) -> None:
        self.tensor, self.number = weakref.ref(tensor), number
        self.read: LiveRead | None = None
        self.switched: Line | None = None


class Reads:
    """The leaves met so far, and of which of them each living tensor was made: bit n of a mask is leaf number n.

    `behind` has the leaves that each cut cut off.
    """

    def __init__(self) -> None:
        self.behind: dict[object, int] = {}
        self._leaves: dict[int, LiveLeaf] = {}
        self._free, self._count, self._met_since = list[int](), 0, 0
        self._made: dict[int, tuple[weakref.KeyedRef[int, torch.Tensor], int]] = {}

    def leaf(self, tensor: torch.Tensor) -> LiveLeaf | None:
        """Give what is known of a leaf; `None` where none was met."""
        known = self._leaves.get(id(tensor))
        return known if known is not None and known.tensor() is tensor else None

    def bit(self, tensor: torch.Tensor) -> int:
        """Give the mask of a leaf itself; 0 where none was met."""
        known = self.leaf(tensor)
        return 0 if known is None else 1 << known.number

    def cut_off(self, cuts: Iterable[object], mask: int) -> None:
        """Note that these cuts cut the leaves in a mask off."""
        for cut in cuts:
            self.behind[cut] = self.behind.get(cut, 0) | mask

    def mask(self, tensor: torch.Tensor) -> int:
        """Give the leaves that the gradient of a tensor would go on to."""
        known = self._made.get(id(tensor))
        if known is not None:
            return known[1]
        return 1 << self._met(tensor).number if tensor.is_leaf and tensor.requires_grad else 0

    def made(self, given: Iterable[torch.Tensor], mask: int) -> None:
        """Note of which leaves an operation made these tensors."""
        for tensor in given:
            if not (tensor.is_leaf and tensor.requires_grad):
                self._made[id(tensor)] = weakref.KeyedRef(tensor, self._gone, id(tensor)), mask

    def read(
        self, tensors: Iterable[torch.Tensor], operation: str, line: Line | None, call: Call | None, taken: Taken
    ) -> int:
        """Note that an operation read these tensors, of which parameters are of interest, and leaves that autograd
        follows; give the leaves that they were made of. A read that was recorded says more than one that was not."""
        mask = 0
        for tensor in tensors:
            known = self._made.get(id(tensor))
            if known is not None:
                mask |= known[1]
            elif tensor.is_leaf:
                followed = tensor.requires_grad
                if followed or isinstance(tensor, torch.nn.Parameter):
                    leaf = self._met(tensor)
                    mask |= followed << leaf.number
                    if leaf.read is None or (followed and taken == "recorded" != leaf.read.taken):
                        leaf.read = LiveRead(operation, line, call, taken if followed else "not required")
        return mask

    def switched(self, tensor: torch.Tensor, line: Line | None) -> None:
        """Note the line that set a leaf's requires_grad; from there on its gradient goes to itself."""
        if tensor.is_leaf:
            self._made.pop(id(tensor), None)
            self._met(tensor).switched = line

    def _met(self, tensor: torch.Tensor) -> LiveLeaf:
        known = self.leaf(tensor)
        if known is None:
            self._met_since += 1
            if self._met_since > max(SWEPT, len(self._leaves)):
                self._sweep()
            if not self._free:
                self._free.append(self._count)
                self._count += 1
            known = LiveLeaf(tensor, self._free.pop())
            self._leaves[id(tensor)] = known
        return known

    def _sweep(self) -> None:
        """Forget the leaves that are gone and give their numbers to others, so that masks stay short."""
        self._leaves = {key: leaf for key, leaf in self._leaves.items() if leaf.tensor() is not None}
        living = {leaf.number for leaf in self._leaves.values()}
        mask = sum(1 << number for number in living)
        self._free = [number for number in range(self._count) if number not in living]
        self._made = {key: (ref, old & mask) for key, (ref, old) in self._made.items()}
        self.behind = {cut: old & mask for cut, old in self.behind.items()}
        self._met_since = 0

    def _gone(self, ref: weakref.KeyedRef[int, torch.Tensor]) -> None:
        known = self._made.get(ref.key)
        if known is not None and known[0] is ref:
            del self._made[ref.key]
