"""Whether a window can be shown, and how it is started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tracer
from tracer.cli import window
from tracer.errors import TracerError

DISPLAYS = [
    ({}, "linux", False),
    ({"DISPLAY": ""}, "linux", False),
    ({"DISPLAY": ":0"}, "linux", True),
    ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
    ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
    ({}, "darwin", True),
    ({}, "win32", True),
]


@pytest.mark.parametrize(("variables", "platform", "there"), DISPLAYS)
def test_display(variables: dict[str, str], platform: str, there: bool) -> None:
    assert window.has_display(variables, platform) is there


def test_a_folder_named_gui_shadows_nothing(tmp_path: Path) -> None:
    """The window's process finds our `gui`, wherever the person stands."""
    (tmp_path / "gui").mkdir()
    (tmp_path / "gui" / "__init__.py").write_text("raise SystemExit('the wrong gui')")
    assert window.command(["--help"]) == [sys.executable, "-P", "-m", "gui", "--help"]
    found = subprocess.run(
        [sys.executable, "-P", "-c", "import gui; print(gui.__file__)"],
        cwd=tmp_path,
        env=window.environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert Path(found).parents[1] == Path(tracer.__file__).parents[1]


def test_a_window_that_a_signal_ends_says_who_knows_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt aborts where it lacks a library of the system."""
    ends = "import os, signal, sys; os.kill(os.getpid(), signal.SIGABRT) if sys.argv[1:] == ['abort'] else sys.exit(3)"
    monkeypatch.setattr(window, "command", lambda: [sys.executable, "-c", ends, "abort"])
    if sys.platform == "win32":
        assert window.open_window() != 0
    else:
        with pytest.raises(TracerError, match=r"ended by signal 6\. “gradtrace doctor” says what is missing"):
            window.open_window()
    monkeypatch.setattr(window, "command", lambda: [sys.executable, "-c", ends])
    assert window.open_window() == 3
