"""A matrix made of kernels: each stacked and shifted along the signal, so that A·x is torch's conv1d.

The sheets of the kernels stand under one another, the channels of the signal side by side: A is m·L × c·n for m kernels
of c rows of k numbers and L outputs each. Torch does not flip kernels, and nor does this.
"""

from __future__ import annotations

import math
from typing import Any

from tracer.convolution import shapes, toeplitz
from tracer.convolution.settings import resolve
from tracer.errors import InvalidSetting, TracerError
from tracer.experiment import Convolution, MatrixVector
from tracer.matrix_vector.settings import Bank, Exact, Settings, is_fraction, read, refuse_large

FIELDS = {"weight": "kernels", "kernel_size": "kernels", "input": "vector", "input_size": "vector",
          "bias_values": "bias"}  # fmt: skip
KERNELS, SIGNAL = "such as [[1, 0, -1], [1, 2, 1]]", "such as [1, 3, 2, 0], or a row a channel: [[1, 2], [0, 1]]"


def convolved(experiment: MatrixVector) -> Settings:
    """Make the matrix of an experiment with kernels, in exact numbers.

    Raises:
        InvalidSetting: a field holds no number, or the kernels do not fit the signal; torch's own words are quoted.
        LimitPassed: the matrix is too large to be multiplied exactly.
    """
    layer, kernels, signal = _layer(experiment), kernels_of(experiment.kernels), signal_of(experiment.vector)
    refuse_large(math.prod(shapes.output_shape(layer)) * math.prod(layer.input_size) * layer.in_channels, "vector")
    exact = tuple(tuple(tuple(read(item, "kernels") for item in row) for row in kernel) for kernel in kernels)
    rows = tuple(tuple(read(item, "vector") for item in row) for row in signal)
    bias = tuple(read(item, "bias") for item in experiment.bias or ())
    weights = toeplitz.toeplitz(layer, [0.0] * math.prod(shapes.weight_shape(layer))).weights().tolist()
    bank = Bank(exact, rows, bias, layer, tuple(map(tuple, weights)))
    return Settings(
        matrix=_filled(bank),
        vector=tuple(number for row in rows for number in row),
        fractions=any(map(is_fraction, _items((kernels, signal, experiment.bias or ())))),
        dtype=experiment.dtype,
        device=experiment.device,
        offset=tuple(number for number in bias for _ in range(bank.height)),
        bank=bank,
    )


def as_convolution(experiment: MatrixVector) -> Convolution:
    """Give the convolution that a matrix made of kernels is; its loss is the sum of y.

    Raises:
        InvalidSetting: the lists are none, or the kernels are not as thick as the signal has channels.
    """
    kernels, signal = kernels_of(experiment.kernels), signal_of(experiment.vector)
    if len(kernels[0]) != len(signal):
        raise _too_thick(kernels, signal)
    return Convolution(
        layer="Conv1d",
        in_channels=len(signal),
        out_channels=len(kernels),
        kernel_size=len(kernels[0][0]),
        input_size=len(signal[0]),
        stride=experiment.stride,
        padding=experiment.padding,
        dilation=experiment.dilation,
        bias=experiment.bias is not None,
        input=[[list(row) for row in signal]],
        weight=[[list(row) for row in kernel] for kernel in kernels],
        bias_values=experiment.bias,
        dtype=experiment.dtype,
        device=experiment.device,
        loss="sum",
    )


def kernels_of(values: Any) -> list[list[list[Any]]]:
    """Read kernels: one list is one kernel, lists are a kernel each, and lists of lists have a row a channel.

    Raises:
        InvalidSetting: they are none, or differ in size.
    """
    axes = _axes(values)
    nested: list[list[list[Any]]] | None = {
        1: [[values]],
        2: [[row] for row in values] if axes == 2 else [],
        3: values,
    }.get(axes)
    sizes = {(len(kernel), *map(len, kernel)) for kernel in nested or ()}
    if not nested or len(sizes) != 1 or len(set(next(iter(sizes))[1:])) != 1 or 0 in next(iter(sizes)):
        what = "The kernels differ in size" if nested and len(sizes) > 1 else "These are no kernels"
        raise InvalidSetting(what, "kernels", f"Give lists of numbers of one length, {KERNELS}")
    return nested


def signal_of(values: Any) -> list[list[Any]]:
    """Read a signal: one list is one channel, lists are a channel each.

    Raises:
        InvalidSetting: it is none, or its channels differ in length.
    """
    rows: list[list[Any]] | None = {1: [values], 2: values}.get(_axes(values))
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        what = "The channels differ in length" if rows and rows[0] else "This is no signal"
        raise InvalidSetting(what, "vector", f"Give a list of numbers, {SIGNAL}")
    return rows


def _layer(experiment: MatrixVector) -> Any:
    if experiment.matrix is not None:
        raise InvalidSetting("There is a matrix, and kernels to make one of", "matrix", "Give one of the two")
    try:
        return resolve(as_convolution(experiment))
    except InvalidSetting as error:
        raise InvalidSetting(error.what, FIELDS.get(error.where, error.where), error.cure) from error
    except TracerError as error:
        raise type(error)(error.what, FIELDS.get(error.where, error.where), error.cure) from error


def _too_thick(kernels: list[list[list[Any]]], signal: list[list[Any]]) -> InvalidSetting:
    """Say that the thickness is wrong, plainly and in the words that torch's conv1d has for it."""
    thick, channels, weight = len(kernels[0]), len(signal), [len(kernels), len(kernels[0]), len(kernels[0][0])]
    what = (
        f"A kernel must be as thick as the signal has channels: these are {thick} thick, the signal has {channels}. "
        f"PyTorch says: “Given groups=1, weight of size {weight}, "
        f"expected input{[1, channels, len(signal[0])]} to have {thick} channels, but got {channels} channels instead”"
    )
    return InvalidSetting(what, "kernels", f"Give each kernel {channels} row{'' if channels == 1 else 's'}")


def _filled(bank: Bank) -> tuple[tuple[Exact, ...], ...]:
    """Write the bank's numbers into the cells of the matrix."""
    zero, numbers = read(0, "kernels"), bank.flat
    return tuple(tuple(zero if at < 0 else numbers[at] for at in row) for row in bank.weights)


def _axes(values: Any) -> int:
    """Count the axes of nested lists that are lists all the way, or give 0."""
    if not isinstance(values, list | tuple) or not values:
        return 0
    inner = {_axes(part) if isinstance(part, list | tuple) else -1 for part in values}
    return 1 if inner == {-1} else next(iter(inner)) + 1 if len(inner) == 1 and 0 not in inner else 0


def _items(values: Any) -> list[Any]:
    if isinstance(values, list | tuple):
        return [item for part in values for item in _items(part)]
    return [values]


def written_out(experiment: MatrixVector) -> tuple[MatrixVector, int]:
    """Write a matrix made of kernels out, so that each cell is a number by itself, and give the rows of one kernel. A
    bias has no place in it.

    Raises:
        TracerError: the kernels do not work.
    """
    settings = convolved(experiment)
    flat = [item for kernel in kernels_of(experiment.kernels) for row in kernel for item in row]
    assert settings.bank is not None
    matrix = [[0 if at < 0 else flat[at] for at in row] for row in settings.bank.weights]
    vector = [item for row in signal_of(experiment.vector) for item in row]
    plain = MatrixVector(matrix, vector, dtype=experiment.dtype, device=experiment.device)
    return plain, settings.bank.height
