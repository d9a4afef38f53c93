"""Numbers as plain values: those of a tensor, those that a line of a program gave, those that a node saved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

Number = bool | int | float


class Values(msgspec.Struct, frozen=True, gc=False):
    """The numbers of a small tensor, flat in row-major order; a complex element is two numbers, real and imaginary.

    `exact` are the same as fractions ("-3/2", "4"), computed as such; `None` where they are not known so.
    """

    shape: tuple[int, ...]
    dtype: str
    numbers: tuple[Number, ...]
    exact: tuple[str, ...] | None = None

    def nested(self) -> Any:
        """Give the values as nested lists, a scalar as a number."""
        numbers: Sequence[Any] = self.numbers
        if self.dtype.startswith("complex"):
            numbers = [complex(re, im) for re, im in zip(numbers[::2], numbers[1::2], strict=True)]
        return self._nested(numbers)

    def fractions(self) -> Any:
        """Give the values as nested lists of fractions in text; `None` where they are not known so."""
        return None if self.exact is None else self._nested(self.exact)

    def _nested(self, flat: Sequence[Any]) -> Any:
        for axis in range(len(self.shape) - 1, 0, -1):
            length = self.shape[axis]
            rows = range(math.prod(self.shape[:axis]))
            flat = [list(flat[row * length : (row + 1) * length]) for row in rows]
        return list(flat) if self.shape else flat[0]


class Line(msgspec.Struct, frozen=True):
    """What a line of a program gave to a name last, and in how many passes it did; one line may give to several names.

    `name` is `None` for an expression that is only computed, and for the condition of an if or a while; `x.grad` is the
    name of what a backward left there. `kind` says what it is in words ("a tensor", "a list"); a number has the shape
    () and the dtype it would have as a tensor. `tracked` tells whether autograd follows it on.
    """

    number: int
    name: str | None
    kind: str
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    values: Values | None = None
    tracked: bool = False
    passes: int = 1


class SavedValue(msgspec.Struct, frozen=True, gc=False):
    """What a node saved for its backward, under torch's name of it ("self", "other", "alpha"): a tensor, with the
    person's name for it if there is one, or a setting, as `text`. A lone number of a tensor is `text` too."""

    node: int
    name: str
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    bytes: int | None = None
    tensor: str | None = None
    text: str | None = None


class Turn(msgspec.Struct, frozen=True):
    """How things stood after a pass of a loop: what its names and the sides of its condition were, and whether that
    held. `number` counts the passes in all; the turn that `begins` stands before the first pass of a new round.

    What autograd recorded in a pass has numbers of its sequence from the `at` of the turn before up to this one's.
    """

    number: int
    at: int
    given: tuple[Line, ...] = ()
    holds: bool | None = None
    begins: bool = False


class Loop(msgspec.Struct, frozen=True):
    """A loop of a program: its first and last line, what it says ("while y.norm() < 1000"), the condition of a `while`,
    how many passes it made, and its turns, of which a very long loop keeps the first and the last."""

    line: int
    last: int
    text: str
    test: str | None
    passes: int
    turns: tuple[Turn, ...]


class Unfollowed(msgspec.Struct, frozen=True):
    """A tensor of a program that went into the graph, or is its output, and that autograd does not follow there, by
    its place in the list of tensors: an input without requires_grad, what a cut gave, what was made of these.

    `read` are the places of the tensors that it was computed from, `nodes` the operations of the graph that used it,
    `cut` is the number of the cut that made it of a tracked one. A tracked tensor that the graph reaches only through
    a cut is one of these too.
    """

    tensor: int
    read: tuple[int, ...] = ()
    nodes: tuple[int, ...] = ()
    cut: int | None = None
