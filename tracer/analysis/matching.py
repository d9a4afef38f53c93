"""Finds what two sequences have in common, in order: which places of one are which places of the other.

Myers' greedy search (https://doi.org/10.1007/BF01840446) finds the most there is while the sequences differ in little;
where they differ in much, the k-th of a kind here is taken for the k-th of that kind there, as far as those keep their
order, so that the time stays near linear.
"""

from __future__ import annotations

import bisect
from collections.abc import Hashable, Sequence
from typing import TypeAlias

MOST_EDITS = 128  # steps of Myers' search; its time and memory grow with their square

Pairs: TypeAlias = list[tuple[int, int]]
Span: TypeAlias = tuple[int, int, int, int]  # from and up to which place of the one, and of the other


def matched(a: Sequence[Hashable], b: Sequence[Hashable]) -> Pairs:
    """Pair the places of equal things, rising in both sequences."""
    known: dict[Hashable, int] = {}
    codes_a = [known.setdefault(thing, len(known)) for thing in a]
    codes_b = [known.setdefault(thing, len(known)) for thing in b]
    found: Pairs = []
    spans: list[Span] = [(0, len(a), 0, len(b))]
    while spans:
        start_a, end_a, start_b, end_b = spans.pop()
        before, after = _ends(codes_a, codes_b, (start_a, end_a, start_b, end_b))
        found += [(start_a + i, start_b + i) for i in range(before)]
        found += [(end_a - i, end_b - i) for i in range(1, after + 1)]
        span = start_a + before, end_a - after, start_b + before, end_b - after
        if span[0] < span[1] and span[2] < span[3]:
            inner = _fewest_edits(codes_a, codes_b, span)
            if inner is None:
                inner = _anchors(codes_a, codes_b, span)
                spans += _between(inner, span) if inner else []
            found += inner
    return sorted(found)


def gaps(pairs: Pairs, a: int, b: int) -> list[Span]:
    """List what lies between the pairs, where there is something on both sides; `a` and `b` are the lengths."""
    return [span for span in _between(pairs, (0, a, 0, b)) if span[0] < span[1] and span[2] < span[3]]


def _between(pairs: Pairs, span: Span) -> list[Span]:
    starts = [(span[0], span[2]), *((a + 1, b + 1) for a, b in pairs)]
    ends = [*pairs, (span[1], span[3])]
    return [(start[0], end[0], start[1], end[1]) for start, end in zip(starts, ends, strict=True)]


def _ends(a: Sequence[int], b: Sequence[int], span: Span) -> tuple[int, int]:
    """Count what is equal at the start and, of the rest, at the end."""
    start_a, end_a, start_b, end_b = span
    most, before, after = min(end_a - start_a, end_b - start_b), 0, 0
    while before < most and a[start_a + before] == b[start_b + before]:
        before += 1
    while after < most - before and a[end_a - 1 - after] == b[end_b - 1 - after]:
        after += 1
    return before, after


def _fewest_edits(a: Sequence[int], b: Sequence[int], span: Span) -> Pairs | None:
    """Pair as much as can be; `None` where that takes more than `MOST_EDITS` edits.

    `reach[k]` is how far in `a` one gets on diagonal k = (place in a) − (place in b) with the edits made so far.
    """
    start_a, end_a, start_b, end_b = span
    length_a, length_b = end_a - start_a, end_b - start_b
    reach, history = {1: 0}, list[dict[int, int]]()
    for edits in range(min(length_a + length_b, MOST_EDITS) + 1):
        history.append(dict(reach))
        for k in range(-edits, edits + 1, 2):
            down = _goes_down(reach, k, edits)
            x = reach[k + 1] if down else reach[k - 1] + 1
            y = x - k
            while x < length_a and y < length_b and a[start_a + x] == b[start_b + y]:
                x, y = x + 1, y + 1
            reach[k] = x
            if x == length_a and y == length_b:
                return [(start_a + i, start_b + j) for i, j in _way_back(history, x, y)]
    return None


def _goes_down(reach: dict[int, int], k: int, edits: int) -> bool:
    return k == -edits or (k != edits and reach[k - 1] < reach[k + 1])


def _way_back(history: Sequence[dict[int, int]], x: int, y: int) -> Pairs:
    pairs: Pairs = []
    for edits in range(len(history) - 1, -1, -1):
        reach, k = history[edits], x - y
        down = _goes_down(reach, k, edits)
        before_x = reach[k + 1] if down else reach[k - 1]
        before_y = before_x - (k + 1 if down else k - 1)
        while x > max(before_x, 0) and y > max(before_y, 0):
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = before_x, before_y
    return pairs[::-1]


def _anchors(a: Sequence[int], b: Sequence[int], span: Span) -> Pairs:
    """Pair the k-th of each kind with the k-th of that kind, as many as rise together (a longest increasing run)."""
    places = dict(zip(_numbered(b[span[2] : span[3]]), range(span[2], span[3]), strict=True))
    pairs = [
        (place, places[key])
        for place, key in zip(range(span[0], span[1]), _numbered(a[span[0] : span[1]]), strict=True)
        if key in places
    ]
    tails: list[int] = []  # the smallest end of a rising run of each length, and which pair it is
    ends: list[int] = []
    previous: list[int] = []
    for number, (_, place) in enumerate(pairs):
        at = bisect.bisect_left(tails, place)
        tails[at : at + 1], ends[at : at + 1] = [place], [number]
        previous.append(ends[at - 1] if at else -1)
    rising, number = [], ends[-1] if ends else -1
    while number >= 0:
        rising.append(pairs[number])
        number = previous[number]
    return rising[::-1]


def _numbered(codes: Sequence[int]) -> list[tuple[int, int]]:
    counts: dict[int, int] = {}
    numbered = []
    for code in codes:
        counts[code] = counts.get(code, 0) + 1
        numbered.append((code, counts[code]))
    return numbered
