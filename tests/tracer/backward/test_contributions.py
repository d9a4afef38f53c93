"""Parts of a gradient, held and compared."""

import math

import pytest
import torch

from tracer.backward import contributions
from tracer.backward.contributions import Meeting, compare


@pytest.mark.parametrize(
    ("parts", "measures"),
    [
        ([[1.0, 0.0], [3.0, 0.0]], [(0.25, 1.0), (0.75, 1.0)]),
        ([[3.0, 4.0], [-3.0, 4.0]], [(0.5, 0.8), (0.5, 0.8)]),
        ([[2.0, 0.0], [-1.0, 0.0]], [(2.0, 1.0), (-1.0, -1.0)]),
        ([[1.0, 0.0], [-1.0, 0.0]], [(None, None), (None, None)]),
        ([[1.0, 0.0], [0.0, 0.0]], [(1.0, 1.0), (None, None)]),
        ([[math.nan, 0.0], [1.0, 0.0]], [(None, None), (None, None)]),
        ([[1.0, 0.0], [math.nan, 0.0]], [(None, None), (None, None)]),
    ],
    ids=["along", "apart", "against", "nothing left", "one is zero", "not a number", "not a number last"],
)
@pytest.mark.parametrize("piece", [1, 1000])
@pytest.mark.parametrize("small", [-1, 1000])
def test_shares_and_cosines(parts, measures, piece, small, monkeypatch):
    monkeypatch.setattr(contributions, "PIECE", piece)
    monkeypatch.setattr("tracer.backward.small.SMALL", small)
    for found, wanted in zip(compare([torch.tensor(part) for part in parts]), measures, strict=True):
        assert found == pytest.approx(wanted) if None not in wanted else found == wanted


@pytest.mark.parametrize("count", [1, 2, 300, 3_000, 100_000, 10_000_000])
def test_what_is_gone_through_at_once_stays_small(count):
    assert contributions.piece(count) == 1 or contributions.piece(count) * count <= 16 * contributions.PIECE


def test_few_elements_of_many_parts_are_no_slivers():
    assert contributions.piece(3_000) == 256


def test_past_the_limit_parts_are_let_go_uncompared(monkeypatch):
    monkeypatch.setattr(contributions, "HELD_BYTES", 20)
    meeting = Meeting([2, 1])
    assert meeting.hold(0, (0, torch.ones(4), 0))
    assert not meeting.hold(0, (1, torch.ones(4), 0))
    assert meeting.hold(1, (2, torch.ones(1000), 0))  # alone at its place: nothing is held that backward does not
    parts, complete = meeting.settle(0)
    assert ([number for number, *_ in parts], complete) == ([0], False)
    assert list(meeting.alone) == [1]
    assert meeting.hold(0, (3, torch.ones(4), 0))  # what was let go makes room
