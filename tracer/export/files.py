"""Saves a recording in the format of the file's suffix; never leaves half a file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tracer.analysis.folding import AUTO, Fold
from tracer.drawing.display_list import DisplayList
from tracer.drawing.palette import Theme
from tracer.drawing.picture import draw
from tracer.drawing.wording import inert
from tracer.errors import TracerError
from tracer.export.dot import dot
from tracer.export.json import json
from tracer.export.pdf import pdf
from tracer.export.png import png
from tracer.export.svg import svg
from tracer.facts import Facts

WRITERS: dict[str, Callable[[Facts, Theme, Fold], bytes]] = {
    "svg": lambda facts, theme, how: svg(draw(facts, how=how), theme).encode(),
    "png": lambda facts, theme, how: png(svg(draw(facts, how=how), theme)),
    "pdf": lambda facts, theme, how: pdf(svg(draw(facts, how=how), theme)),
    "dot": lambda facts, _theme, how: dot(facts, how).encode(),
    "json": lambda facts, _theme, _how: json(facts).encode(),
}

PICTURES: dict[str, Callable[[str], bytes]] = {"svg": str.encode, "png": png, "pdf": pdf}  # each from the SVG


def save(facts: Facts, path: str | os.PathLike[str], theme: Theme = "light", how: Fold = AUTO) -> None:
    """Write a recording to a file: svg, png, pdf, dot or json; a picture is folded as `how` says.

    Raises:
        TracerError: the suffix is not known, or the file can't be written there.
    """
    target = Path(path)
    write = WRITERS[_suffix(target, WRITERS)]
    refuse_place(target)
    replace_file(target, write(facts, theme, how))


def save_picture(picture: DisplayList, path: str | os.PathLike[str], theme: Theme = "light") -> None:
    """Write a picture to a file: svg, png or pdf.

    Raises:
        TracerError: the suffix is not known, or the file can't be written there.
    """
    target = Path(path)
    write = PICTURES[_suffix(target, PICTURES)]
    refuse_place(target)
    replace_file(target, write(svg(picture, theme)))


def save_text(text: str, path: str | os.PathLike[str]) -> None:
    """Write a table to a CSV file, in UTF-8.

    Raises:
        TracerError: the suffix is another one, or the file can't be written there.
    """
    target = Path(path)
    _suffix(target, ["csv"])
    refuse_place(target)
    replace_file(target, text.encode())


def _suffix(target: Path, known: Iterable[str]) -> str:
    """Give the format that a name's suffix says.

    Raises:
        TracerError: it says none that is known.
    """
    suffix = target.suffix.removeprefix(".").lower()
    if suffix not in known:
        no_format = f"“.{inert(suffix)}” is no format that Gradtrace writes"
        what = no_format if suffix else "A file name needs a suffix that says its format"
        names = ", ".join(f".{name}" for name in known)
        raise TracerError(what, inert(str(target), None), f"Choose one of {names}")
    return suffix


def replace_file(target: Path, content: bytes) -> None:
    """Put content in the place of a file: written beside it, then moved, so the old or the new file is always whole.

    A link is followed, and the rights of a file that is replaced are kept.

    Raises:
        TracerError: it can't be written there.
    """
    target = target.resolve()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, _rights(target))
            os.replace(name, target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise
    except OSError as error:
        raise TracerError(
            f"The file could not be written: {error.strerror or error}", str(target), "Save it in another folder"
        ) from error


def refuse_place(target: Path) -> None:
    """Say what is wrong with a place before anything is drawn for it.

    Raises:
        TracerError: a folder of that name is there, the folder it lies in is not or can't be written to, or no file
            can have that name.
    """
    try:
        os.lstat(target)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        pass
    except OSError as error:  # too long, say
        raise TracerError(f"No file can have this name: {error.strerror}", str(target), "Choose another") from error
    except ValueError as error:  # it holds a NUL, or what the file system can't spell
        raise TracerError("No file can have this name", inert(str(target), None), "Choose another") from error
    if target.is_dir():
        raise TracerError("There is a folder of this name", str(target), "Give the file another name")
    if not target.parent.is_dir():
        raise TracerError("The folder of this file does not exist", str(target), "Make it first, or save elsewhere")
    if not os.access(target.parent, os.W_OK):
        raise TracerError("The folder of this file can't be written to", str(target), "Save it in another folder")


def _rights(target: Path) -> int:
    """Give the rights of a file that is there, else those that a new file would have."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
