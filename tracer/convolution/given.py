"""Values that the person typed: nested lists of numbers or fractions → flat numbers of the shape that is wanted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tracer import numerals
from tracer.convolution import shapes
from tracer.convolution.layer import Settings
from tracer.errors import InvalidSetting
from tracer.experiment import Convolution
from tracer.quantities import shape as written


def numbers(experiment: Convolution, settings: Settings) -> dict[str, tuple[float, ...] | None]:
    """Read `input`, `weight` and `bias_values`, each flat in row-major order, `None` where none was given.

    Raises:
        InvalidSetting: the lists have another shape than the layer needs, or hold something that is no number.
    """
    if experiment.bias_values is not None and not settings.bias:
        raise InvalidSetting("Values for a bias were given, and bias is off", "bias_values", "Turn bias on")
    fields = {
        "input": (experiment.input, shapes.input_shape(settings)),
        "weight": (experiment.weight, shapes.weight_shape(settings)),
        "bias_values": (experiment.bias_values, (settings.out_channels,)),
    }
    return {field: None if values is None else flat(field, values, shape) for field, (values, shape) in fields.items()}


def flat(field: str, values: Any, shape: Sequence[int]) -> tuple[float, ...]:
    """Flatten nested lists of that shape, in row-major order.

    Raises:
        InvalidSetting: the shape differs, or an entry is no number.
    """
    level: list[Any] = [values]
    for length in shape:
        if any(not isinstance(row, list | tuple) or len(row) != length for row in level):
            what = f"The values have the shape {_shape(values)}, and the layer needs {written(shape)}"
            count = math.prod(shape)
            nested = f"lists of {count} numbers in all, nested as {written(shape)}"
            raise InvalidSetting(what, field, f"Give {f'a list of {count} numbers' if len(shape) == 1 else nested}")
        level = [item for row in level for item in row]
    return tuple(_number(field, item) for item in level)


def _number(field: str, item: Any) -> float:
    """Read a number, or a fraction or number as text: 0.5, "1/3", "−2"."""
    if not isinstance(item, int | float | str):
        raise numerals.refusal(field, item)
    try:
        return float(numerals.read(item) if isinstance(item, str) else item)
    except (ValueError, OverflowError) as error:
        raise numerals.refusal(field, item) from error


def _shape(values: Any) -> str:
    """Say the shape of nested lists, going down their first entries."""
    found: list[int] = []
    while isinstance(values, list | tuple) and len(found) < 9:
        found.append(len(values))
        values = values[0] if values else None
    return written(found) if found else "of a single number"
