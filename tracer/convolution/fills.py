"""What a fill may be: a pattern by its word, or the name of a picture or a sound. Nothing is read here."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Any

from tracer.convolution.layer import FILLS
from tracer.convolution.reading import choice, either
from tracer.errors import InvalidSetting

PICTURES = ("png", "jpg", "jpeg", "bmp", "gif", "tif", "tiff", "webp")
SOUNDS = ("wav",)


def fill(value: Any, dims: int) -> str:
    """Read a fill for a layer whose signal has so many axes.

    Raises:
        InvalidSetting: it is no pattern and names no file that can be the input of such a layer.
    """
    if not isinstance(value, str) or not is_file(value):
        return choice("fill", value, FILLS)
    name, kind = PurePath(value).name[:60], suffix(value)
    if kind not in (*PICTURES, *SOUNDS) or not _can_be_a_name(value):
        kinds = f"a picture ({either(PICTURES)}) or a sound (wav)"
        raise InvalidSetting(f"“{name}” names no file that can fill an input", "fill", f"Use {kinds}")
    what, wanted = ("picture", 2) if kind in PICTURES else ("sound", 1)
    if dims != wanted:
        axes = "1 axis" if wanted == 1 else f"{wanted} axes"
        said = f"A {what} has {axes}, and the signal of this layer has {dims}"
        raise InvalidSetting(said, "fill", f"Use a layer such as Conv{wanted}d")
    return value


def is_file(name: str) -> bool:
    """Tell whether a fill names a file: it has a suffix, or a folder before it."""
    path = PurePath(name)
    return bool(path.suffix) or len(path.parts) > 1


def suffix(name: str) -> str:
    """Give the kind of a file by its name: "png", "wav"."""
    return PurePath(name).suffix.removeprefix(".").lower()


def _can_be_a_name(name: str) -> bool:
    try:
        return b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False
