"""An input from a file: a picture for two axes, a sound (WAV) for one, fitted to the size that the layer wants."""

from __future__ import annotations

import functools
import importlib
import math
import os
import struct
import warnings
import wave
import zlib
from collections.abc import Callable
from pathlib import PurePath
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tracer.convolution import fills, memory, shapes
from tracer.convolution.layer import Settings
from tracer.errors import InvalidSetting, LimitPassed, UnreadableFile
from tracer.quantities import count, size

CHANNELS = {1: "grey", 3: "red, green, blue"}
WRITTEN = 100_000  # numbers that a program may hold
DEEP = {"I": 1, "F": 1}  # modes of more than 8 bits: what is white; those of 16 bits have 65535


class Loaded(NamedTuple):
    """The numbers of a file, of shape (C_in, *size), in float64, and what was done to them, in sentences."""

    numbers: NDArray[np.float64]
    notes: tuple[str, ...]


class Asked(NamedTuple):
    """All that the numbers of a file depend on, beside the file."""

    fill: str
    in_channels: int
    input_size: tuple[int, ...]


def load(settings: Settings) -> Loaded:
    """Read the file that the fill names.

    Raises:
        UnreadableFile: it is missing or damaged, or what reads it is not installed.
        LimitPassed: it is too large.
        InvalidSetting: its channels can't be matched with those of the layer.
    """
    try:
        found = os.stat(settings.fill)
        state = found.st_mtime_ns, found.st_size, memory.limit()
        return _read(Asked(settings.fill, settings.in_channels, settings.input_size), state)
    except OSError as error:
        what = f"This file can't be read: {error.strerror}" if error.strerror else "This file is damaged"
        raise UnreadableFile(what, settings.fill, "Give another file") from error


@functools.lru_cache(maxsize=1)  # every edit of a layer asks for its file again, and a photo takes a fifth of a second
def _read(asked: Asked, _state: tuple[int, int, int]) -> Loaded:
    """Read a file that has not changed since it was read with the same limit of memory."""
    numbers, notes = (_picture if fills.suffix(asked.fill) in fills.PICTURES else _sound)(asked)
    matched, more = _matched(asked, numbers)
    return Loaded(matched, (*notes, *more))


def written_out(settings: Settings) -> Settings:
    """Give a layer that is filled from a file its input as numbers, as if they had been typed.

    Raises:
        LimitPassed: they are too many for a program.
        TracerError: the file can't be read, or does not fit the layer.
    """
    if settings.input is not None or not fills.is_file(settings.fill):
        return settings
    shape = shapes.input_shape(settings)
    if math.prod(shape) > WRITTEN:
        what = f"A program would hold the {count(math.prod(shape))} numbers of {PurePath(settings.fill).name}"
        raise LimitPassed(what, "fill", f"Use an input of up to {count(WRITTEN)} numbers, or another fill")
    numbers = np.broadcast_to(load(settings).numbers, shape).reshape(-1)
    return msgspec.structs.replace(settings, input=tuple(numbers.tolist()))


def _picture(asked: Asked) -> Loaded:
    """Read a picture as (channels, H, W) of numbers from 0 to 1, the largest part of it that has the input's form."""
    try:
        image, fitting = (importlib.import_module(f"PIL.{name}") for name in ("Image", "ImageOps"))
    except ImportError as error:
        cure = "Install it with pip install pillow"
        raise UnreadableFile("Reading pictures needs Pillow, which is not installed", asked.fill, cure) from error
    try:
        with warnings.catch_warnings(action="ignore"), image.open(asked.fill) as opened:
            width, height = opened.size
            _refuse_large(asked, width * height * len(opened.getbands()) * 8)
            deep = opened.mode.startswith(("I", "F"))
            plain = fitting.exif_transpose(opened).convert("F" if deep else _mode(asked, opened.mode))
    except (*DAMAGED, image.DecompressionBombError, image.UnidentifiedImageError) as error:
        raise UnreadableFile("This file is no picture, or is damaged", asked.fill, "Give another file") from error
    wanted = (asked.input_size[1], asked.input_size[0])
    fitted = plain if plain.size == wanted else fitting.fit(plain, wanted)
    numbers = np.asarray(fitted, dtype=np.float64) / (DEEP.get(opened.mode, 65535) if deep else 255)
    name, notes = PurePath(asked.fill).name, []
    if fitted is not plain:
        notes.append(f"{name} ({width} × {height} pixels) was cut to the input's form and resampled")
    if plain.mode == "L" and opened.mode not in GREY:
        notes.append(f"The colours of {name} were joined into one channel, grey")
    if "A" in opened.getbands() or "transparency" in opened.info:
        notes.append(f"The transparency of {name} was left out")
    return Loaded(numbers[None] if numbers.ndim == 2 else numbers.transpose(2, 0, 1), tuple(notes))


GREY = ("L", "1", "LA")
DAMAGED = (SyntaxError, EOFError, ValueError, TypeError, LookupError, ArithmeticError, struct.error, zlib.error)


def _mode(asked: Asked, mode: str) -> str:
    """Choose grey for one channel and for what is grey itself, otherwise red, green and blue."""
    return "L" if asked.in_channels == 1 or mode in GREY else "RGB"


def _sound(asked: Asked) -> Loaded:
    """Read the first samples of a sound as (channels, L) of numbers from −1 to 1, zeros after its end."""
    length, name = asked.input_size[0], PurePath(asked.fill).name
    try:
        with wave.open(asked.fill, "rb") as sound:
            channels, width, samples = sound.getnchannels(), sound.getsampwidth(), sound.getnframes()
            taken = min(samples, length)
            _refuse_large(asked, taken * channels * (8 + width))
            data = sound.readframes(taken)
    except (wave.Error, EOFError, struct.error, RuntimeError) as error:
        what = f"This is no sound in plain PCM, or is damaged ({error or 'it ends too early'})"
        raise UnreadableFile(what, asked.fill, "Save it as a WAV of 8, 16, 24 or 32 bits") from error
    if width not in SAMPLES or len(data) < taken * channels * width:
        what = "it ends too early" if width in SAMPLES else f"its samples have {8 * width} bits"
        raise UnreadableFile(f"This sound can't be read: {what}", asked.fill, "Save it again as a WAV")
    numbers = np.zeros((channels, length))
    numbers[:, :taken] = SAMPLES[width](data).reshape(-1, channels).T
    told = f"{count(samples)} samples"
    if samples == length:
        return Loaded(numbers, ())
    cut = f"was cut to its first {count(length)}" if samples > length else "is followed by zeros"
    return Loaded(numbers, (f"{name} ({told}) {cut}",))


def _three_bytes(data: bytes) -> NDArray[np.float64]:
    """Read 24-bit samples, which numpy has not: as the upper three bytes of 32."""
    wide = np.zeros((len(data) // 3, 4), np.uint8)
    wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    return np.asarray(wide.view("<i4").reshape(-1) / 2.0**31, np.float64)


SAMPLES: dict[int, Callable[[bytes], NDArray[np.float64]]] = {  # bytes of a sample → numbers from −1 to 1
    1: lambda data: (np.frombuffer(data, np.uint8).astype(np.float64) - 128) / 2**7,
    2: lambda data: np.frombuffer(data, "<i2") / 2.0**15,
    3: _three_bytes,
    4: lambda data: np.frombuffer(data, "<i4") / 2.0**31,
}


def _matched(asked: Asked, numbers: NDArray[np.float64]) -> Loaded:
    """Give each channel of the input one of the file; a single one goes to all, and all go to a single one.

    Raises:
        InvalidSetting: there are several of both, and not as many.
    """
    has, wanted = len(numbers), asked.in_channels
    if has == wanted:
        return Loaded(numbers, ())
    name = PurePath(asked.fill).name
    if has == 1:
        return Loaded(np.repeat(numbers, wanted, axis=0), (f"{name} has 1 channel, which fills all {wanted}",))
    if wanted == 1:
        return Loaded(
            numbers.mean(axis=0, keepdims=True), (f"The {has} channels of {name} were joined into their mean",)
        )
    told = f" ({CHANNELS[has]})" if has in CHANNELS else ""
    what = f"{name} has {has} channels{told}, and in_channels is {wanted}"
    raise InvalidSetting(what, "fill", f"Use in_channels {has} or 1")


def _refuse_large(asked: Asked, needed: int) -> None:
    limit = memory.limit()
    if needed > limit:
        what = f"{PurePath(asked.fill).name} would need {size(needed)} of memory, and the limit is {size(limit)}"
        raise LimitPassed(what, "fill", "Use a smaller file, or raise the limit GRADTRACE_MEMORY")
