"""A stack of layers on a convolution: each read and checked, with the size of the signal after it; ready-made ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from tracer.convolution import shapes
from tracer.convolution.layer import AXES, Settings
from tracer.convolution.receptive_field import Layer, layer_of, pooling
from tracer.convolution.settings import resolve
from tracer.errors import InvalidSetting
from tracer.experiment import Convolution, Stacked

NUMBERS = ("kernel_size", "stride", "padding", "dilation")


class Step(NamedTuple):
    """A layer of a stack, and the size of the signal after it along each axis."""

    layer: Layer
    size: tuple[int, ...]


def steps(settings: Settings, stack: Sequence[Stacked]) -> tuple[Step, ...]:
    """Put layers on a convolution, which is the first.

    Raises:
        InvalidSetting: a layer does not work on the signal that it gets; `where` is "stack.2.kernel_size".
    """
    found = [Step(layer_of(settings), shapes.output_size(settings))]
    for at, item in enumerate(stack):
        try:
            found.append(_step(item, found[-1].size))
        except InvalidSetting as refused:
            field = refused.where if refused.where in NUMBERS else "kernel_size"
            raise InvalidSetting(refused.what, f"stack.{at}.{field}", refused.cure) from None
    return tuple(found)


def _step(item: Stacked, size: tuple[int, ...]) -> Step:
    for field in NUMBERS:
        if getattr(item, field) == "":
            raise InvalidSetting("There is no number yet", field, "Type a whole number")
    if item.kind in ("Conv", "ConvTranspose"):
        settings = resolve(_convolution(item, size))
        return Step(layer_of(settings), shapes.output_size(settings))
    dilation = 1 if item.kind == "AvgPool" else item.dilation
    layer = pooling(f"{item.kind}{len(size)}d", item.kernel_size, item.stride, item.padding, dilation)
    return Step(layer, tuple(_pooled(layer, axis, length) for axis, length in enumerate(size)))


def _convolution(item: Stacked, size: tuple[int, ...]) -> Convolution:
    """Make the experiment of a layer with one channel, since channels play no part."""
    numbers: dict[str, Any] = {field: getattr(item, field) for field in NUMBERS}
    layer: Any = f"{item.kind}{len(size)}d"
    return Convolution(layer=layer, in_channels=1, out_channels=1, input_size=size, batch=None, **numbers)


def _pooled(layer: Layer, axis: int, length: int) -> int:
    kernel, dilation, padding = layer.kernel_size[axis], layer.dilation[axis], sum(layer.padding[axis])
    reach = dilation * (kernel - 1) + 1
    after = shapes.size_after(length, reach, layer.stride[axis], padding)
    if after < 1:
        name = AXES[len(layer.kernel_size)][axis]
        what = f"The window spans {reach} numbers along {name}, and the signal has {length + padding} there"
        raise InvalidSetting(what, "kernel_size", f"Use a kernel of {(length + padding - 1) // dilation + 1} or less")
    return after


class Ready(NamedTuple):
    """A well-known stack: its first layer, and those on top of it."""

    layer: str
    first: Stacked
    stack: tuple[Stacked, ...]


_SAME_3 = Stacked("Conv", 3, 1, 1)
_POOL_2 = Stacked("MaxPool", 2, 2)
STACKS: dict[str, Ready] = {
    "VGG, first five": Ready("Conv2d", _SAME_3, (_SAME_3, _POOL_2, _SAME_3, _SAME_3)),
    "ResNet stem": Ready("Conv2d", Stacked("Conv", 7, 2, 3), (Stacked("MaxPool", 3, 2, 1),)),
    "WaveNet 1, 2, 4, 8": Ready("Conv1d", Stacked("Conv", 2), tuple(Stacked("Conv", 2, 1, 0, d) for d in (2, 4, 8))),
}
"""Ready-made stacks by name.

Source: https://arxiv.org/abs/1409.1556 (configuration B), https://arxiv.org/abs/1512.03385, https://arxiv.org/abs/1609.03499
"""


def with_stack(experiment: Convolution, name: str) -> Convolution:
    """Take the kernels of a ready-made stack; the layer has its number of axes already. Channels and input stay."""
    ready = STACKS[name]
    numbers: dict[str, Any] = {field: getattr(ready.first, field) for field in NUMBERS}
    changes = {**numbers, "output_padding": 0, "weight": None, "loss": "mean", "stack": ready.stack}
    return msgspec.structs.replace(experiment, **changes)
