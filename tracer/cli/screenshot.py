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
from tracer.errors import InvalidSetting, TracerError, UnreadableFile

SECONDS = 120
CURE = "Write it as 1440x900"
LEAST, MOST = 200, 8000  # pixels that the window can be wide and high
Size = tuple[int, int]
NOISE = ("This plugin does not support propagateSizeHints()",)  # Qt says so of itself where there is no display
WORKSPACES = ("convolution", "expression", "matvec", "model", "lesson")
THEMES = ("light", "dark", "system")


def screenshot(
    file: Annotated[Path, typer.Argument(help="The picture to write, such as window.png.")],
    workspace: Annotated[str, typer.Option(help="convolution, expression, matvec, model or lesson.")] = "convolution",
    theme: Annotated[str, typer.Option(help="light or dark.")] = "light",
    size: Annotated[str, typer.Option(help="Width and height in pixels.")] = "1440x900",
    tab: Annotated[str, typer.Option(help="The tab in front, such as Graph.")] = "",
    session: Annotated[Path | None, typer.Option(help="A session to open (*.gradtrace).")] = None,
) -> None:
    """Save a picture of the window; no display is needed."""
    code, said = take(
        file,
        choice("workspace", workspace, WORKSPACES),
        choice("theme", theme, THEMES),
        _size(size),
        tab,
        session,
    )
    if said:
        tell(said)
    if code == 0:
        tell(f"Saved {file}")
    raise typer.Exit(code)


def take(
    file: Path,
    workspace: str,
    theme: str = "light",
    size: Size = (1440, 900),
    tab: str = "",
    session: Path | None = None,
) -> tuple[int, str]:
    """Start the window, let it draw itself into a file, and give the exit code and what it said.

    Raises:
        TracerError: the picture can't be written there, there is no such session, PySide6 is not installed, or the
            window took over two minutes.
    """
    _check(file)
    if session is not None and not session.is_file():
        raise UnreadableFile("There is no such session", str(session), "Give the path of a *.gradtrace file")
    window.need_window()
    pixels = f"{size[0]}x{size[1]}"
    options = ["--screenshot", str(file), "--workspace", workspace, "--theme", theme, "--size", pixels]
    options += ["--tab", tab] if tab else []
    options += [str(session)] if session else []
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


def _size(text: str) -> Size:
    """Read a width and a height.

    Raises:
        InvalidSetting: there are not two numbers, or the window can't be of that size.
    """
    found = reading.per_axis(text, "size", CURE)
    if isinstance(found, int) or len(found) != 2:
        raise InvalidSetting("The size needs a width and a height", "size", CURE)
    if not all(LEAST <= pixels <= MOST for pixels in found):
        raise InvalidSetting(f"Width and height can be {LEAST} to {MOST} pixels, and “{text}” is not", "size", CURE)
    return found[0], found[1]


def _check(file: Path) -> None:
    """Refuse a picture that can't be written, before the window starts.

    Raises:
        TracerError: it is no PNG, or nothing can be written in that place.
    """
    from tracer.export.files import refuse_place

    if file.suffix.lower() != ".png":
        raise TracerError("A picture of the window is a PNG", str(file), "Give it a name that ends in .png")
    refuse_place(file)
