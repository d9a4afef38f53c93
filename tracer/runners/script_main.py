"""Runs a file as `python file.py arguments` would."""

from __future__ import annotations

import builtins
import importlib.machinery
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any


def run_as_main(path: str, arguments: Sequence[str]) -> dict[str, Any]:
    """Run a script as the main module of this process, and give the names that it leaves.

    sys.argv, sys.path[0], `__main__` and `__file__` are as Python would set them. A `tracer.py` or folder `tracer`
    beside the script is what it gets when it imports that name.

    Raises:
        BaseException: whatever the script raises, SystemExit included.
    """
    with open(path, "rb") as file:
        source = file.read()
    folder = os.path.dirname(os.path.realpath(path))
    main = ModuleType("__main__")
    main.__dict__.update(
        __file__=os.path.abspath(path),
        __builtins__=builtins,
        __cached__=None,
        __loader__=importlib.machinery.SourceFileLoader("__main__", path),
    )
    sys.modules["__main__"] = main
    sys.argv = [path, *arguments]
    sys.path.insert(0, folder)
    with _ours_aside(folder):
        exec(compile(source, os.path.abspath(path), "exec", dont_inherit=True), main.__dict__)
    return main.__dict__


@contextmanager
def _ours_aside(folder: str) -> Iterator[None]:
    """Make room for a `tracer` of the person's; what is ours works on, since all of it is imported."""
    ours = __name__.partition(".")[0]
    if importlib.machinery.PathFinder.find_spec(ours, [folder]) is None or folder == _HOME:
        yield
        return
    aside = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == ours}
    for name in aside:
        del sys.modules[name]
    try:
        yield
    finally:
        sys.modules.update(aside)


_HOME = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
