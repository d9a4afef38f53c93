"""Puts back what a backward touches: retained `.grad`, random state, and the buffers that a recomputation changes."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import TypeVar

import torch

from tracer.capture.walk import Walked

_Kind = TypeVar("_Kind")


@contextlib.contextmanager
def undisturbed(walked: Walked, packed: bool) -> Iterator[None]:
    """Run a backward inside, and find retained `.grad`, random state and module buffers afterwards as they were.

    A graph does not know which tensors retain their gradient, so all living tensors are looked at; a leaf's `.grad`
    is not written by a backward that is asked for gradients. Saved tensors that were `packed` by hooks may be
    recomputed (a checkpoint), which runs modules again, so that the buffers of all living modules are put back.
    """
    with contextlib.ExitStack() as after:
        after.callback(torch.set_rng_state, torch.get_rng_state())
        if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
            after.callback(torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all())
        with torch._C.DisableTorchFunctionSubclass():  # a subclass may refuse to be looked at
            for tensor in _retaining(walked):
                after.callback(_set_grad, tensor, tensor.grad)
                tensor.grad = None
            for buffer in _buffers() if packed else ():
                after.callback(_put_back, buffer, buffer.detach().clone())
        yield


def _retaining(walked: Walked) -> list[torch.Tensor]:
    """List the tensors of this graph into which a backward writes its gradient although they are no leaves."""
    return [
        tensor
        for tensor in _living(torch.Tensor)
        if tensor.requires_grad and tensor.retains_grad and tensor.grad_fn in walked.index
    ]


def _buffers() -> list[torch.Tensor]:
    """List the buffers of all modules."""
    modules = [vars(module) for module in _living(torch.nn.Module)]
    found = [buffer for module in modules for buffer in module.get("_buffers", {}).values() if buffer is not None]
    return list({id(buffer): buffer for buffer in found if not torch.nn.parameter.is_lazy(buffer)}.values())


def _living(root: type[_Kind]) -> list[_Kind]:
    """List all living things of a class and of those that inherit from it.

    Things refer to their types, and Python's collector finds who refers to what three times as fast as it lists all
    there is. Types are told by identity: a thing may refuse to be asked, a type to be compared.
    """
    kinds, stack = {id(root): root}, [root]
    while stack:
        for kind in type.__subclasses__(stack.pop()):
            if id(kind) not in kinds:
                kinds[id(kind)] = kind
                stack.append(kind)
    return [thing for thing in gc.get_referrers(*kinds.values()) if id(type(thing)) in kinds]


def _set_grad(tensor: torch.Tensor, grad: torch.Tensor | None) -> None:
    with torch._C.DisableTorchFunctionSubclass():
        tensor.grad = grad


def _put_back(buffer: torch.Tensor, copy: torch.Tensor) -> None:
    with torch._C.DisableTorchFunctionSubclass():
        if not torch.equal(buffer, copy):
            buffer.data.copy_(copy)  # through .data: the graph's own version check must not notice
