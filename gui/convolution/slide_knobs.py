"""What the knobs and the scrub slider of the Slide go over: pure functions of settings and what is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.convolution import shapes, tap_places
from tracer.convolution.chosen import Chosen, Index
from tracer.convolution.layer import Settings
from tracer.drawing.slide_sheets import pair, slices


def places(settings: Settings, chosen: Chosen) -> tuple[Index, tuple[int, ...]]:
    """Give the batch and channel of what leads, and the sizes of its places."""
    if chosen.leads == "output":
        return chosen.output[: -settings.dims], shapes.output_size(settings)
    return chosen.input[: -settings.dims], settings.input_size


def knobs(settings: Settings, chosen: Chosen, tap: int) -> dict[str, tuple[int, Sequence[int]]]:
    """Give what the knobs show: a number and which there are. Beside what leads, only the channels of its group."""
    channel, kernel = pair(settings, chosen)
    _, inputs, kernels = tap_places.channels(settings)
    channels, all_kernels = range(settings.in_channels), range(settings.out_channels)
    if chosen.leads == "output":
        channels = channels[channel // inputs * inputs :][:inputs]
    else:
        all_kernels = all_kernels[kernel // kernels * kernels :][:kernels]
    shown: dict[str, tuple[int, Sequence[int]]] = {"channel": (channel, channels), "kernel": (kernel, all_kernels)}
    if (settings.batch or 1) > 1:
        shown["batch"] = (chosen.output[0], range(settings.batch or 1))
    if settings.dims == 3:
        leads, sizes = (
            (chosen.output, shapes.output_size(settings))
            if chosen.leads == "output"
            else (chosen.input, settings.input_size)
        )
        possible = slices(settings, chosen)
        shown["slice"] = (leads[-3], range(sizes[0]))
        shown["tap"] = (min(possible, key=lambda other: abs(other - tap)), possible)
    return shown
