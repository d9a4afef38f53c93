"""Watches for the call of backward() that is to be recorded; nothing of torch stays changed."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from typing import Any

import torch

from tracer.facts import Facts

Recorder = Callable[[list[torch.Tensor], list[torch.Tensor | None]], Facts]
Found = Callable[[Facts | Exception], None]
Called = Callable[[int, list[torch.Tensor]], None]


class Watch:
    """Stands, inside a `with` block, in front of torch.autograd.backward, through which Tensor.backward goes too.

    At the call number `step`, in whichever thread it comes, the tensors are recorded before the call runs. What was
    recorded, or why it could not be, goes to `found`; where that returns, the script goes on. `refused` is what was
    recorded where that call is one that torch refuses, since its tensors have no graph; such a call does not count.
    `called` is told of each call, with its number.
    """

    def __init__(self, step: int, recorder: Recorder, found: Found, called: Called | None = None) -> None:
        self.calls = 0
        self.refused: Facts | None = None
        self._step, self._recorder, self._found, self._tell = step, recorder, found, called
        self._original = torch.autograd.backward
        self._counting, self._process = threading.Lock(), os.getpid()

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
        # a call that torch refuses is left to it; one in a process that the script forked can't be answered from there
        if _goes_back(ends, given) and os.getpid() == self._process:
            self._called(ends, given)
        elif _has_no_graph(ends) and self.calls + 1 == self._step and os.getpid() == self._process:
            self.refused = self._recorder(ends, given)
        self._original(tensors, grad_tensors, *rest, **named)

    def _called(self, ends: list[torch.Tensor], start: list[torch.Tensor | None]) -> None:
        with self._counting:
            self.calls += 1
            wanted = self.calls == self._step
            if self._tell is not None:
                self._tell(self.calls, ends)
        if wanted:
            try:
                answer: Facts | Exception = self._recorder(ends, start)
            except Exception as error:  # the script could swallow it, and would never end
                answer = error
            self._found(answer)


def _listed(gradients: Any, count: int) -> list[torch.Tensor | None]:
    if gradients is None:
        return [None] * count
    return [gradients] if isinstance(gradients, torch.Tensor) else list(gradients)


def _has_no_graph(ends: list[Any]) -> bool:
    return bool(ends) and all(isinstance(end, torch.Tensor) and not end.requires_grad for end in ends)


def _goes_back(ends: list[Any], start: list[torch.Tensor | None]) -> bool:
    return len(ends) == len(start) and all(
        isinstance(end, torch.Tensor) and end.requires_grad and (given is not None or end.numel() == 1)
        for end, given in zip(ends, start, strict=True)
    )
