"""The input of a stack seen from above, its last two axes: which rectangle of it, with its holes, an output reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer import quantities
from tracer.convolution.layer import AXES
from tracer.convolution.receptive_field import Layer
from tracer.drawing.cone import Sizes, rows, runs
from tracer.drawing.display_list import Rect, Text
from tracer.drawing.font_widths import width as text_width

MOST = 2500  # rectangles; of more, only what they span is drawn
LEAST = 2.0


def plane_marks(
    layers: Sequence[Layer], sizes: Sizes, place: Sequence[int], corner: tuple[float, float], wide: float
) -> Iterator[Rect | Text]:
    """Draw the input's last two axes in their true proportions, at most `wide` in width and height."""
    (height, width), names = sizes[0][-2:], AXES[len(sizes[0])][-2:]
    across, down = (rows(layers, sizes, place, len(place) - back)[0].lit for back in (1, 2))
    unit = wide / max(height, width)
    x, y = corner[0], corner[1] + 18
    title = f"input, {names[0]} × {names[1]} = {quantities.shape((height, width))}"
    yield Text(corner[0], corner[1] + 6, title, text_width(title, 11), 11, "sans", "muted")
    yield Rect(x, y, width * unit, height * unit, 2, "card", "border")
    columns, lines = runs(across), runs(down)
    if not columns or not lines:
        return
    if len(columns) * len(lines) > MOST:
        columns, lines = ((across[0], across[-1]),), ((down[0], down[-1]),)
    for top, bottom in lines:
        for left, right in columns:
            box = (x + left * unit, y + top * unit, (right - left + 1) * unit, (bottom - top + 1) * unit)
            yield Rect(box[0], box[1], max(LEAST, box[2]), max(LEAST, box[3]), 0, "forward")
    spans = down[-1] - down[0] + 1, across[-1] - across[0] + 1
    around = (x + across[0] * unit - 2, y + down[0] * unit - 2, spans[1] * unit + 4, spans[0] * unit + 4)
    yield Rect(*around, 1.5, None, "forward", 1.2)
    words = f"field {quantities.shape(spans)}"
    yield Text(x, y + height * unit + 18, words, text_width(words, 11, "mono"), 11, "mono", "forward_text")
