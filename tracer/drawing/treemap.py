"""A treemap: a rectangle cut into tiles whose areas are as the amounts, each as near to a square as can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tracer.analysis.tiles import Tile
from tracer.drawing.display_list import Area, Colour, DisplayList, Rect, Text
from tracer.drawing.font_widths import fitted, width
from tracer.drawing.layout import Spot
from tracer.drawing.tinted import HUES
from tracer.drawing.wording import inert
from tracer.quantities import share

PAD, LINE, TEXT, BETWEEN = 5.0, 14.0, 11.0, 1.0  # points: in a tile, a line of text, its size, between tiles
MOST = 60  # tiles; the smallest share the last one


def treemap(tiles: Sequence[Tile], write: Callable[[int], str], wide: float, high: float, title: str) -> DisplayList:
    """Draw tiles, the largest first; `write` says an amount with its unit. Each is an area "module …"."""
    marks: list[Rect | Text] = []
    areas: list[Area] = []
    whole = sum(tile.amount for tile in tiles)
    shown, rest = tiles[:MOST], tiles[MOST:]
    amounts = [tile.amount for tile in shown] + ([sum(tile.amount for tile in rest)] if rest else [])
    for number, spot in enumerate(squarified(amounts, wide, high)):
        tile = shown[number] if number < len(shown) else None
        name = f"{len(rest)} smaller ones" if tile is None else _name(tile)
        amount = write(amounts[number])
        found = list(_tile(spot, name, amount, HUES[number % len(HUES)]))
        owner = "rest" if tile is None else f"module {tile.path}{' itself' if tile.own else ''}"
        label = f"{name}: {amount}, {share(amounts[number] / whole)} of {write(whole)}."
        areas.append(Area(owner, *spot, label, (len(marks), len(marks) + len(found))))
        marks += found
    return DisplayList(wide, high, tuple(marks), tuple(areas), layout="", title=title)


def _name(tile: Tile) -> str:
    name = tile.path.rpartition(".")[2]
    return (f"{name} itself" if name else "outside of modules") if tile.own else name


def _tile(spot: Spot, name: str, amount: str, fill: Colour) -> Iterator[Rect | Text]:
    """Paint a tile, with its name and its amount as far as there is room."""
    x, y, wide, high = spot
    inner_wide, inner_high = max(wide - BETWEEN, 0.0), max(high - BETWEEN, 0.0)
    yield Rect(x, y, inner_wide, inner_high, 0.0, fill)
    for at, text in enumerate((inert(name), amount)):
        if inner_high < PAD + LINE * (at + 1) or inner_wide < 2 * PAD + width("mm", TEXT):
            return
        fits = fitted(text, TEXT, "sans", inner_wide - 2 * PAD)
        yield Text(x + PAD, y + LINE * (at + 1), fits, width(fits, TEXT), TEXT)


def squarified(amounts: Sequence[float], wide: float, high: float) -> list[Spot]:
    """Cut a rectangle into parts of these amounts, which come the largest first.

    Rows are laid along the shorter side of what is left: a row takes the next amount as long as the most stretched of
    its tiles does not become more stretched by it.
    """
    spots: list[Spot] = []
    left = Spot(0.0, 0.0, wide, high)
    scale = wide * high / (sum(amounts) or 1.0)
    areas = [amount * scale for amount in amounts]
    start = 0
    while start < len(areas):
        side, total, end = min(left.width, left.height), areas[start], start + 1
        worst = _stretch(areas[start], areas[start], total, side)
        while end < len(areas):
            more = _stretch(areas[start], areas[end], total + areas[end], side)
            if more > worst:
                break
            worst, total, end = more, total + areas[end], end + 1
        row, left = _row(areas[start:end], total, left)
        spots += row
        start = end
    return spots


def _stretch(largest: float, smallest: float, total: float, side: float) -> float:
    """Tell how many times longer than wide the most stretched tile of a row is."""
    if not (smallest and total and side):
        return float("inf")
    square = (total / side) ** 2
    return max(square / smallest, largest / square)


def _row(areas: Sequence[float], total: float, left: Spot) -> tuple[list[Spot], Spot]:
    """Lay a row along the shorter side, and give what is left beside it."""
    spots, along = [], 0.0
    if left.width >= left.height:
        thick = total / left.height if left.height else 0.0
        for area in areas:
            long = area / thick if thick else 0.0
            spots.append(Spot(left.x, left.y + along, thick, long))
            along += long
        return spots, Spot(left.x + thick, left.y, max(left.width - thick, 0.0), left.height)
    thick = total / left.width if left.width else 0.0
    for area in areas:
        long = area / thick if thick else 0.0
        spots.append(Spot(left.x + along, left.y, long, thick))
        along += long
    return spots, Spot(left.x, left.y + thick, left.width, max(left.height - thick, 0.0))
