"""Finds what repeats, one right after another, in a sequence: the blocks of a model, the steps of a loop."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

CANDIDATES = 8  # how many places of the same thing are tried as the start of a second block
LONG = 256  # a repeat this long is taken at once


class Repeat(NamedTuple):
    """From `start` on, `period` things come `times` times in a row (once: no repeat)."""

    start: int
    period: int
    times: int

    @property
    def hidden(self) -> int:
        """How many things need not be shown."""
        return self.period * (self.times - 1)


def repeats(things: Sequence[Hashable], fits: Callable[[Repeat], bool]) -> list[Repeat]:
    """Cut a sequence into repeats, from left to right, each the one that hides the most of those that fit."""
    codes = _codes(things)
    following = _following(codes)
    found, start = [], 0
    while start < len(codes):
        best = _best(codes, following, start, fits)
        found.append(best)
        start += best.period * best.times
    return found


def _codes(things: Sequence[Hashable]) -> list[int]:
    known: dict[Hashable, int] = {}
    return [known.setdefault(thing, len(known)) for thing in things]


def _following(codes: Sequence[int]) -> list[int]:
    """Give, for each place, the next place of the same thing (or the end)."""
    following, latest = [len(codes)] * len(codes), dict[int, int]()
    for place in reversed(range(len(codes))):
        following[place] = latest.get(codes[place], len(codes))
        latest[codes[place]] = place
    return following


def _best(codes: list[int], following: Sequence[int], start: int, fits: Callable[[Repeat], bool]) -> Repeat:
    best, place = Repeat(start, 1, 1), following[start]
    for _ in range(CANDIDATES):
        if place >= len(codes):
            break
        found = Repeat(start, place - start, _times(codes, start, place - start))
        if found.hidden > best.hidden and fits(found):
            best = found
        if found.hidden >= LONG:
            break
        place = following[place]
    return best


def _times(codes: list[int], start: int, period: int) -> int:
    unit, times = codes[start : start + period], 1
    while codes[start + times * period : start + (times + 1) * period] == unit:
        times += 1
    return times
