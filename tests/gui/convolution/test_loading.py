"""A sound and a picture loaded as the input: what is done to them is said, and one undo takes them back."""

import wave

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog

from gui.convolution.presets import PRESETS
from tracer.experiment import Convolution


@pytest.fixture
def asked(monkeypatch):
    """A function that lets the dialog of “Load a file…” answer with a path; it gives the filters that were offered."""
    filters = []

    def answer(path):
        def dialog(_parent, _title, _folder, offered):
            filters.append(offered)
            return str(path), ""

        monkeypatch.setattr(QFileDialog, "getOpenFileName", dialog)
        return filters

    return answer


def stereo(path, samples=100):
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        left = np.arange(samples, dtype="<i2") * 100
        sound.writeframes(np.stack([left, -left], axis=1).astype("<i2").tobytes())
    return path


def test_a_stereo_sound_fills_both_channels(window, part, session, settled, workspace, asked, front, folder):
    session.edit("convolution", PRESETS["Lesson 1D"])
    settled()
    filters = asked(stereo(folder / "tone.wav"))
    window.commands["load_file"].trigger()
    settled()
    assert "*.wav" in filters[0] and "*.png" not in filters[0]
    x = workspace.pictures.numbers.arrays["x"]
    expected = np.arange(64) * 100 / 2**15
    assert np.allclose(x[0, 0], expected) and np.allclose(x[0, 1], -expected)
    assert part("convolution.fill.notes").text() == "tone.wav (100 samples) was cut to its first 64."
    front("Signal")
    assert part("convolution.signal.canvas").picture.title.startswith("Signal of 2 channels and 16 responses")
    session.history.undo()
    settled()
    assert session.value("convolution") == PRESETS["Lesson 1D"] and part("convolution.fill.notes").text() == ""


def test_a_picture_is_cut_and_resampled_with_a_word(window, part, session, settled, workspace, asked, folder):
    session.edit("convolution", Convolution("Conv2d", 3, 4, 3, (8, 8)))
    Image.fromarray(np.full((20, 40, 3), (255, 0, 51), np.uint8)).save(folder / "red.png")
    asked(folder / "red.png")
    window.commands["load_file"].trigger()
    settled()
    x = workspace.pictures.numbers.arrays["x"]
    assert np.allclose(x[0].mean(axis=(1, 2)), (1, 0, 0.2))
    assert "red.png (40 × 20 pixels) was cut to the input's form and resampled" in part("convolution.fill.notes").text()


def test_a_sound_for_two_axes_is_refused_and_the_result_stays(window, part, session, settled, asked, folder):
    before = part("convolution.shapes").rows_model.rows
    asked(stereo(folder / "tone.wav"))
    window.commands["load_file"].trigger()
    settled()
    assert part("convolution.shapes").rows_model.rows == before
    assert session.value("convolution").fill.endswith("tone.wav")
    session.history.undo()
    settled()


def test_nothing_changes_where_the_dialog_is_closed(window, session, asked):
    before = session.value("convolution")
    asked("")
    window.commands["load_file"].trigger()
    assert session.value("convolution") == before
