"""What colour each role has in each theme: the roles of pictures, and those of the window itself."""

from __future__ import annotations

from collections.abc import Mapping

from tracer.drawing.palette import PALETTES, Theme

WINDOW: dict[Theme, dict[str, str]] = {
    "light": {
        "window": "#f7f9fb", "panel": "#ffffff", "field": "#fafbfc", "field_border": "#d5dbe4", "hairline": "#e3e7ed",
        "accent": "#2563eb", "accent_text": "#1d4ed8", "accent_fill": "#edf3fe", "accent_border": "#9dbcf5",
        "hover": "#eef2f7", "pressed": "#e2e8f0", "placeholder": "#667182", "scroll": "#c6cedb",
        "line_number": "#667182", "problem_fill": "#fdf1f0", "attention": "#8a5a00", "keyword": "#7a3e9d",
        "dim": "#6b7686",
    },
    "dark": {
        "window": "#1c2029", "panel": "#1c2029", "field": "#222834", "field_border": "#3a4252", "hairline": "#2d3440",
        "accent": "#6ea8fe", "accent_text": "#8bbaff", "accent_fill": "#22314c", "accent_border": "#3f5f92",
        "hover": "#262d3a", "pressed": "#2e3646", "placeholder": "#8d98aa", "scroll": "#465062",
        "line_number": "#8d98aa", "problem_fill": "#33211f", "attention": "#f0b95b", "keyword": "#d0a2ee",
        "dim": "#8d98aa",
    },
}  # fmt: skip


def colours(theme: Theme) -> Mapping[str, str]:
    """Give the colour of every role in a theme."""
    return {**{str(role): colour for role, colour in PALETTES[theme].items()}, **WINDOW[theme]}
