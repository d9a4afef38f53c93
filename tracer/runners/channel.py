"""The channel of a process that answers in JSON lines: its own copies of stdin, or of a pipe, and of stdout."""

from __future__ import annotations

import io
import os
import sys
from typing import BinaryIO


def private_channel(given: int = 0) -> tuple[BinaryIO, BinaryIO]:
    """Take a descriptor (stdin, where no other is given) and stdout for messages alone, and give them.

    Afterwards whatever this process or its children print goes to stderr, so that a `print` can't stand between two
    messages. Where stdin was taken, whatever they read from it is empty.
    """
    source, target = _taken(given), os.dup(1)
    sys.stdout.flush()
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a print is seen when it happens
    return open(source, "rb"), open(target, "wb")


def _taken(given: int) -> int:
    if given != 0:
        os.set_inheritable(given, False)
        return given
    source = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return source
