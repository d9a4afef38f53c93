"""A layer as one matrix: y.flatten() = A @ x.flatten() + bias of each position, for one element of the batch.

The rows are the outputs, (C_out, *size) in row-major order, the columns the inputs, (C_in, *size). The matrix is held
as the kernel numbers and the arithmetic of their places, so it multiplies tap by tap, however large it is; its cells
are written out only when they are asked for.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracer.convolution import memory, shapes, tap_places
from tracer.convolution.cost import cost
from tracer.convolution.layer import Settings
from tracer.convolution.tap_places import OUTSIDE, Ints, block
from tracer.errors import LimitPassed
from tracer.quantities import size as bytes_written

Floats = NDArray[np.float64]
NUMBER = 8  # bytes of a float64
SEVERAL = -2  # more than one kernel number adds up in a cell, as at the border of a circular padding


class Counts(NamedTuple):
    """What the matrix is made of. `entries` are the cells in which a kernel number stands (its value may be zero), the
    rest are structural zeros; `entries` and `zeros` are `None` where they were too many to count."""

    kernels: int
    rows: int
    columns: int
    cells: int
    entries: int | None
    zeros: int | None
    share: float | None


class Toeplitz(NamedTuple):
    """The matrix of a layer: its settings and its weight, split into groups: (G, K, C, *kernel), with K kernels and
    C input channels a group."""

    settings: Settings
    grouped: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Rows × columns: outputs × inputs of one element of the batch."""
        inputs = self.settings.in_channels * math.prod(self.settings.input_size)
        return self.settings.out_channels * math.prod(shapes.output_size(self.settings)), inputs

    def matvec(self, x: ArrayLike) -> Floats:
        """Multiply: A @ x, for x of C_in·size numbers in any shape."""
        signal, y = self._signal(x), np.zeros((*self.grouped.shape[:2], *shapes.output_size(self.settings)))
        for tap, outputs, inputs in _taps(self.settings):
            y[_picked(outputs)] += _mixed(self.grouped[block(..., *tap)], signal[_picked(inputs)])
        return y.reshape(-1)

    def rmatvec(self, g: ArrayLike) -> Floats:
        """Multiply with the transpose: A.T @ g, which is the gradient of x where g is that of y."""
        upstream = np.asarray(g, np.float64).reshape(*self.grouped.shape[:2], *shapes.output_size(self.settings))
        found = np.zeros((self.grouped.shape[0], self.grouped.shape[2], *self.settings.input_size))
        for tap, outputs, inputs in _taps(self.settings):
            weight, here = self.grouped[block(..., *tap)].swapaxes(1, 2), _picked(inputs)
            mixed = _mixed(weight, upstream[_picked(outputs)])
            if isinstance(here[-1], slice):
                found[here] += mixed
            else:  # a number may be read at two places of the padding
                np.add.at(found, here, mixed)
        return found.reshape(-1)

    def row(self, index: int) -> tuple[Ints, Floats]:
        """Give the columns at which row `index` has an entry, in order, and the entries."""
        kernel, *at = np.unravel_index(index, (self.settings.out_channels, *shapes.output_size(self.settings)))
        group, kernel = divmod(int(kernel), self.grouped.shape[1])
        places = [
            tap_places.read(self.settings, axis, at[axis], np.arange(length))
            for axis, length in enumerate(self.settings.kernel_size)
        ]
        inside = [place != OUTSIDE for place in places]
        flat = _flat([place[here] for place, here in zip(places, inside, strict=True)], self.settings.input_size)
        values = self.grouped[group, kernel][block(..., *np.ix_(*inside))].reshape(self.grouped.shape[2], -1)
        return _merged(_in_channels(flat, self.settings, group), values.reshape(-1))

    def column(self, index: int) -> tuple[Ints, Floats]:
        """Give the rows at which column `index` has an entry, in order, and the entries."""
        channel, *at = np.unravel_index(index, (self.settings.in_channels, *self.settings.input_size))
        group, inside = divmod(int(channel), self.grouped.shape[2])
        found = [tap_places.feeds(self.settings, axis, int(at[axis])) for axis in range(self.settings.dims)]
        size = shapes.output_size(self.settings)
        flat = _flat([pairs.outputs for pairs in found], size)
        values = self.grouped[group, :, inside][block(slice(None), *np.ix_(*(pairs.others for pairs in found)))]
        kernels = group * self.grouped.shape[1] + np.arange(self.grouped.shape[1])
        return _merged((kernels[:, None] * math.prod(size) + flat).reshape(-1), values.reshape(-1))

    def dense(self) -> Floats:
        """Write every cell out.

        Raises:
            LimitPassed: that would take more memory than it may.
        """
        refuse("The dense matrix", math.prod(self.shape) * NUMBER)
        return self._written(np.add, 0.0, self.grouped)

    def weights(self) -> Ints:
        """Say for every cell which number of the weight stands in it, counted in row-major order: OUTSIDE (−1) for a
        structural zero, SEVERAL (−2) where more than one adds up.

        Raises:
            LimitPassed: that would take more memory than it may.
        """
        refuse("The matrix of weights", 2 * math.prod(self.shape) * NUMBER)
        numbers = np.arange(math.prod(shapes.weight_shape(self.settings)), dtype=np.float64)
        names = _grouped(self.settings, numbers)
        last = self._written(lambda _, new: new, float(OUTSIDE), names)
        return np.where(self._written(np.add, 0.0, np.ones_like(names)) > 1, SEVERAL, last).astype(np.int64)

    def window(self, rows: range, columns: range) -> Floats:
        """Write out the cells of some rows and columns.

        Raises:
            LimitPassed: that would take more memory than it may.
        """
        refuse("This part of the matrix", len(rows) * len(columns) * NUMBER)
        cells = np.zeros((len(rows), len(columns)))
        for at, row in enumerate(rows):
            places, values = self.row(row)
            here = (places >= columns.start) & (places < columns.stop)
            here &= (places - columns.start) % columns.step == 0
            cells[at, (places[here] - columns.start) // columns.step] = values[here]
        return cells

    def _signal(self, x: ArrayLike) -> Floats:
        groups, _, inputs = self.grouped.shape[:3]
        return np.asarray(x, np.float64).reshape(groups, inputs, *self.settings.input_size)

    def _written(self, put: Any, empty: float, grouped: Floats) -> Floats:
        """Write the matrix as an array: `put` joins what stands in a cell with what comes to it."""
        groups, kernels, inputs = grouped.shape[:3]
        size, signal = shapes.output_size(self.settings), self.settings.input_size
        cells = np.full((groups, kernels, math.prod(size), groups, inputs, math.prod(signal)), empty)
        for tap, outputs, read in _taps(self.settings):
            rows, columns = _flat(outputs, size), _flat(read, signal)
            for group in range(groups):
                part = cells[group, :, :, group]  # a view: (K, outputs, C, inputs)
                here = (slice(None), rows, slice(None), columns)
                part[here] = put(part[here], grouped[block(group, ..., *tap)])
        return cells.reshape(self.shape)


def toeplitz(settings: Settings, weight: ArrayLike) -> Toeplitz:
    """Take a layer and its weight, in torch's shape or flat, as a matrix."""
    return Toeplitz(settings, _grouped(settings, np.asarray(weight, np.float64)))


def counts(settings: Settings) -> Counts:
    """Count the cells, of all sheets together: each of the kernels has a sheet of rows / kernels rows."""
    told = cost(settings)
    zeros = None if told.joined is None else told.dense_cells - told.joined
    return Counts(
        settings.out_channels, told.dense_rows, told.dense_columns, told.dense_cells, told.joined, zeros, told.share
    )


def sheet(settings: Settings, kernel: int) -> range:
    """Give the rows of one kernel: its sheet, one row for each of its outputs."""
    height = math.prod(shapes.output_size(settings))
    return range(kernel * height, (kernel + 1) * height)


def positions_bias(settings: Settings, bias: ArrayLike | None) -> Floats:
    """Give what is added at each position: each kernel's bias on all of its sheet; zeros where there is none."""
    values = np.zeros(settings.out_channels) if bias is None else np.asarray(bias, np.float64)
    return np.repeat(values, math.prod(shapes.output_size(settings)))


def refuse(name: str, needed: int) -> None:
    """Refuse what would take more memory than it may.

    Raises:
        LimitPassed: it would; the text has the bytes of both.
    """
    limit = memory.limit()
    if needed > limit:
        what = f"{name} would need {bytes_written(needed)} of memory, and the limit is {bytes_written(limit)}"
        raise LimitPassed(what, cure="Use smaller sizes, or raise the limit GRADTRACE_MEMORY")


def _taps(settings: Settings) -> Iterator[tuple[tuple[int, ...], list[Ints], list[Ints]]]:
    """Go through the taps that read anything: the tap, and its outputs and inputs along each axis."""
    for tap in itertools.product(*map(range, settings.kernel_size)):
        pairs = [tap_places.uses(settings, axis, at) for axis, at in enumerate(tap)]
        if all(len(pair.outputs) for pair in pairs):
            yield tap, [pair.outputs for pair in pairs], [pair.others for pair in pairs]


def _picked(along: list[Ints]) -> Any:
    """Give the index of a block of places in all channels: as slices, which copy nothing, where the steps are even."""
    slices = [_even(numbers) for numbers in along]
    return block(..., *np.ix_(*along)) if None in slices else block(..., *slices)


def _even(numbers: Ints) -> slice | None:
    """Give a slice of the same numbers, where they rise in equal steps."""
    steps = np.diff(numbers)
    if not len(steps):
        return slice(int(numbers[0]), int(numbers[0]) + 1)
    return (
        slice(int(numbers[0]), int(numbers[-1]) + 1, int(steps[0]))
        if steps[0] > 0 and np.all(steps == steps[0])
        else None
    )


def _mixed(weight: Floats, signal: Floats) -> Floats:
    """Mix channels: (G, K, C) times (G, C, *size) is (G, K, *size)."""
    flat = signal.reshape(*signal.shape[:2], -1)
    mixed: Floats = np.matmul(weight, flat)
    return mixed.reshape(*weight.shape[:2], *signal.shape[2:])


def _grouped(settings: Settings, weight: Floats) -> Floats:
    """Split a weight into groups, each (kernels, input channels, *kernel): a transposed one has the inputs first."""
    groups, inputs, kernels = tap_places.channels(settings)
    if settings.transposed:
        return weight.reshape(groups, inputs, kernels, *settings.kernel_size).swapaxes(1, 2)
    return weight.reshape(groups, kernels, inputs, *settings.kernel_size)


def _flat(places: list[Ints], size: tuple[int, ...]) -> Ints:
    """Give the row-major numbers of a block of places."""
    return np.ravel_multi_index(np.ix_(*places), size).astype(np.int64).reshape(-1)


def _in_channels(flat: Ints, settings: Settings, group: int) -> Ints:
    """Give the columns of places in each channel of a group."""
    inputs = tap_places.channels(settings).inputs
    channel = group * inputs + np.arange(inputs, dtype=np.int64)
    return (channel[:, None] * math.prod(settings.input_size) + flat).reshape(-1)


def _merged(places: Ints, values: Floats) -> tuple[Ints, Floats]:
    """Put entries in order, and add up those of one cell."""
    found, which = np.unique(places, return_inverse=True)
    return found, np.bincount(which, weights=values, minlength=len(found)).astype(np.float64)
