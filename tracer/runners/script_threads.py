"""Threads of a script: what one of them did can't be told by the numbers that autograd gave out in another."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import torch
from torch.nn.modules.module import register_module_forward_pre_hook

from tracer.capture.notes import Notes
from tracer.runners.script_names import models_in_sight

NOT_RECORDED = "modules and lines of that thread were not recorded"
BACKWARD_ELSEWHERE = f"backward() ran in another thread than the script's main one; {NOT_RECORDED}"
FORWARD_ELSEWHERE = f"A model ran in another thread than the script's main one; {NOT_RECORDED}"


class Elsewhere:
    """Tells whether a script ran a model in another thread than its main one."""

    def __init__(self) -> None:
        self.forward = False

    def notes_of(self, notes: Notes) -> tuple[Notes, tuple[str, ...]]:
        """Give the notes that hold for what is recorded now, and what is to be said about them.

        Every thread numbers its operations from 0, so notes of the main thread would give wrong lines to those of
        another. Models are then known by the names that the script has for them.
        """
        backward = not in_main()
        if not (backward or self.forward):
            return notes, ()
        bare = Notes()
        bare.roots += models_in_sight() or notes.roots
        return bare, (BACKWARD_ELSEWHERE if backward else FORWARD_ELSEWHERE,)


@contextlib.contextmanager
def watched() -> Iterator[Elsewhere]:
    """Watch, inside the block, for models that run in another thread; a checkpoint's recomputation is none."""
    elsewhere = Elsewhere()

    def before(_module: torch.nn.Module, _arguments: object) -> None:
        if not in_main() and torch._C._current_graph_task_id() == -1:
            elsewhere.forward = True

    hook = register_module_forward_pre_hook(before)
    try:
        yield elsewhere
    finally:
        hook.remove()


def in_main() -> bool:
    """Tell whether this is the main thread."""
    return threading.current_thread() is threading.main_thread()


def wait_for_all() -> None:
    """Wait for the threads that the script started, as Python does before it ends."""
    for thread in threading.enumerate():
        if not (thread.daemon or thread is threading.current_thread()):
            thread.join()
