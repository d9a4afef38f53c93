"""A histogram of many numbers: counted by numpy, drawn as bars with the mean and zero marked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer import quantities
from tracer.drawing.display_list import Area, Colour, DisplayList, Path, Rect, Text
from tracer.drawing.font_widths import width as text_width

LEFT, RIGHT, TOP, BOTTOM = 58.0, 18.0, 26.0, 26.0
BAR, MOST_BINS, TICK = 13.0, 64, 64.0  # points: the least width of a bar, and of the room of a number under the axis
MOST = 1_000_000  # numbers that are counted, so that an edit stays quick
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Counted(NamedTuple):
    """Numbers counted in bins of equal width from `low` to `high`. What is not finite is only counted in `non_finite`;
    the figures are of the finite ones, `None` where there are none. `std` divides by n − 1, as torch does. Of very
    many numbers only every so-and-so-many-th (`every`) is looked at; `total` counts those that are."""

    counts: tuple[int, ...]
    low: float
    high: float
    total: int
    zeros: int
    non_finite: int
    mean: float | None
    std: float | None
    every: int = 1


def counted(numbers: NDArray[Any], bins: int) -> Counted:
    """Count numbers in so many bins. One value alone stands in the middle of the axis."""
    every = -(-numbers.size // MOST) or 1
    flat = numbers.reshape(-1)[::every].astype(np.float64)
    finite = flat[np.isfinite(flat)]
    away = flat.size - finite.size
    if not finite.size:
        return Counted((0,) * bins, -1.0, 1.0, flat.size, 0, away, None, None, every)
    low, high = float(finite.min()), float(finite.max())
    scale = max(abs(low), abs(high)) or 1.0  # so that no square and no sum is too large
    if not low < high or not math.isfinite(high - low):
        half = abs(low) / 2 or 1.0
        low, high = (low - half, high + half) if low == high else (low / 2, high / 2)
    counts, _ = np.histogram(np.clip(finite, low, high), bins, (low, high))
    mean = scale * float((finite / scale).mean())
    std = scale * float((finite / scale).std(ddof=1)) if finite.size > 1 else None
    zeros = int(np.count_nonzero(finite == 0))
    return Counted(tuple(map(int, counts)), low, high, flat.size, zeros, away, mean, std, every)


def bins_for(width: float) -> int:
    """Choose how many bars a picture of that width has."""
    return max(8, min(MOST_BINS, int((width - LEFT - RIGHT) / BAR)))


def picture(name: str, found: Counted, width: float, height: float, colour: Colour) -> DisplayList:
    """Draw the bars over their axis."""
    left, right = LEFT, width - RIGHT
    bottom = max(TOP + 20, height - BOTTOM)
    most = max(1, *found.counts)
    wide, unit = (right - left) / len(found.counts), (bottom - TOP) / most
    words = summary(name, found)
    marks: list[Rect | Path | Text] = [*_levels(most, left, right, bottom, unit)]
    areas = []
    for at, number in enumerate(found.counts):
        x, tall = left + at * wide, number * unit
        if number:
            marks.append(Rect(x + 0.5, bottom - max(tall, 1.0), wide - 1, max(tall, 1.0), 1.0, colour))
        areas.append(Area(f"bar {at}", x, TOP, wide, bottom - TOP, _told(found, at)))
    marks += _axis(found, left, right, bottom)
    marks += _mean(found, left, right, bottom)
    return DisplayList(width, height, tuple(marks), tuple(areas), "bars", words)


def summary(name: str, found: Counted) -> str:
    """Tell the figures in one sentence."""
    which = f", one of each {quantities.count(found.every)}" if found.every > 1 else ""
    return (
        f"Histogram of {name}: {quantities.count(found.total)} numbers{which}, mean {quantities.figure(found.mean)}, "
        f"{quantities.count(found.zeros)} are zero, {quantities.count(found.non_finite)} are not finite"
    )


def ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """Choose round numbers from low to high, at most so many."""
    rough = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in STEPS if factor * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(float(f"{number * step:.12g}") for number in range(first, last + 1))


def _told(found: Counted, at: int) -> str:
    step = (found.high - found.low) / len(found.counts)
    low, high = found.low + at * step, found.low + (at + 1) * step
    return f"{quantities.count(found.counts[at])} from {quantities.figure(low)} to {quantities.figure(high)}"


def _levels(most: int, left: float, right: float, bottom: float, unit: float) -> Iterator[Rect | Text]:
    """Draw the lines of the counts, with their numbers ending at the axis."""
    room = max(1, int((bottom - TOP) / 26))
    for level in sorted({round(number) for number in ticks(0, most, room)}):
        y, words = bottom - level * unit, quantities.count(level)
        yield Rect(left, y - 0.25, right - left, 0.5, fill="border")
        yield Text(left - 8, y + 4, words, text_width(words, 11, "mono"), 11, "mono", "muted", "end")


def _axis(found: Counted, left: float, right: float, bottom: float) -> Iterator[Rect | Text]:
    scale = (right - left) / (found.high - found.low)
    yield Rect(left, bottom - 0.5, right - left, 1.0, fill="muted")
    for number in ticks(found.low, found.high, max(1, int((right - left) / TICK))):
        x, words = left + (number - found.low) * scale, quantities.figure(number)
        wide = text_width(words, 11, "mono")
        yield Rect(x - 0.5, bottom, 1.0, 4.0, fill="muted")
        yield Text(
            min(max(x, left + wide / 2 - 20), right + RIGHT - wide / 2),
            bottom + 17,
            words,
            wide,
            11,
            "mono",
            "muted",
            "middle",
        )


def _mean(found: Counted, left: float, right: float, bottom: float) -> Iterator[Path | Text]:
    """Mark the mean with a dashed line from top to bottom and its number over it."""
    if found.mean is None:
        return
    x = left + (found.mean - found.low) * (right - left) / (found.high - found.low)
    words = f"mean {quantities.figure(found.mean)}"
    wide = text_width(words, 11, "mono")
    yield Path(((x, TOP - 6), (x, bottom)), False, stroke="text", line=1.2, dashed=True)
    yield Text(min(max(x, left + wide / 2), right - wide / 2), TOP - 11, words, wide, 11, "mono", "text", "middle")
