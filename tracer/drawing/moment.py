"""A moving picture at rest: which step it is at, and what is looked at; and text that goes on in the next line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracer.drawing.cells import line
from tracer.drawing.display_list import Colour, Text
from tracer.drawing.font_widths import fitted
from tracer.drawing.font_widths import width as text_width
from tracer.matrix_vector.readings import exact
from tracer.matrix_vector.settings import Bank, Exact, Settings
from tracer.quantities import factor

EDGE = 1_000_000
LEADING = 17.0  # points from one line of a paragraph to the next


class Moment(NamedTuple):
    """How far a picture has moved (`step`, of as many as it has), which kernel is in front, which kind of it is shown,
    and the row that the pointer is over (`None`: the one that the last step added is lit)."""

    step: int = EDGE
    kernel: int = 0
    kind: str = ""
    lit: int | None = None


def kept(moment: Moment, steps: int, kernels: int, kinds: Sequence[str]) -> Moment:
    """Keep a moment in range, where there are other numbers."""
    return Moment(
        step=min(max(moment.step, 0), steps),
        kernel=moment.kernel % kernels,
        kind=moment.kind if moment.kind in kinds else (kinds[0] if kinds else ""),
        lit=moment.lit,
    )


def bank_of(settings: Settings) -> Bank:
    """Give the kernels of a matrix that was made of some."""
    assert settings.bank is not None
    return settings.bank


def written(settings: Settings, value: Exact) -> str:
    """Write a number exactly, as both readings do."""
    return exact(settings, value)


def product(settings: Settings, a: Exact, x: Exact) -> str:
    """Write a product: 2·(−1)."""
    return f"{factor(written(settings, a))}·{factor(written(settings, x))}"


def paragraph(
    text: str, x: float, y: float, wide: float, most: int = 3, size: float = 12.0, colour: Colour = "text"
) -> list[Text]:
    """Break a text into lines of a width; what is beyond the last line is cut off with an ellipsis."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and text_width(f"{lines[-1]} {word}", size) <= wide:
            lines[-1] += f" {word}"
        elif len(lines) == most:
            lines[-1] += f" {word}"  # too long now: cut below
        else:
            lines.append(word)
    return [
        line(x, y + LEADING * at, fitted(words, size, "sans", wide), size, colour=colour)
        for at, words in enumerate(lines)
    ]
