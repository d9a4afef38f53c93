"""Two recordings → what changed from the one to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Literal

import msgspec

from tracer import quantities
from tracer.analysis.alignment import Laid, Paired, align, lay
from tracer.analysis.closeness import Tolerance, apart, not_compared, tolerances
from tracer.analysis.renaming import renamings
from tracer.facts import Facts, Gradient
from tracer.graph import Node

Kind = Literal[
    "added", "removed", "operation", "inputs", "shape", "dtype", "device", "role", "name", "saved", "gradient"
]


class Difference(msgspec.Struct, frozen=True):
    """One thing that changed at `where`: a node that came or went, or what was `before` and is `after`.

    `node` is its index in the first recording and `other` in the second, `None` where it is in none. A row for names
    may stand for many nodes (`times`).
    """

    kind: Kind
    where: str
    before: str | None = None
    after: str | None = None
    node: int | None = None
    other: int | None = None
    times: int = 1

    def __str__(self) -> str:
        if self.kind in ("added", "removed"):
            return f"{self.kind}: {', '.join(filter(None, (self.where, self.before, self.after)))}"
        more = f" ({self.times} nodes)" if self.times > 1 else ""
        where = "" if self.kind == "name" else f" of {self.where}"
        return f"{self.kind}{where}: {self.before} → {self.after}{more}"


class Comparison(msgspec.Struct, frozen=True):
    """What changed from one recording to another: first the structure, then names and memory, then gradients in the
    order of backward. True where nothing did. `pairs` are the nodes that are the same, `notes` what could not be
    compared."""

    rows: tuple[Difference, ...]
    notes: tuple[str, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()

    @property
    def same(self) -> bool:
        """Tell whether no difference was found."""
        return not self.rows

    def __bool__(self) -> bool:
        return self.same

    def __str__(self) -> str:
        return "\n".join([*map(str, self.rows or ["No difference was found."]), *self.notes])


def compare(a: Facts, b: Facts, rtol: float | None = None, atol: float | None = None) -> Comparison:
    """Tell what changed from `a` to `b`. Gradients differ where |a − b| > atol + rtol · max(|a|, |b|); without
    tolerances, those of their dtype are taken.

    Raises:
        ValueError: a tolerance is negative or no number.
    """
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value is not None and not value >= 0:
            raise ValueError(f"{name} must be a number from 0, and is {value!r}")
    one, other = lay(a.graph), lay(b.graph)
    paired = align(one, other)
    gradients, notes = _gradients(a, b, paired, rtol, atol)
    memory, more = _memory(a, b, paired)
    rows = chain(_structure(one, other, paired), _specs(one, other, paired), _names(one, other, paired), memory)
    return Comparison((*rows, *gradients), (*notes, *more), tuple(sorted(paired.items())))


def called(node: Node) -> str:
    """Name a node: the person's label, or the operation with its module and line."""
    if node.label:
        return node.label
    module = f" of {node.module}" if node.module else ""
    return f"{node.name}{module}{f' ({node.source})' if node.source else ''}"


def _structure(a: Laid, b: Laid, paired: Paired) -> Iterator[Difference]:
    back = {other: node for node, other in paired.items()}
    for index in a.order:
        if index not in paired:
            node = a.graph.nodes[index]
            yield Difference("removed", called(node), before=_spec_text(node), node=index)
    for index in b.order:
        if index not in back:
            node = b.graph.nodes[index]
            yield Difference("added", called(node), after=_spec_text(node), other=index)
    for x, y in paired.items():
        yield from _changed(a, b, (x, y), "operation", lambda laid, index: laid.graph.nodes[index].name)
        yield from _rewired(a, b, paired, back, (x, y))
    yield from _outputs(a, b, paired, back)


def _rewired(a: Laid, b: Laid, paired: Paired, back: Paired, pair: tuple[int, int]) -> Iterator[Difference]:
    """Tell where a node takes something else; what only follows from a node that came or went is told there."""
    x, y = pair
    one, other = a.graph.nodes[x], b.graph.nodes[y]
    if one.name != other.name:
        return
    ours = {slot: (index, number) for slot, index, number in a.producers[x]}
    theirs = {slot: (index, number) for slot, index, number in b.producers[y]}
    for slot in sorted(ours.keys() | theirs.keys()):
        taken, now = ours.get(slot), theirs.get(slot)
        known = (taken is None or taken[0] in paired) and (now is None or now[0] in back)
        same = taken is not None and now is not None and (paired.get(taken[0]), taken[1]) == now
        lost = (taken is None) != (now is None)
        if (known or lost) and not same:
            yield Difference("inputs", f"{called(other)}, input {slot}", _port(a, taken), _port(b, now), x, y)


def _port(laid: Laid, port: tuple[int, int] | None) -> str:
    if port is None:
        return "not followed"
    node = laid.graph.nodes[port[0]]
    return called(node) if len(node.outputs) < 2 else f"output {port[1]} of {called(node)}"


def _outputs(a: Laid, b: Laid, paired: Paired, back: Paired) -> Iterator[Difference]:
    """Tell where a traced tensor got or lost its graph, or comes from another node."""
    ours = {end.name: end for end in a.graph.outputs}
    theirs = {end.name: end for end in b.graph.outputs}
    for name in dict.fromkeys([*ours, *theirs]):
        one, other = ours.get(name), theirs.get(name)
        if one is None:
            yield Difference("added", f"the traced tensor {name}")
        elif other is None:
            yield Difference("removed", f"the traced tensor {name}")
        else:
            taken = None if one.node is None else (one.node, one.output_nr)
            now = None if other.node is None else (other.node, other.output_nr)
            known = taken is None or now is None or (taken[0] in paired and now[0] in back)
            if known and now != (None if taken is None else (paired.get(taken[0]), taken[1])):
                yield Difference("inputs", f"the traced tensor {name}", _port(a, taken), _port(b, now))


def _changed(
    a: Laid, b: Laid, pair: tuple[int, int], kind: Kind, text: Callable[[Laid, int], str]
) -> Iterator[Difference]:
    before, after = text(a, pair[0]), text(b, pair[1])
    if before != after:
        yield Difference(kind, called(b.graph.nodes[pair[1]]), before, after, *pair)


def _specs(a: Laid, b: Laid, paired: Paired) -> Iterator[Difference]:
    for pair in paired.items():
        one, other = a.graph.nodes[pair[0]], b.graph.nodes[pair[1]]
        if one.outputs != other.outputs:
            for kind in SPECS:
                yield from _changed(a, b, pair, kind, lambda laid, index, kind=kind: _spec(laid, index, kind))  # type: ignore[misc]
        if one.role != other.role:
            yield Difference("role", called(other), one.role or "none", other.role or "none", *pair)


SPECS: tuple[Kind, ...] = ("shape", "dtype", "device")


def _spec(laid: Laid, index: int, kind: Kind) -> str:
    outputs = laid.graph.nodes[index].outputs
    if kind == "shape":
        return ", ".join(quantities.brackets(output.shape) for output in outputs)
    return ", ".join(str(getattr(output, kind) or "not known") for output in outputs)


def _spec_text(node: Node) -> str:
    return ", ".join(f"{quantities.brackets(o.shape)} {o.dtype or ''}".strip() for o in node.outputs) or "no output"


def _names(a: Laid, b: Laid, paired: Paired) -> Iterator[Difference]:
    """Tell what goes by another name: labels, and modules where both recordings know them."""
    has_modules = all(any(node.module for node in laid.graph.nodes) for laid in (a, b))
    changed: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for x, y in sorted(paired.items(), key=lambda pair: pair[1]):
        one, other = a.graph.nodes[x], b.graph.nodes[y]
        names = (one.label, other.label)
        if names == (None, None) and has_modules:
            names = (one.module, other.module)
        if names[0] != names[1]:
            changed.setdefault((names[0] or "none", names[1] or "none"), []).append((x, y))
    for renaming in renamings(changed):
        first = changed[renaming.names[0]][0]
        times = sum(len(changed[names]) for names in renaming.names)
        yield Difference("name", renaming.after, renaming.before, renaming.after, *first, times)


def _memory(a: Facts, b: Facts, paired: Paired) -> tuple[list[Difference], list[str]]:
    """Compare what backward keeps: in all, each storage once, and what each node keeps."""
    if a.saved is None or b.saved is None:
        return [], []
    before, after = (sum(storage.bytes for storage in facts.saved or ()) for facts in (a, b))
    rows = []
    if before != after:
        rows.append(Difference("saved", "all that backward keeps", _bytes(before), _bytes(after)))
    ours, theirs = _kept(a), _kept(b)
    for x, y in paired.items():
        if ours.get(x, 0) != theirs.get(y, 0):
            where = called(b.graph.nodes[y])
            rows.append(Difference("saved", where, _bytes(ours.get(x, 0)), _bytes(theirs.get(y, 0)), x, y))
    return rows, []


def _bytes(count: int) -> str:
    return f"{quantities.count(count)} B"


def _kept(facts: Facts) -> dict[int, int]:
    kept: dict[int, int] = {}
    for storage in facts.saved or ():
        for node in storage.nodes:
            kept[node] = kept.get(node, 0) + storage.bytes
    return kept


def _gradients(
    a: Facts, b: Facts, paired: Paired, rtol: float | None, atol: float | None
) -> tuple[list[Difference], list[str]]:
    """Compare gradients in the order of backward, so that the first row is where a difference begins."""
    if a.gradients is None or b.gradients is None:
        lacking = a.gradients is not None or b.gradients is not None
        return [], ["Gradients were not compared, since one of the recordings holds none."] if lacking else []
    ours = {(gradient.node, gradient.output_nr): gradient for gradient in a.gradients}
    back = {other: node for node, other in paired.items()}
    couples = [
        (ours[key], gradient)
        for gradient in reversed(b.gradients)
        if (key := (back.get(gradient.node, -1), gradient.output_nr)) in ours
    ]
    within = tolerances(a, b, rtol, atol)
    rows = []
    for one, other in couples:
        texts = gradients_apart(one, other, within)
        if texts is not None:
            where = called(b.graph.nodes[other.node])
            rows.append(Difference("gradient", other.name or where, *texts, one.node, other.node))
    left = not_compared(couples)
    return rows, [f"Not compared, since not measured: {left} gradient{'' if left == 1 else 's'}."] if left else []


def gradients_apart(one: Gradient, other: Gradient, within: Mapping[str | None, Tolerance]) -> tuple[str, str] | None:
    """Say in what two gradients differ, before and after; `None`: in nothing that is known."""
    texts = _states_apart(one, other)
    if texts is None and one.state == other.state == "measured" and one.shape == other.shape:
        texts = apart(one, other, max(within[one.dtype], within[other.dtype]))
    return texts


def _states_apart(a: Gradient, b: Gradient) -> tuple[str, str] | None:
    if a.state == b.state or "not measured" in (a.state, b.state):
        return None
    texts = {"none": "nothing flows here", "measured": "a gradient flows here"}
    return texts[a.state], texts[b.state]
