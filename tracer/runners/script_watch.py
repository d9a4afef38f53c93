"""Watches for the call of backward() that is to be recorded; nothing of torch stays changed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch

from tracer.errors import TracerError
from tracer.facts import Facts

Recorder = Callable[[list[torch.Tensor], list[torch.Tensor | None]], Facts]


class Reached(BaseException):
    """Ends a script once its backward() is recorded; an `except Exception` of the script does not stop it."""


class Watch:
    """Stands, inside a `with` block, in front of torch.autograd.backward, through which Tensor.backward goes too.

    At the call number `step` the tensors are recorded before the call runs, and the script ends there if `stop`.
    """

    def __init__(self, step: int, stop: bool, recorder: Recorder) -> None:
        self.calls = 0
        self.found: Facts | None = None
        self.error: TracerError | None = None
        self._step, self._stop, self._recorder = step, stop, recorder
        self._original = torch.autograd.backward

    def __enter__(self) -> Watch:
        @functools.wraps(self._original)
        def backward(*arguments: Any, **named: Any) -> None:
            self._backward(*arguments, **named)

        torch.autograd.backward = backward
        return self

    def __exit__(self, *error: object) -> None:
        torch.autograd.backward = self._original

    def _backward(self, tensors: Any, grad_tensors: Any = None, *rest: Any, **named: Any) -> None:
        ends = [tensors] if isinstance(tensors, torch.Tensor) else list(tensors)
        given = _listed(grad_tensors, len(ends))
        if _goes_back(ends, given):  # otherwise torch refuses the call itself, in its own words
            self.calls += 1
            self._reached(ends, given)
        self._original(tensors, grad_tensors, *rest, **named)

    def _reached(self, ends: list[torch.Tensor], start: list[torch.Tensor | None]) -> None:
        if self.calls == self._step:
            try:
                self.found = self._recorder(ends, start)
            except TracerError as error:
                self.error = error
        if (self.found is not None and self._stop) or self.error is not None:
            raise Reached


def _listed(gradients: Any, count: int) -> list[torch.Tensor | None]:
    if gradients is None:
        return [None] * count
    return [gradients] if isinstance(gradients, torch.Tensor) else list(gradients)


def _goes_back(ends: list[Any], start: list[torch.Tensor | None]) -> bool:
    return len(ends) == len(start) and all(
        isinstance(end, torch.Tensor) and end.requires_grad and (given is not None or end.numel() == 1)
        for end, given in zip(ends, start, strict=True)
    )
