import pytest

from tracer.drawing.font_widths import fitted, width


@pytest.mark.parametrize(
    ("text", "size", "font", "expected"),
    [
        ("", 12, "sans", 0.0),
        ("i", 2816, "sans", 668),  # the advance of i in Inter, of 2816 units an em
        ("iij", 2816, "sans", 3 * 668),
        ("−1.5", 1000, "mono", 2400),  # every glyph of JetBrains Mono is 600 of 1000 wide
        ("漢", 10, "mono", 10.0),  # another font will draw it, one em wide
        ("e\u0301", 2816, "sans", 1640),  # a combining mark takes no room
    ],
)
def test_width_is_the_sum_of_advances(text: str, size: float, font, expected: float) -> None:
    assert width(text, size, font) == pytest.approx(expected)


def test_semibold_is_wider() -> None:
    assert width("gradient", 14, "semibold") > width("gradient", 14, "sans")


@pytest.mark.parametrize("most", [300.0, 80.0, 30.0])
def test_fitted_text_is_not_wider(most: float) -> None:
    text = "blocks.0.attention.projection.weight"
    shown = fitted(text, 14, "semibold", most)
    assert width(shown, 14, "semibold") <= most
    assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))


def test_fitted_text_uses_the_room() -> None:
    shown = fitted("a" * 100, 10, "mono", 60)
    assert shown == "aaaaaaaaa…"
