"""How wide a text is, from a table of the bundled fonts: the same in a file, in the window, and without either."""

from __future__ import annotations

import functools
import importlib.resources
import unicodedata

import msgspec

from tracer.drawing.display_list import Font

FILES: dict[Font, str] = {
    "sans": "Inter-Regular",
    "semibold": "Inter-SemiBold",
    "mono": "JetBrainsMono-Regular",
}


class _Table(msgspec.Struct, frozen=True):
    """One font: advances in units of the em, the characters that have each, and the advance of all others."""

    units_per_em: int
    default: int
    characters: dict[int, str]


def width(text: str, size: float, font: Font = "sans") -> float:
    """Measure a line of text in points: the sum of its advances × size / units per em, without kerning."""
    advances, default = _advances(font)
    return size * sum(advances[c] if c in advances else _unlisted(c, default) for c in text)


def fitted(text: str, size: float, font: Font, most: float) -> str:
    """Shorten a text from its end, with an ellipsis, until it is at most so wide."""
    if width(text, size, font) <= most:
        return text
    left = most - width("…", size, font)
    for end, character in enumerate(text):
        left -= width(character, size, font)
        if left < 0:
            return text[:end].rstrip() + "…"
    return text


@functools.cache
def _advances(font: Font) -> tuple[dict[str, float], float]:
    table = _tables()[FILES[font]]
    em = table.units_per_em
    return {c: int(units) / em for units, all_ in table.characters.items() for c in all_}, table.default / em


@functools.cache
def _tables() -> dict[str, _Table]:
    text = importlib.resources.files("tracer.resources").joinpath("fonts", "widths.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, _Table])


@functools.cache
def _unlisted(character: str, default: float) -> float:
    """Give the advance, in ems, of a character that another font will draw: marks have none, wide ones a whole em."""
    if unicodedata.combining(character):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else default
