"""A column of a table: its title, how a row is written in it, and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


def _no_colour(_row: Any) -> str:
    return "text"


class Column(NamedTuple):
    """One column. `colour` gives the theme role of a row's text, `right` puts numbers under one another.

    Where a table is too narrow, `elastic` columns are cut first, to no less than `least` pixels, then those with a
    `spare` are left out, the largest first. A copied table always has them all.
    """

    title: str
    text: Callable[[Any], str]
    tooltip: str = ""
    colour: Callable[[Any], str] = _no_colour
    right: bool = False
    spare: int = 0
    elastic: bool = False
    least: int = 100


def tsv(columns: Sequence[Column], rows: Sequence[Any]) -> str:
    """Write rows as tab-separated text with the titles above; tabs and line ends inside a cell become spaces."""
    lines = [[column.title for column in columns], *([column.text(row) for column in columns] for row in rows)]
    return "\n".join("\t".join(" ".join(cell.split()) for cell in line) for line in lines) + "\n"
