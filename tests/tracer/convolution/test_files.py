"""Inputs from files: pictures and sounds as numbers, fitted with a word, and files that can't be read."""

from __future__ import annotations

import struct
import sys
import wave
import zlib
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from tracer.analysis.shapes import shapes
from tracer.convolution import files
from tracer.convolution.files import load
from tracer.convolution.python_source import python_source
from tracer.convolution.settings import resolve
from tracer.errors import InvalidSetting, LimitPassed, TracerError, UnreadableFile
from tracer.experiment import Convolution
from tracer.runners.convolution import find

PIXELS = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3) * 3


def png(path: Path, pixels: np.ndarray, depth: int = 8) -> Path:
    """Write a PNG by its format alone: a head, the rows with no filter, an end."""
    height, width = pixels.shape[:2]
    kind = 2 if pixels.ndim == 3 else 0
    rows = b"".join(b"\0" + row.astype(">u2" if depth == 16 else np.uint8).tobytes() for row in pixels)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)), (b"IDAT", zlib.compress(rows))]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in [*chunks, (b"IEND", b"")]
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def wav(path: Path, data: bytes, width: int, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(22_050)
        sound.writeframes(data)
    return path


def picture_of(fill: Path, channels: int, size: tuple[int, int] = (4, 6)) -> Convolution:
    return Convolution("Conv2d", channels, 1, 1, size, fill=str(fill), device="cpu")


def sound_of(fill: Path, channels: int, length: int) -> Convolution:
    return Convolution("Conv1d", channels, 1, 1, length, fill=str(fill), device="cpu")


class TestPictures:
    @pytest.fixture(autouse=True)
    def pillow(self) -> None:
        pytest.importorskip("PIL", reason=r"needs Pillow, which is not installed\. Install it with pip")

    def test_the_pixels_are_the_numbers(self, tmp_path: Path) -> None:
        numbers, notes = load(resolve(picture_of(png(tmp_path / "a.png", PIXELS), 3)))
        assert np.array_equal(numbers, PIXELS.transpose(2, 0, 1) / 255)
        assert notes == ()

    def test_16_bits_are_read_in_full(self, tmp_path: Path) -> None:
        deep = np.arange(24, dtype=np.uint16).reshape(4, 6) * 2001
        numbers, _ = load(resolve(picture_of(png(tmp_path / "a.png", deep, depth=16), 1)))
        assert np.allclose(numbers[0], deep / 65535, rtol=0, atol=1e-12)

    def test_a_large_one_is_cut_and_resampled_with_a_word(self, tmp_path: Path) -> None:
        halves = np.zeros((40, 100), np.uint8)
        halves[:, 50:] = 255
        numbers, notes = load(resolve(picture_of(png(tmp_path / "a.png", halves), 1, (4, 4))))
        assert numbers.shape == (1, 4, 4)
        assert np.allclose(numbers[0, :, [0, 3]], [[0], [1]], atol=0.02)
        assert notes == ("a.png (100 × 40 pixels) was cut to the input's form and resampled",)

    def test_channels_are_matched_with_a_sentence(self, tmp_path: Path) -> None:
        colours, grey = png(tmp_path / "c.png", PIXELS), png(tmp_path / "g.png", PIXELS[:, :, 0])
        numbers, notes = load(resolve(picture_of(colours, 1)))
        assert numbers.shape == (1, 4, 6) and "joined into one channel, grey" in notes[0]
        numbers, notes = load(resolve(picture_of(grey, 5)))
        assert np.array_equal(numbers[4], PIXELS[:, :, 0] / 255) and notes == (
            "g.png has 1 channel, which fills all 5",
        )
        with pytest.raises(
            InvalidSetting, match=r"c\.png has 3 channels .*, and in_channels is 20. Use in_channels 3 or 1"
        ):
            load(resolve(picture_of(colours, 20)))

    def test_it_runs_with_a_note_and_the_program_has_its_numbers(self, tmp_path: Path) -> None:
        experiment = picture_of(png(tmp_path / "a.png", PIXELS[:, :, 0]), 2)
        facts = find(experiment)
        assert facts.notes == ("a.png has 1 channel, which fills all 2",)
        x = next(tensor.values for tensor in facts.tensors if tensor.name == "x")
        assert x is not None
        assert np.array_equal(x.nested(), np.repeat(PIXELS[None, None, :, :, 0] / np.float32(255), 2, axis=1))
        told: dict[str, object] = {}
        exec(python_source(experiment), told)
        assert np.array_equal(told["x"].detach().numpy(), x.nested())  # type: ignore[attr-defined]

    def test_a_damaged_one_is_one_sentence(self, tmp_path: Path) -> None:
        whole = png(tmp_path / "a.png", PIXELS).read_bytes()
        for length in (0, 4, 20, 45, len(whole) // 2):
            (tmp_path / "b.png").write_bytes(whole[:length])
            with pytest.raises(
                UnreadableFile, match=r"b\.png: This file is (no picture, or is )?damaged\. Give another"
            ):
                load(resolve(picture_of(tmp_path / "b.png", 3)))

    def test_a_large_one_is_refused_before_it_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = resolve(picture_of(png(tmp_path / "a.png", np.zeros((400, 400), np.uint8)), 1))
        monkeypatch.setenv("GRADTRACE_MEMORY", "1MiB")
        with pytest.raises(LimitPassed, match=r"a\.png would need 1\.22 MiB of memory, and the limit is 1 MiB"):
            load(settings)

    def test_one_that_did_not_change_is_read_once_and_one_that_did_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reads: list[files.Asked] = []
        picture = files._picture
        monkeypatch.setattr(files, "_picture", lambda asked: (reads.append(asked), picture(asked))[1])
        path = png(tmp_path / "a.png", PIXELS)
        for stride in (1, 2):
            numbers, _ = load(resolve(replace(picture_of(path, 3), stride=stride)))
        assert len(reads) == 1 and numbers.max() > 0
        png(path, np.zeros((9, 9, 3), np.uint8))
        assert not load(resolve(picture_of(path, 3))).numbers.any() and len(reads) == 2

    def test_a_program_does_not_hold_very_many_numbers(self, tmp_path: Path) -> None:
        experiment = picture_of(png(tmp_path / "a.png", np.zeros((4, 4), np.uint8)), 1, (400, 400))
        with pytest.raises(LimitPassed, match=r"A program would hold the 160\s000 numbers of a\.png"):
            python_source(experiment)


def test_without_pillow_a_picture_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(UnreadableFile, match=r"needs Pillow, which is not installed\. Install it with pip"):
        load(resolve(picture_of(png(tmp_path / "a.png", PIXELS), 3)))


SAMPLES = np.array([0, 1, -1, 64, -128, 127])
WIDTHS = {
    1: (SAMPLES + 128).astype(np.uint8).tobytes(),
    2: (SAMPLES * 256).astype("<i2").tobytes(),
    3: b"".join(int(sample * 65536).to_bytes(3, "little", signed=True) for sample in SAMPLES),
    4: (SAMPLES * 2**24).astype("<i4").tobytes(),
}


@pytest.mark.parametrize("width", WIDTHS)
def test_sounds_of_every_width(width: int, tmp_path: Path) -> None:
    numbers, notes = load(resolve(sound_of(wav(tmp_path / "a.wav", WIDTHS[width], width), 1, 6)))
    assert (numbers[0] * 128).tolist() == SAMPLES.tolist()
    assert notes == ()


def test_a_sound_is_cut_or_followed_by_zeros_with_a_word(tmp_path: Path) -> None:
    file = wav(tmp_path / "a.wav", WIDTHS[2], 2)
    numbers, notes = load(resolve(sound_of(file, 1, 4)))
    assert (numbers[0] * 128).tolist() == [0, 1, -1, 64] and notes == ("a.wav (6 samples) was cut to its first 4",)
    numbers, notes = load(resolve(sound_of(file, 1, 8)))
    assert (numbers[0] * 128).tolist() == [*SAMPLES, 0, 0] and notes == ("a.wav (6 samples) is followed by zeros",)


def test_stereo(tmp_path: Path) -> None:
    file = wav(tmp_path / "a.wav", WIDTHS[2], 2, channels=2)
    numbers, _ = load(resolve(sound_of(file, 2, 3)))
    assert (numbers * 128).tolist() == [[0, -1, -128], [1, 64, 127]]
    numbers, notes = load(resolve(sound_of(file, 1, 3)))
    assert (numbers * 128).tolist() == [[0.5, 31.5, -0.5]] and notes == (
        "The 2 channels of a.wav were joined into their mean",
    )
    with pytest.raises(InvalidSetting, match=r"a\.wav has 2 channels, and in_channels is 4\. Use in_channels 2 or 1"):
        load(resolve(sound_of(file, 4, 3)))


def test_a_sound_runs(tmp_path: Path) -> None:
    facts = find(sound_of(wav(tmp_path / "a.wav", WIDTHS[2], 2), 1, 4))
    assert facts.notes == ("a.wav (6 samples) was cut to its first 4",)
    assert [row.shape for row in shapes(facts) if row.name == "y"] == [(1, 1, 4)]


def test_damaged_sounds_are_one_sentence(tmp_path: Path) -> None:
    whole = wav(tmp_path / "a.wav", WIDTHS[2], 2).read_bytes()
    for damaged in (
        b"",
        whole[:10],
        whole[:30],
        whole[:-3],
        whole.replace(b"WAVE", b"WAVY"),
        whole[:20] + b"\3" + whole[21:],
    ):
        (tmp_path / "b.wav").write_bytes(damaged)
        with pytest.raises(UnreadableFile) as told:
            load(resolve(sound_of(tmp_path / "b.wav", 1, 6)))
        assert str(told.value).count("b.wav: This ") == 1 and "Save it" in str(told.value)


def test_missing_files_and_folders_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"none\.wav: This file can't be read: No such file or directory\. Give"):
        load(resolve(sound_of(tmp_path / "none.wav", 1, 6)))
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(UnreadableFile, match=r"(Is a directory|Permission denied)\. Give another file"):
        load(resolve(sound_of(tmp_path / "folder.wav", 1, 6)))


NAMES = [
    ("Conv1d", "a.png", "A picture has 2 axes, and the signal of this layer has 1. Use a layer such as Conv2d"),
    ("Conv2d", "a.wav", "A sound has 1 axis, and the signal of this layer has 2. Use a layer such as Conv1d"),
    ("Conv1d", "a.mp3", "“a.mp3” names no file that can fill an input. Use a picture"),
    ("Conv1d", "folder/name", "“name” names no file that can fill an input"),
    ("Conv2d", "a\0b.png", "names no file that can fill an input"),
    ("Conv2d", "noize", "Did you mean “noise”"),
    ("Conv2d", "qqq", "“qqq” is no fill. Use “noise”"),
]


@pytest.mark.parametrize(("layer", "fill", "words"), NAMES)
def test_names_that_can_not_fill_are_refused_before_anything_is_read(layer: str, fill: str, words: str) -> None:
    with pytest.raises(TracerError, match=words):
        resolve(Convolution(layer, 1, 1, 1, 4, fill=fill))  # type: ignore[arg-type]
