"""Starting the window: always as a process of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import tracer
from tracer.errors import TracerError

LIBRARIES = "libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libfontconfig1 libdbus-1-3"
CURE = "Install it with: pip install 'gradtrace[app]'"


def open_window() -> int:
    """Open the window, wait until it is closed, and give its exit code.

    Raises:
        TracerError: its library is not there, or its process was ended by a signal, as where Qt lacks a library.
    """
    need_window()
    code = subprocess.run(command(), env=environment(), check=False).returncode
    if code < 0:
        raise TracerError(f"The window was ended by signal {-code}", cure="“gradtrace doctor” says what is missing")
    return code


def has_display(variables: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Tell whether a window can be seen here."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return platform in ("win32", "darwin") or any(variables.get(name) for name in named)


def need_window() -> None:
    """Make sure that the window's library is there.

    Raises:
        TracerError: it is not.
    """
    if importlib.util.find_spec("PySide6") is None:
        raise TracerError("The window needs PySide6, which is not installed", cure=CURE)


def command(arguments: Sequence[str] = ()) -> list[str]:
    """Give the command that starts the window; a folder named gui where the person stands can't shadow ours (-P)."""
    return [sys.executable, "-P", "-m", "gui", *arguments]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the variables of the window's process, which finds `gui` beside `tracer`."""
    ours = str(Path(tracer.__file__).parents[1])
    theirs = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([ours, theirs] if theirs else [ours]), **(extra or {})}
