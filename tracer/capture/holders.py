"""Finds under which name of a running program things are held, by asking Python's collector who refers to them."""

from __future__ import annotations

import gc
import inspect
import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType, ModuleType
from typing import Any, NamedTuple

from tracer.capture.lines import persons_frames

FEW = 32
LEVELS = 6  # how many containers in containers are gone up


class Held(NamedTuple):
    """A thing that keeps the steps from `first` to `last` alive."""

    thing: object
    first: int
    last: int


class Name(NamedTuple):
    """A name and the place of the program where it is one."""

    name: str
    where: str


class Found(NamedTuple):
    """What holds: its name, what kind of thing it is, where, and how many steps it keeps."""

    name: str
    kind: str
    where: str
    steps: int


@dataclass(eq=False, slots=True)
class _Above:
    """A thing on the way up: what it is to the name that will be found, and which steps it keeps."""

    thing: object
    kind: str
    suffix: str = ""
    spans: list[tuple[int, int]] = field(default_factory=list)


def holders(held: Sequence[Held], frame: FrameType, live: set[int]) -> list[Found]:
    """Name what holds these things, the one that keeps the most of the `live` steps first."""
    names = _names(frame)
    level = {id(h.thing): _Above(h.thing, "tensor", "", [(h.first, h.last)]) for h in held}
    seen = set(level) | {id(held), id(names), *map(id, held)}
    found: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for _ in range(LEVELS):
        nameless = []
        for above in level.values():
            known = names.get(id(above.thing)) or _of_module(above.thing)
            for name in known:
                key = name.name + above.suffix, above.kind, name.where
                found.setdefault(key, []).extend(above.spans)
            if not known:
                nameless.append(above)
        level = _one_up(nameless, seen)
    rows = [Found(*key, _covered(spans, live)) for key, spans in found.items()]
    return sorted((row for row in rows if row.steps), key=lambda row: (-row.steps, row.kind == "tensor", row.name))


def _names(frame: FrameType) -> dict[int, list[Name]]:
    """Give all names of the running program: those of its frames, and those of their modules."""
    names: dict[int, list[Name]] = {}
    spaces: dict[int, None] = {}
    for person in persons_frames(frame):
        code = person.f_code
        file = os.path.basename(code.co_filename)
        local = person.f_locals
        if code.co_flags & inspect.CO_OPTIMIZED:
            _add(names, local, f"{code.co_name} ({file})")
            if type(local) is dict:
                local.clear()  # a copy, which the frame would keep, and with it what is in it
        if id(person.f_globals) not in spaces:
            spaces[id(person.f_globals)] = None
            _add(names, person.f_globals, file)
    return names


def _add(names: dict[int, list[Name]], space: Mapping[str, Any], where: str) -> None:
    for name, value in list(space.items()):
        if name.isidentifier():  # a tool may put others there, which a person did not write
            names.setdefault(id(value), []).append(Name(name, where))


def _of_module(thing: object) -> list[Name]:
    if type(thing) is not ModuleType:
        return []
    return [Name(thing.__name__, os.path.basename(getattr(thing, "__file__", None) or thing.__name__))]


def _one_up(below: Sequence[_Above], seen: set[int]) -> dict[int, _Above]:
    """Go from things without a name to what refers to them."""
    if not below:
        return {}
    ours = {id(above.thing): above for above in below}
    things = [above.thing for above in below]
    seen |= {id(things), id(below), id(ours), *map(id, below)}
    level: dict[int, _Above] = {}
    for referrer in _referrers(things, ours):
        if id(referrer) in seen or type(referrer) in (FrameType, Held, _Above):
            continue
        seen.add(id(referrer))
        children = [ours[id(thing)] for thing in gc.get_referents(referrer) if id(thing) in ours]
        if children:
            spans = [span for child in children for span in child.spans]
            level[id(referrer)] = _above(referrer, children[0], spans)
    return level


def _referrers(things: Sequence[object], ids: Collection[int]) -> list[object]:
    """List what refers to any of these things; the collector looks for few at once faster than we, for many slower."""
    if len(things) <= FEW:
        return gc.get_referrers(*things)
    return [thing for thing in gc.get_objects() if any(id(part) in ids for part in gc.get_referents(thing))]


def _above(thing: object, child: _Above, spans: list[tuple[int, int]]) -> _Above:
    """Describe what refers to a thing: the kind is that of the outermost container without a name, the suffix the way
    to it."""
    kind = child.kind if child.suffix else type(thing).__name__
    if isinstance(thing, dict):
        key = next((key for key, value in thing.items() if value is child.thing), None)
        if _is_of_an_instance(thing):
            return _Above(thing, child.kind, f".{key}{child.suffix}", spans)
        return (
            _Above(thing, child.kind, f"[{key!r}]{child.suffix}", spans)
            if child.kind != "tensor"
            else _Above(thing, kind, "", spans)
        )
    for name, value in _attributes(thing).items():
        if value is child.thing:
            return _Above(thing, child.kind, f".{name}{child.suffix}", spans)
    return _Above(thing, kind, child.suffix, spans)


def _is_of_an_instance(space: dict[Any, Any]) -> bool:
    return any(_attributes(thing) is space for thing in gc.get_referrers(space) if type(thing) is not FrameType)


def _attributes(thing: object) -> dict[str, Any]:
    try:
        found = object.__getattribute__(thing, "__dict__")
    except AttributeError:
        return {}
    return found if type(found) is dict else {}


def _covered(spans: Iterable[tuple[int, int]], live: set[int]) -> int:
    """Count the live steps that are in any of these spans."""
    count, reached = 0, -sys.maxsize
    steps = sorted(live)
    place = 0
    for first, last in sorted(spans):
        reached = max(reached, last)
        while place < len(steps) and steps[place] < first:
            place += 1
        while place < len(steps) and steps[place] <= reached:
            place, count = place + 1, count + 1
    return count
