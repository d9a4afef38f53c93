import pytest

from tracer.analysis.alike import repeats


@pytest.mark.parametrize(
    ("things", "found"),
    [
        ("", []),
        ("a", [(0, 1, 1)]),
        ("aaaa", [(0, 1, 4)]),
        ("xabab", [(0, 1, 1), (1, 2, 2)]),
        ("xabcabcabcy", [(0, 1, 1), (1, 3, 3), (10, 1, 1)]),
        ("aabaab", [(0, 3, 2)]),  # the longer repeat hides more than the two a at its start
        ("abcdef", [(number, 1, 1) for number in range(6)]),
    ],
)
def test_repeats(things: str, found: list[tuple[int, int, int]]) -> None:
    assert repeats(things, lambda repeat: True) == found


def test_a_repeat_that_does_not_fit_is_not_taken() -> None:
    assert repeats("abab", lambda repeat: repeat.period == 1) == [(number, 1, 1) for number in range(4)]


def test_a_million_equal_things_are_one_repeat() -> None:
    assert repeats("m" * 1_000_000, lambda repeat: True) == [(0, 1, 1_000_000)]
