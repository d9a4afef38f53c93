"""The fields of the convolution form as one table."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tracer.convolution.layer import AXES, FILLS, LAYERS, PADDING_MODES, Settings
from tracer.convolution.settings import resolve
from tracer.errors import InvalidSetting
from tracer.experiment import Convolution

Kind = Literal["number", "axes", "choice"]


class Field(NamedTuple):
    """A field of the experiment and how it is edited. `least` is where stepping down ends."""

    name: str
    label: str
    kind: Kind
    tooltip: str
    least: int = 1
    options: tuple[tuple[object, str], ...] = ()


def _same(words: tuple[str, ...]) -> tuple[tuple[object, str], ...]:
    return tuple((word, word) for word in words)


LAYER = Field("layer", "layer", "choice", "The layer of torch.nn", options=_same(tuple(LAYERS)))

SECTIONS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "Input x",
        (
            Field("batch", "batch N", "number", "How many inputs go through at once"),
            Field("in_channels", "in_channels", "number", "Channels of the input, such as 3 for a colour image"),
            Field("input_size", "size", "axes", "The length of the input along each axis"),
            Field(
                "fill",
                "fill with",
                "choice",
                "What numbers the input holds",
                options=_same(FILLS),
            ),
        ),
    ),
    (
        "Kernel",
        (
            Field("out_channels", "out_channels", "number", "How many kernels there are; each makes one channel"),
            Field("kernel_size", "kernel_size", "axes", "The length of a kernel along each axis"),
            Field("stride", "stride", "axes", "How far the kernel moves from one output to the next"),
            Field("padding", "padding", "axes", "How much is put around the input, on each side", 0),
            Field("output_padding", "output_padding", "axes", "Added to one side of the output's size", 0),
            Field("dilation", "dilation", "axes", "How far apart the kernel's taps are"),
            Field("groups", "groups", "number", "How many separate parts the channels are divided into"),
            Field("padding_mode", "padding_mode", "choice", "What the padding holds", options=_same(PADDING_MODES)),
            Field(
                "bias",
                "bias",
                "choice",
                "One number for each kernel is added to the output",
                options=((True, "yes"), (False, "no")),
            ),
        ),
    ),
    (
        "Backward from",
        (
            Field(
                "loss",
                "loss",
                "choice",
                "The scalar that backward starts from",
                options=(("mean", "mean(y)"), ("sum", "sum(y)")),
            ),
        ),
    ),
)

_SIZE_LABELS = {1: "length", 2: "height × width", 3: "depth × H × W"}


def label(field: Field, experiment: Convolution) -> str:
    """Give a field's label, which for the size depends on the layer's axes."""
    return _SIZE_LABELS[LAYERS[experiment.layer].dims] if field.name == "input_size" else field.label


def shown(field: Field, experiment: Convolution) -> bool:
    """Tell whether a layer has that field."""
    return field.name != "output_padding" or LAYERS[experiment.layer].transposed


def axis_names(experiment: Convolution) -> tuple[str, ...]:
    """Name the axes of a layer's signal."""
    return AXES[LAYERS[experiment.layer].dims]


def check(experiment: Convolution) -> Settings:
    """Resolve an experiment as it stands in the form, where a number may be missing.

    Raises:
        InvalidSetting: a field is empty, or does not work.
    """
    for name in experiment.__struct_fields__:
        value = getattr(experiment, name)
        if value == "" or (isinstance(value, tuple) and "" in value):
            raise InvalidSetting("There is no number yet", name, "Type a whole number")
    return resolve(experiment)
