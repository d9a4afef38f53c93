"""The two themes: what colour each role of a display list has. The window uses the same table."""

from __future__ import annotations

from typing import Literal

from tracer.drawing.display_list import Colour

Theme = Literal["light", "dark"]

PALETTES: dict[Theme, dict[Colour, str]] = {
    "light": {
        "background": "#ffffff", "card": "#ffffff", "border": "#c9d1dc", "text": "#16202e", "muted": "#5b6677",
        "forward": "#0072b2", "forward_text": "#005a8f", "backward": "#d55e00", "backward_text": "#b45309",
        "backward_fill": "#fff6ec", "leaf": "#009e73", "leaf_text": "#00785a", "value_fill": "#f5f8fc",
        "badge": "#eaeefc", "group": "#f2f5f9", "group_border": "#bcc6d4", "pill": "#ffffff", "problem": "#b42318",
    },
    "dark": {
        "background": "#14171e", "card": "#1e222b", "border": "#3a4150", "text": "#e6eaf1", "muted": "#98a2b3",
        "forward": "#56b4e9", "forward_text": "#6fc0ee", "backward": "#f28c3c", "backward_text": "#f59e5b",
        "backward_fill": "#2b211a", "leaf": "#34c99a", "leaf_text": "#4cd3a8", "value_fill": "#191d25",
        "badge": "#2a3040", "group": "#191d26", "group_border": "#434b5c", "pill": "#1a1e26", "problem": "#ff8a7a",
    },
}  # fmt: skip
