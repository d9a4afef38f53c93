"""The custom functions of the lesson: Add copies a gradient, Split sums gradients, Max hands one to the largest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch


class Add(torch.autograd.Function):
    """a + b of one shape; both inputs get a copy of the gradient."""

    @staticmethod
    def forward(ctx: Any, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return a + b

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return gradient.clone(), gradient.clone()


class Split(torch.autograd.Function):
    """Two copies of x; x gets the sum of both gradients."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x.clone(), x.clone()

    @staticmethod
    def backward(ctx: Any, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return first + second


class Max(torch.autograd.Function):
    """The largest element of x; the gradient goes to every element that is as large, as in the lesson's notebook."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        largest: torch.Tensor = x.max()
        ctx.save_for_backward(x == largest)
        return largest

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        (mask,) = ctx.saved_tensors
        given: torch.Tensor = mask * gradient
        return given


def add(a: Any, b: Any) -> Any:
    """Apply Add.

    Raises:
        ValueError: these are not two tensors of one shape.
    """
    if not (isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor) and a.shape == b.shape):
        raise ValueError("Add takes two tensors of one shape")
    return Add.apply(a, b)  # type: ignore[no-untyped-call]


def split(x: Any) -> Any:
    """Apply Split.

    Raises:
        ValueError: this is no tensor.
    """
    if not isinstance(x, torch.Tensor):
        raise ValueError("Split takes one tensor")
    return Split.apply(x)  # type: ignore[no-untyped-call]


def largest(x: Any) -> Any:
    """Apply Max.

    Raises:
        ValueError: this is no tensor, or an empty one.
    """
    if not isinstance(x, torch.Tensor) or not x.numel():
        raise ValueError("Max takes one tensor with at least one element")
    return Max.apply(x)  # type: ignore[no-untyped-call]


FUNCTIONS: Mapping[str, Callable[..., Any]] = {"Add": add, "Split": split, "Max": largest}
"""By the name that a program writes."""
