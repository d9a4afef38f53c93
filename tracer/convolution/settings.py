"""A Convolution experiment → Settings: every number read, one an axis, and checked before anything is built."""

from __future__ import annotations

import msgspec

from tracer.convolution import given, refusals
from tracer.convolution.layer import AXES, DTYPES, FILLS, LAYERS, PADDING_MODES, Settings
from tracer.convolution.reading import choice, per_axis, switch, whole
from tracer.errors import InvalidSetting
from tracer.experiment import Convolution

__all__ = ["Settings", "read", "resolve"]

LARGEST_SEED = 2**63 - 1


def resolve(experiment: Convolution) -> Settings:
    """Read an experiment's fields and check that the layer can be built and run on that input.

    Raises:
        InvalidSetting: a field does not work; `where` is the field, and the cure names the nearest value that does.
    """
    settings = read(experiment)
    refusals.check(settings)
    return msgspec.structs.replace(settings, **given.numbers(experiment, settings))


def read(experiment: Convolution) -> Settings:
    """Read each field by itself, without what the fields demand of each other.

    Raises:
        InvalidSetting: a field by itself does not work.
    """
    layer = choice("layer", experiment.layer, LAYERS)
    dims, transposed = LAYERS[layer]
    kernel = per_axis("kernel_size", experiment.kernel_size, dims, least=1)
    stride = per_axis("stride", experiment.stride, dims, least=1)
    dilation = per_axis("dilation", experiment.dilation, dims, least=1)
    padding = _padding(experiment, kernel, stride, dilation)
    return Settings(
        layer=layer,
        dims=dims,
        transposed=transposed,
        axes=AXES[dims],
        batch=None if experiment.batch is None else whole("batch", experiment.batch, least=1),
        in_channels=whole("in_channels", experiment.in_channels, least=1),
        out_channels=whole("out_channels", experiment.out_channels, least=1),
        input_size=per_axis("input_size", experiment.input_size, dims, least=1),
        kernel_size=kernel,
        stride=stride,
        padding=padding,
        padding_word=experiment.padding if isinstance(experiment.padding, str) else None,
        output_padding=per_axis("output_padding", experiment.output_padding, dims, least=0),
        dilation=dilation,
        groups=whole("groups", experiment.groups, least=1),
        bias=switch("bias", experiment.bias),
        padding_mode=choice("padding_mode", experiment.padding_mode, PADDING_MODES),
        fill=choice("fill", experiment.fill, FILLS),
        dtype=choice("dtype", experiment.dtype, DTYPES),
        device=_device(experiment.device),
        seed=whole("seed", experiment.seed, least=0, most=LARGEST_SEED),
        loss=_loss(experiment.loss),
    )


def _padding(
    experiment: Convolution, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    """Resolve padding to (before, after) an axis; "same" puts the odd one after, as torch does."""
    dims, transposed = LAYERS[experiment.layer]
    if not isinstance(experiment.padding, str):
        return tuple((p, p) for p in per_axis("padding", experiment.padding, dims, least=0))
    word = choice("padding", experiment.padding, ("valid", "same"), otherwise="a number, ")
    if transposed:
        raise InvalidSetting(f"{experiment.layer} takes no “{word}”", "padding", "Use a number, such as 0")
    if word == "valid":
        return ((0, 0),) * dims
    if any(step != 1 for step in stride):
        raise InvalidSetting("“same” works only with stride 1", "padding", "Use stride 1, or write padding as numbers")
    totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def _device(device: object) -> str:
    if isinstance(device, str) and device.strip():
        return device.strip()
    raise InvalidSetting(f"The device must be a name, not “{device}”", "device", "Use “auto”, “cpu” or “cuda”")


def _loss(loss: object) -> str | tuple[int, ...]:
    if isinstance(loss, str):
        return choice("loss", loss, ("mean", "sum"), otherwise="the index of one output, ")
    numbers = loss if isinstance(loss, list | tuple) else (loss,)
    return tuple(whole("loss", number, least=0) for number in numbers)
