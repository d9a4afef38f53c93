"""Experiments: what was asked, as frozen values. They go unchanged into a file, through a pipe and into a diff."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Layer = Literal["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]
PerAxis = int | tuple[int, ...]


class Stacked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A layer on top of a convolution: only its receptive field is looked at, it is not run, and has no channels.

    Numbers are one for all axes, or one an axis; text is what the person has typed and is not valid yet, or the
    padding's "same" or "valid". An AvgPool has no dilation.
    """

    kind: Literal["Conv", "ConvTranspose", "MaxPool", "AvgPool"]
    kernel_size: PerAxis | str = 3
    stride: PerAxis | str = 1
    padding: PerAxis | str = 0
    dilation: PerAxis | str = 1


class Convolution(msgspec.Struct, frozen=True, tag="Convolution", forbid_unknown_fields=True):
    """A convolution layer on one input, and a loss of its output. Sizes are one number, or one an axis, as in torch.

    The input is (batch, in_channels, *input_size), or (in_channels, *input_size) where `batch` is `None`. Numbers are
    drawn on the CPU from `seed`, then moved to `device` ("auto": CUDA where there is one). `fill` is "noise", "ramp",
    "impulse", "checker", "sine", or the path of a picture (two axes) or a WAV file (one axis). `input`, `weight` and
    `bias_values` are nested lists where the person gave them (a fraction may be text, "1/3"). `loss` is "mean", "sum",
    or the index of one output element. `stack` are the layers that the person has put on it to see a receptive field.
    """

    layer: Layer
    in_channels: int
    out_channels: int
    kernel_size: PerAxis
    input_size: PerAxis
    stride: PerAxis = 1
    padding: PerAxis | str = 0
    output_padding: PerAxis = 0
    dilation: PerAxis = 1
    groups: int = 1
    bias: bool = True
    padding_mode: str = "zeros"
    batch: int | None = 1
    fill: str = "noise"
    input: Any = None
    weight: Any = None
    bias_values: Any = None
    dtype: str = "float32"
    device: str = "auto"
    seed: int = 0
    loss: str | tuple[int, ...] = "mean"
    stack: tuple[Stacked, ...] = ()


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An input of a program: nested lists, their dtype, and whether autograd follows it.

    `requires_grad` of `None` means: yes where the dtype can have a gradient.
    """

    values: Any
    dtype: str = "float32"
    requires_grad: bool | None = None


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A second program to be seen beside the first; output, gradient, device and seed are the first's."""

    program: str
    inputs: dict[str, Any] = {}


class Expression(msgspec.Struct, frozen=True, tag="Expression", forbid_unknown_fields=True):
    """A small program over tensors; lines, or `;` between. `output` of `None` is the last name that was assigned.

    `gradient` is what backward starts from; `None` is ones, so that for a non-scalar output the gradients are those
    of its sum. With `exact`, all that can be is computed as fractions too, and shown so where they read better.
    `beside` is what the window compares it with; a run is of the first program alone.
    """

    program: str
    inputs: dict[str, Any] = {}
    output: str | None = None
    gradient: Any = None
    device: str = "auto"
    seed: int = 0
    beside: Variant | None = None
    exact: bool = True


class MatrixVector(msgspec.Struct, frozen=True, tag="MatrixVector", forbid_unknown_fields=True):
    """A matrix A (m rows of n numbers) times a vector x (n numbers); a fraction may be text, "1/3". The gradients are
    those of the sum of y = A·x.

    With `kernels` (m of k numbers, or of c rows of k) A is made of them, each stacked and shifted along the vector, a
    signal of n numbers or of c rows of n; `matrix` is then `None`, `bias` a number a kernel, and y is torch's conv1d.
    """

    matrix: Any = None
    vector: Any = None
    dtype: str = "float32"
    device: str = "auto"
    kernels: Any = None
    bias: Any = None
    stride: int = 1
    padding: int = 0
    dilation: int = 1


class Script(msgspec.Struct, frozen=True, tag="Script", forbid_unknown_fields=True):
    """A training script, unchanged. `target` of `None` is the tensor of the `step`-th backward(), taken before it runs.

    With `stop` the script ends there. `seconds` is the time it may take (`None`: no limit).
    """

    path: str
    target: str | None = None
    step: int = 1
    stop: bool = True
    arguments: tuple[str, ...] = ()
    seconds: float | None = None


Experiment = Convolution | Expression | MatrixVector | Script
