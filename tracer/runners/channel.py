"""The channel of a process that answers in JSON lines: its own copies of stdin and stdout."""

from __future__ import annotations

import io
import os
import sys
from typing import BinaryIO


def private_channel() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for messages alone, and give them.

    Afterwards whatever this process or its children print goes to stderr, and whatever they read from stdin is empty,
    so that a `print` can't stand between two messages.
    """
    source, target = os.dup(0), os.dup(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    sys.stdout.flush()
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a print is seen when it happens
    return open(source, "rb"), open(target, "wb")
