"""A Convolution experiment → Settings: every number read, one an axis, and checked before anything is built.

What torch refuses is refused. Refused besides, though torch accepts it:

- numbers above 2³¹ − 1: torch's libraries count with 32 bits, and its own 64 wrap silently to nonsense;
- truth values given as numbers, and numbers given as truth values;
- nothing at all: a batch or in_channels of 0, or an output with a size of 0 (torch accepts that only of some layers);
- a dilation below 1, which some of torch's libraries take for a transposed layer;
- in a mode other than zeros: negative padding, which cuts off; and padding, or for "same" dilation, of fewer numbers
  than axes, with which torch pads only some axes;
- more memory than the limit, before any of it is taken.
"""

from __future__ import annotations

import msgspec

from tracer.convolution import fills, given, refusals
from tracer.convolution.layer import AXES, DTYPES, LAYERS, PADDING_MODES, Settings
from tracer.convolution.reading import TooLarge, Unfit, choice, either, per_axis, switch, whole
from tracer.errors import InvalidSetting, TracerError
from tracer.experiment import Convolution

__all__ = ["Settings", "read", "resolve"]

LARGEST_SEED = 2**63 - 1


def resolve(experiment: Convolution) -> Settings:
    """Read an experiment's fields and check that the layer can be built and run on that input.

    Raises:
        InvalidSetting: a field does not work; `where` is the field, and the cure names the nearest value that does.
    """
    try:
        settings = read(experiment)
    except Unfit as refused:
        raise InvalidSetting(refused.what, refused.where, _cure(experiment, refused)) from None
    refusals.check(settings)
    return msgspec.structs.replace(settings, **given.numbers(experiment, settings))


def _cure(experiment: Convolution, refused: Unfit) -> str:
    """Name what works here instead of a number that is none: the nearest numbers, or what these would be told."""
    tried = {number: _instead(experiment, refused, number) for number in refused.nearest}
    works = [str(number) for number, told in tried.items() if told is None]
    if works:
        return f"Use {either(works)}{' or less' if isinstance(refused, TooLarge) else ''}"
    return next((told for told in tried.values() if told), refused.cure)


def _instead(experiment: Convolution, refused: Unfit, number: int) -> str | None:
    """Try a number in the place of one that is none: the cure that it needs in turn, "" for one of other fields."""
    field, value = refused.where, getattr(experiment, refused.where)
    if isinstance(value, list | tuple):
        large = isinstance(refused, TooLarge)
        value = tuple(min(each, number) if large else number if each is refused.value else each for each in value)
    try:
        settings = read(msgspec.structs.replace(experiment, **{field: number if value is refused.value else value}))
        refusals.check(settings)
    except Unfit:
        return ""
    except InvalidSetting as broken:
        if broken.where == "kernel_size":
            way = refusals.ways_to_fit(settings).get(field)
            return f"Use {way}" if way else ""
        return broken.cure.partition(", or ")[0] if broken.where == field else ""  # other ways leave it as it is
    except TracerError:
        return ""
    return None


def read(experiment: Convolution) -> Settings:
    """Read each field by itself, without what the fields demand of each other.

    Raises:
        InvalidSetting: a field by itself does not work.
    """
    layer = choice("layer", experiment.layer, LAYERS)
    dims, transposed = LAYERS[layer]
    kernel = per_axis("kernel_size", experiment.kernel_size, dims, least=1)
    stride = per_axis("stride", experiment.stride, dims, least=1, alone=True)
    zeros = experiment.padding_mode == "zeros"  # torch's other modes look at the list itself
    dilation = per_axis("dilation", experiment.dilation, dims, least=1, alone=zeros or experiment.padding != "same")
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
        output_padding=per_axis("output_padding", experiment.output_padding, dims, least=0, alone=True),
        dilation=dilation,
        groups=whole("groups", experiment.groups, least=1),
        bias=switch("bias", experiment.bias),
        padding_mode=_padding_mode(experiment.padding_mode, transposed),
        fill=fills.fill(experiment.fill, dims),
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
        alone = experiment.padding_mode == "zeros"
        return tuple((p, p) for p in per_axis("padding", experiment.padding, dims, least=0, alone=alone))
    if transposed:
        what = f"{experiment.layer} takes no “{experiment.padding[:40]}”"
        raise InvalidSetting(what, "padding", "Use a number, such as 0")
    still = all(step == 1 for step in stride)
    known = "same" if still or experiment.padding == "same" else "valid"
    word = choice("padding", experiment.padding, dict.fromkeys(("valid", known)), otherwise="a number")
    if word == "valid":
        return ((0, 0),) * dims
    if not still:
        raise InvalidSetting("“same” works only with stride 1", "padding", "Use stride 1, or write padding as numbers")
    totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def _padding_mode(mode: object, transposed: bool) -> str:
    """Read the mode; one that a transposed layer has not is refused later, by its own name."""
    known = mode in PADDING_MODES
    return choice("padding_mode", mode, PADDING_MODES if known or not transposed else ("zeros",))


def _device(device: object) -> str:
    if isinstance(device, str) and device.strip():
        return device.strip()
    raise InvalidSetting(f"The device must be a name, not “{device}”", "device", "Use “auto”, “cpu” or “cuda”")


def _loss(loss: object) -> str | tuple[int, ...]:
    if isinstance(loss, str):
        return choice("loss", loss, ("mean", "sum"), otherwise="the index of one output")
    numbers = loss if isinstance(loss, list | tuple) else (loss,)
    return tuple(whole("loss", number, least=0) for number in numbers)
