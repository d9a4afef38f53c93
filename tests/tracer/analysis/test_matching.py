import difflib
import itertools
import random

import pytest

from tracer.analysis import matching
from tracer.analysis.matching import gaps, matched


def longest_common(a: str, b: str) -> int:
    """The length of the longest common subsequence, by the table of all prefixes."""
    row = [0] * (len(b) + 1)
    for x in a:
        above, row = row, [0]
        for j, y in enumerate(b):
            row.append(above[j] + 1 if x == y else max(above[j + 1], row[j]))
    return row[-1]


def is_sound(a: str, b: str, pairs: list[tuple[int, int]]) -> bool:
    rising = all(p[0] < q[0] and p[1] < q[1] for p, q in itertools.pairwise(pairs))
    return rising and all(a[i] == b[j] for i, j in pairs)


def test_as_much_is_paired_as_can_be() -> None:
    draw = random.Random(0)
    for _ in range(500):
        a, b = ("".join(draw.choices("abcd", k=draw.randrange(14))) for _ in range(2))
        pairs = matched(a, b)
        assert is_sound(a, b, pairs) and len(pairs) == longest_common(a, b), (a, b)


def test_past_the_most_edits_the_pairs_still_rise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MOST_EDITS", 3)
    draw = random.Random(1)
    for _ in range(300):
        a, b = ("".join(draw.choices("abcdefgh", k=30)) for _ in range(2))
        pairs = matched(a, b)
        assert is_sound(a, b, pairs)
        assert len(pairs) >= longest_common(a, b) // 2


@pytest.mark.parametrize("kinds", [1, 3, 10**6])
def test_long_sequences_that_share_little_come_to_an_end(kinds: int) -> None:
    draw = random.Random(2)
    a, b = ([draw.randrange(kinds) for _ in range(20_000)] for _ in range(2))
    pairs = matched(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert len(pairs) == 20_000 if kinds == 1 else pairs == sorted(pairs)


def test_the_gaps_are_what_lies_between() -> None:
    a, b = "abXcd", "abYZcdE"
    pairs = matched(a, b)
    assert gaps(pairs, len(a), len(b)) == [(2, 3, 2, 4)]
    assert difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()[1] == ("replace", 2, 3, 2, 4)
