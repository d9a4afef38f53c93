"""Puts back what a backward touches: `.grad` (retained ones too), random state, and the buffers of a module."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def undisturbed(model: torch.nn.Module | None = None) -> Iterator[None]:
    """Run a backward inside, and find `.grad`, random state and module buffers afterwards as they were.

    The graph does not know which tensors retain their gradient, and a checkpoint in it may write into parameters that
    it does not show, so all living tensors that can hold a `.grad` are looked at. None is written to inside: a fresh
    `.grad` takes the place of theirs.
    """
    grads = [(tensor, tensor.grad) for tensor in _holders()]
    buffers = [] if model is None else [(buffer, buffer.detach().clone()) for buffer in model.buffers()]
    random = torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]
    try:
        for tensor, _ in grads:
            tensor.grad = None
        yield
    finally:
        for tensor, grad in grads:
            tensor.grad = grad
        for buffer, copy in buffers:
            buffer.data.copy_(copy)  # through .data: the graph's own version check must not notice
        torch.set_rng_state(random)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)


def _holders() -> list[torch.Tensor]:
    """List the living tensors into which a backward may write a `.grad`."""
    return [
        thing
        for thing in gc.get_objects()
        if issubclass(type(thing), torch.Tensor) and thing.requires_grad and (thing.retains_grad or thing.is_leaf)
    ]
