"""Joins names that changed alike: all layers after a new one have one number more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from tracer.analysis.folding import span
from tracer.analysis.runs import path_of

Names: TypeAlias = tuple[str, str]  # before and after
_Shift: TypeAlias = tuple[tuple[str, ...], int, Names | None]


class Renaming(NamedTuple):
    """Names that changed alike: "blocks.5–11" is now "blocks.6–12"."""

    before: str
    after: str
    names: tuple[Names, ...]


def renamings(changed: Iterable[Names]) -> list[Renaming]:
    """Join the names in which only one number of the path moved, in the same place and by as much."""
    groups: dict[_Shift, list[Names]] = {}
    for names in changed:
        groups.setdefault(_shift(*names), []).append(names)
    return [_joined(len(shift[0]), names) for shift, names in groups.items()]


def _shift(before: str, after: str) -> _Shift:
    """Tell before which number of a path and by how much it moved; names that differ in more stand for themselves."""
    ones, others = path_of(before), path_of(after)
    moved = [place for place, (x, y) in enumerate(zip(ones, others, strict=False)) if x != y]
    if len(ones) != len(others) or len(moved) != 1 or not (ones[moved[0]].isdigit() and others[moved[0]].isdigit()):
        return (), 0, (before, after)
    return ones[: moved[0]], int(others[moved[0]]) - int(ones[moved[0]]), None


def _joined(depth: int, names: list[Names]) -> Renaming:
    if len(names) == 1:
        return Renaming(*names[0], tuple(names))
    ordered = sorted(names, key=lambda pair: int(path_of(pair[0])[depth]))
    first, last = ([path_of(name)[: depth + 1] for name in names] for names in (ordered[0], ordered[-1]))
    before, after = (span(*ends, 1 + (ends[0] != ends[1])) for ends in zip(first, last, strict=True))
    return Renaming(before, after, tuple(ordered))
