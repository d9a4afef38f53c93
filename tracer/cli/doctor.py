"""`gradtrace doctor`: what is here, what is missing, and what cures it."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

import typer

import tracer
from tracer.cli import tables, window
from tracer.cli.answers import Json
from tracer.errors import TracerError

SECONDS = 60


class Finding(NamedTuple):
    """One thing that was looked at: what was found (`state` "ok", "missing" or "optional"), and what cures it."""

    thing: str
    found: str
    state: str = "ok"
    cure: str = ""


def doctor(json: Json = False) -> None:
    """Check this machine: versions, Graphviz, the window, CUDA, fonts; exit 1 where something needed is missing."""
    findings = [examine() for examine in EXAMINATIONS]
    if json:
        tables.as_json([finding._asdict() for finding in findings])
    else:
        tables.show("Gradtrace's doctor", COLUMNS, findings)
    if any(finding.state == "missing" for finding in findings):
        raise typer.Exit(1)


COLUMNS = (
    tables.Column("", lambda finding: finding.thing),
    tables.Column("found", lambda finding: finding.found),
    tables.Column("state", lambda finding: finding.state),
    tables.Column("cure", lambda finding: finding.cure),
)


def _gradtrace() -> Finding:
    return Finding("Gradtrace", tracer.__version__)


def _python() -> Finding:
    return Finding("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _torch() -> Finding:
    if importlib.util.find_spec("torch") is None:
        return Finding("PyTorch", "not installed", "missing", "pip install torch")
    try:
        import torch
    except (ImportError, OSError) as error:
        return Finding("PyTorch", f"can't be loaded: {_last_line(str(error))}", "missing", "Install torch again")
    return Finding("PyTorch", str(torch.__version__))


def _cuda() -> Finding:
    if _torch().state == "missing":
        return Finding("CUDA devices", "not known without PyTorch", "optional")
    from tracer.runners import devices

    found = devices.names()[1:]
    return Finding("CUDA devices", ", ".join(found)) if found else Finding("CUDA devices", "none", "optional")


def _graphviz() -> Finding:
    from tracer.drawing import graphviz

    try:
        program = graphviz.program()
        said = _run([str(program), "-V"])
    except (TracerError, OSError, subprocess.SubprocessError) as error:
        return Finding("Graphviz", _last_line(str(error)), "missing", "pip install graphviz-pure")
    return Finding("Graphviz", f"{_last_line(said)} ({program})")


def _pyside() -> Finding:
    for name in ("PySide6-Essentials", "PySide6"):
        try:
            return Finding("PySide6 (the window)", importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            continue
    return Finding("PySide6 (the window)", "not installed", "optional", window.CURE)


def _qt() -> Finding:
    """Start Qt in a process of its own: what it lacks (a system library, a platform) shows only then."""
    if _pyside().state != "ok":
        return Finding("Qt platform", "not known without PySide6", "optional")
    chosen = os.environ.get("QT_QPA_PLATFORM") or ("" if window.has_display() else "offscreen")
    variables = window.environment({"QT_QPA_PLATFORM": chosen} if chosen else {})
    starts = "from PySide6.QtGui import QGuiApplication as A; print(A([]).platformName())"
    try:
        name = _last_line(_run([sys.executable, "-c", starts], variables))
    except (OSError, subprocess.SubprocessError) as error:
        cure = f"Install the system library that is named, on Debian and Ubuntu: apt install {window.LIBRARIES}"
        return Finding("Qt platform", f"Qt can't start: {_last_line(str(error))}", "missing", cure)
    display = "a display is there" if window.has_display() else "no display: pictures and tables only"
    return Finding("Qt platform", f"{name}; {display}")


def _fonts() -> Finding:
    fonts = importlib.resources.files("tracer.resources") / "fonts"
    found = sorted(file.name for file in fonts.iterdir() if file.name.endswith((".otf", ".ttf")))
    if len(found) < len(FONTS):
        lost = ", ".join(sorted(FONTS - set(found)))
        return Finding("Fonts", f"missing: {lost}", "missing", "Install gradtrace again")
    return Finding("Fonts", ", ".join(found))


FONTS = {"Inter-Regular.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf"}
EXAMINATIONS: tuple[Callable[[], Finding], ...] = (
    _gradtrace, _python, _torch, _cuda, _graphviz, _pyside, _qt, _fonts,
)  # fmt: skip


def _run(command: list[str], variables: dict[str, str] | None = None) -> str:
    """Run a program and give what it said.

    Raises:
        SubprocessError: it failed, with its last words, or took too long.
    """
    done = subprocess.run(
        command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
    )
    said = (done.stdout + done.stderr).decode(errors="replace").strip()
    if done.returncode:
        raise subprocess.SubprocessError(_last_line(said) or f"it ended with {done.returncode}")
    return said


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1] if text.strip() else ""
