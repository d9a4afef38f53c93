"""Puts back what a backward touches: retained `.grad`, random state, and the buffers that a recomputation changes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from tracer.capture.living import living


@contextlib.contextmanager
def undisturbed(packed: bool) -> Iterator[None]:
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
            for tensor in _retaining():
                after.callback(_set_grad, tensor, tensor.grad)
            for buffer in _buffers() if packed else ():
                after.callback(_put_back, buffer, buffer.detach().clone(), _version(buffer))
        yield


def _retaining() -> list[torch.Tensor]:
    """List the tensors into which a backward writes its gradient although they are no leaves.

    Those of other graphs too: asking for a tensor's node would wrap it, and a deep graph of such could not be freed.
    """
    return [tensor for tensor in living(torch.Tensor) if tensor.requires_grad and tensor.retains_grad]


def _buffers() -> list[torch.Tensor]:
    """List the buffers of all modules."""
    modules = [vars(module) for module in living(torch.nn.Module)]
    found = [buffer for module in modules for buffer in module.get("_buffers", {}).values() if buffer is not None]
    return list({id(buffer): buffer for buffer in found if not torch.nn.parameter.is_lazy(buffer)}.values())


def _set_grad(tensor: torch.Tensor, grad: torch.Tensor | None) -> None:
    with torch._C.DisableTorchFunctionSubclass():
        if tensor.grad is not grad:
            tensor.grad = grad


def _version(buffer: torch.Tensor) -> int | None:
    """Give the count of changes, by which a graph that saved the buffer would notice; in inference there is none."""
    return None if buffer.is_inference() else buffer._version


def _put_back(buffer: torch.Tensor, copy: torch.Tensor, version: int | None) -> None:
    with torch._C.DisableTorchFunctionSubclass():
        if not torch.equal(buffer, copy):
            buffer.data.copy_(copy)
        if version is not None:
            torch._C._autograd._unsafe_set_version_counter((buffer,), (version,))
