"""A waveform: samples as one line, or where they are closer than a pixel as the band from lowest to highest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer.drawing.display_list import Colour, Path, Rect

DENSE = 2.0  # samples a point, from which on a band is drawn
DOTS = 7.0  # points between samples, from which on each has a dot


def waveform(
    samples: NDArray[Any], start: float, step: float, middle: float, unit: float, colour: Colour
) -> Iterator[Path | Rect]:
    """Draw samples: number i stands at `start` + `step`·i, its value `unit` points a one above `middle`.

    A value that is not finite leaves a gap.
    """
    values = np.asarray(samples, np.float64)
    if step * DENSE <= 1.0 and values.size > 2:
        yield from _band(values, start, step, middle, unit, colour)
        return
    line: list[tuple[float, float]] = []
    for at, value in enumerate(values.tolist()):
        if not np.isfinite(value):
            yield from _line(line, colour)
            line = []
            continue
        line.append((start + step * at, middle - unit * value))
    yield from _line(line, colour)
    if step >= DOTS:
        for at, value in enumerate(values.tolist()):
            if np.isfinite(value):
                yield Rect(start + step * at - 2, middle - unit * value - 2, 4, 4, 2, colour)


def envelope(values: NDArray[Any], columns: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give the lowest and the highest of the finite values in each of so many columns, 0 where there are none."""
    edges = np.linspace(0, values.size, columns + 1).astype(int)[:-1]
    low = np.minimum.reduceat(np.where(np.isfinite(values), values, np.inf), edges)
    high = np.maximum.reduceat(np.where(np.isfinite(values), values, -np.inf), edges)
    return np.where(np.isfinite(low), low, 0.0), np.where(np.isfinite(high), high, 0.0)


def _line(points: list[tuple[float, float]], colour: Colour) -> Iterator[Path | Rect]:
    if len(points) > 1:
        yield Path(tuple(points), False, stroke=colour, line=1.3)
    elif points:
        yield Rect(points[0][0] - 1, points[0][1] - 1, 2, 2, 1, colour)


def _band(
    values: NDArray[Any], start: float, step: float, middle: float, unit: float, colour: Colour
) -> Iterator[Path | Rect]:
    columns = max(1, min(values.size, round(values.size * step)))
    low, high = envelope(values, columns)
    wide = values.size * step / columns
    x = [start + wide * at for at in range(columns)]
    top = [(a, middle - unit * b - 0.4) for a, b in zip(x, high.tolist(), strict=True)]
    bottom = [(a, middle - unit * b + 0.4) for a, b in zip(x, low.tolist(), strict=True)]
    yield Path((*top, *reversed(bottom)), False, True, colour, colour, 0.6)
