"""The spool: arrays as bytes in a file, so that the window can look at any part of them without copying the rest."""

from __future__ import annotations

import contextlib
import itertools
import pathlib
import tempfile
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer.worker.messages import Arrays, Stored

KEPT = 3  # files: the newest, and those that a window may still be looking at
MOST_BYTES = 2**29  # of one edit; larger layers are not stored
ALIGNED = 64  # bytes: every array begins at a multiple of it


class Spool:
    """A folder of its own, with the newest few files. It goes when the process ends well."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gradtrace-", ignore_cleanup_errors=True)
        self._files: deque[pathlib.Path] = deque()
        self._numbers = itertools.count()

    @property
    def folder(self) -> str:
        """Where the files lie."""
        return self._folder.name

    def store(self, edit: int, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
        """Write arrays one after the other into a new file, and say where each lies; none if they are too large."""
        if sum(array.nbytes for array in arrays.values()) > MOST_BYTES:
            return Arrays(edit, "", ())
        path = pathlib.Path(self.folder, f"{next(self._numbers)}.numbers")
        stored: list[Stored] = []
        with path.open("wb") as file:
            for name, array in arrays.items():
                file.write(bytes(-file.tell() % ALIGNED))
                stored.append(Stored(name, array.shape, array.dtype.str, file.tell()))
                file.write(np.ascontiguousarray(array).data)
        self._keep(path)
        return Arrays(edit, str(path), tuple(stored))

    def _keep(self, path: pathlib.Path) -> None:
        self._files.append(path)
        while len(self._files) > KEPT:
            with contextlib.suppress(PermissionError):  # a system that keeps open files: it goes with the folder
                self._files.popleft().unlink(missing_ok=True)


def look(stored: Arrays) -> dict[str, NDArray[Any]]:
    """Give the arrays of a file, read only; a page of it is read when it is looked at.

    Raises:
        OSError: the file has gone, or can't be read.
    """
    if not stored.arrays:
        return {}
    whole = np.memmap(stored.path, dtype=np.uint8, mode="r")
    found: dict[str, NDArray[Any]] = {}
    for item in stored.arrays:
        dtype = np.dtype(item.dtype)
        length = dtype.itemsize * int(np.prod(item.shape, dtype=np.int64))
        found[item.name] = whole[item.offset : item.offset + length].view(dtype).reshape(item.shape)
    return found
