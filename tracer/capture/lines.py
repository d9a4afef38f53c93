"""The line of the person's program that something came from: found while it runs, named only when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import CodeType, FrameType

import torch

Line = tuple[CodeType, int]  # code and the offset of the instruction in it; no frame, so that nothing is kept alive

_NOT_THE_PERSONS = (
    os.path.dirname(torch.__file__) + os.sep,
    os.path.dirname(os.path.dirname(__file__)) + os.sep,
)


def persons(frame: FrameType | None) -> Line | None:
    """Find the line of the innermost frame that is neither torch's nor ours."""
    innermost = next(persons_frames(frame), None)
    return None if innermost is None else (innermost.f_code, innermost.f_lasti)


def persons_frames(frame: FrameType | None) -> Iterator[FrameType]:
    """Go through the frames that are neither torch's nor ours, from the innermost out."""
    while frame is not None:
        if not frame.f_code.co_filename.startswith(_NOT_THE_PERSONS):
            yield frame
        frame = frame.f_back


def source(line: Line) -> str:
    """Give the file and the number of a line, such as "train.py:41"."""
    code, offset = line
    number: int | None = None
    for start, end, here in code.co_lines():
        if start <= offset < end:
            number = here
    return f"{os.path.basename(code.co_filename)}:{number or code.co_firstlineno}"
