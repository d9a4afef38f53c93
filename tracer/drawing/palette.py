"""The two themes: what colour each role of a display list has. The window uses the same table."""

from __future__ import annotations

import functools
import math
from typing import Literal

from tracer.drawing.display_list import Colour

Theme = Literal["light", "dark"]

PALETTES: dict[Theme, dict[Colour, str]] = {
    "light": {
        "background": "#ffffff", "card": "#ffffff", "border": "#c9d1dc", "text": "#16202e", "muted": "#5b6677",
        "forward": "#0072b2", "forward_text": "#005a8f", "backward": "#d55e00", "backward_text": "#b45309",
        "backward_fill": "#fff6ec", "leaf": "#009e73", "leaf_text": "#00785a", "value_fill": "#f5f8fc",
        "badge": "#eaeefc", "group": "#f2f5f9", "group_border": "#bcc6d4", "pill": "#ffffff", "problem": "#b42318",
        "changed": "#8f3a78", "cell": "#e9edf4", "taken": "#9fd6c2",
        "kernel 0": "#bfd9e9", "kernel 0 lit": "#6cb0d8", "kernel 1": "#ecd6e3", "kernel 1 lit": "#dba6c8",
        "kernel 2": "#ece3b8", "kernel 2 lit": "#d8c25c", "kernel 3": "#d8d5f1", "kernel 3 lit": "#aaa2e2",
        "kernel 4": "#ead8c8", "kernel 4 lit": "#d2a67f", "kernel 5": "#d3dce0", "kernel 5 lit": "#9fb2ba",
    },
    "dark": {
        "background": "#14171e", "card": "#1e222b", "border": "#3a4150", "text": "#e6eaf1", "muted": "#98a2b3",
        "forward": "#56b4e9", "forward_text": "#6fc0ee", "backward": "#f28c3c", "backward_text": "#f59e5b",
        "backward_fill": "#2b211a", "leaf": "#34c99a", "leaf_text": "#4cd3a8", "value_fill": "#191d25",
        "badge": "#2a3040", "group": "#191d26", "group_border": "#434b5c", "pill": "#1a1e26", "problem": "#ff8a7a",
        "changed": "#e39fd0", "cell": "#232936", "taken": "#1f5f4b",
        "kernel 0": "#1f394a", "kernel 0 lit": "#33688c", "kernel 1": "#41303c", "kernel 1 lit": "#7d5570",
        "kernel 2": "#3a361c", "kernel 2 lit": "#6d6528", "kernel 3": "#322f4d", "kernel 3 lit": "#5d5696",
        "kernel 4": "#3d2f26", "kernel 4 lit": "#75563b", "kernel 5": "#2c373d", "kernel 5 lit": "#4f636d",
    },
}  # fmt: skip

SCALES: dict[Theme, tuple[str, str, str]] = {  # of numbers: the colours at −1, 0 and 1
    "light": ("#e0812f", "#eef1f6", "#338fc6"),
    "dark": ("#a05318", "#232936", "#1c6ea4"),
}
KERNELS = 6  # hues: a kernel has that of its number
STEPS = 48  # shades from 0 to ±1


def shade(theme: Theme, value: float) -> str:
    """Give the colour of a number from −1 to 1; what lies outside is as its end, what is no number as a problem."""
    if math.isnan(value):
        return PALETTES[theme]["problem"]
    return _shade(theme, round(min(max(value, -1.0), 1.0) * STEPS))


@functools.cache
def _shade(theme: Theme, step: int) -> str:
    low, zero, high = SCALES[theme]
    end, part = (high if step > 0 else low), abs(step) / STEPS
    mixed = (round(_part(zero, at) * (1 - part) + _part(end, at) * part) for at in (1, 3, 5))
    return f"#{''.join(f'{number:02x}' for number in mixed)}"


NO_NUMBER, NOTHING = 2 * STEPS + 1, 2 * STEPS + 2  # the bytes of a cell that is not a number, and of one without any


def step_colour(theme: Theme, step: int) -> str | None:
    """Give the colour of a byte of `Shades`: 0 is −1, STEPS is 0, 2·STEPS is 1; `None` where nothing is painted."""
    if step == NO_NUMBER:
        return PALETTES[theme]["problem"]
    return _shade(theme, step - STEPS) if step < NO_NUMBER else None


def _part(colour: str, at: int) -> int:
    return int(colour[at : at + 2], 16)
