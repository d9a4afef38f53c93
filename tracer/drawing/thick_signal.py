"""A signal x: Ω → R^c as samples over an axis a channel, a kernel as thick as that under its window, and what it gives.

Channel by channel the scalar products are taken, and added: that sum is one sample of the output.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracer.drawing.cells import line, within
from tracer.drawing.display_list import Area, Colour, DisplayList, Path, Rect, Text
from tracer.drawing.moment import Moment, bank_of, paragraph, product, written
from tracer.drawing.number_table import part, shortened
from tracer.drawing.sheets import hue
from tracer.matrix_vector.readings import rounded, sum_of, times, total
from tracer.matrix_vector.settings import Bank, Exact, Settings
from tracer.quantities import factor

Mark = Rect | Path | Text
CALLED = {1: "monophonic", 2: "stereophonic"}
MARGIN, NAMES, LEADING = 22.0, 52.0, 18.0
UNIT = (26.0, 88.0)  # points from one sample to the next, at least and at most
TALL = 92.0  # the height of an axis, at most
CELL = 20.0  # of the kernel's numbers


class Room(NamedTuple):
    """What a canvas has room for: where the axes begin, the least height of one, the lines of products, the foot."""

    top: float
    track: float
    lines: int
    foot: float


WHOLE, LOW = Room(92.0, 46.0, 3, 46.0), Room(66.0, 30.0, 0, 6.0)
LEAST = 440.0  # a canvas less high is low


class Track(NamedTuple):
    """An axis with samples: its name, its numbers, and where sample 0 stands, in samples of x, and how far apart."""

    name: str
    values: Sequence[Exact]
    start: float
    jump: float
    colour: Colour
    owner: str


class Placed(NamedTuple):
    """Where samples stand: the first sample in view at `left`, `unit` points from one to the next."""

    settings: Settings
    bank: Bank
    moment: Moment
    place: int
    shown: range
    left: float
    unit: float
    tall: float
    room: Room
    channels: int  # as many as there is room for
    outputs: int  # kernels whose outputs there is room for

    @property
    def lines(self) -> int:
        """How many channels have their products written out."""
        return min(self.channels, self.room.lines)

    def x(self, sample: float) -> float:
        return self.left + (sample - self.shown.start + 0.5) * self.unit


def steps(settings: Settings) -> int:
    """Count the samples of the output."""
    return bank_of(settings).height


def picture(settings: Settings, moment: Moment, width: float, height: float) -> DisplayList:
    """Draw the channels of x, the kernel under the window, the products, and the outputs as far as they have come."""
    seen = _placed(settings, moment, width, height)
    marks: list[Mark] = [*_title(seen, width)]
    areas: list[Area] = []
    for at, track in enumerate(_inputs(seen)):
        drawn = _track(seen, track, seen.room.top + at * seen.tall, seen.place)
        for mark in (*_window(seen, seen.room.top + at * seen.tall), *drawn):
            (areas if isinstance(mark, Area) else marks).append(mark)  # type: ignore[arg-type]
    y = seen.room.top + seen.channels * seen.tall + 6
    marks += _kernel(seen, y)
    y += CELL * seen.channels + 6
    marks += _products(seen, y, width)
    y += LEADING * (seen.lines + 1) + 8
    for at in range(seen.outputs):
        for mark in _track(seen, _output(seen, at), y + at * seen.tall, seen.place):
            (areas if isinstance(mark, Area) else marks).append(mark)  # type: ignore[arg-type]
    said = sentence(settings)
    if seen.room is WHOLE:
        marks += paragraph(said, MARGIN, height - 34, width - 2 * MARGIN, 2)
    return DisplayList(width, height, tuple(marks), tuple(areas), "", said)


def sentence(settings: Settings) -> str:
    """Say how thick the kernels are, and what becomes of the channels."""
    bank = bank_of(settings)
    c, k = len(bank.signal), len(bank.kernels[0][0])
    channels = "1 channel" if c == 1 else f"{c} channels"
    return (
        f"The signal has {channels}, so a kernel is {c} thick: {c} × {k} = {c * k} numbers. Its products are summed, "
        f"over the channels too: one kernel gives one channel of y."
    )


def products(settings: Settings, kernel: int, place: int) -> tuple[Exact, ...]:
    """Give the scalar product of each channel with its row of a kernel, at a place."""
    bank = bank_of(settings)
    return tuple(
        sum_of([times(bank.kernels[kernel][channel][tap], bank.signal[channel][sample]) for tap, sample in taps])
        for channel, taps in enumerate([_taps(bank, place)] * len(bank.signal))
    )


def _taps(bank: Bank, place: int) -> list[tuple[int, int]]:
    """List the taps that lie on the signal at a place, each with its sample; the others lie on the padding."""
    found = _all_taps(bank, place)
    return [(tap, sample) for tap, sample in found if 0 <= sample < len(bank.signal[0])]


def _all_taps(bank: Bank, place: int) -> list[tuple[int, int]]:
    layer = bank.layer
    first = place * layer.stride[0] - layer.padding[0][0]
    return [(tap, first + tap * layer.dilation[0]) for tap in range(len(bank.kernels[0][0]))]


def _placed(settings: Settings, moment: Moment, width: float, height: float) -> Placed:
    bank = bank_of(settings)
    before, after = bank.layer.padding[0]
    length, place = len(bank.signal[0]) + before + after, max(moment.step - 1, 0)
    place = place if moment.lit is None else moment.lit
    across = width - 2 * MARGIN - NAMES
    unit = min(UNIT[1], max(UNIT[0], across / length))
    middle = _all_taps(bank, place)[len(bank.kernels[0][0]) // 2][1] + before
    seen = part(length, int(across // unit), middle)
    room = LOW if height < LEAST else WHOLE
    down = height - room.top - room.foot - LEADING * (min(len(bank.signal), room.lines) + 1) - 20
    channels = max(1, min(len(bank.signal), int((down - room.track) // (room.track + CELL))))
    down -= CELL * channels
    outputs = max(1, min(len(bank.kernels), int(down // room.track) - channels))
    tall = min(TALL, max(room.track, down / (channels + outputs)))
    shown = range(seen.start - before, seen.stop - before)
    return Placed(settings, bank, moment, place, shown, MARGIN + NAMES, unit, tall, room, channels, outputs)


def _title(seen: Placed, width: float) -> Iterator[Mark]:
    """Say what the signal is, and draw its column of numbers as the slab n × c × 1."""
    bank = seen.bank
    c, n = len(bank.signal), len(bank.signal[0])
    called = f", {CALLED[c]}" if c in CALLED else ""
    yield line(MARGIN, 30, f"x: Ω → R{_power(c)}", 14.0, "semibold")
    words = f"Ω = {{1, …, {n}}}, {c} channel{'' if c == 1 else 's'}{called}; y has {len(bank.kernels)} × {bank.height}"
    words += f"; {seen.channels} channels are shown" if seen.channels < c else ""
    yield line(MARGIN, 50, shortened(words, width - 2 * MARGIN - 110, 11.5, "sans"), 11.5, colour="muted")
    yield from _slab(width - MARGIN - 96, 16, c)


def _power(c: int) -> str:
    return "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(c))


def _slab(x: float, y: float, c: int) -> Iterator[Mark]:
    """Draw a column, and the slab of c layers that it equals."""
    thick = min(c, 4)
    for at in range(thick):
        yield Rect(x + 9.0 * at, y + 6, 7, 34, 1.5, "taken")
    yield line(x + 9.0 * thick + 8, y + 27, "=", 12.0, colour="muted", anchor="middle")
    left = x + 9.0 * thick + 18
    for at in range(thick - 1, -1, -1):
        yield Rect(left + 5.0 * at, y + 6 - 3.0 * at, 9, 34, 1.5, "taken", "leaf", 1.0)


def _inputs(seen: Placed) -> list[Track]:
    names = ["x"] if len(seen.bank.signal) == 1 else [f"x[{at}]" for at in range(len(seen.bank.signal))]
    return [
        Track(name, values, 0.0, 1.0, "leaf", "")
        for name, values in zip(names, seen.bank.signal[: seen.channels], strict=False)
    ]  # fmt: skip


def _output(seen: Placed, after: int) -> Track:
    """Give the outputs of the kernel in front, or of one after it, each over the middle of what it reads."""
    bank = seen.bank
    kernel, first = (seen.moment.kernel + after) % len(bank.kernels), _all_taps(bank, 0)
    values = [total(seen.settings, kernel * bank.height + at) for at in range(bank.height)]
    name = "y" if len(bank.kernels) == 1 else f"y({kernel + 1})"
    colour: Colour = "muted" if after else "forward"
    return Track(name, values, (first[0][1] + first[-1][1]) / 2, float(bank.layer.stride[0]), colour, "step")


def _window(seen: Placed, top: float) -> Iterator[Rect]:
    """Light what the kernel lies on in a channel."""
    for _, sample in _all_taps(seen.bank, seen.place):
        if sample in seen.shown:
            x = seen.x(sample)
            yield Rect(x - seen.unit / 2 + 1.5, top + 1, seen.unit - 3, seen.tall - 6, 4.0, hue(seen.moment.kernel))


def _track(seen: Placed, track: Track, top: float, place: int) -> Iterator[Mark | Area]:
    """Draw an axis with its samples as stems, each with its number."""
    numbers = [rounded(value) for value in track.values]
    most = max([abs(number) for number in numbers if abs(number) < 1e300] or [1.0]) or 1.0
    middle, unit = top + seen.tall / 2, max(2.0, seen.tall / 2 - 17) / most
    begin, end = seen.left, seen.left + len(seen.shown) * seen.unit
    yield Path(((begin, middle), (end, middle)), False, stroke="border", line=1.2)
    yield line(MARGIN, middle + 4, track.name, 12.0, "semibold")
    before = seen.bank.layer.padding[0][0]
    if track.owner == "" and before:
        for sample in seen.shown:
            if not 0 <= sample < len(track.values):
                yield line(seen.x(sample), middle + 4, "pad", 9.5, colour="muted", anchor="middle")
    for at, (value, number) in enumerate(zip(track.values, numbers, strict=True)):
        place_in_x = track.start + track.jump * at
        if not seen.shown.start <= place_in_x <= seen.shown.stop - 1:
            continue
        x, known = seen.x(place_in_x), not track.owner or at < seen.moment.step
        lit = track.owner != "" and at == place and known
        y = middle - unit * number if abs(number) < 1e300 else middle
        if known:
            yield Path(((x, middle), (x, y)), False, stroke=track.colour, line=2.4 if lit else 1.6)
            yield Rect(
                x - 3.5, y - 3.5, 7, 7, 3.5, track.colour if not track.owner or lit else "card", track.colour, 1.4
            )
            text = shortened(written(seen.settings, value), seen.unit - 2, 11.0, "mono")
            yield line(x, y - 7 if number >= 0 else y + 15, text, 11.0, "mono", "text", "middle")
        else:
            yield Rect(x - 2.5, middle - 2.5, 5, 5, 2.5, "card", "border", 1.2)
        owner = f"step {at + 1}" if track.owner else ""
        label = f"{track.name}[{at}] = {written(seen.settings, value)}" if known else f"{track.name}[{at}]: not yet"
        yield Area(owner, x - seen.unit / 2, top, seen.unit, seen.tall, label)


def _kernel(seen: Placed, top: float) -> Iterator[Mark]:
    """Draw the kernel under its window, a row a channel: as thick as the signal."""
    kernel = seen.bank.kernels[seen.moment.kernel][: seen.channels]
    name = "w" if len(seen.bank.kernels) == 1 else f"w({seen.moment.kernel + 1})"
    yield line(MARGIN, top + CELL * len(kernel) / 2 + 4, name, 12.0, "semibold")
    for channel, row in enumerate(kernel):
        y = top + channel * CELL
        for tap, sample in _all_taps(seen.bank, seen.place):
            if sample in seen.shown:
                x, wide = seen.x(sample), seen.unit - 6
                yield Rect(x - wide / 2, y, wide, CELL - 2, 3.0, hue(seen.moment.kernel, True))
                text = shortened(written(seen.settings, row[tap]), wide - 2, 11.0, "mono")
                yield within(x, y, CELL - 2, text)


def _products(seen: Placed, top: float, width: float) -> Iterator[Text]:
    """Write the scalar product of each channel, and their sum, which is the output."""
    bank, settings, kernel = seen.bank, seen.settings, seen.moment.kernel
    found, room = products(settings, kernel, seen.place), width - 2 * MARGIN - NAMES
    index = kernel * bank.height + seen.place
    if not seen.moment.step and seen.moment.lit is None:
        yield line(seen.left, top + 14, "No output yet: play, or step on.", 12.0, colour="muted")
        return
    for channel, value in enumerate(found[: seen.lines]):
        terms = [
            product(settings, bank.kernels[kernel][channel][tap], bank.signal[channel][sample])
            for tap, sample in _taps(bank, seen.place)
        ]
        text = f"{' + '.join(terms) or '0'} = {written(settings, value)}"
        named = f"⟨w[{channel}], x[{channel}]⟩ = " if len(found) > 1 else "⟨w, x⟩ = "
        yield line(
            seen.left, top + 14 + LEADING * channel, shortened(named + text, room, 12.0, "mono"), 12.0, "mono", "muted"
        )
    parts = [factor(written(settings, value)) for value in found]
    parts += [factor(written(settings, bank.bias[kernel]))] if bank.bias else []
    y = f"y({kernel + 1})[{seen.place}]" if len(bank.kernels) > 1 else f"y[{seen.place}]"
    whole = written(settings, total(settings, index))
    text = f"{y} = {' + '.join(parts)} = {whole}" if len(parts) > 1 else f"{y} = {whole}"
    below = top + 14 + LEADING * seen.lines
    yield line(seen.left, below, shortened(text, room, 12.0, "mono"), 12.0, "mono", "forward_text")
