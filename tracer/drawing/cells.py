"""Cells of numbers, as views of a convolution draw them: how a number fits its cell, and how wide cells must be."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer import quantities
from tracer.drawing.display_list import Anchor, Colour, Font, Text
from tracer.drawing.font_widths import width as text_width

SIZE = 11.0  # of the numbers in cells, in points
SPARE = 6.0  # points beside a number
SHORT, LONG = 34.0, 54.0  # the narrowest cell with a number, and the one in which four digits and a sign fit
SAMPLE = 64  # numbers of an array that are looked at


def cell_text(value: float, dtype: str, most: float, size: float = SIZE) -> str:
    """Write a number with all of its digits, or as many as there is room for; with none where there is no room."""
    text = quantities.number(float(value), dtype)
    for digits in (4, 3, 2, 1):
        if text_width(text, size, "mono") <= most:
            return text
        text = quantities.figure(float(value), digits)
    text = text if text_width(text, size, "mono") <= most else quantities.rough(float(value))
    return text if text_width(text, size, "mono") <= most else ""


def room(array: Any, dtype: str, size: float = SIZE) -> float:
    """Give the width of cells for numbers such as those of an array, by a sample of them."""
    flat = array.reshape(-1)
    few = flat[:: max(1, len(flat) // SAMPLE)] if len(flat) else np.zeros(1)
    widest = max(text_width(quantities.number(float(value), dtype), size, "mono") for value in few)
    return min(max(widest + SPARE, SHORT), LONG)


def line(
    x: float,
    y: float,
    text: str,
    size: float = 12.0,
    font: Font = "sans",
    colour: Colour = "text",
    anchor: Anchor = "start",
) -> Text:
    """Make a line of text, measured."""
    return Text(x, y, text, text_width(text, size, font), size, font, colour, anchor)


def within(x: float, y: float, high: float, text: str, colour: Colour = "text", size: float = SIZE) -> Text:
    """Put a text into the middle of a cell: x is that of the middle, y that of the cell's upper edge."""
    return line(x, y + high / 2 + size * 0.36, text, size, "mono", colour, "middle")
