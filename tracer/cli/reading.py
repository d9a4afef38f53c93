"""Reading what was typed on the command line: 3x5, 0,2,5, x=[[1,2],[3,4]]."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from tracer.analysis.folding import Fold, Level
from tracer.errors import InvalidSetting

PerAxis = int | tuple[int, ...]
PER_AXIS = "Write one number, such as 3, or one an axis, such as 3x5"


def per_axis(text: str, field: str, cure: str = PER_AXIS) -> PerAxis:
    """Read 3, or one number an axis: 3x5, 3×5 or 3,5.

    Raises:
        InvalidSetting: the text is no such size.
    """
    parts = re.split(r"[x×,]", text.strip().lower())
    if not all(re.fullmatch(r"\s*[-−+]?\d+\s*", part) for part in parts) or len(text) > 100:
        raise InvalidSetting(f"“{text[:40]}” is no size", field, cure)
    numbers = tuple(int(part.replace("−", "-")) for part in parts)
    return numbers[0] if len(numbers) == 1 else numbers


def padding(text: str) -> PerAxis | str:
    """Read padding: numbers, or a word such as "same"."""
    return text if text.strip().isalpha() else per_axis(text, "padding")


def fold(level: str, opened: Sequence[str] | None) -> Fold:
    """Read how far a picture is folded: auto, all, or how many names of a module's path are told apart.

    Raises:
        InvalidSetting: the level is none of these.
    """
    word = level.strip().lower()
    words: dict[str, Level] = {"auto": "auto", "all": "all"}
    if word in words:
        return Fold(words[word], tuple(opened or ()))
    if not word.isdecimal() or len(word) > 6 or int(word) < 1:
        raise InvalidSetting(f"“{level[:40]}” is no level", "level", "Use auto, all, or a number from 1, such as 2")
    return Fold(int(word), tuple(opened or ()))


def batch(text: str) -> int | None:
    """Read the batch: a number, or "none" for an input without a batch axis.

    Raises:
        InvalidSetting: it is neither.
    """
    if text.strip().lower() == "none":
        return None
    found = per_axis(text, "batch")
    if isinstance(found, tuple):
        raise InvalidSetting(f"“{text}” is no batch", "batch", "Use a number, or “none” for no batch axis")
    return found


def loss(text: str) -> str | tuple[int, ...]:
    """Read a loss: a word, or the index of one output, 0,3,5,7."""
    if text.strip().isalpha():
        return text
    found = per_axis(text, "loss")
    return found if isinstance(found, tuple) else (found,)


def inputs(settings: list[str]) -> dict[str, Any]:
    """Read inputs, one `name=value` each: x=[[1,2],[3,4]].

    Raises:
        InvalidSetting: one has no name, or no value that can be read.
    """
    found: dict[str, Any] = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise InvalidSetting(f"“{text[:40]}” names no input", "--set", 'Write it as --set "x=[[1,2],[3,4]]"')
        found[name.strip()] = values(value, name.strip())
    return found


def values(text: str, name: str) -> Any:
    """Read nested lists of numbers and fractions: [[1, 1/3], [−2, 4e-1]].

    Raises:
        InvalidSetting: the text is no such list.
    """
    quoted = re.sub(r"(?<![\w.])([-+]?\d+)\s*/\s*(\d+)(?![\w.])", r'"\1/\2"', text.replace("−", "-").strip())
    quoted = re.sub(r"(?<![\w.\"])([-+]?(?:nan|inf))(?![\w.\"])", r'"\1"', quoted)
    try:
        found = ast.literal_eval(quoted)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, list | tuple | int | float | str):
        cure = "Write nested lists of numbers or fractions, such as [[1, 2], [1/3, 4]]"
        raise InvalidSetting(f"“{text.strip()[:40]}” can't be read as numbers", name, cure)
    return found
