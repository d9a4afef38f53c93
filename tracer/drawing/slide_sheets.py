"""What the Slide lays out: x, weight and y as sheets of rows and columns, and the cells of each that belong together.

In one dimension the rows of a sheet are channels, so that a whole sum is in view; in three a sheet is a slice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer.convolution import places, shapes, tap_places
from tracer.convolution.chosen import Chosen, Index
from tracer.convolution.layer import Settings
from tracer.convolution.tap_places import OUTSIDE, Ints


class Sheet(NamedTuple):
    """A part of a tensor as rows and columns. The cell at (r, c) is its element (*before, rows[r], *between, cols[c]);
    OUTSIDE stands where there is none. Rows and columns outside of their `own` ranges are padding, as is all of a
    sheet that is `outside` (its slice is padding) or `copied` (its slice is a copy)."""

    name: str
    before: Index
    between: Index
    rows: Ints
    cols: Ints
    own: tuple[tuple[int, int], tuple[int, int]]
    lit_rows: Ints  # the cells that belong to what is looked at: these rows × these columns
    lit_cols: Ints
    outside: bool = False
    copied: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """How many rows and columns there are."""
        return len(self.rows), len(self.cols)

    def element(self, row: int, column: int) -> Index | None:
        """Give the element that stands in a cell."""
        r, c = int(self.rows[row]), int(self.cols[column])
        return None if self.outside or OUTSIDE in (r, c) else (*self.before, r, *self.between, c)

    def is_copy(self, row: int, column: int) -> bool:
        """Tell of a cell whether it holds a copy of an element."""
        (top, bottom), (left, right) = self.own
        return self.copied or not (top <= row < bottom and left <= column < right)

    def numbers(self, array: NDArray[Any], rows: slice, cols: slice) -> NDArray[np.float64]:
        """Give the numbers in some rows and columns, NaN where nothing stands."""
        r, c = self.rows[rows], self.cols[cols]
        if self.outside:
            return np.full((len(r), len(c)), np.nan)
        at: tuple[Any, ...] = (*self.before, slice(None), *self.between)
        found: NDArray[np.float64] = array[at][np.ix_(np.maximum(r, 0), np.maximum(c, 0))].astype(np.float64)
        found[r == OUTSIDE, :] = np.nan
        found[:, c == OUTSIDE] = np.nan
        return found


class Sheets(NamedTuple):
    """The three sheets, and which channel, kernel and slice of the kernel (`tap`) they show. `unread`: no output reads
    what is looked at."""

    x: Sheet
    weight: Sheet
    y: Sheet
    channel: int
    kernel: int
    tap: int
    flipped: bool
    unread: bool
    deep: bool  # three dimensions: the sheets are slices


def sheets(settings: Settings, chosen: Chosen, tap: int = 0) -> Sheets:
    """Lay out what is looked at: forward what y[…] reads, backward the outputs that read x[…]."""
    channel, kernel = pair(settings, chosen)
    backward = chosen.leads == "input"
    depth = _depth(settings, chosen, tap)
    flipped = backward != settings.transposed
    make = _Maker(settings, chosen, channel, kernel, depth, backward)
    y = make.y()
    unread = backward and (depth.place < 0 or not (len(y.lit_rows) and len(y.lit_cols)))
    return Sheets(make.x(), make.weight(flipped), y, channel, kernel, depth.tap, flipped, unread, settings.dims == 3)


def pair(settings: Settings, chosen: Chosen) -> tuple[int, int]:
    """Give the channel and the kernel that are shown: the one that leads, and of the other the one in its group."""
    start = 0 if settings.batch is None else 1
    channel, kernel = chosen.input[start], chosen.output[start]
    _, inputs, kernels = tap_places.channels(settings)
    if chosen.leads == "output":
        return kernel // kernels * inputs + channel % inputs, kernel
    return channel, channel // inputs * kernels + kernel % kernels


def slices(settings: Settings, chosen: Chosen) -> list[int]:
    """List the slices of the kernel that can be shown: those through which something is read; below three dimensions
    one."""
    if settings.dims < 3:
        return [0]
    if chosen.leads == "output":
        every = range(settings.kernel_size[0])
        found = tap_places.read(settings, 0, chosen.output[-3], np.arange(len(every)))
        return [tap for tap in every if found[tap] != OUTSIDE or not settings.transposed] or [0]
    return sorted(map(int, tap_places.feeds(settings, 0, chosen.input[-3]).others)) or [0]


def across(settings: Settings, chosen: Chosen) -> Index:
    """Give the element on the other side that belongs to what leads: of an output, the middle of what it reads; of an
    input, the middle of the outputs that read it. What was chosen there stays where it belongs to it."""
    channel, kernel = pair(settings, chosen)
    start = 0 if settings.batch is None else 1
    forward = chosen.leads == "output"
    other, place = (chosen.input, chosen.output) if forward else (chosen.output, chosen.input)
    found = []
    for axis in range(settings.dims):
        at, now = place[start + 1 + axis], other[start + 1 + axis]
        if forward:
            every = tap_places.read(settings, axis, at, np.arange(settings.kernel_size[axis]))
            every = np.sort(every[every != OUTSIDE])
        else:
            every = np.sort(tap_places.feeds(settings, axis, at).outputs)
        found.append(now if now in every or not len(every) else int(every[len(every) // 2]))
    return (*other[:start], channel if forward else kernel, *found)


class _Depth(NamedTuple):
    """The slices that are shown of x (its place and its input number), weight and y."""

    place: int
    input: int
    tap: int
    output: int
    own: bool


def _depth(settings: Settings, chosen: Chosen, tap: int) -> _Depth:
    if settings.dims < 3:
        return _Depth(0, 0, 0, 0, True)
    possible = slices(settings, chosen)
    tap = min(possible, key=lambda other: abs(other - tap))
    along = places.line(settings, 0)
    if chosen.leads == "output":
        output = chosen.output[-3]
        place = int(places.taps(settings, 0, output)[tap])
    else:
        pairs = tap_places.feeds(settings, 0, chosen.input[-3])
        reached = pairs.outputs[pairs.others == tap]
        output = int(reached[0]) if len(reached) else chosen.output[-3]
        place = int(places.taps(settings, 0, output)[tap]) if len(reached) else -1
    given = int(along.inputs[place]) if place >= 0 else chosen.input[-3]
    return _Depth(place, given, tap, output, place < 0 or along.own[0] <= place < along.own[1])


class _Maker(NamedTuple):
    """Makes each sheet from what is looked at."""

    settings: Settings
    chosen: Chosen
    channel: int
    kernel: int
    depth: _Depth
    backward: bool

    def x(self) -> Sheet:
        settings, dims = self.settings, self.settings.dims
        columns = places.line(settings, dims - 1)
        name = "x.grad" if self.backward else "x"
        lit_cols = self._lit_places(dims - 1, columns)
        if dims == 1:
            rows = np.arange(settings.in_channels)
            own = ((0, len(rows)), columns.own)
            lit = np.array([self.channel]) if self.backward else self._group_channels()
            return Sheet(name, self._batch(), (), rows, columns.inputs, own, lit, lit_cols)
        lines = places.line(settings, dims - 2)
        before = (*self._batch(), self.channel, *((self.depth.input,) if dims == 3 else ()))
        lit_rows = self._lit_places(dims - 2, lines)
        own = (lines.own, columns.own)
        outside = dims == 3 and self.depth.input == OUTSIDE
        return Sheet(
            name, before, (), lines.inputs, columns.inputs, own, lit_rows, lit_cols, outside, not self.depth.own
        )

    def y(self) -> Sheet:
        settings, dims = self.settings, self.settings.dims
        size = shapes.output_size(settings)
        name = "y.grad" if self.backward else "y"
        cols = np.arange(size[-1])
        lit_cols = self._lit_outputs(dims - 1)
        if dims == 1:
            rows = np.arange(settings.out_channels)
            lit = self._group_kernels() if self.backward else np.array([self.kernel])
            return Sheet(name, self._batch(), (), rows, cols, ((0, len(rows)), (0, len(cols))), lit, lit_cols)
        rows = np.arange(size[-2])
        before = (*self._batch(), self.kernel, *((self.depth.output,) if dims == 3 else ()))
        own = ((0, len(rows)), (0, len(cols)))
        return Sheet(name, before, (), rows, cols, own, self._lit_outputs(dims - 2), lit_cols)

    def weight(self, flipped: bool) -> Sheet:
        settings, dims = self.settings, self.settings.dims
        _, inputs, kernels = tap_places.channels(settings)
        inside, kernel_inside = self.channel % inputs, self.kernel % kernels
        cols = _order(settings.kernel_size[-1], flipped)
        lit_cols = self._lit_taps(dims - 1, cols)
        if dims == 1:
            rows = self._group_kernels() if self.backward else self._group_channels()
            before: Index = ()
            between: Index = (inside,) if self.backward else (kernel_inside,)
            if self.backward == settings.transposed:  # the rows are the second axis of the weight
                before, between = (self.channel if self.backward else self.kernel,), ()
                rows = rows % (kernels if self.backward else inputs)
            own = ((0, len(rows)), (0, len(cols)))
            return Sheet("weight", before, between, rows, cols, own, np.arange(len(rows)), lit_cols)
        first = (self.channel, kernel_inside) if settings.transposed else (self.kernel, inside)
        before = (*first, *((self.depth.tap,) if dims == 3 else ()))
        rows = _order(settings.kernel_size[-2], flipped)
        own = ((0, len(rows)), (0, len(cols)))
        return Sheet("weight", before, (), rows, cols, own, self._lit_taps(dims - 2, rows), lit_cols)

    def _batch(self) -> Index:
        return () if self.settings.batch is None else (self.chosen.output[0],)

    def _group_channels(self) -> Ints:
        inputs = tap_places.channels(self.settings).inputs
        return self.channel // inputs * inputs + np.arange(inputs)

    def _group_kernels(self) -> Ints:
        kernels = tap_places.channels(self.settings).kernels
        return self.kernel // kernels * kernels + np.arange(kernels)

    def _lit_places(self, axis: int, line: places.Line) -> Ints:
        """The places under the kernel; backward, those at which the input stands (more than one where it is copied)."""
        at = axis - self.settings.dims
        if self.backward:
            return np.flatnonzero(line.inputs == self.chosen.input[at])
        return np.sort(places.taps(self.settings, axis, self.chosen.output[at]))

    def _lit_outputs(self, axis: int) -> Ints:
        at = axis - self.settings.dims
        if self.backward:
            return np.unique(tap_places.feeds(self.settings, axis, self.chosen.input[at]).outputs)
        return np.array([self.chosen.output[at]])

    def _lit_taps(self, axis: int, order: Ints) -> Ints:
        """The taps that count, as places in the order in which they are drawn."""
        at = axis - self.settings.dims
        if self.backward:
            used = tap_places.feeds(self.settings, axis, self.chosen.input[at]).others
        elif self.settings.transposed and self.depth.input == OUTSIDE:
            used = order[:0]
        elif self.settings.transposed:
            found = tap_places.read(self.settings, axis, self.chosen.output[at], np.arange(len(order)))
            used = np.flatnonzero(found != OUTSIDE)
        else:
            used = order
        return np.flatnonzero(np.isin(order, used))


def _order(length: int, flipped: bool) -> Ints:
    return np.arange(length)[::-1] if flipped else np.arange(length)
