"""What the command line of the window asks for."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple


class Options(NamedTuple):
    """The options of `python -m gui`; `size` is width and height in logical pixels."""

    file: Path | None = None
    screenshot: Path | None = None
    workspace: str = ""
    tab: str = ""
    theme: Literal["system", "light", "dark"] | None = None
    size: tuple[int, int] | None = None
    scale: float = 1.0

    def prepare(self) -> None:
        """Set what Qt reads before it starts: the scale of the screen."""
        if self.scale != 1:
            os.environ["QT_SCALE_FACTOR"] = f"{self.scale:g}"


def read(arguments: Sequence[str]) -> Options:
    """Read the options; a wrong one ends the program with exit code 2 and a sentence."""
    parser = argparse.ArgumentParser(prog="python -m gui", description="See what PyTorch's autograd recorded.")
    parser.add_argument("file", nargs="?", type=Path, help="a session, a script (*.py) or a recording (*.json) to open")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save a picture of the window, and end")
    parser.add_argument("--workspace", choices=("convolution", "expression", "matvec", "model", "lesson"), default="")
    parser.add_argument("--tab", default="", metavar="NAME", help="the picture in front, such as Graph")
    parser.add_argument("--theme", choices=("system", "light", "dark"))
    parser.add_argument("--size", type=_size, metavar="1440x900", help="width and height of the window")
    parser.add_argument("--scale", type=_scale, default=1.0, help="how many pixels a point of the screen has")
    return Options(**vars(parser.parse_args(list(arguments))))


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().replace("×", "x").partition("x")
    if not (width.isdecimal() and height.isdecimal() and 200 <= int(width) <= 8000 and 200 <= int(height) <= 8000):
        raise argparse.ArgumentTypeError(f"“{text}” is no size; use one such as 1440x900")
    return int(width), int(height)


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0
    if not 0.5 <= scale <= 4:
        raise argparse.ArgumentTypeError(f"“{text}” is no scale; use a number from 0.5 to 4")
    return scale
