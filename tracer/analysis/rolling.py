"""Rolls the loops of a program up: what a line recorded in all passes is one box, which shows one pass."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

import msgspec

from tracer.analysis.folding import Box, Fold, Folded, Frame, Link, fold
from tracer.analysis.loops import rolled
from tracer.facts import Facts
from tracer.graph import Edge, Graph
from tracer.quantities import count
from tracer.values import Loop, Turn


class Roll(msgspec.Struct, frozen=True):
    """Loops rolled up, showing a pass (from 1; 0 is the last) of the loop on a line (0: the first that recorded)."""

    line: int = 0
    turn: int = 0


class Pass(NamedTuple):
    """A pass of the loop on a line, and its numbers of autograd's sequence: from `start` up to `end`."""

    line: int
    number: int
    start: int
    end: int


def folded(facts: Facts, how: Fold | Roll) -> Folded:
    """Fold a graph by its modules, or roll up its loops."""
    return roll(facts, how) if isinstance(how, Roll) else fold(facts, how)


def passes(loop: Loop) -> tuple[Pass, ...]:
    """List the passes of a loop that are known one by one."""
    return tuple(
        Pass(loop.line, after.number, before.at, after.at)
        for before, after in itertools.pairwise(loop.turns)
        if after.number == before.number + 1
    )


def recording(loops: Sequence[Loop], graph: Graph) -> tuple[Loop, ...]:
    """List the loops whose passes made nodes of the graph."""
    return tuple(loop for loop in loops if pass_of(loop, graph))


def pass_of(loop: Loop, graph: Graph) -> dict[int, int]:
    """Give for each node that a loop made the pass that made it."""
    every = passes(loop)
    starts, found = [one.start for one in every], {}
    for node in graph.nodes:
        at = -1 if node.sequence is None else bisect.bisect_right(starts, node.sequence) - 1
        if at >= 0 and (node.sequence or 0) < every[at].end:
            found[node.index] = every[at].number
    return found


def made_in(loop: Loop, number: int, graph: Graph) -> tuple[int, ...]:
    """List the nodes that a pass of a loop made."""
    return tuple(index for index, turn in pass_of(loop, graph).items() if turn == number)


def turns_of(facts: Facts) -> dict[int, int]:
    """Give for each node that loops made the pass that made it, of the innermost loop."""
    return {index: number for loop in facts.loops for index, number in pass_of(loop, facts.graph).items()}


def ended(loop: Loop, number: int) -> Turn | None:
    """Give the turn after a pass; `None` where it is not known."""
    return next((turn for turn in loop.turns if turn.number == number and not turn.begins), None)


def roll(facts: Facts, how: Roll) -> Folded:
    """Roll the loops of a program up.

    An operation of a line is one box with all the nodes that it recorded, and shows that of the chosen pass, or the
    last before it ended. Each node is in one box and each edge in one link; what goes on to the next pass `returns`.
    """
    graph = facts.graph
    loops = recording(facts.loops, graph)
    turns = {loop: pass_of(loop, graph) for loop in loops}
    shown = _shown(loops, how)
    boxes = [Box(nodes, repeats=len(nodes), shown=_of_pass(graph, nodes, shown)) for nodes in _operations(graph)]
    spans = [(loop, *found) for loop in loops if (found := _span(graph, boxes, loop))]
    order, places = _with_leaves(graph, boxes, [(start, end) for _, start, end in spans])
    frames = [
        Frame(loop.text, (places[start], places[end - 1] + 1), len(set(turns[loop].values())), "passes")
        for loop, start, end in spans
    ]
    frames.sort(key=lambda frame: (frame.boxes[0], -frame.boxes[1]))
    joined = list(_links(graph, order, turns_of(facts)))
    down, up = ([link for link in joined if (link.producer < link.consumer) is way] for way in (True, False))
    words = f"showing pass {count(shown.number)} of the loop on line {shown.line}" if shown else ""
    return Folded(tuple(order), tuple(down), tuple(frames), True, tuple(up), words)


def _shown(loops: Sequence[Loop], how: Roll) -> Pass | None:
    """Find the pass that is to be shown; one beyond the last is the last."""
    loop = next((loop for loop in loops if loop.line == how.line), loops[0] if loops else None)
    found = passes(loop) if loop else ()
    return next((one for one in found if one.number == how.turn), found[-1] if found else None)


def _operations(graph: Graph) -> Iterator[tuple[int, ...]]:
    """Group the operations by line and place in the line, in the order in which they first ran."""
    groups = [row.nodes for row in rolled(graph)]
    known = {index for nodes in groups for index in nodes}
    alone = [(node.index,) for node in graph.nodes if node.kind == "operation" and node.index not in known]
    yield from sorted([*groups, *alone], key=lambda nodes: (graph.nodes[nodes[0]].sequence or 0, nodes[0]))


def _of_pass(graph: Graph, nodes: Sequence[int], shown: Pass | None) -> int:
    """Choose the node of a box: the last that was made by the end of the pass, else the first of all."""
    end = shown.end if shown else math.inf
    return next((index for index in reversed(nodes) if (graph.nodes[index].sequence or 0) < end), nodes[0])


def _span(graph: Graph, boxes: Sequence[Box], loop: Loop) -> tuple[int, int] | None:
    """Give the stretch of boxes that a loop made; `None` where they do not stand together."""
    start, end = loop.turns[0].at, loop.turns[-1].at
    inside = [
        number
        for number, box in enumerate(boxes)
        if all(start <= (graph.nodes[index].sequence or 0) < end for index in box.nodes)
    ]
    whole = inside == list(range(inside[0], inside[-1] + 1)) if inside else False
    return (inside[0], inside[-1] + 1) if whole else None


def _with_leaves(
    graph: Graph, boxes: Sequence[Box], spans: Sequence[tuple[int, int]]
) -> tuple[list[Box], dict[int, int]]:
    """Put each leaf before the box that first uses it, outside of all loops; give the new places of the boxes too."""
    box_of = {index: number for number, box in enumerate(boxes) for index in box.nodes}
    first: dict[int, int] = {}
    for edge in graph.edges:
        if graph.nodes[edge.producer].kind == "leaf" and edge.consumer in box_of:
            first[edge.producer] = min(first.get(edge.producer, len(boxes)), box_of[edge.consumer])
    before: dict[int, list[int]] = {}
    for node in graph.nodes:
        if node.kind == "leaf":
            at = first.get(node.index, 0)
            at = min([at, *(start for start, end in spans if start <= at < end)])
            before.setdefault(at, []).append(node.index)
    order, places = list[Box](), dict[int, int]()
    for number in range(len(boxes) + 1):
        order += [Box((leaf,)) for leaf in before.get(number, ())]
        if number < len(boxes):
            places[number] = len(order)
            order.append(boxes[number])
    return order, places


def _links(graph: Graph, boxes: Sequence[Box], turns: Mapping[int, int]) -> Iterator[Link]:
    """Join the edges between each two boxes, and choose those of them that are drawn: into the node that is shown."""
    box_of = {index: number for number, box in enumerate(boxes) for index in box.nodes}
    between: dict[tuple[int, int], list[int]] = {}
    for number, edge in enumerate(graph.edges):
        between.setdefault((box_of[edge.producer], box_of[edge.consumer]), []).append(number)
    for (tail, head), edges in sorted(between.items()):
        rows = [graph.edges[number] for number in edges]
        near = _nearest({edge.consumer for edge in rows}, boxes[head])
        drawn = tuple(number for number in edges if graph.edges[number].consumer == near)
        words = _next(rows) if tail >= head else _words(rows, boxes[tail], boxes[head], turns)
        yield Link(tail, head, tuple(edges), drawn, words)


def _nearest(consumers: Set[int], head: Box) -> int:
    """Choose the consumer whose edges are drawn: the one that is shown, else the nearest before it, else the first."""
    until = head.nodes.index(head.shown) + 1 if head.shown is not None else len(head.nodes)
    nodes = (*reversed(head.nodes[:until]), *head.nodes[until:])
    return next(index for index in nodes if index in consumers)


def _next(edges: Sequence[Edge]) -> str:
    return f"next pass × {count(len({edge.consumer for edge in edges}))}"


def _words(edges: Sequence[Edge], tail: Box, head: Box, turns: Mapping[int, int]) -> str:
    """Say which passes an edge is of that goes into a loop, or comes out of it; nothing where all have theirs."""
    into, out = {edge.consumer for edge in edges}, {edge.producer for edge in edges}
    if head.repeats > tail.repeats and len(into) < head.repeats:
        return _these("into", [turns.get(index, 0) for index in into])
    if tail.repeats > head.repeats and len(out) < tail.repeats:
        return _these("from", [turns.get(index, 0) for index in out])
    return ""


def _these(word: str, numbers: Sequence[int]) -> str:
    if len(numbers) > 1:
        return f"{word} {count(len(numbers))} passes"
    return f"{word} pass {count(numbers[0])}" if numbers[0] else f"{word} a later pass"
