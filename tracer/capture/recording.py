"""Records, while a model runs, which module and which line made each operation, and where the graph was cut.

Leaves no trace in torch when it is off.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import torch
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode

from tracer.capture.cuts import DETACHES
from tracer.capture.lines import persons
from tracer.capture.new_parameters import new_parameters
from tracer.capture.notes import Call, Notes
from tracer.capture.reads import Reads

_now = torch._C._autograd._get_sequence_nr
_thread = threading.get_ident


@contextlib.contextmanager
def record(model: torch.nn.Module | None = None, *, reads: bool = False) -> Iterator[Notes]:
    """Record module paths, source lines and cuts of every operation that this thread runs inside the block.

    Without a model, the modules that are called from outside any other are taken as models. `reads` also follows which
    parameters and other leaves each operation used, so that `why` is certain of what a gradient went missing by; that
    takes about as long again.
    """
    notes, thread, stack, calls = Notes(model, _now(), Reads() if reads else None), _thread(), list[Call](), 0

    def before(module: torch.nn.Module, _arguments: Any) -> None:
        nonlocal calls
        if _thread() != thread:
            notes.elsewhere()
            return
        calls += 1
        stack.append(Call(module, stack[-1] if stack else None, calls))
        notes.enter(stack[-1])
        if reads:
            notes.hold(module)

    def after(module: torch.nn.Module, _arguments: Any, _output: Any) -> None:
        if _thread() != thread:
            notes.elsewhere()
        elif stack and (stack[-1].module is module or any(call.module is module for call in stack)):
            while stack.pop().module is not module:  # calls that ended with an exception
                pass
            notes.enter(stack[-1] if stack else None)

    def made(data: torch.Tensor, parameter: torch.Tensor, frame: FrameType) -> None:
        if _thread() == thread:
            notes.cuts.made_a_parameter(data, parameter, frame, notes.here)

    hooks = [register_module_forward_pre_hook(before), register_module_forward_hook(after, always_call=True)]
    try:
        with new_parameters(made), _Functions(notes):
            yield notes
    finally:
        for hook in hooks:
            hook.remove()
        notes.end()


class _Functions(TorchFunctionMode):
    """Notes the person's line of each torch function that autograd recorded, and looks at the others for cuts."""

    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self._notes, self._cuts, self._follows = notes, notes.cuts, notes.cuts.reads is not None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        detaches = func is DETACHES and bool(args[0].requires_grad)
        start = _now()
        result = func(*args, **kwargs) if kwargs else func(*args)
        end = _now()
        if end != start:
            line = persons(sys._getframe(1))
            self._notes.line(start, end, line)
            if self._follows or self._cuts.carried:
                self._cuts.recorded(func, args, kwargs, result, (start, end), line, self._notes.here)
        else:
            self._cuts.look(func, args, kwargs, result, detaches, sys._getframe(1), self._notes.here)
        return result
