"""The picture of a signal and its responses, and waveforms."""

import numpy as np
import pytest

from tracer.convolution.chosen import Chosen, Numbers
from tracer.convolution.settings import resolve
from tracer.drawing.display_list import Path, Rect, Text
from tracer.drawing.signal import Seen, fits, kernels_in_view, largest, picture
from tracer.drawing.waveform import envelope, waveform
from tracer.experiment import Convolution

STEREO = resolve(Convolution(layer="Conv1d", in_channels=2, out_channels=16, kernel_size=3, dilation=2, input_size=64))
ARRAYS = {"x": np.arange(128.0).reshape(1, 2, 64), "y": np.arange(960.0).reshape(1, 16, 60)}
CHOSEN = Chosen((0, 3, 10), (0, 0, 0))
SEEN = Seen(2, None, (127.0, 959.0))


def texts(drawn):
    return [mark.text for mark in drawn.marks if isinstance(mark, Text)]


def test_both_channels_and_the_kernels_in_view_are_drawn_with_their_values():
    drawn = picture(STEREO, Numbers(ARRAYS, True), CHOSEN, SEEN, 800, 330)
    said = texts(drawn)
    assert kernels_in_view(STEREO, 330) == 3
    assert {"left", "right", "y 2", "y 3", "y 4"} <= set(said)
    assert "kernels 2–4 of 16: ↑ ↓ or the wheel for the others" in said
    assert "kernel 3 reads samples 10, 12, 14 of 64" in said
    assert [str(int(ARRAYS["y"][0, kernel, 10])) for kernel in (2, 3, 4)] == [
        word for word in said if word in ("130", "190", "250")
    ]
    lit = [mark for mark in drawn.marks if isinstance(mark, Rect) and mark.fill == "badge"]
    assert len(lit) == 3


def test_numbers_that_are_not_the_newest_are_not_written():
    old = picture(STEREO, Numbers(ARRAYS, False), CHOSEN, SEEN, 800, 330)
    none = picture(STEREO, Numbers(), CHOSEN, SEEN, 800, 330)
    assert "190" not in texts(old)
    assert "the numbers are on their way" in texts(none)


def test_every_sample_can_be_pointed_at_and_of_a_long_signal_some_together():
    drawn = picture(STEREO, Numbers(ARRAYS, True), CHOSEN, SEEN, 800, 330)
    owners = {area.owner for area in drawn.areas}
    assert {"x 0 0", "x 1 63", "y 4 59"} <= owners
    long = resolve(Convolution(layer="Conv1d", in_channels=1, out_channels=1, kernel_size=3, input_size=100_000))
    drawn = picture(long, Numbers(), Chosen((0, 0, 5), (0, 0, 0)), Seen(), 800, 330)
    assert len(drawn.areas) <= 800


def test_a_part_of_a_signal_is_drawn_between_its_own_ends():
    drawn = picture(STEREO, Numbers(ARRAYS, True), CHOSEN, SEEN._replace(part=(8.0, 24.0)), 800, 330)
    assert {"8", "24"} <= set(texts(drawn))
    owners = {area.owner for area in drawn.areas}
    assert {"x 0 8", "x 1 24"} <= owners
    assert not {"x 0 7", "x 0 25"} & owners
    points = [x for mark in drawn.marks if isinstance(mark, Path) for x, _ in mark.points]
    assert min(points) > 100 and max(points) < 800 - 100
    away = picture(STEREO, Numbers(ARRAYS, True), CHOSEN, SEEN._replace(part=(40.0, 60.0)), 800, 330)
    assert not [mark for mark in away.marks if isinstance(mark, Rect) and mark.fill == "badge"]


def test_waveforms_are_scaled_by_the_largest_finite_value():
    assert largest(Numbers({"x": np.array([1.0, -3.0, np.inf]), "y": np.zeros(3)})) == (3.0, 1.0)
    assert largest(Numbers()) == (1.0, 1.0)


FITTING = {("Conv1d", 1): True, ("Conv1d", 2): True, ("Conv1d", 3): False, ("Conv2d", 1): False}


@pytest.mark.parametrize("case", FITTING)
def test_only_mono_and_stereo_signals_have_the_picture(case):
    layer, channels = case
    settings = resolve(Convolution(layer=layer, in_channels=channels, out_channels=1, kernel_size=1, input_size=5))
    assert fits(settings) is FITTING[case]


def test_a_line_stands_where_its_samples_are_and_has_a_gap_for_what_is_not_finite():
    marks = list(waveform(np.array([0.0, 1.0, np.nan, -1.0, 2.0]), 10, 5, 100, 20, "leaf"))
    assert [mark.points for mark in marks if isinstance(mark, Path)] == [
        ((10, 100), (15, 80)),
        ((25, 120), (30, 60)),
    ]


def test_a_dense_signal_is_a_band_that_loses_no_peak():
    samples = np.zeros(10_000)
    samples[7777], samples[1234] = 5.0, -3.0
    low, high = envelope(samples, 100)
    assert (low.min(), high.max(), int(high.argmax()), int(low.argmin())) == (-3.0, 5.0, 77, 12)
    (band,) = waveform(samples, 0, 0.05, 0, 1, "leaf")
    assert min(y for _, y in band.points) == pytest.approx(-5.4)
    assert np.isfinite(envelope(np.full(10, np.nan), 3)).all()
