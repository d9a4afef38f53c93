"""The text of a lesson's file, and on which line a field stands: TOML's reader only says where the text is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracer.errors import UnreadableFile

Path = tuple[str | int, ...]
_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]+"|'[^']+'|[\w.-]+)\s*=(.*)$""")


class Text(NamedTuple):
    """A text and the name of its file, so that an error can say where."""

    text: str
    name: str

    def refusal(self, path: Path, what: str, cure: str = "") -> UnreadableFile:
        """Say what does not work in a field."""
        return UnreadableFile(what, self.where(path), cure)

    def where(self, path: Path) -> str:
        """Name the file, the line and the field."""
        field = written(path)
        return f"{self.name}, line {line(self.text, path)}{', ' + field if field else ''}"


def written(path: Path) -> str:
    """Write where a field is, counted from 1: step 4, prediction 1, slip 2: is."""
    words: list[str] = []
    for part, after in zip(path, (*path[1:], ""), strict=True):
        if isinstance(part, int):
            words[-1] += f" {part + 1}"
        else:
            words.append(_ONE.get(part, part) if isinstance(after, int) else part)
    return ", ".join(words)


_ONE = {"steps": "step", "predict": "prediction", "slips": "slip", "numbers": "number", "try": "try"}


def line(text: str, path: Sequence[str | int]) -> int:
    """Give the line, counted from 1, of a field such as ("steps", 3, "predict", 0, "asks"); of one that is not there,
    that of the table it would be in."""
    found = dict(reversed(list(_places(text))))
    wanted = tuple(path)
    return next((found[wanted[:length]] for length in range(len(wanted), 0, -1) if wanted[:length] in found), 1)


def _places(text: str) -> Iterator[tuple[Path, int]]:
    """Go through the headers and keys of a text, each with its path and line; the inside of long strings is skipped."""
    here: Path = ()
    counts: dict[Path, int] = {}
    inside = ""
    for number, row in enumerate(text.splitlines(), 1):
        if inside:
            inside = "" if row.count(inside) % 2 else inside
            continue
        if header := _HEADER.match(row):
            here = _table(header[2], header[1] == "[[", counts)
            yield here, number
        elif key := _KEY.match(row):
            yield (*here, *_names(key[1])), number
            inside = next((mark for mark in ('"""', "'''") if key[2].count(mark) % 2), "")


def _table(name: str, many: bool, counts: dict[Path, int]) -> Path:
    """Give the path of a table: of a list of tables, with the number of the one that is open."""
    path: Path = ()
    names = _names(name)
    for at, part in enumerate(names):
        path = (*path, part)
        if many and at == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _names(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r"""\s*("[^"]+"|'[^']+'|[^.]+)""", dotted)]
