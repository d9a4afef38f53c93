"""What one output reads and one input feeds: the lesson's windows and counts, and indices that there are not."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tracer.convolution.reads import feeds, reads, uses
from tracer.convolution.settings import resolve
from tracer.errors import InvalidSetting, LimitPassed
from tracer.experiment import Convolution

LESSON = Convolution("Conv2d", 20, 16, (3, 5), (64, 128))
X = np.array([1, 3, 2, 0, -1, 4, 5])
KERNELS = np.array([1, 0, -1, 1, 2, 1])
WINDOWS = [
    ([1, 3, 2], [1, 0, -2], -1, [1, 6, 2], 9),
    ([3, 2, 0], [3, 0, 0], 3, [3, 4, 0], 7),
    ([2, 0, -1], [2, 0, 1], 3, [2, 0, -1], 1),
    ([0, -1, 4], [0, 0, -4], -4, [0, -2, 4], 2),
    ([-1, 4, 5], [-1, 0, -5], -6, [-1, 8, 5], 12),
]


@pytest.mark.parametrize(("place", "row"), list(enumerate(WINDOWS)))
def test_the_windows_of_the_lesson(place: int, row: tuple[list[int], list[int], int, list[int], int]) -> None:
    settings = resolve(Convolution("Conv1d", 1, 2, 3, 7))
    window, *expected = row
    for kernel in (0, 1):
        read = reads(settings, (0, kernel, place))
        products = X[read.inputs] * KERNELS[read.weights]
        assert X[read.inputs].tolist() == window
        assert [products.tolist(), products.sum()] == expected[2 * kernel : 2 * kernel + 2]
        assert (read.padding, read.bias) == (0, kernel)


def test_an_inner_pixel_of_the_lesson_feeds_15_positions_of_16_kernels() -> None:
    fed = feeds(resolve(LESSON), (0, 2, 30, 60))
    assert (fed.positions, fed.kernels, len(fed.outputs)) == (15, 16, 240)
    corner = feeds(resolve(LESSON), (0, 2, 0, 0))
    assert (corner.positions, len(corner.outputs)) == (1, 16)


def test_a_weight_of_the_lesson_is_used_at_each_place_of_the_batch() -> None:
    assert len(uses(resolve(LESSON), (3, 2, 1, 1)).outputs) == 62 * 124
    padded = Convolution("Conv2d", 20, 16, (3, 5), (64, 128), padding=(1, 2), batch=2)
    assert len(uses(resolve(padded), (3, 2, 0, 0)).outputs) == 2 * 63 * 126
    assert len(uses(resolve(padded), (3, 2, 1, 2)).outputs) == 2 * 64 * 128


def test_the_real_taps_of_the_padded_lesson() -> None:
    settings = resolve(Convolution("Conv2d", 1, 1, (3, 5), (64, 128), padding=(1, 2)))
    found = Counter(15 - reads(settings, (0, 0, *place)).padding for place in np.ndindex(64, 128))
    assert found == {6: 4, 8: 4, 9: 124, 10: 248, 12: 124, 15: 7688}


def test_padding_is_told_apart_and_gaps_of_a_transposed_layer_are_left_out() -> None:
    read = reads(resolve(Convolution("Conv1d", 1, 1, 3, 7, padding=1)), (0, 0, 0))
    assert (read.inputs.tolist(), read.weights.tolist(), read.padding) == ([-1, 0, 1], [0, 1, 2], 1)
    spread = reads(resolve(Convolution("ConvTranspose1d", 1, 1, 3, 4, stride=2)), (0, 0, 4))
    assert (spread.inputs.tolist(), spread.weights.tolist(), spread.padding) == ([2, 1], [0, 2], 0)


def test_groups_read_their_own_channels() -> None:
    settings = resolve(Convolution("Conv1d", 4, 6, 1, 1, groups=2, bias=False))
    read = reads(settings, (0, 4, 0))
    assert (read.inputs.tolist(), read.weights.tolist(), read.bias) == ([2, 3], [8, 9], None)
    assert feeds(settings, (0, 3, 0)).weights.tolist() == [7, 9, 11]


ABSENT = [
    (reads, (0, 16, 0, 0), "y .1 × 16 × 62 × 124. has no element 0, 16, 0, 0. Use 4 numbers from 0, 0, 0, 0 to 0, 15"),
    (reads, (0, 0), "y .* has no element 0, 0"),
    (feeds, (0, 0, 0, -1), "x .1 × 20 × 64 × 128. has no element 0, 0, 0, −1"),
    (uses, (16, 0, 0, 0), "weight .16 × 20 × 3 × 5. has no element"),
]


@pytest.mark.parametrize(("find", "index", "words"), ABSENT)
def test_an_element_that_there_is_not_is_refused(find: object, index: tuple[int, ...], words: str) -> None:
    assert callable(find)
    with pytest.raises(InvalidSetting, match=words):
        find(resolve(LESSON), index)


def test_a_list_that_is_too_long_is_refused_with_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = resolve(LESSON)
    monkeypatch.setenv("GRADTRACE_MEMORY", "100KiB")
    with pytest.raises(LimitPassed, match="would need 240 KiB of memory, and the limit is 100 KiB"):
        uses(settings, (0, 0, 0, 0))
