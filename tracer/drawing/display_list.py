"""The display list: a finished picture as plain rectangles, paths and texts, with roles instead of colours.

Drawing makes it, the SVG writer and the window paint it; it knows neither Qt nor torch. Units are points, y goes
down, and every text has its measured width.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Colour = Literal[
    "background", "card", "border", "text", "muted", "forward", "forward_text", "backward", "backward_text",
    "backward_fill", "leaf", "leaf_text", "value_fill", "badge", "group", "group_border", "pill", "problem", "changed",
    "cell", "taken", "kernel 0", "kernel 0 lit", "kernel 1", "kernel 1 lit", "kernel 2", "kernel 2 lit",
    "kernel 3", "kernel 3 lit", "kernel 4", "kernel 4 lit", "kernel 5", "kernel 5 lit",
]  # fmt: skip
Font = Literal["sans", "semibold", "mono"]
Anchor = Literal["start", "middle", "end"]


class Rect(msgspec.Struct, frozen=True, gc=False, tag="r", omit_defaults=True):
    """A rectangle, its corners rounded by `radius`. `shade` fills it with a place on the theme's scale from −1 to 1,
    instead of a role; text can be read on every place of it."""

    x: float
    y: float
    width: float
    height: float
    radius: float = 0.0
    fill: Colour | None = None
    stroke: Colour | None = None
    line: float = 1.0
    dashed: bool = False
    shade: float | None = None


class Path(msgspec.Struct, frozen=True, gc=False, tag="p", omit_defaults=True):
    """A path: one point, then cubic segments of three points each (`curved`), or a polygon through the points."""

    points: tuple[tuple[float, float], ...]
    curved: bool = True
    closed: bool = False
    fill: Colour | None = None
    stroke: Colour | None = None
    line: float = 1.4
    dashed: bool = False


class Text(msgspec.Struct, frozen=True, gc=False, tag="t", omit_defaults=True):
    """A line of text whose baseline starts (or has its middle, or its end) at x, y; `width` is measured."""

    x: float
    y: float
    text: str
    width: float
    size: float = 12.0
    font: Font = "sans"
    colour: Colour = "text"
    anchor: Anchor = "start"


class Shades(msgspec.Struct, frozen=True, gc=False, tag="s", omit_defaults=True):
    """Cells of one size, row after row, as shades: `steps` has a byte a cell, a place on the theme's scale (see
    `palette.step_colour`). `gap` is left free between cells."""

    x: float
    y: float
    wide: float
    tall: float
    columns: int
    steps: bytes
    gap: float = 1.0


Mark = Rect | Path | Text | Shades


class Backward(msgspec.Struct, frozen=True, gc=False):
    """What an area tells of backward: its marks (counted from the area's first, one past the last), and its words in
    the label. Where backward is stepped, both wait for their turn."""

    marks: tuple[int, int]
    words: str


class Area(msgspec.Struct, frozen=True, gc=False):
    """A part of the picture that stands for something: what a click, a tooltip and a screen reader refer to.

    `owner` is "node 3", "edge 5", "group layer1.0", "frame layer1", or "return 5" for what goes on to a next pass;
    `label` is a plain sentence about it, whole and unshortened. `marks` are the places of its rows in
    `DisplayList.marks`, first and one past the last. An edge `joins` two owners, the way the data flows. `cells` makes
    it a grid: its first row and column, and how many of each; what is meant then is one cell, by its row and column:
    "x 3 5". `backward` is what it tells of gradients.
    """

    owner: str
    x: float
    y: float
    width: float
    height: float
    label: str
    marks: tuple[int, int] = (0, 0)
    joins: tuple[str, ...] = ()
    cells: tuple[int, int, int, int] | None = None
    backward: Backward | None = None


class DisplayList(msgspec.Struct, frozen=True):
    """A picture of `width` × `height` points. `marks` are painted in order. `layout` tells who placed the cards
    ("Graphviz" or "layered"), `title` says in one line what the picture shows."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    areas: tuple[Area, ...] = ()
    layout: str = "Graphviz"
    title: str = ""
