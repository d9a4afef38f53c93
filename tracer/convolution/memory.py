"""How much memory a run needs, known before any of it is taken, and how much it may have."""

from __future__ import annotations

import math
import os
import re

from tracer.convolution import shapes
from tracer.convolution.layer import Settings
from tracer.errors import InvalidSetting

DEFAULT = 4 << 30
FLOAT64 = 8  # bytes of one number
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def limit() -> int:
    """Read the limit in bytes from GRADTRACE_MEMORY: a number of bytes, or with a unit, "4GiB"; default 4 GiB.

    Raises:
        InvalidSetting: the text is no size.
    """
    text = os.environ.get("GRADTRACE_MEMORY", "").strip()
    if not text:
        return DEFAULT
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", text.lower())
    if found is None:
        raise InvalidSetting(f"“{text}” is no size of memory", "GRADTRACE_MEMORY", "Use a size such as 4GiB")
    return int(float(found[1]) * _UNITS[found[2]])


def needed(settings: Settings) -> int:
    """Estimate the bytes of a run: every tensor, its gradient, and that in float64 for the statistics; the padded
    input where torch writes it out; one padded channel in float64 for the finite differences; and for float64 the
    columns (each window of the input written out) that torch's float64 convolution makes."""
    elements = sum(row.elements for row in shapes.shapes(settings)) + padded_copy(settings)
    total = elements * (2 * settings.itemsize + FLOAT64)
    if not settings.transposed:
        total += (settings.batch or 1) * math.prod(step.padded for step in shapes.steps(settings)) * FLOAT64
    return total + columns(settings) * FLOAT64 if settings.dtype == "float64" else total


def padded_copy(settings: Settings) -> int:
    """Count the numbers of the padded input where torch writes it out, otherwise 0: whole for a mode other than zeros,
    and for an uneven "same" with what one side has more than the other."""
    if settings.padding_mode != "zeros":
        more = [before + after for before, after in settings.padding]
    elif any(before != after for before, after in settings.padding):
        more = [after - before for before, after in settings.padding]
    else:
        return 0
    sizes = (size + extra for size, extra in zip(settings.input_size, more, strict=True))
    return (settings.batch or 1) * settings.in_channels * math.prod(sizes)


def columns(settings: Settings) -> int:
    """Count the numbers of all windows written out: channels × kernel × places, for the whole batch."""
    places = settings.input_size if settings.transposed else shapes.output_size(settings)
    channels = settings.out_channels if settings.transposed else settings.in_channels
    return (settings.batch or 1) * channels * math.prod(settings.kernel_size) * math.prod(places)


def field(settings: Settings) -> str:
    """Name the field that makes the largest tensor large: the one of its longest axis."""
    largest = max(shapes.shapes(settings), key=lambda row: row.bytes)
    axis = largest.axes[max(range(len(largest.shape)), key=lambda at: largest.shape[at])]
    if axis in _FIELDS:
        return _FIELDS[axis]
    if axis.startswith("k"):
        return "kernel_size"
    if largest.name == "y" and settings.transposed and max(settings.stride) > 1:
        return "stride"
    padded = max(sum(padding) for padding in settings.padding) > max(settings.input_size)
    return "padding" if largest.name == "y" and padded else "input_size"


_FIELDS = {
    "N": "batch",
    "C_in": "in_channels",
    "C_in/groups": "in_channels",
    "C_out": "out_channels",
    "C_out/groups": "out_channels",
}
