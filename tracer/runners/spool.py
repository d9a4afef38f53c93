"""The spool: a recording in a file of our own, written and read many times faster than JSON, for another process.

It holds the same plain data as the JSON of a recording, so reading one runs nothing. It lives as long as the window;
what is to be kept is saved as JSON.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from tracer import facts as facts_
from tracer.errors import UnreadableFile
from tracer.facts import Facts, spelled

MAGIC = b"gradtrace-spool 1\n"


def write(path: str, facts: Facts) -> None:
    """Write facts to a file, whole or not at all.

    Raises:
        OSError: the file can't be written.
    """
    try:
        body = msgspec.msgpack.encode(facts)
    except UnicodeEncodeError:  # a lone surrogate in a name
        body = msgspec.msgpack.encode(spelled(msgspec.to_builtins(facts)))
    with open(f"{path}.part", "wb") as file:
        file.write(MAGIC)
        file.write(body)
    os.replace(f"{path}.part", path)


def read(path: str) -> Facts:
    """Read facts from a spool, or from a recording that was saved as JSON.

    Raises:
        UnreadableFile: the file can't be read, is neither, or is damaged; says what and where.
    """
    with _without_gc():
        if not _is_spool(path):
            return facts_.read(path)
        with open(path, "rb") as file:
            file.seek(len(MAGIC))
            body = file.read()
        try:
            return msgspec.msgpack.decode(body, type=Facts, strict=False)
        except msgspec.DecodeError as error:
            raise UnreadableFile(f"This recording is damaged: {error}", path, "Run the script again") from error


def _is_spool(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:  # told by the reader of JSON
        return False


@contextmanager
def _without_gc() -> Iterator[None]:
    """Make many objects without looking through them again and again; none of them is a cycle."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
