"""Breaks the lines of a program inside their brackets, so that it fits a width and still runs."""

from __future__ import annotations

import io
import tokenize
from typing import NamedTuple

INDENT = "    "
_OPENING, _CLOSING = "([{", ")]}"


class _Place(NamedTuple):
    """A column at which a line may be broken, and how many brackets are open there."""

    column: int
    depth: int


def broken(program: str, columns: int) -> str:
    """Break each line that has more than so many columns; one that can't be broken stays as it is."""
    return "\n".join("\n".join(_lines(line, columns)) for line in program.split("\n"))


def _lines(line: str, columns: int) -> list[str]:
    """Break where the fewest brackets are open, and among such places at the last that fits."""
    indent = line[: len(line) - len(line.lstrip())] + INDENT
    lines, start, places = [], 0, _places(line) if len(line) > columns else []
    while len(line) - start + (len(indent) if start else 0) > columns:
        last = start + columns - (len(indent) if start else 0)
        fitting = [place for place in places if start < place.column <= last + 1]
        later = [place for place in places if place.column > max(start, last + 1)]
        if not fitting and not later:
            break
        at = min(fitting, key=lambda place: (place.depth, -place.column)) if fitting else later[0]
        lines.append((indent if start else "") + line[start : at.column].rstrip())
        start = at.column
    return [*lines, (indent if start else "") + line[start:]]


def _places(line: str) -> list[_Place]:
    """List the places inside brackets where one token ends before a space and the next begins."""
    places, depth, before = [], 0, 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if depth and token.start[1] > before:
                places.append(_Place(token.start[1] + len(line) - len(line.lstrip()), depth))
            depth += (token.string in _OPENING) - (token.string in _CLOSING) if token.type == tokenize.OP else 0
            before = token.end[1]
    except (tokenize.TokenError, IndentationError):
        return []  # no whole line of Python: it stays as it is
    return places
