"""What a line of text reads as."""

import pytest

from gui.widgets.entry import typed

TYPED = [("3", 3), ("-2", -2), ("0.5", 0.5), ("1/3", "1/3"), ("1.50", "1.50"), ("03", "03"), ("", ""), ("1e3", "1e3")]


@pytest.mark.parametrize(("text", "kept"), TYPED)
def test_numbers_are_kept_as_they_were_typed(text, kept):
    assert typed(text) == kept and type(typed(text)) is type(kept)
