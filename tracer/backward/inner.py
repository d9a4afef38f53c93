"""Keeps `.grad` as it is where a person's own backward runs a backward of its own, which writes it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch.autograd.function import BackwardCFunction
from torch.nn.parameter import is_lazy

from tracer.capture.living import living
from tracer.capture.nodes import known_shape
from tracer.capture.walk import Walked


@contextlib.contextmanager
def grads_kept(walked: Walked) -> Iterator[None]:
    """Run a backward inside, and find the `.grad` of all leaves afterwards as they were.

    The leaves of an inner backward are in no graph that can be walked, so all living ones are looked after, but only
    where the graph has functions of a person's own. Theirs is `None` meanwhile, so that nothing is added to it.
    """
    with contextlib.ExitStack() as after:
        for leaf in _leaves() if any(map(_is_persons, set(map(type, walked.nodes)))) else ():
            after.callback(_put_back, leaf, leaf.grad)
            if leaf.grad is not None and _can_be_given_back(leaf):
                leaf.grad = None
        yield


def _is_persons(kind: type) -> bool:
    forward: type = getattr(kind, "_forward_cls", object)
    return issubclass(kind, BackwardCFunction) and not forward.__module__.startswith("torch.")


def _leaves() -> list[torch.Tensor]:
    return [leaf for leaf in living(torch.Tensor) if not is_lazy(leaf) and leaf.requires_grad and leaf.is_leaf]


def _can_be_given_back(leaf: torch.Tensor) -> bool:
    """Tell whether torch takes a gradient again: not where the leaf's data was exchanged for one of another kind."""
    grad = leaf.grad
    return grad is not None and _kind(grad) == _kind(leaf)


def _kind(tensor: torch.Tensor) -> tuple[object, ...]:
    return known_shape(tensor), tensor.dtype, tensor.device


def _put_back(leaf: torch.Tensor, grad: torch.Tensor | None) -> None:
    with torch._C.DisableTorchFunctionSubclass():
        if leaf.grad is not grad:
            leaf.grad = grad
