"""Contrast of text on what it stands on: 4.5:1 at least, in both themes."""

import pytest

from gui.theme.roles import colours
from gui.theme.stylesheet import stylesheet
from tracer.drawing.palette import KERNELS, shade

ON = [
    ("text", "panel"), ("text", "field"), ("text", "accent_fill"), ("text", "hover"), ("muted", "panel"),
    ("muted", "field"), ("muted", "window"), ("placeholder", "field"), ("dim", "panel"), ("accent_text", "panel"),
    ("accent_text", "accent_fill"), ("problem", "panel"), ("text", "problem_fill"), ("leaf_text", "panel"),
    ("backward_text", "panel"), ("forward_text", "panel"), ("line_number", "field"), ("keyword", "field"),
    ("backward_text", "accent_fill"), ("forward_text", "accent_fill"), ("leaf_text", "accent_fill"),
    ("panel", "accent"), ("text", "cell"), ("text", "taken"),
    ("changed", "card"), ("changed", "background"), ("changed", "accent_fill"),
    *(("text", f"kernel {at}{lit}") for at in range(KERNELS) for lit in ("", " lit")),
]  # fmt: skip


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), ON)
def test_text_can_be_read(theme, front, back):
    found = colours(theme)
    low, high = sorted((luminance(found[front]), luminance(found[back])))
    assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_every_shade_and_the_signs_are_told_apart(theme):
    text = luminance(colours(theme)["text"])
    for step in range(-48, 49):
        low, high = sorted((text, luminance(shade(theme, step / 48))))
        assert (high + 0.05) / (low + 0.05) >= 4.5
    assert len({shade(theme, step / 48) for step in range(-48, 49)}) == 97
    assert shade(theme, 7.0) == shade(theme, 1.0) and shade(theme, float("nan")) == colours(theme)["problem"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_stylesheet_is_filled(theme):
    assert "$" not in stylesheet(colours(theme))
