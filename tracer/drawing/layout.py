"""Where things are: what a layout finds, whoever made it."""

from __future__ import annotations

from typing import NamedTuple

Point = tuple[float, float]
Piece = tuple[Point, ...]  # one point, then three a cubic segment


class Route(NamedTuple):
    """The middle of a bundle from its tail down to its head: curved pieces, joined by straight lines down.

    `label` is the middle of the room for labels, if there is one.
    """

    pieces: tuple[Piece, ...]
    label: Point | None = None


class Size(NamedTuple):
    """Width and height in points."""

    width: float
    height: float


class Spot(NamedTuple):
    """A rectangle in the picture: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float


class Layout(NamedTuple):
    """A rectangle for each box, a route for each bundle, a rectangle for each frame; y goes down. `name` tells who
    made it."""

    size: Size
    boxes: tuple[Spot, ...]
    routes: tuple[Route, ...]
    frames: tuple[Spot | None, ...]
    name: str
