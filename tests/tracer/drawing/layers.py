"""Layers with numbers, run in numpy, so that tests of pictures need not wait for torch."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.convolution import shapes
from tracer.convolution.chosen import Numbers
from tracer.convolution.layer import Settings
from tracer.convolution.settings import resolve
from tracer.convolution.toeplitz import positions_bias, toeplitz
from tracer.drawing.display_list import Area, DisplayList, Text
from tracer.drawing.sheets import Sheets, sheets
from tracer.experiment import Convolution

LESSON = Convolution(
    layer="Conv1d", in_channels=1, out_channels=2, kernel_size=3, input_size=7, bias=False,
    input=[[[1, 3, 2, 0, -1, 4, 5]]], weight=[[[1, 0, -1]], [[1, 2, 1]]], loss="sum",
)  # fmt: skip
PLANES = Convolution(layer="Conv2d", in_channels=20, out_channels=16, kernel_size=(3, 5), input_size=(64, 128))
CASES = {
    "lesson": LESSON,
    "stereo": Convolution(layer="Conv1d", in_channels=2, out_channels=3, kernel_size=3, input_size=8, padding=1),
    "planes": PLANES,
    "volumes": Convolution(layer="Conv3d", in_channels=2, out_channels=2, kernel_size=2, input_size=(3, 3, 4)),
    "transposed": Convolution(
        layer="ConvTranspose2d", in_channels=2, out_channels=2, kernel_size=3, input_size=(3, 4), stride=2
    ),
    "depthwise": Convolution(
        layer="Conv2d", in_channels=3, out_channels=3, groups=3, kernel_size=2, input_size=(4, 4), batch=2
    ),
    "circular": Convolution(
        layer="Conv1d", in_channels=1, out_channels=2, kernel_size=3, input_size=6, padding=2, padding_mode="circular"
    ),
}


def made(experiment: Convolution, fresh: bool = True) -> tuple[Settings, Sheets, dict[str, Any]]:
    """Run a layer, its loss the sum of y; give its settings, its sheets and its arrays."""
    settings = resolve(experiment)
    draw = np.random.default_rng(1)

    def given(values: Any, shape: tuple[int, ...]) -> Any:
        return draw.standard_normal(shape) if values is None else np.array(values).reshape(shape)

    x = given(settings.input, shapes.input_shape(settings)).astype(np.float32)
    weight = given(settings.weight, shapes.weight_shape(settings)).astype(np.float32)
    arrays: dict[str, Any] = {"x": x, "weight": weight}
    if settings.bias:
        arrays["bias"] = draw.standard_normal(settings.out_channels).astype(np.float32)
    whole, added = toeplitz(settings, weight), positions_bias(settings, arrays.get("bias"))
    flat = x.reshape(settings.batch or 1, -1)
    shape = shapes.output_shape(settings)
    arrays["y"] = np.stack([whole.matvec(part) + added for part in flat]).reshape(shape).astype(np.float32)
    arrays["y.grad"] = np.ones(shape, np.float32)
    arrays["x.grad"] = np.stack([whole.rmatvec(part) for part in arrays["y.grad"].reshape(len(flat), -1)])
    arrays["x.grad"] = arrays["x.grad"].reshape(x.shape).astype(np.float32)
    return settings, sheets(settings, Numbers(arrays, fresh)), arrays


def texts(picture: DisplayList) -> list[str]:
    """Give all texts of a picture."""
    return [mark.text for mark in picture.marks if isinstance(mark, Text)]


def inside(picture: DisplayList, area: Area) -> list[str]:
    """Give the numbers that stand in an area."""
    return [
        mark.text
        for mark in picture.marks
        if isinstance(mark, Text)
        and mark.font == "mono"
        and area.x <= mark.x <= area.x + area.width
        and area.y <= mark.y <= area.y + area.height
    ]
