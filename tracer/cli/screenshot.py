"""`gradtrace screenshot`: the window as a picture; no display is needed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from tracer.cli import reading, window
from tracer.cli.tables import tell
from tracer.convolution.reading import choice
from tracer.errors import InvalidSetting, TracerError

SECONDS = 120
CURE = "Write it as 1440x900"
NOISE = ("This plugin does not support propagateSizeHints()",)  # Qt says so of itself where there is no display
WORKSPACES = ("convolution", "expression")
THEMES = ("light", "dark", "system")


def screenshot(
    file: Annotated[Path, typer.Argument(help="The picture to write, such as window.png.")],
    workspace: Annotated[str, typer.Option(help="convolution or expression.")] = "convolution",
    theme: Annotated[str, typer.Option(help="light or dark.")] = "light",
    size: Annotated[str, typer.Option(help="Width and height in pixels.")] = "1440x900",
) -> None:
    """Save a picture of the window; no display is needed."""
    code, said = take(
        file,
        choice("workspace", workspace, WORKSPACES),
        choice("theme", theme, THEMES),
        reading.per_axis(size, "size", CURE),
    )
    if said:
        tell(said)
    if code == 0:
        tell(f"Saved {file}")
    raise typer.Exit(code)


def take(file: Path, workspace: str, theme: str = "light", size: reading.PerAxis = (1440, 900)) -> tuple[int, str]:
    """Start the window, let it draw itself into a file, and give the exit code and what it said.

    Raises:
        TracerError: the size is not two numbers, PySide6 is not installed, or the window took over two minutes.
    """
    if isinstance(size, int) or len(size) != 2:
        raise InvalidSetting("The size needs a width and a height", "size", CURE)
    window.need_window()
    pixels = f"{size[0]}x{size[1]}"
    options = ["--screenshot", str(file), "--workspace", workspace, "--theme", theme, "--size", pixels]
    platform = {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM") or "offscreen"}
    try:
        ended = subprocess.run(
            window.command(options),
            env=window.environment(platform),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TracerError(
            f"The window drew nothing in {SECONDS} seconds", str(file), "Try again, or look at “gradtrace doctor”"
        ) from error
    words = (ended.stdout + ended.stderr).decode(errors="replace").strip().splitlines()
    said = "\n".join(line for line in words if line not in NOISE)
    if "Traceback (most recent call last)" in said and os.environ.get("GRADTRACE_DEBUG") != "1":
        said = f"The window failed: {said.splitlines()[-1]}. GRADTRACE_DEBUG=1 shows where."
    said = said.rpartition("error: ")[2] if said.startswith("usage:") else said
    return (2 if ended.returncode else 0), said
