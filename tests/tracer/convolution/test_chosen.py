"""What is looked at stays in range, whatever is chosen and however the settings change."""

import itertools

import pytest
from msgspec.structs import replace

from tracer.convolution import chosen, shapes
from tracer.convolution.settings import resolve
from tracer.experiment import Convolution

LESSON = resolve(Convolution("Conv2d", 20, 16, (3, 5), (64, 128)))
SMALL = resolve(Convolution("Conv2d", 2, 3, 2, (4, 3), batch=2))


def test_the_middle_is_first() -> None:
    assert chosen.first(LESSON) == chosen.Chosen((0, 0, 30, 61), (0, 0, 31, 63))


def test_what_is_out_of_range_becomes_the_nearest() -> None:
    at = chosen.with_index(chosen.first(SMALL), SMALL, "output", (9, -1, 7, 1))
    assert at.output == (1, 0, 2, 1) and at.input[0] == 1 and at.leads == "output"
    assert chosen.with_index(at, SMALL, "input", (0, 1, 3, 2)).output == (0, 0, 2, 1)


def test_no_batch_goes_along_where_there_is_none() -> None:
    settings = resolve(Convolution("Conv1d", 3, 2, 3, 9, batch=None))
    at = chosen.with_index(chosen.first(settings), settings, "output", (1, 6))
    assert at.output == (1, 6) and at.input == (0, 4)


def test_the_place_is_kept_when_settings_change() -> None:
    at = replace(chosen.with_index(chosen.first(LESSON), LESSON, "output", (0, 15, 61, 123)), pinned=True)
    assert chosen.kept(at, LESSON) == at
    smaller = resolve(Convolution("Conv2d", 4, 8, (3, 5), (10, 128)))
    kept = chosen.kept(at, smaller)
    assert (kept.output, kept.input, kept.pinned) == ((0, 7, 7, 123), (0, 0, 9, 63), True)
    other = resolve(Convolution("Conv1d", 4, 8, 3, 10))
    assert chosen.kept(at, other) == chosen.first(other)


@pytest.mark.parametrize("by", [1, -1])
def test_the_next_output_goes_through_all_places_of_its_kernel(by: int) -> None:
    at = start = chosen.with_index(chosen.first(SMALL), SMALL, "output", (1, 2, 0, 0))
    seen = []
    for _ in range(6):
        seen.append(at.output)
        at = chosen.next_output(at, SMALL, by)
    places = [(1, 2, *place) for place in itertools.product(*map(range, shapes.output_size(SMALL)))]
    assert seen == (places if by == 1 else [places[0], *reversed(places[1:])]) and at == start
