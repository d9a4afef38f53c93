"""The sizes of a convolution: of the output with its steps, of every tensor, and the formula with the numbers in it."""

from __future__ import annotations

import math
from typing import NamedTuple

import msgspec

from tracer.convolution.layer import Settings


class ShapeRow(msgspec.Struct, frozen=True):
    """A tensor of the layer: its role, shape, the meaning of its axes, its number of elements and its bytes."""

    name: str
    role: str
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    elements: int
    bytes: int


class AxisSteps(msgspec.Struct, frozen=True):
    """How one axis of the output gets its size.

    `padded` is the input with its padding, `reach` = dilation·(kernel − 1) + 1 is how many numbers the kernel spans.
    A convolution puts the kernel at ⌊(padded − reach) / stride⌋ + 1 places. A transposed one spreads the input over
    (input − 1)·stride + reach + output_padding numbers and cuts the padding off.
    """

    axis: str
    input: int
    padded: int
    reach: int
    stride: int
    output: int


class Part(NamedTuple):
    """A piece of a formula: plain text, or a number that one field holds (`axis` is its place in that field)."""

    text: str
    field: str | None = None
    axis: int = 0


class FormulaLine(msgspec.Struct, frozen=True):
    """The size formula of one axis, with the person's numbers in it."""

    axis: str
    size: int
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The whole line: H = ⌊(64 + 2·0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 62."""
        return "".join(part.text for part in self.parts)


def steps(settings: Settings) -> tuple[AxisSteps, ...]:
    """Compute the size of each axis of the output.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html (Shape), and ConvTranspose2d's.
    """
    return tuple(_axis(settings, axis) for axis in range(settings.dims))


def size_after(size: int, reach: int, stride: int, padding: int, extra: int = 0, *, transposed: bool = False) -> int:
    """Compute an axis of the output: ⌊(size + padding − reach) / stride⌋ + 1, `padding` being both sides together.

    A transposed layer's is (size − 1)·stride − padding + reach + extra, `extra` being its output_padding. Below 1
    there is no output.
    """
    if transposed:
        return (size - 1) * stride - padding + reach + extra
    return (size + padding - reach) // stride + 1


def output_size(settings: Settings) -> tuple[int, ...]:
    """Give the output's size along each axis of the signal."""
    return tuple(step.output for step in steps(settings))


def input_shape(settings: Settings) -> tuple[int, ...]:
    """Give the shape of x: (N, C_in, *size), without N for an unbatched input."""
    return (*_batch(settings), settings.in_channels, *settings.input_size)


def weight_shape(settings: Settings) -> tuple[int, ...]:
    """Give the shape of the weight: (C_out, C_in/groups, *kernel); a transposed layer's is (C_in, C_out/groups, …)."""
    first, second = settings.out_channels, settings.in_channels
    if settings.transposed:
        first, second = second, first
    return (first, second // settings.groups, *settings.kernel_size)


def output_shape(settings: Settings) -> tuple[int, ...]:
    """Give the shape of y: (N, C_out, *size), without N for an unbatched input."""
    return (*_batch(settings), settings.out_channels, *output_size(settings))


def axes(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Name the axes of x, weight, bias and y."""
    batch = () if settings.batch is None else ("N",)
    kernel = ("k",) if settings.dims == 1 else tuple(f"k{axis}" for axis in settings.axes)
    channels = ("C_in", "C_out/groups") if settings.transposed else ("C_out", "C_in/groups")
    return {
        "x": (*batch, "C_in", *settings.axes),
        "weight": (*channels, *kernel),
        "bias": ("C_out",),
        "y": (*batch, "C_out", *settings.axes),
    }


def shapes(settings: Settings) -> tuple[ShapeRow, ...]:
    """List the tensors of the layer, inputs first."""
    rows = [("x", "input", input_shape(settings)), ("weight", "parameter", weight_shape(settings))]
    if settings.bias:
        rows.append(("bias", "parameter", (settings.out_channels,)))
    rows.append(("y", "output", output_shape(settings)))
    named = axes(settings)
    return tuple(
        ShapeRow(name, role, shape, named[name], math.prod(shape), math.prod(shape) * settings.itemsize)
        for name, role, shape in rows
    )


def formula(settings: Settings) -> tuple[FormulaLine, ...]:
    """Write the size formula of each axis as parts, so that the number of one field can be lit."""
    write = _transposed_parts if settings.transposed else _parts
    return tuple(
        FormulaLine(
            step.axis, step.output, (Part(f"{step.axis} = "), *write(settings, axis), Part(f" = {step.output}"))
        )
        for axis, step in enumerate(steps(settings))
    )


def _axis(settings: Settings, axis: int) -> AxisSteps:
    size, stride, padding = settings.input_size[axis], settings.stride[axis], sum(settings.padding[axis])
    reach = settings.dilation[axis] * (settings.kernel_size[axis] - 1) + 1
    extra = settings.output_padding[axis]
    output = size_after(size, reach, stride, padding, extra, transposed=settings.transposed)
    return AxisSteps(settings.axes[axis], size, size + padding, reach, stride, output)


def _batch(settings: Settings) -> tuple[int, ...]:
    return () if settings.batch is None else (settings.batch,)


def _parts(settings: Settings, axis: int) -> tuple[Part, ...]:
    """⌊(input + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1."""
    return (
        Part("⌊("),
        Part(str(settings.input_size[axis]), "input_size", axis),
        *_padding_parts(settings, axis, " + "),
        Part(" − "),
        *_reach_parts(settings, axis),
        Part(" − 1) / "),
        Part(str(settings.stride[axis]), "stride", axis),
        Part("⌋ + 1"),
    )


def _transposed_parts(settings: Settings, axis: int) -> tuple[Part, ...]:
    """(input − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1."""
    return (
        Part("("),
        Part(str(settings.input_size[axis]), "input_size", axis),
        Part(" − 1)·"),
        Part(str(settings.stride[axis]), "stride", axis),
        *_padding_parts(settings, axis, " − "),
        Part(" + "),
        *_reach_parts(settings, axis),
        Part(" + "),
        Part(str(settings.output_padding[axis]), "output_padding", axis),
        Part(" + 1"),
    )


def _reach_parts(settings: Settings, axis: int) -> tuple[Part, ...]:
    return (
        Part(str(settings.dilation[axis]), "dilation", axis),
        Part("·("),
        Part(str(settings.kernel_size[axis]), "kernel_size", axis),
        Part(" − 1)"),
    )


def _padding_parts(settings: Settings, axis: int, sign: str) -> tuple[Part, ...]:
    before, after = settings.padding[axis]
    if before == after:
        return Part(f"{sign}2·"), Part(str(before), "padding", axis)
    return Part(sign), Part(f"{before}{sign}{after}", "padding", axis)
