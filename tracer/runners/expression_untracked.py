"""Facts of a program → the same with the tensors that autograd does not follow, and the places where it was cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import torch

from tracer.capture.names import Named
from tracer.facts import Cut, Facts
from tracer.runners.interpreter.run import Run
from tracer.runners.interpreter.untracked import CutPlace, Untracked
from tracer.values import Unfollowed


def unnamed(ran: Run, output: torch.Tensor, every: Sequence[Named]) -> list[Named]:
    """List the untracked tensors that went into the graph of an output and have no name."""
    known = {id(item.tensor) for item in every}
    lost = _lost(ran, output)
    return [
        Named(tensor, None, None, None, origin.text, origin.line)
        for tensor in lost
        if id(tensor) not in known and (origin := ran.untracked_ways.origins.get(id(tensor))) is not None
    ]


def with_untracked(facts: Facts, every: Sequence[Named], ran: Run, output: torch.Tensor) -> Facts:
    """Add what autograd does not follow. `every` are the first of the facts' tensors, in their order; those without a
    name that nothing tells of any more are left out."""
    ways, lost = ran.untracked_ways, _lost(ran, output)
    places = _places(every)
    nodes = _nodes(facts, ways, places)
    rows = [tensor for tensor in lost if id(tensor) in places]
    reaching = _reaching(rows, ways, nodes, output)
    cuts = list(ways.times)
    told = [
        Unfollowed(
            tensor=places[id(tensor)],
            read=_read(tensor, ways, places),
            nodes=nodes.get(id(tensor), ()),
            cut=_cut(tensor, ways, cuts),
        )
        for tensor in rows
        if id(tensor) in reaching and (tensor is output or facts.tensors[places[id(tensor)]].node is None)
    ]
    return _kept(facts, told, [_told(place, number, ways, told) for number, place in enumerate(cuts)])


def _lost(ran: Run, output: torch.Tensor) -> list[torch.Tensor]:
    """List what went into tracked tensors without a gradient, and into an output that has none."""
    ways = ran.untracked_ways
    ends = [tensor for use in ways.uses.values() for tensor in use.read]
    return ways.behind([*ends, *(() if output.requires_grad else [output])])


def _places(every: Sequence[Named]) -> dict[int, int]:
    """Give each tensor its first place, one with a name if it has any."""
    places: dict[int, int] = {}
    for number, item in sorted(enumerate(every), key=lambda pair: pair[1].name is None):
        places.setdefault(id(item.tensor), number)
    return places


def _nodes(facts: Facts, ways: Untracked, places: Mapping[int, int]) -> dict[int, tuple[int, ...]]:
    """List for each untracked tensor the nodes of the graph that it went into."""
    found: dict[int, list[int]] = {}
    for key, use in ways.uses.items():
        node = facts.tensors[places[key]].node if key in places else None
        if node is not None:
            for tensor in use.read:
                found.setdefault(id(tensor), []).append(node)
    return {key: tuple(dict.fromkeys(nodes)) for key, nodes in found.items()}


def _reaching(
    rows: Sequence[torch.Tensor], ways: Untracked, nodes: Mapping[int, object], output: torch.Tensor
) -> set[int]:
    """Find those from which something of the graph, or the output, was made."""
    found: set[int] = set()
    for tensor in reversed(rows):
        if id(tensor) in nodes or tensor is output:
            found.add(id(tensor))
        if id(tensor) in found and (origin := ways.origins.get(id(tensor))):
            found.update(map(id, origin.read))
    return found


def _read(tensor: torch.Tensor, ways: Untracked, places: Mapping[int, int]) -> tuple[int, ...]:
    origin = ways.origins.get(id(tensor))
    return tuple(places[id(one)] for one in (origin.read if origin else ()) if id(one) in places)


def _cut(tensor: torch.Tensor, ways: Untracked, cuts: Sequence[CutPlace]) -> int | None:
    origin = ways.origins.get(id(tensor))
    return cuts.index(origin.cut) if origin is not None and origin.cut is not None else None


def _told(place: CutPlace, number: int, ways: Untracked, rows: Sequence[Unfollowed]) -> Cut:
    """Tell of a cut: what it gave, all that came of that, and the nodes that used it."""
    came: dict[int, Unfollowed] = {}
    for row in rows:
        if row.cut == number or any(one in came for one in row.read):
            came[row.tensor] = row
    return Cut(
        operation=place.operation,
        kind=place.kind,
        module=None,
        source=place.source,
        times=ways.times[place],
        nodes=tuple(sorted({node for row in came.values() for node in row.nodes})),
        behind=tuple(dict.fromkeys(one for row in rows if row.cut == number for one in row.read)),
        gave=tuple(came),
    )


def _kept(facts: Facts, rows: Sequence[Unfollowed], cuts: Sequence[Cut]) -> Facts:
    """Leave out the tensors that have no name and stand nowhere, and let the places follow."""
    standing = {row.tensor for row in rows}
    kept = [
        number
        for number, row in enumerate(facts.tensors)
        if row.name is not None or row.node is not None or number in standing
    ]
    new = {number: place for place, number in enumerate(kept)}

    def moved(places: Sequence[int]) -> tuple[int, ...]:
        return tuple(new[place] for place in places if place in new)

    ends = {place for place in standing if facts.tensors[place].role == "output"}
    return msgspec.structs.replace(
        facts,
        tensors=tuple(facts.tensors[number] for number in kept),
        unfollowed=tuple(msgspec.structs.replace(row, tensor=new[row.tensor], read=moved(row.read)) for row in rows),
        cuts=tuple(
            msgspec.structs.replace(
                cut,
                behind=moved(cut.behind),
                gave=moved([place for place in cut.gave if facts.tensors[place].name is not None]),
                outputs=tuple(facts.tensors[place].name or "" for place in cut.gave if place in ends),
            )
            for cut in cuts
        ),
    )
