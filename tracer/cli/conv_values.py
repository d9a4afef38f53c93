"""Values for `gradtrace conv`: nested lists as they are typed, or in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tracer.cli import reading
from tracer.convolution import memory
from tracer.errors import LimitPassed, UnreadableFile
from tracer.quantities import size

CURE = "Give nested lists such as [[1, 1/3]], or a file of them (txt, json), or an array (npy)"


def values(text: str | None, field: str) -> Any:
    """Read nested lists, or the file that the text names; `None` where nothing was given.

    Raises:
        InvalidSetting: it is no list of numbers.
        UnreadableFile: the file is missing or damaged.
        LimitPassed: it is too large.
    """
    if text is None:
        return None
    if text.lstrip().startswith("["):
        return reading.values(text, field)
    path = Path(text)
    try:
        length, limit = path.stat().st_size, memory.limit()
        if length > limit // 16:  # what lists of numbers take beside their text
            what = f"{path.name} has {size(length)}, and its numbers would pass the limit of {size(limit)}"
            raise LimitPassed(what, field, "Use a smaller file, or raise the limit GRADTRACE_MEMORY")
        return _array(path) if path.suffix.lower() == ".npy" else reading.values(path.read_text("utf-8"), field)
    except OSError as error:
        raise UnreadableFile(f"This file can't be read: {error.strerror}", text, CURE) from error
    except UnicodeDecodeError as error:
        raise UnreadableFile("This file is no text", text, CURE) from error
    except (ValueError, EOFError) as error:
        raise UnreadableFile("This file can't be read as numbers", text, CURE) from error


def _array(path: Path) -> Any:
    import numpy as np

    return np.load(path, allow_pickle=False).tolist()
