"""What was cut off from a graph: each cut with the operations that used what it gave, and the leaves behind it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence

import torch

from tracer.capture.cuts import CHECKPOINT, Found, LiveCut
from tracer.capture.lines import source
from tracer.capture.names import Named, variable
from tracer.capture.notes import Notes
from tracer.capture.walk import Walked
from tracer.facts import Cut
from tracer.graph import Edge, Node

Ends = Sequence[tuple[str, torch.Tensor]]


def told(
    notes: Notes, walked: Walked, nodes: Sequence[Node], ends: Ends, named: Sequence[Named] = ()
) -> tuple[Cut, ...]:
    """Tell of the cuts behind a graph and its traced tensors, in the order in which they happened; a value that left
    torch is told of as well, since it may have come back. `behind` of each are the places in `named`; empty where reads
    were not followed."""
    reads = notes.cuts.reads
    behind = {} if reads is None else reads.behind
    bits = [] if reads is None else [reads.bit(item.tensor) for item in named]
    reached = _Reached(nodes, walked.edges)
    began = _began(notes, walked, nodes) if notes.cuts.carried else {}
    gave: defaultdict[LiveCut, list[int]] = defaultdict(list)
    for number, item in enumerate(named):
        for cut in () if item.role == "buffer" or item.tensor.requires_grad else notes.cuts.reaching(item.tensor):
            gave[cut].append(number)
    became: defaultdict[LiveCut, list[str]] = defaultdict(list)
    for name, tensor in ends:
        for cut in notes.cuts.reaching(tensor):
            became[cut].append(name)
    every = (
        Cut(
            operation=cut.operation,
            kind=cut.kind,
            module=notes.path(cut.call),
            source=None if cut.line is None else source(cut.line),
            times=cut.times,
            nodes=tuple(sorted({*reached.nodes(cut.spans), *began.get(cut, ())})),
            outputs=tuple(became[cut]),
            behind=tuple(number for number, bit in enumerate(bits) if behind.get(cut, 0) & bit),
            gave=tuple(gave[cut]),
        )
        for cut in notes.cuts
    )
    return tuple(cut for cut in every if cut.nodes or cut.outputs or cut.gave or _may_matter(cut))


def _began(notes: Notes, walked: Walked, nodes: Sequence[Node]) -> dict[LiveCut, set[int]]:
    """Find the operations that used what a cut gave where that has become a leaf of its own, as by requires_grad_()."""
    leaves: dict[int, Found] = {}
    for node in nodes:
        tensor = variable(walked.nodes[node.index]) if node.kind == "leaf" else None
        if tensor is not None and (cuts := notes.cuts.reaching(tensor)):
            leaves[node.index] = cuts
    found: defaultdict[LiveCut, set[int]] = defaultdict(set)
    for edge in walked.edges if leaves else ():
        for cut in leaves.get(edge.producer, ()):
            found[cut].add(edge.consumer)
    return found


def _may_matter(cut: Cut) -> bool:
    """Tell whether a cut that nothing known came of is told all the same."""
    return cut.kind == "left torch" or (cut.operation == CHECKPOINT and bool(cut.behind))


class _Reached:
    """Finds nodes by autograd's numbers; of an operation that recorded several, those with an input without an edge."""

    def __init__(self, nodes: Sequence[Node], edges: Sequence[Edge]) -> None:
        tracked = Counter(edge.consumer for edge in edges)
        numbered = sorted((node.sequence, node.index) for node in nodes if node.sequence is not None)
        self._numbers = [number for number, _ in numbered]
        self._nodes = [index for _, index in numbered]
        self._open = {node.index for node in nodes if node.slots > tracked[node.index]}

    def nodes(self, spans: Sequence[tuple[int, int]]) -> tuple[int, ...]:
        found: set[int] = set()
        for start, end in spans:
            here = self._nodes[bisect_left(self._numbers, start) : bisect_left(self._numbers, end)]
            found.update([index for index in here if index in self._open] or here)
        return tuple(sorted(found))
