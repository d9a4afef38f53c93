"""Sound, where the part of Qt for it is installed: it is an extra, since few need it and it is large."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject

MODULE = "PySide6.QtMultimedia"
ABSENT = 'Sound needs QtMultimedia: pip install "gradtrace[sound]"'
NO_DEVICE = "There is no sound device to play on: connect one and try again."


def absence() -> str:
    """Say why there is no sound, with the cure; empty where there is."""
    return "" if importlib.util.find_spec(MODULE) else ABSENT


class Player(QObject):
    """Plays 16-bit samples; what still plays is ended by the next."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._sink: Any = None
        self._buffer: QBuffer | None = None

    def play(self, samples: bytes, channels: int, rate: int) -> str:
        """Start to play; give why that can't be done, or nothing."""
        try:
            multimedia: Any = importlib.import_module(MODULE)
        except ImportError as error:  # a library of the system that it needs is not there
            return f"Sound can't be loaded ({error}): install what it names."
        self.stop()
        device = multimedia.QMediaDevices.defaultAudioOutput()
        if device.isNull():
            return NO_DEVICE
        form = multimedia.QAudioFormat()
        form.setSampleRate(rate)
        form.setChannelCount(channels)
        form.setSampleFormat(multimedia.QAudioFormat.SampleFormat.Int16)
        self._buffer = QBuffer(self)
        self._buffer.setData(QByteArray(samples))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._sink = multimedia.QAudioSink(device, form, self)
        self._sink.start(self._buffer)
        return ""

    def stop(self) -> None:
        """End what plays."""
        if self._sink is not None:
            self._sink.stop()
            self._sink.deleteLater()
            self._sink = None
