"""The errors of section 3 of the lesson, in the window: torch's own words beside the line that made them."""

import pytest

from tracer.experiment import Expression, Input

WEIGHT = "w = torch.ones(16, 2, 3)\n"
ERRORS = [
    ("torch.ones(1, 3, 64)", "expected input[1, 3, 64] to have 2 channels, but got 3 channels instead"),
    ("torch.ones(64)", "Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: [64]"),
    (
        "torch.ones(1, 2, 2)",
        "Calculated padded input size per channel: (2). Kernel size: (3). Kernel size can't be greater than actual "
        "input size. Use a smaller kernel, a longer input, or padding.",
    ),
]


@pytest.mark.parametrize(("signal", "words"), ERRORS)
def test_torchs_words_stand_under_the_program(session, settled, part, signal, words):
    session.show("expression")
    session.edit("expression", Expression(f"{WEIGHT}y = F.conv1d(x * {signal}, w).sum()", {"x": Input(1.0)}))
    settled()
    said = part("expression.program.problem").text()
    assert said.startswith("Line 2") and words in said
