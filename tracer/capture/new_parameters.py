"""Notices new parameters while a program is recorded, since torch reports the making of one to no mode."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import torch

Made = Callable[[torch.Tensor, torch.Tensor, FrameType], None]


@contextlib.contextmanager
def new_parameters(made: Made) -> Iterator[None]:
    """Tell, inside the block, of each `nn.Parameter` that is made of a tensor: both, and the frame that made it."""
    held = vars(torch.nn.Parameter)["__new__"]

    def new(cls: type, data: Any = None, *rest: Any, **named: Any) -> Any:
        parameter = held.__func__(cls, data, *rest, **named)
        if isinstance(data, torch.Tensor):
            made(data, parameter, sys._getframe(1))
        return parameter

    torch.nn.Parameter.__new__ = new  # type: ignore[method-assign]
    try:
        yield
    finally:
        torch.nn.Parameter.__new__ = held  # type: ignore[method-assign]
