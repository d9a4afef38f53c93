"""Ready-made convolutions, and what a change of layer does to the other fields: pure functions of experiments."""

from __future__ import annotations

from typing import Any

import msgspec

from tracer.convolution.layer import LAYERS
from tracer.experiment import Convolution

LESSON = Convolution(layer="Conv2d", in_channels=20, out_channels=16, kernel_size=(3, 5), input_size=(64, 128))
OWN = "own settings"
_KEPT = ("dtype", "device", "seed", "stack")  # a preset leaves these as they are
_SIZES = {1: (64,), 2: (64, 128), 3: (8, 16, 16)}
_PER_AXIS = ("kernel_size", "stride", "padding", "output_padding", "dilation")

_1D: dict[str, Any] = {"layer": "Conv1d", "in_channels": 2, "out_channels": 16, "input_size": (64,)}
_2D: dict[str, Any] = {"layer": "Conv2d", "in_channels": 20, "out_channels": 16, "input_size": (64, 128)}
_SMALL: dict[str, Any] = {"layer": "Conv2d", "in_channels": 8, "out_channels": 8, "input_size": (32, 32)}
_PHOTO: dict[str, Any] = {"layer": "Conv2d", "in_channels": 3, "out_channels": 64, "input_size": (224, 224)}

PRESETS: dict[str, Convolution] = {
    "Lesson 2D": LESSON,
    "Lesson 2D padded": Convolution(**_2D, kernel_size=(3, 5), padding=(1, 2)),
    "Lesson 1D": Convolution(**_1D, kernel_size=(3,)),
    "Lesson 1D padded": Convolution(**_1D, kernel_size=(3,), padding=(1,)),
    "Lesson 1D, k = 5": Convolution(**_1D, kernel_size=(5,)),
    "Toeplitz 7, 3": Convolution(
        layer="Conv1d",
        in_channels=1,
        out_channels=2,
        kernel_size=(3,),
        input_size=(7,),
        bias=False,
        input=[[[1, 3, 2, 0, -1, 4, 5]]],
        weight=[[[1, 0, -1]], [[1, 2, 1]]],
    ),
    "Strided": Convolution(**_SMALL, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1)),
    "Dilated": Convolution(**_SMALL, kernel_size=(3, 3), dilation=(2, 2)),
    "Grouped": Convolution(**_SMALL, kernel_size=(3, 3), groups=4),
    "Depthwise": Convolution(**_SMALL, kernel_size=(3, 3), groups=8),
    "1×1": Convolution(**_SMALL, kernel_size=(1, 1)),
    "Transposed": Convolution(**{**_SMALL, "layer": "ConvTranspose2d"}, kernel_size=(3, 3), stride=(2, 2)),
    "AlexNet layer 1": Convolution(**_PHOTO, kernel_size=(11, 11), stride=(4, 4), padding=(2, 2)),
    "ResNet stem": Convolution(**_PHOTO, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3), bias=False),
    "WaveNet dilated": Convolution(
        layer="Conv1d", in_channels=32, out_channels=64, kernel_size=(2,), input_size=(2048,), dilation=(512,)
    ),
    "DCGAN upsampling": Convolution(
        layer="ConvTranspose2d",
        in_channels=128,
        out_channels=64,
        kernel_size=(4, 4),
        input_size=(16, 16),
        stride=(2, 2),
        padding=(1, 1),
        bias=False,
    ),
}


def preset_of(experiment: Convolution) -> str:
    """Name the preset that an experiment is, or say that it is none."""
    return next((name for name in PRESETS if with_preset(experiment, name) == experiment), OWN)


def with_preset(experiment: Convolution, name: str) -> Convolution:
    """Take a preset's settings; device, dtype and seed stay."""
    return msgspec.structs.replace(PRESETS[name], **{field: getattr(experiment, field) for field in _KEPT})


def with_layer(experiment: Convolution, layer: Any) -> Convolution:
    """Take another layer; numbers an axis are repeated or dropped, and what that layer does not have is put back."""
    dims, transposed = LAYERS[layer]
    before = LAYERS[experiment.layer]
    changes: dict[str, Any] = {field: per_axis(getattr(experiment, field), dims) for field in _PER_AXIS}
    if dims != before.dims:
        changes |= {"input_size": _SIZES[dims], "input": None, "weight": None, "bias_values": None, "loss": "mean"}
        changes["dilation"] = tuple(map(_dilation, changes["dilation"], changes["kernel_size"], _SIZES[dims]))
    if transposed != before.transposed:
        changes["weight"] = None  # its first two axes are the other way round
    if transposed:
        changes["padding_mode"] = "zeros"
        changes["padding"] = (0,) * dims if isinstance(experiment.padding, str) else changes["padding"]
    else:
        changes["output_padding"] = (0,) * dims
    changes["output_padding"] = changes["output_padding"] if transposed else 0
    return msgspec.structs.replace(experiment, layer=layer, **changes)


def _dilation(dilation: Any, kernel: Any, size: int) -> Any:
    """Keep a dilation whose kernel fits a size; else the taps move together again."""
    whole = isinstance(dilation, int) and isinstance(kernel, int)
    return 1 if whole and dilation * (kernel - 1) + 1 > size else dilation


def per_axis(value: Any, dims: int) -> Any:
    """Give a number for each axis: one is repeated, the last is repeated or the rest dropped; a word stays."""
    if isinstance(value, str):
        return value
    numbers = tuple(value) if isinstance(value, tuple | list) else (value,)
    return (numbers + (numbers[-1],) * dims)[:dims]
