"""A signal as sound: samples → 16-bit PCM, as loud as it can be without being cut, repeated to a least length."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LOUDEST = 0.8 * 32767
SECONDS = 1.0
RATES = (8000, 16000, 22050, 44100)


def pcm(channels: NDArray[Any], rate: int, seconds: float = SECONDS) -> bytes:
    """Write (channels, samples) as little-endian 16-bit samples, channels in turn; what is not finite is silence.

    A signal shorter than `seconds` is repeated until it is as long.
    """
    values = np.nan_to_num(np.asarray(channels, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    peak = float(np.abs(values).max()) if values.size else 0.0
    scaled = np.round(values * (LOUDEST / peak) if peak else values).astype("<i2")
    times = -(-int(rate * seconds) // max(1, scaled.shape[-1]))
    return np.tile(scaled, max(1, times)).T.tobytes()
