"""A 1-D signal of one or two channels and the response of each kernel under it, as waveforms above one another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer import quantities
from tracer.convolution import shapes
from tracer.convolution.chosen import Chosen, Numbers
from tracer.convolution.layer import Settings
from tracer.convolution.receptive_field import layer_of
from tracer.drawing.cone import Row, rows, runs
from tracer.drawing.display_list import Area, Colour, DisplayList, Path, Rect, Text
from tracer.drawing.font_widths import fitted
from tracer.drawing.font_widths import width as text_width
from tracer.drawing.waveform import waveform

LEFT, RIGHT, TOP, BOTTOM, MARGIN = 92.0, 96.0, 42.0, 26.0, 18.0
LEAST_TRACK, MOST_TRACK, GAP = 40.0, 84.0, 8.0
NAMES = {1: ("mono",), 2: ("left", "right")}
MOST_AREAS = 400  # of one track; of more samples, several share one


class _Track(NamedTuple):
    """One waveform: its name, its samples (none yet: `None`), where its samples stand, its scale and its colour."""

    name: str
    note: str
    samples: NDArray[Any] | None
    row: Row
    most: float
    colour: Colour
    owner: str
    at: int | None


class Seen(NamedTuple):
    """What is in view: the first kernel, the part of x (first and last sample; `None`: all of it), and the largest
    absolute values of x and of y, which their waveforms are scaled by."""

    kernel: int = 0
    part: tuple[float, float] | None = None
    largest: tuple[float, float] = (1.0, 1.0)


class _Scale(NamedTuple):
    """Where a place of x stands: `left` + (place − `first`)·`unit`, from `left` to `right`."""

    left: float
    right: float
    first: float
    unit: float

    def x(self, row: Row, number: float) -> float:
        return self.left + (row.start + row.jump * number - self.first) * self.unit

    def inside(self, row: Row, number: float) -> float:
        """Give where a number stands, no further out than the ends."""
        return min(max(self.x(row, number), self.left), self.right)

    def visible(self, row: Row) -> range:
        """Give the samples that are in view."""
        last = self.first + (self.right - self.left) / self.unit
        low, high = ((place - row.start) / row.jump for place in (self.first, last))
        return range(max(0, math.ceil(low)), min(row.size - 1, math.floor(high)) + 1)


def fits(settings: Settings) -> bool:
    """Tell whether a layer's input is a signal that can be drawn: one axis, mono or stereo."""
    return settings.dims == 1 and settings.in_channels in NAMES


def kernels_in_view(settings: Settings, height: float) -> int:
    """Count the kernels whose responses have room under the signal."""
    room = height - TOP - BOTTOM - settings.in_channels * (LEAST_TRACK + GAP)
    return max(1, min(settings.out_channels, int(room // (LEAST_TRACK + GAP))))


def largest(numbers: Numbers) -> tuple[float, float]:
    """Find the largest absolute values of x and y, 1 where there is none."""
    return _most(numbers.arrays.get("x")), _most(numbers.arrays.get("y"))


def picture(
    settings: Settings, numbers: Numbers, chosen: Chosen, seen: Seen, width: float, height: float
) -> DisplayList:
    """Draw x and the responses from the first kernel in view on, as many as there is room for."""
    number = chosen.output[-1]
    sizes = (settings.input_size, shapes.output_size(settings))
    signal, response = rows((layer_of(settings),), sizes, (number,), 0)
    shown = range(seen.kernel, min(settings.out_channels, seen.kernel + kernels_in_view(settings, height)))
    tracks = _tracks(settings, numbers, chosen, shown, (signal, response), seen.largest)
    scale = _scale((signal, response), MARGIN + LEFT, width - MARGIN - RIGHT, seen.part)
    tall = min(MOST_TRACK, max(LEAST_TRACK, (height - TOP - BOTTOM) / len(tracks) - GAP))
    tops = [TOP + at * (tall + GAP) for at in range(len(tracks))]
    inputs = settings.in_channels
    marks: list[Rect | Path | Text] = [*_heading(settings, numbers, chosen, signal, width)]
    marks += _window(signal, scale, tops[0], tops[inputs - 1] + tall)
    x = scale.x(response, number)
    if scale.left <= x <= scale.right:
        ends = (x, tops[inputs] - GAP / 2), (x, tops[-1] + tall)
        marks.append(Path(ends, False, stroke="forward", line=1.0, dashed=True))
    areas: list[Area] = []
    for track, top in zip(tracks, tops, strict=True):
        marks += _track_marks(track, scale, top, tall, chosen, fresh=numbers.fresh, width=width)
        areas += _areas(track, scale, top, tall)
    marks += _outline(signal, scale, tops[0], tops[inputs - 1] + tall)
    marks += _foot(settings, shown, signal, scale, tops[-1] + tall)
    title = f"Signal of {inputs} {'channel' if inputs == 1 else 'channels'} and {settings.out_channels} responses; "
    title += _said(chosen, signal)
    return DisplayList(width, height, tuple(marks), tuple(areas), "tracks", title)


def _tracks(
    settings: Settings,
    numbers: Numbers,
    chosen: Chosen,
    shown: range,
    lines: tuple[Row, Row],
    most: tuple[float, float],
) -> list[_Track]:
    x, y = (_batch(settings, numbers.arrays.get(name), chosen) for name in ("x", "y"))
    most_x, most_y = most
    found = [
        _Track(
            "x",
            NAMES[settings.in_channels][at],
            None if x is None else x[at],
            lines[0],
            most_x,
            "leaf",
            f"x {at}",
            None,
        )
        for at in range(settings.in_channels)
    ]
    for at in shown:
        samples = None if y is None else y[at]
        lit = at == chosen.output[-2]
        colour: Colour = "forward" if lit else "muted"
        found.append(_Track(f"y {at}", "", samples, lines[1], most_y, colour, f"y {at}", chosen.output[-1]))
    return found


def _batch(settings: Settings, array: NDArray[Any] | None, chosen: Chosen) -> NDArray[Any] | None:
    return array if array is None or settings.batch is None else array[chosen.output[0]]


def _most(samples: NDArray[Any] | None) -> float:
    finite = np.abs(samples[np.isfinite(samples)]) if samples is not None else np.zeros(0)
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def _scale(found: Sequence[Row], left: float, right: float, part: tuple[float, float] | None) -> _Scale:
    low = min(row.start - row.jump / 2 - row.before * row.jump for row in found)
    high = max(row.start + row.jump * (row.size - 0.5 + row.after) for row in found)
    if part is not None:
        low, high = part[0] - 0.5, part[1] + 0.5
    return _Scale(left, right, low, (right - left) / (high - low))


def _heading(settings: Settings, numbers: Numbers, chosen: Chosen, signal: Row, width: float) -> Iterator[Text]:
    name = f"y[{', '.join(map(str, chosen.output))}]"
    wide = text_width(name, 13, "mono")
    yield Text(MARGIN, 24, name, wide, 13, "mono", "forward_text")
    words = _said(chosen, signal) if numbers.arrays else "the numbers are on their way"
    words = fitted(words, 12, "sans", max(40.0, width - 2 * MARGIN - wide - 10))
    yield Text(MARGIN + wide + 10, 24, words, text_width(words, 12), 12, "sans", "muted")


def _said(chosen: Chosen, signal: Row) -> str:
    spans = ", ".join(f"{low}–{high}" if low < high else str(low) for low, high in runs(signal.lit))
    if len(runs(signal.lit)) > 6:
        spans = f"{signal.lit[0]}–{signal.lit[-1]}, {len(signal.lit)} of them"
    return (
        f"kernel {chosen.output[-2]} reads samples {spans or 'of the padding only'} of {quantities.count(signal.size)}"
    )


def _window(signal: Row, scale: _Scale, top: float, bottom: float) -> Iterator[Rect]:
    """Light the samples that the output reads, over all channels; a dilation leaves holes."""
    for low, high in runs(signal.lit):
        x, end = scale.inside(signal, low - 0.5), scale.inside(signal, high + 0.5)
        if x < end:
            yield Rect(x, top, max(1.0, end - x), bottom - top, 0, "badge")


def _outline(signal: Row, scale: _Scale, top: float, bottom: float) -> Iterator[Rect]:
    """Frame the window, over the waveforms, which may be dense."""
    if not signal.lit:
        return
    x, end = scale.inside(signal, signal.lit[0] - 0.5), scale.inside(signal, signal.lit[-1] + 0.5)
    if x < end:
        yield Rect(x, top, max(1.0, end - x), bottom - top, 2, None, "forward", 1.2)


def _track_marks(
    track: _Track, scale: _Scale, top: float, tall: float, chosen: Chosen, *, fresh: bool, width: float
) -> Iterator[Rect | Path | Text]:
    """Draw a zero line, a waveform, its name on the left, and on the right its value at the output looked at."""
    middle, unit = top + tall / 2, (tall / 2 - 3) / track.most
    begin, end = scale.inside(track.row, -0.5), scale.inside(track.row, track.row.size - 0.5)
    yield Rect(begin, middle - 0.25, end - begin, 0.5, fill="border")
    name = "semibold" if track.colour != "muted" else "sans"
    yield Text(MARGIN, middle + 4, track.name, text_width(track.name, 12, name), 12, name, "text")  # type: ignore[arg-type]
    note = track.note
    yield Text(MARGIN + 22, middle + 4, note, text_width(note, 12), 12, "sans", "muted")
    for value, y in ((track.most, top + 9), (-track.most, top + tall - 2)):
        words = quantities.figure(value, 2)
        yield Text(MARGIN + LEFT - 8, y, words, text_width(words, 9, "mono"), 9, "mono", "muted", "end")
    if track.samples is None:
        return
    seen = scale.visible(track.row)
    part = track.samples[seen.start : seen.stop]
    step = track.row.jump * scale.unit
    yield from waveform(part, scale.x(track.row, seen.start), step, middle, unit, track.colour)
    if track.at is None:
        return
    value = float(track.samples[track.at])
    x = scale.x(track.row, track.at)
    if math.isfinite(value) and track.at in seen:
        y = middle - unit * value
        yield Rect(x - 3.5, y - 3.5, 7, 7, 3.5, "forward" if track.colour == "forward" else "card", "forward", 1.3)
    if fresh:
        words = quantities.figure(value)
        colour: Colour = "forward_text" if track.colour == "forward" else "muted"
        yield Text(width - MARGIN, middle + 4, words, text_width(words, 12, "mono"), 12, "mono", colour, "end")


def _areas(track: _Track, scale: _Scale, top: float, tall: float) -> Iterator[Area]:
    """Make a place to point at of every sample, or of some together."""
    seen = scale.visible(track.row)
    together = max(1, math.ceil(len(seen) / MOST_AREAS))
    for low in range(seen.start, seen.stop, together):
        high = min(low + together, seen.stop)
        middle = (low + high - 1) // 2
        x, end = scale.inside(track.row, low - 0.5), scale.inside(track.row, high - 0.5)
        value = "" if track.samples is None else f" = {quantities.figure(float(track.samples[middle]))}"
        label = f"{track.name}{track.note and ' ' + track.note}, sample {quantities.count(middle)}{value}"
        yield Area(f"{track.owner} {middle}", x, top, end - x, tall, label)


def _foot(settings: Settings, shown: range, signal: Row, scale: _Scale, bottom: float) -> Iterator[Text]:
    """Number the ends of what is in view, and tell which kernels are."""
    seen = scale.visible(signal)
    for number in dict.fromkeys((seen.start, seen.stop - 1)):
        words = str(number)
        yield Text(
            scale.x(signal, number), bottom + 17, words, text_width(words, 11, "mono"), 11, "mono", "muted", "middle"
        )
    if len(shown) < settings.out_channels:
        words = f"kernels {shown[0]}–{shown[-1]} of {settings.out_channels}: ↑ ↓ or the wheel for the others"
        words = fitted(words, 11, "sans", scale.right - scale.left - 80)
        yield Text(
            (scale.left + scale.right) / 2, bottom + 17, words, text_width(words, 11), 11, "sans", "muted", "middle"
        )
