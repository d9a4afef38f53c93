"""Records, while a model runs, which module and which line made each operation. Leaves no trace in torch when off.

Autograd numbers operations as it records them; a module call or a line of the program owns the numbers that were
given out while it ran. Each thread counts for itself, from 0, and an operation does not tell its thread: so notes
answer for nothing once another thread is known to have recorded too. It is known where that thread called a module
inside the block, or where a graph holds one number twice; a thread that does neither is not seen, and its operations
are taken for those of this one.
"""

from __future__ import annotations

import bisect
import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from types import CodeType, FrameType
from typing import Any

import torch
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode

_TORCH = os.path.dirname(torch.__file__) + os.sep
_OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep
_now = torch._C._autograd._get_sequence_nr


class Call:
    """A module call and the call that it is part of."""

    __slots__ = ("module", "outer")

    def __init__(self, module: torch.nn.Module, outer: Call | None) -> None:
        self.module, self.outer = module, outer


class Notes:
    """What was recorded: who owns each number of the sequence. `roots` are the modules that no other one called;
    `mixed` says that another thread, whose operations have the same numbers, recorded too."""

    def __init__(self, model: torch.nn.Module | None = None) -> None:
        self.roots: list[torch.nn.Module] = [] if model is None else [model]
        self.mixed = False
        self.prefixes: dict[int, str] = {}  # for the roots of a script with several models
        self._given = model is not None
        self._module_starts: list[int] = []
        self._calls: list[Call | None] = []
        self._line_starts: list[int] = []
        self._lines: list[tuple[int, CodeType, int]] = []  # end, code, offset of the instruction
        self._paths: dict[Call, str | None] = {}
        self._names: dict[int, dict[int, list[str]]] = {}

    def enter(self, call: Call | None) -> None:
        """Note that from the next number on, operations belong to this module call."""
        self._module_starts.append(_now())
        self._calls.append(call)
        if call is not None and call.outer is None and not self._given and call.module not in self.roots:
            self.roots.append(call.module)

    def elsewhere(self) -> None:
        """Note, on another thread, that a module is called there; one that has recorded nothing took no numbers.

        In a backward that is a checkpoint's recomputation, whose operations are in no graph that can be traced.
        """
        if _now() > 0 and torch._C._current_graph_task_id() == -1:
            self.mixed = True

    def answer_for(self, sequences: Sequence[int]) -> bool:
        """Tell whether these numbers of the operations of a graph are all known to be of the thread that recorded."""
        return not self.mixed and len(set(sequences)) == len(sequences)

    def line(self, start: int, end: int, frame: FrameType | None) -> None:
        """Note that the numbers from start up to end were given out by the line that this frame is on."""
        if frame is not None:
            self._line_starts.append(start)
            self._lines.append((end, frame.f_code, frame.f_lasti))

    def module(self, sequence: int) -> str | None:
        """Give the path of the module that recorded this number, such as "layer1.0.conv1"."""
        at = bisect.bisect_right(self._module_starts, sequence) - 1
        call = self._calls[at] if at >= 0 else None
        if call is None:
            return None
        if call not in self._paths:
            self._paths[call] = self._path(call)
        return self._paths[call] or None

    def source(self, sequence: int) -> str | None:
        """Give the line of the person's program that recorded this number, such as "train.py:41"."""
        at = bisect.bisect_right(self._line_starts, sequence) - 1
        if at < 0 or sequence >= self._lines[at][0]:
            return None
        _, code, offset = self._lines[at]
        return f"{os.path.basename(code.co_filename)}:{_line_number(code, offset)}"

    def models(self) -> list[tuple[str, torch.nn.Module]]:
        """Give the root modules that have parameters, each with what to put before its parameters' names."""
        roots = [root for root in self.roots if any(True for _ in root.parameters())]
        return [(f"{self.prefixes[id(r)]}." if id(r) in self.prefixes else "", r) for r in roots]

    def _path(self, call: Call) -> str | None:
        """Name a call by its module's name in the root, the one that continues the caller's path where it has several.

        A module that belongs to no root model (a loss, say) goes by its class.
        """
        chain = [call]
        while chain[-1].outer is not None:
            chain.append(chain[-1].outer)
        path: str | None = None
        for step in reversed(chain):
            names = self._named(step.module)
            path = next((name for name in names if path and name.startswith(path + ".")), names[0] if names else path)
        return path

    def _named(self, module: torch.nn.Module) -> list[str]:
        for root in self.roots:
            names = self._names.get(id(root)) or self._names.setdefault(id(root), _names(root))
            if id(module) in names:
                prefix = self.prefixes.get(id(root), "")
                if module is root and not prefix:
                    return [""] if any(True for _ in root.parameters()) else [type(root).__name__]
                return [f"{prefix}.{name}".strip(".") for name in names[id(module)]]
        return [type(module).__name__]


def _names(root: torch.nn.Module) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    for name, module in root.named_modules(remove_duplicate=False):
        names.setdefault(id(module), []).append(name)
    return names


def _line_number(code: CodeType, offset: int) -> int:
    line: int | None = None
    for start, end, number in code.co_lines():
        if start <= offset < end:
            line = number
    return line or code.co_firstlineno


@contextlib.contextmanager
def record(model: torch.nn.Module | None = None) -> Iterator[Notes]:
    """Record module paths and source lines of every operation that this thread runs inside the block.

    Without a model, the modules that are called from outside any other are taken as models.
    """
    notes, thread, stack = Notes(model), threading.get_ident(), list[Call]()

    def before(module: torch.nn.Module, _arguments: Any) -> None:
        if threading.get_ident() != thread:
            notes.elsewhere()
            return
        stack.append(Call(module, stack[-1] if stack else None))
        notes.enter(stack[-1])

    def after(module: torch.nn.Module, _arguments: Any, _output: Any) -> None:
        if threading.get_ident() != thread:
            notes.elsewhere()
        elif any(call.module is module for call in stack):
            while stack.pop().module is not module:  # calls that ended with an exception
                pass
            notes.enter(stack[-1] if stack else None)

    hooks = [register_module_forward_pre_hook(before), register_module_forward_hook(after, always_call=True)]
    try:
        with _Lines(notes):
            yield notes
    finally:
        for hook in hooks:
            hook.remove()
        notes.enter(None)


class _Lines(TorchFunctionMode):
    """Notes the person's line for each torch function that autograd recorded."""

    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self._notes = notes

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        start = _now()
        result = func(*args, **(kwargs or {}))
        end = _now()
        if end != start:
            self._notes.line(start, end, _persons(sys._getframe(1)))
        return result


def _persons(frame: FrameType | None) -> FrameType | None:
    """Find the innermost frame that is neither torch's nor ours."""
    while frame is not None and frame.f_code.co_filename.startswith((_TORCH, _OURS)):
        frame = frame.f_back
    return frame
