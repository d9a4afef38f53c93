"""Tensors of a derivation: what an operator takes and gives is how its elements are made of elements with names."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tracer.algebra import index
from tracer.algebra.evaluate import evaluate
from tracer.algebra.expressions import Expr, element, number
from tracer.algebra.index import Index, Symbol
from tracer.errors import TracerError

Array = NDArray[Any]
At = tuple[Index, ...]
Shape = tuple[int, ...]
Kind = Literal["float", "int", "bool"]
Local = Callable[[At, At], Expr]
_KINDS: Mapping[Kind, Any] = {"float": np.float64, "int": np.int64, "bool": np.bool_}
_order = itertools.count()


class NoRule(TracerError):
    """There is no rule for an operator, or not for these arguments; `what` says which."""


@dataclass(frozen=True, eq=False)
class Stage:
    """A value with a name: an input, what a line assigned, or the result of an operator with a rule of its own.

    `body` are its elements at the indices `over`, `None` where only the numbers are known. `rules` are local
    derivatives by the stages that it is made of, ∂(this at j)/∂(that at k), where they are not found from `body`.
    `unknown` says why there is none. `hint` is a name for it where the person gave none.
    """

    shape: Shape
    over: tuple[Symbol, ...]
    body: Expr | None
    tracked: bool
    kind: Kind = "float"
    hint: str = "h"
    compute: Callable[[], Array] | None = None
    rules: Mapping[Stage, Local] | None = None
    unknown: str = ""
    told: str = ""
    order: int = field(default_factory=lambda: next(_order))

    @functools.cached_property
    def value(self) -> Array:
        """Its numbers: float64, or whole numbers, or True and False."""
        if self.compute is not None:
            found = self.compute()
        else:
            assert self.body is not None
            found = evaluate(self.body, self.over, value_of)
        return np.asarray(found).astype(_KINDS[self.kind])

    def at(self, place: At) -> Expr:
        """Give an element."""
        return element(self, place)


def value_of(named: Any) -> Array:
    """Give the numbers of a stage."""
    return named.value  # type: ignore[no-any-return]


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor: its shape, and its element at any place, written with elements of stages."""

    shape: Shape
    at: Callable[[At], Expr]
    tracked: bool = False
    kind: Kind = "float"
    stage: Stage | None = None
    view: bool = False

    @functools.cached_property
    def value(self) -> Array:
        """Its numbers."""
        if self.stage is not None:
            return self.stage.value
        over = index.symbols(self.shape)
        return evaluate(self.at(index.indices(over)), over, value_of).astype(_KINDS[self.kind])

    @property
    def rank(self) -> int:
        """The number of its axes."""
        return len(self.shape)


def named(stage: Stage) -> Tensor:
    """Give a stage as a tensor."""
    return Tensor(stage.shape, stage.at, stage.tracked, stage.kind, stage)


def staged(x: Tensor, hint: str = "h", told: str = "") -> Tensor:
    """Give a tensor a stage of its own, unless it is one."""
    if x.stage is not None:
        return x
    over = index.symbols(x.shape)
    return named(Stage(x.shape, over, x.at(index.indices(over)), x.tracked, x.kind, hint, told=told))


def given(value: Any, hint: str, tracked: bool = False, told: str = "") -> Tensor:
    """Give numbers as a tensor of its own."""
    array = np.asarray(value)
    kind: Kind = "bool" if array.dtype == np.bool_ else "int" if array.dtype.kind in "iu" else "float"
    over = index.symbols(array.shape)
    return named(Stage(array.shape, over, None, tracked, kind, hint, lambda: array, told=told))


def own(
    hint: str,
    shape: Shape,
    body: Callable[[At], Expr] | None,
    rules: Mapping[Tensor, Local],
    compute: Callable[[], Array] | None = None,
    told: str = "",
) -> Tensor:
    """Give the result of an operator that has a rule of its own; its inputs are stages. Where no formula defines it,
    `told` says what it is, with {0} for its first input."""
    over = index.symbols(shape)
    made = None if body is None else body(index.indices(over))
    tracked = any(x.tracked for x in rules)
    by = {x.stage: rule for x, rule in rules.items() if x.stage is not None and x.tracked}
    return named(Stage(shape, over, made, tracked, "float", hint, compute, by, told=told))


def unknown(value: Array, inputs: Sequence[Tensor], why: str, hint: str = "u") -> Tensor:
    """Give the result of an operator that has no rule: only its numbers are known."""
    tracked = any(x.tracked for x in inputs)
    over = index.symbols(value.shape)
    kind: Kind = "bool" if value.dtype == np.bool_ else "int" if value.dtype.kind in "iu" else "float"
    by = {staged(x).stage: _no_local for x in inputs if x.tracked} if kind == "float" else {}
    stages = {stage: rule for stage, rule in by.items() if stage is not None}
    reason = why if tracked and kind == "float" else ""
    return named(Stage(value.shape, over, None, tracked and kind == "float", kind, hint, lambda: value, stages, reason))


def _no_local(j: At, k: At) -> Expr:
    raise AssertionError("an operator without a rule has no local derivative")


def tensor(x: Any) -> Tensor:
    """Take a tensor as it is, and a number as a tensor without axes.

    Raises:
        NoRule: it is neither, or no finite real number.
    """
    if isinstance(x, Tensor):
        return x
    if isinstance(x, bool):
        return Tensor((), lambda at: number(int(x)), kind="bool")
    if isinstance(x, int):
        return Tensor((), lambda at: number(x), kind="int")
    if isinstance(x, float) and np.isfinite(x):
        return Tensor((), lambda at: number(x))
    raise NoRule(f"there is no rule for {x!r:.40} as an operand")


def aligned(x: Tensor, at: At) -> Expr:
    """Give the element that stands at a place after broadcasting: axes to the right, an axis of 1 at index 0."""
    own_part = at[len(at) - len(x.shape) :]
    return x.at(tuple(index.ZERO if size == 1 else one for one, size in zip(own_part, x.shape, strict=True)))


def broadcast(*xs: Tensor) -> Shape:
    """Give the shape of tensors together."""
    return tuple(np.broadcast_shapes(*(x.shape for x in xs)))


def mapped(how: Callable[..., Expr], *operands: Any, kind: Kind | None = None) -> Tensor:
    """Apply a formula to each element of tensors that are broadcast together; what is no float is not tracked."""
    xs = [tensor(x) for x in operands]
    result = kind or kind_of(*xs)
    tracked = result == "float" and any(x.tracked for x in xs)
    return Tensor(broadcast(*xs), lambda at: how(*(aligned(x, at) for x in xs)), tracked, result)


def kind_of(*xs: Tensor) -> Kind:
    """Give the kind of number that tensors have together."""
    kinds: tuple[Kind, ...] = ("float", "int", "bool")
    return next((kind for kind in kinds if any(x.kind == kind for x in xs)), "float")


def axis(x: Tensor, dim: int, extra: int = 0) -> int:
    """Count an axis from the front.

    Raises:
        NoRule: there is no such axis.
    """
    rank = x.rank + extra
    if not isinstance(dim, int) or not -max(rank, 1) <= dim < max(rank, 1):
        raise NoRule(f"there is no axis {dim!r:.40}")
    return dim % max(rank, 1)


def moved(x: Tensor, shape: Shape, where: Callable[[At], At], view: bool = True) -> Tensor:
    """Give the tensor whose element at a place is that of x at another place."""
    return Tensor(shape, lambda at: x.at(where(at)), x.tracked, x.kind, None, view)
