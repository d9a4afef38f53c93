"""The Toeplitz matrix with its entries written out row by row, as libraries of sparse matrices hold it (CSR)."""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracer.convolution import shapes, tap_places
from tracer.convolution.layer import Settings
from tracer.convolution.tap_places import Ints
from tracer.convolution.toeplitz import NUMBER, Floats, Toeplitz, refuse

LARGEST = 2**31 - 1  # columns up to here are counted in 32 bits
AT_ONCE = 1 << 20  # entries that are multiplied at once


class Sparse(NamedTuple):
    """The entries of a matrix: row i has data[starts[i]:starts[i + 1]], in `columns` of the same places, in order.

    An entry is a cell in which a kernel number stands; its value may be zero.
    """

    shape: tuple[int, int]
    data: Floats
    columns: NDArray[Any]
    starts: Ints

    def matvec(self, x: NDArray[Any]) -> Floats:
        """Multiply: A @ x, for a flat x."""
        found = np.zeros(self.shape[0])
        full = np.flatnonzero(np.diff(self.starts))
        firsts, ends = self.starts[full], self.starts[full + 1]
        cuts = np.flatnonzero(np.diff(firsts // AT_ONCE)) + 1  # some rows at a time, so that the products stay small
        for some in np.split(np.arange(len(full)), cuts):
            if len(some):
                begin, end = firsts[some[0]], ends[some[-1]]
                products = self.data[begin:end] * x[self.columns[begin:end]]
                found[full[some]] = np.add.reduceat(products, firsts[some] - begin)
        return found


class _Pattern(NamedTuple):
    """The pairs (output place, input place) that one kernel joins in one channel, in order, without repeats: pair j
    adds up the taps[firsts[j]:firsts[j + 1]]; place p has the pairs starts[p]:starts[p + 1]."""

    inputs: Ints
    taps: Ints
    firsts: Ints
    starts: Ints


def needed(settings: Settings, entries: int) -> int:
    """Tell beforehand the bytes of the entries with their columns and rows, and of what it takes to find them."""
    rows = settings.out_channels * math.prod(shapes.output_size(settings))
    pattern = math.prod(settings.kernel_size) * rows // settings.out_channels * 6 * NUMBER
    block = entries // settings.out_channels * 3 * NUMBER
    return entries * (NUMBER + np.dtype(_kind(settings)).itemsize) + (rows + 1) * NUMBER + pattern + block


def sparse(matrix: Toeplitz, entries: int) -> Sparse:
    """Write out the entries of a matrix that has so many of them.

    Raises:
        LimitPassed: that would take more memory than it may.
    """
    settings = matrix.settings
    refuse("The sparse matrix", needed(settings, entries))
    groups, kernels, inputs = matrix.grouped.shape[:3]
    pattern = _pattern(settings)
    per_place = np.diff(pattern.starts)
    block = _block(pattern, inputs)
    channel = np.arange(inputs, dtype=np.int64)[:, None] * math.prod(settings.input_size)
    size = inputs * len(pattern.inputs)
    data, columns = np.empty(groups * kernels * size), np.empty(groups * kernels * size, _kind(settings))
    for number, (group, kernel) in enumerate(itertools.product(range(groups), range(kernels))):
        here = slice(number * size, (number + 1) * size)
        data[here][block] = _summed(matrix.grouped[group, kernel].reshape(inputs, -1), pattern)
        if kernel:  # the kernels of a group read the same numbers
            columns[here] = columns[here.start - size : here.start]
        else:
            columns[here][block] = channel + (pattern.inputs + group * inputs * math.prod(settings.input_size))
    lengths = np.tile(per_place * inputs, groups * kernels)
    return Sparse(matrix.shape, data, columns, np.concatenate([[0], np.cumsum(lengths)]))


def _pattern(settings: Settings) -> _Pattern:
    """Find the pairs of one kernel in one channel: a product over the axes."""
    size, signal, kernel = shapes.output_size(settings), settings.input_size, settings.kernel_size
    parts = []
    for number, tap in enumerate(np.ndindex(*kernel)):
        pairs = [tap_places.uses(settings, axis, at) for axis, at in enumerate(tap)]
        places = np.ravel_multi_index(np.ix_(*(pair.outputs for pair in pairs)), size).reshape(-1)
        read = np.ravel_multi_index(np.ix_(*(pair.others for pair in pairs)), signal).reshape(-1)
        parts.append((places, read, np.full(len(read), number)))
    outputs, inputs, numbers = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((inputs, outputs))
    outputs, inputs, numbers = outputs[order], inputs[order], numbers[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (outputs[1:] != outputs[:-1]) | (inputs[1:] != inputs[:-1])
    firsts = np.flatnonzero(new)
    per_place = np.bincount(outputs[firsts], minlength=math.prod(size))
    return _Pattern(inputs[firsts], numbers, firsts, np.concatenate([[0], np.cumsum(per_place)]))


def _block(pattern: _Pattern, inputs: int) -> Ints:
    """Say where in the entries of one kernel each (channel, pair) stands: the channels of one row come one by one."""
    per_place = np.diff(pattern.starts)
    within = np.arange(len(pattern.inputs)) - np.repeat(pattern.starts[:-1], per_place)
    first = np.repeat(pattern.starts[:-1] * inputs, per_place) + within
    places: Ints = first + np.arange(inputs)[:, None] * np.repeat(per_place, per_place)
    return places


def _summed(weight: Floats, pattern: _Pattern) -> Floats:
    """Add up the kernel numbers of each pair: (C, pairs)."""
    values = weight[:, pattern.taps]
    alone = len(pattern.firsts) == len(pattern.taps)
    return values if alone or not values.size else np.add.reduceat(values, pattern.firsts, axis=1)


def _kind(settings: Settings) -> type[np.int32] | type[np.int64]:
    """Give the smallest whole numbers that can count the columns."""
    return np.int32 if settings.in_channels * math.prod(settings.input_size) <= LARGEST else np.int64
