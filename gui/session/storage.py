"""Files: `*.gradtrace`, and the session that is kept without asking."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec
from PySide6.QtCore import QStandardPaths

from tracer.errors import UnreadableFile
from tracer.experiment import Experiment

FORMAT, VERSION, SUFFIX = "gradtrace", 1, ".gradtrace"


class Document(msgspec.Struct, frozen=True):
    """What a file holds."""

    format: str
    version: int
    experiments: tuple[Experiment, ...]


class _Head(msgspec.Struct, frozen=True):
    format: str = ""
    version: int = 0


def write(path: Path, experiments: tuple[Experiment, ...]) -> None:
    """Write a session; never leaves half a file.

    Raises:
        UnreadableFile: it can't be written there; says why.
    """
    body = msgspec.json.format(msgspec.json.encode(Document(FORMAT, VERSION, experiments)), indent=2)
    put(path, body + b"\n", "session")


def put(path: Path, body: bytes, what: str) -> None:
    """Write a file; never leaves half of one. `what` it is stands in the sentence that says it can't be written.

    Raises:
        UnreadableFile: it can't be written there; says why.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)
    except OSError as error:
        raise UnreadableFile(
            f"The {what} can't be written: {error.strerror}", str(path), "Choose another place"
        ) from error


def read(path: Path) -> tuple[Experiment, ...]:
    """Read a session.

    Raises:
        UnreadableFile: the file can't be read, is no session, is from a newer version, or is damaged; says what and
            where.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"This file can't be read: {error.strerror}", str(path)) from error
    try:
        head = msgspec.json.decode(text, type=_Head)
        if head.format != FORMAT:
            raise UnreadableFile("This is no session of Gradtrace", str(path), f"Choose a file that ends in {SUFFIX}")
        if head.version > VERSION:
            what = f"This session is of version {head.version}, and this Gradtrace reads up to {VERSION}"
            raise UnreadableFile(what, str(path), "Update Gradtrace to open it")
        return msgspec.json.decode(text, type=Document).experiments
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableFile(f"This session is damaged: {error}", str(path)) from error


def kept() -> Path:
    """Give the place where the session is kept without asking."""
    return own_folder() / f"session{SUFFIX}"


def own_folder() -> Path:
    """Give the folder where the program keeps what is the person's."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))
