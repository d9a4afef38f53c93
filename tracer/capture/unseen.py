"""Lets us look at tensors without that a person's subclasses or modes notice, answer, or refuse."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch.utils._python_dispatch import _disable_current_modes

looking = torch._C.DisableTorchFunction  # the quick one, for inside a backward: subclasses and function modes


@contextlib.contextmanager
def unseen() -> Iterator[None]:
    """Look, inside, past `__torch_function__` of subclasses and past all modes: one may count, change or refuse."""
    with contextlib.ExitStack() as until:
        until.enter_context(looking())
        if torch._C._len_torch_dispatch_stack():
            until.enter_context(_disable_current_modes())
        yield


def is_plain(tensor: torch.Tensor) -> bool:
    """Tell whether torch itself computes with a tensor: not a class with a `__torch_dispatch__` of its own, whose
    elements are what that class says, and which may raise, or talk to other machines, when it is asked."""
    return type(tensor).__torch_dispatch__ is torch.Tensor.__torch_dispatch__
