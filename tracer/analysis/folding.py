"""Folds a graph that is too large to read: operations into their modules, blocks alike into one, chains into one."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, TypeVar

import msgspec

from tracer.analysis.runs import (
    ANY,
    Path,
    Run,
    Shown,
    execution_order,
    fits,
    fitting,
    free_leaves,
    homes_of,
    path_of,
)
from tracer.errors import TracerError
from tracer.facts import Facts, Gradient
from tracer.graph import Edge, Graph, Node

MOST, READABLE = 60, 32  # nodes that are drawn as they are; boxes that a larger graph is folded to

Key = TypeVar("Key", Path, int)
Level = int | Literal["auto", "all"]


class Fold(msgspec.Struct, frozen=True):
    """How far a graph is folded.

    `level` is how many names of a module's path are told apart: at 2, layer1.0.conv1 is part of the box layer1.0.
    With "auto" it is the deepest at which there are `readable` boxes or fewer, and a graph of at most `most` nodes is
    not folded; with "all" none is. The modules in `opened`, and those around them, show their own parts, and one
    without parts its operations; "blocks.#" opens all blocks of that name and a number.
    """

    level: Level = "auto"
    opened: tuple[str, ...] = ()
    most: int = MOST
    readable: int = READABLE


AUTO = Fold()


class Box(msgspec.Struct, frozen=True):
    """What is drawn as one card: a node, or a group of `nodes` under a `title` (`None` for a node by itself).

    `operations` counts the group's operations, `parameters` the elements of its parameters, `norm` is the Euclidean
    norm of all their gradients together (`None` where one was not measured). `repeats` blocks alike are in it. Opening
    the module `opens` shows what is inside. Where a loop is rolled up, `shown` is the node of the pass that is shown.
    """

    nodes: tuple[int, ...]
    title: str | None = None
    module: str | None = None
    operations: int = 0
    parameters: int = 0
    norm: float | None = None
    repeats: int = 1
    shown: int | None = None
    opens: str | None = None


class Link(msgspec.Struct, frozen=True):
    """All `edges` from one box to another; where a loop is rolled up, `drawn` are those of the pass that is shown, and
    `words` say which passes have one."""

    producer: int
    consumer: int
    edges: tuple[int, ...]
    drawn: tuple[int, ...] = ()
    words: str = ""


class Frame(msgspec.Struct, frozen=True):
    """A module whose `boxes`, first and one past the last, are drawn inside a frame; `repeats` alike are drawn once.
    It may be a loop of a program too, with its passes."""

    title: str
    boxes: tuple[int, int]
    repeats: int = 1
    of: str = "alike"


class Folded(msgspec.Struct, frozen=True):
    """A graph as boxes, inputs first, the links between them and the frames around them. What a rolled loop hands
    on to its next pass `returns`: from a box to one above it, or to itself; `shows` says which pass is shown."""

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    frames: tuple[Frame, ...] = ()
    folded: bool = False
    returns: tuple[Link, ...] = ()
    shows: str = ""


def fold(facts: Facts, how: Fold = AUTO) -> Folded:
    """Fold a graph: parameters into the operation that uses them, operations into their module, down to a level.

    Blocks alike are drawn once. Without modules, or if that is not enough, chains and then, with "auto", stretches are
    folded.

    Raises:
        ValueError: the level is none.
        TracerError: a module that is to be opened is not in the graph.
    """
    graph = facts.graph
    _refuse_unknown(graph, how)
    if how.level == "all" or (how.level == "auto" and not how.opened and len(graph.nodes) <= how.most):
        return Folded(tuple(Box((node.index,)) for node in graph.nodes), _links(graph, range(len(graph.nodes))))
    order = execution_order(graph)
    homes = homes_of(graph, order, how.readable)
    opened = {path[:depth] for path in map(path_of, how.opened) for depth in range(1, len(path) + 1)}
    shown = Shown(None if how.level == "auto" else how.level, frozenset(opened))
    runs = fitting(graph, order, homes, max(how.readable - free_leaves(graph, homes), 1), shown)
    return _boxes(facts, runs, homes)


def _refuse_unknown(graph: Graph, how: Fold) -> None:
    if how.level not in ("auto", "all") and (
        isinstance(how.level, bool) or not isinstance(how.level, int) or how.level < 1
    ):
        raise ValueError(f'level must be "auto", "all" or a whole number from 1, and is {how.level!r}')
    if not how.opened:
        return
    modules = {node.module for node in graph.nodes if node.module}
    known = {".".join(path[:depth]) for path in map(path_of, modules) for depth in range(1, len(path) + 1)}
    for name in how.opened:
        pattern = path_of(name)
        if name not in known and not (ANY in pattern and any(fits(pattern, path_of(one)) for one in known)):
            near = difflib.get_close_matches(name, sorted(known), n=1)
            where = "Record while the model runs, so that modules are known" if not known else ""
            cure = f"Did you mean “{near[0]}”?" if near else where or f"Name one such as “{min(known)}”"
            raise TracerError(f"No operation of this graph ran in a module “{name}”", "opened", cure)


def _boxes(facts: Facts, runs: Sequence[Run], homes: dict[int, int]) -> Folded:
    """Make the boxes: each run with the leaves folded into it, and before it the leaves that keep their own card."""
    nodes, edges = facts.graph.nodes, facts.graph.edges
    gradients = {g.node: g for g in facts.gradients or () if nodes[g.node].kind == "leaf"}
    inside, before = _leaves(nodes, edges, runs, homes)
    boxes: list[Box] = []
    places: list[int] = []
    for number, run in enumerate(runs):
        boxes += [Box((leaf,)) for leaf in before.get(number, ())]
        places.append(len(boxes))
        boxes.append(_box(nodes, gradients, run, inside.get(number, ())))
    box_of = {node: number for number, box in enumerate(boxes) for node in box.nodes}
    links = _links(facts.graph, [box_of.get(node.index, -1) for node in nodes])
    return Folded(tuple(boxes), links, tuple(_frames(runs, places)), True)


def _leaves(
    nodes: Sequence[Node], edges: Sequence[Edge], runs: Sequence[Run], homes: dict[int, int]
) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Give for each run the leaves inside it, and those that are drawn before it since it uses them first."""
    run_of = {index: number for number, run in enumerate(runs) for index in run.operations}
    inside: dict[int, list[int]] = {}
    for leaf, operation in homes.items():
        inside.setdefault(run_of[operation], []).append(leaf)
    first: dict[int, int] = {}
    for edge in edges:
        if nodes[edge.producer].kind == "leaf" and edge.producer not in homes:
            first[edge.producer] = min(first.get(edge.producer, len(runs)), run_of[edge.consumer])
    before: dict[int, list[int]] = {}
    for node in nodes:
        if node.kind == "leaf" and node.index not in homes:
            before.setdefault(_outside(runs, first.get(node.index, 0)), []).append(node.index)
    return inside, before


def _outside(runs: Sequence[Run], number: int) -> int:
    """Give the first run of the repeat that a run is in: what all repeats share stands before them."""
    while number and runs[number].repeats > 1 and runs[number - 1].region == runs[number].region:
        number -= 1
    return number


def _box(nodes: Sequence[Node], gradients: dict[int, Gradient], run: Run, leaves: Sequence[int]) -> Box:
    if len(run.operations) == 1 and not leaves and (run.alone or not run.path):
        return Box(run.operations)
    norms = [gradients[leaf].statistics for leaf in leaves if leaf in gradients and gradients[leaf].state != "none"]
    known = bool(norms) and all(leaf in gradients for leaf in leaves)
    squares = [norm.norm**2 for norm in norms if norm is not None]
    return Box(
        nodes=(*leaves, *run.operations),
        title=span(run.path, run.last, run.repeats),
        module=".".join(run.path) or None,
        operations=len(run.operations),
        parameters=sum(math.prod(nodes[leaf].shape or ()) for leaf in leaves),
        norm=math.sqrt(sum(squares)) if known and len(squares) == len(norms) else None,
        repeats=run.repeats,
        opens=_opening(run),
    )


def _opening(run: Run) -> str | None:
    """Name what is to be opened to see inside of a run: of blocks alike, all of them."""
    pairs = zip(run.path, run.last, strict=False)
    return ".".join(ANY if a != b and a.isdigit() and b.isdigit() else a for a, b in pairs) or None


def span(first: Path, last: Path, times: int) -> str:
    """Name blocks alike by the first and the last: blocks.0 and blocks.11 are "blocks.0–11"."""
    differ = [number for number, (a, b) in enumerate(zip(first, last, strict=False)) if a != b]
    if times == 1 or not differ:
        return ".".join(first)
    at = differ[0]
    if len(differ) == 1 and first[at].isdigit() and last[at].isdigit():
        return ".".join((*first[:at], f"{first[at]}–{last[at]}", *first[at + 1 :]))
    return f"{'.'.join(first)} … {'.'.join(last)}"


def _links(graph: Graph, box_of: Sequence[int]) -> tuple[Link, ...]:
    """Join the edges between each two boxes. From one repeat to the next they would go back up, and are left out."""
    links: dict[tuple[int, int], list[int]] = {}
    for number, edge in enumerate(graph.edges):
        ends = box_of[edge.producer], box_of[edge.consumer]
        if ends[0] < ends[1]:
            links.setdefault(ends, []).append(number)
    return tuple(Link(*ends, tuple(edges)) for ends, edges in sorted(links.items()))


def _frames(runs: Sequence[Run], places: Sequence[int]) -> Iterator[Frame]:
    """Give, outermost first, a frame for each stretch of at least two runs in one module, or in one repeated block."""
    found: dict[tuple[int, int], Frame] = {}
    for depth in range(1, max((len(run.path) for run in runs), default=0) + 1):
        for key, start, end in _stretch([run.path[:depth] if len(run.path) >= depth else () for run in runs]):
            if key and end - start > 1:
                first, last = runs[start].path[:depth], runs[start].last[:depth]
                times = runs[start].repeats if first != last else 1
                found[start, end] = Frame(span(first, last, times), (places[start], places[end - 1] + 1), times)
    for _, start, end in _stretch([run.region for run in runs]):
        if end - start > 1 and runs[start].repeats > 1 and (start, end) not in found:
            found[start, end] = Frame("", (places[start], places[end - 1] + 1), runs[start].repeats)
    yield from sorted(found.values(), key=lambda frame: (frame.boxes[0], -frame.boxes[1]))


def _stretch(keys: Sequence[Key]) -> Iterator[tuple[Key, int, int]]:
    """Give each stretch of equal keys with its start and one past its end."""
    start = 0
    for key, group in groupby(keys):
        end = start + sum(1 for _ in group)
        yield key, start, end
        start = end
