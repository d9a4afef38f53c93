"""A convolution with every number resolved, and the tables of what the words mean."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Kind(NamedTuple):
    """What a layer's name means: the number of signal axes, and whether it runs a convolution the other way."""

    dims: int
    transposed: bool


LAYERS = {
    "Conv1d": Kind(1, False),
    "Conv2d": Kind(2, False),
    "Conv3d": Kind(3, False),
    "ConvTranspose1d": Kind(1, True),
    "ConvTranspose2d": Kind(2, True),
    "ConvTranspose3d": Kind(3, True),
}
AXES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")
FILLS = ("noise", "ramp", "impulse", "checker", "sine")
DTYPES = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}  # bytes of one number


class Settings(msgspec.Struct, frozen=True):
    """A convolution with every number resolved: sizes are one number an axis, in the order of `axes`.

    `padding` is (before, after) for each axis; `padding_word` is "valid" or "same" where the person wrote that.
    `loss` is "mean", "sum" or the index of one element of the output. The given values are flat, in row-major order,
    `None` where they are to be drawn.
    """

    layer: str
    dims: int
    transposed: bool
    axes: tuple[str, ...]
    batch: int | None
    in_channels: int
    out_channels: int
    input_size: tuple[int, ...]
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    padding_word: str | None
    output_padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    bias: bool
    padding_mode: str
    fill: str
    dtype: str
    device: str
    seed: int
    loss: str | tuple[int, ...]
    input: tuple[float, ...] | None = None
    weight: tuple[float, ...] | None = None
    bias_values: tuple[float, ...] | None = None

    @property
    def itemsize(self) -> int:
        """Bytes of one number."""
        return DTYPES[self.dtype]
