"""Samples as PCM."""

import numpy as np

from tracer.convolution.sound import pcm


def read(samples, channels):
    return np.frombuffer(samples, "<i2").reshape(-1, channels)


def test_channels_take_turns_and_the_loudest_is_not_cut():
    found = read(pcm(np.array([[1.0, -2.0], [0.5, 0.0]]), 2, 1.0), 2)
    assert found.tolist() == [[13107, 6553], [-26214, 0]]


def test_a_short_signal_is_repeated_and_silence_stays_silent():
    assert len(read(pcm(np.array([[0.0, 1.0, 0.0]]), 8000), 1)) == 8001
    assert not read(pcm(np.zeros((1, 4)), 4), 1).any()
    assert read(pcm(np.array([[np.nan, np.inf, 1.0]]), 3), 1).ravel().tolist() == [0, 0, 26214]
