"""Lines of the person's own files, with how many nodes each made."""

from __future__ import annotations

import os
import tokenize
from collections import Counter

from tracer.drawing.wording import inert
from tracer.errors import TracerError
from tracer.experiment import Script
from tracer.worker.model.held import Held
from tracer.worker.model.messages import AskSource, SourceText

AROUND, MOST_BYTES = 2000, 1 << 22  # lines before and after; bytes of a file
CHANGED = "The file has changed since this was recorded, so that lines may not be those that ran."


def source_text(held: Held, asked: AskSource) -> SourceText:
    """Give the lines around a line.

    Raises:
        TracerError: the file is not known, or can't be read.
    """
    name, _, digits = asked.source.rpartition(":")
    number = int(digits) if digits.isdecimal() else 0
    path = _path(held, name or asked.source)
    lines = _read(path)
    first = max(number - AROUND, 1)
    counted: Counter[int] = Counter()
    for node in held.facts.graph.nodes:
        file, _, line = (node.source or "").rpartition(":")
        if file == name and line.isdecimal():
            counted[int(line)] += 1
    shown = lines[first - 1 : number + AROUND]
    marked = tuple((line, times) for line, times in sorted(counted.items()) if first <= line < first + len(shown))
    note = CHANGED if os.path.getmtime(path) > _recorded(held) else ""
    return SourceText(asked.edit, asked.recording, asked.source, path, first, shown, marked, note)


def _recorded(held: Held) -> float:
    try:
        return os.path.getmtime(held.path)
    except OSError:  # the recording's file has gone, so it is not known when it was made
        return float("inf")


def _path(held: Held, name: str) -> str:
    """Find a source file: as the run told, or beside the script that was recorded.

    Raises:
        TracerError: it is not known where it is.
    """
    if name in held.files:
        return held.files[name]
    script = held.facts.experiment
    if isinstance(script, Script):
        beside = os.path.join(os.path.dirname(os.path.abspath(script.path)), name)
        if not held.files and os.path.isfile(beside):
            return beside
    what = f"It is not known where the file “{inert(name)}” is"
    raise TracerError(what, cure="Run the script here: a recording holds the names of files, not their contents")


def _read(path: str) -> tuple[str, ...]:
    try:
        if os.path.getsize(path) > MOST_BYTES:
            raise TracerError("This source file is too large to be shown", inert(path, None))
        with tokenize.open(path) as file:
            return tuple(inert(line.rstrip("\r\n").expandtabs(4), None) for line in file)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise TracerError(f"This source file can't be read: {error}", inert(path, None)) from error
