"""Walking a graph by keys: down to what uses a value, up to what it was made of, sideways to its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from tracer.drawing.display_list import Area

Step = Literal["up", "down", "left", "right", "first", "last"]
OPPOSITE: dict[Step, Step] = {"up": "down", "down": "up", "left": "right", "right": "left"}


class Map(NamedTuple):
    """The cards of a picture by owner, and which of them are joined, as (one above, one below)."""

    cards: Mapping[str, Area]
    joined: tuple[tuple[str, str], ...]


def map_of(areas: Iterable[Area]) -> Map:
    """Tell cards and links apart; a frame is not walked to."""
    found = tuple(areas)
    ways = (area for area in found if area.joins and not area.owner.startswith("return "))  # a loop has no end
    joined = tuple((area.joins[0], area.joins[1]) for area in ways)
    ends = {owner for pair in joined for owner in pair}
    cards = {area.owner: area for area in found if area.owner in ends or area.owner.startswith("node ")}
    return Map(cards, joined)


def step(walked: Map, owner: str, way: Step, came: Mapping[tuple[str, Step], str]) -> str:
    """Give the card that a step leads to, or the same one where there is none.

    `came` remembers from where a card was entered, so that Down, Down, Up, Up leads back.
    """
    if not walked.cards:
        return owner
    if owner not in walked.cards or way in ("first", "last"):
        ordered = sorted(walked.cards.values(), key=lambda area: (area.y, area.x))
        return ordered[-1 if way == "last" else 0].owner
    here, candidates = walked.cards[owner], _candidates(walked, owner, way)
    before = came.get((owner, way))
    if before in candidates:
        return before or owner
    return min(candidates, key=lambda other: _apart(here, walked.cards[other]), default=owner)


def _candidates(walked: Map, owner: str, way: Step) -> list[str]:
    if way == "down":
        return [below for above, below in walked.joined if above == owner and below in walked.cards]
    if way == "up":
        return [above for above, below in walked.joined if below == owner and above in walked.cards]
    here = walked.cards[owner]
    return [other for other, area in walked.cards.items() if _beside(here, area, way)]


def _beside(here: Area, other: Area, way: Step) -> bool:
    """Tell whether a card stands on that side of another, at about the same height."""
    across = other.x + other.width / 2 - (here.x + here.width / 2)
    level = other.y < here.y + here.height and here.y < other.y + other.height
    return level and (across < 0 if way == "left" else across > 0)


def _apart(a: Area, b: Area) -> tuple[float, float]:
    return abs(a.x + a.width / 2 - b.x - b.width / 2), abs(a.y - b.y)
