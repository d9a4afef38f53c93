"""Cuts a graph into runs: operations that ran one after another in one module, blocks alike laid on each other."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from tracer.analysis.alike import Repeat, repeats
from tracer.graph import Graph, Node

Path = tuple[str, ...]
ANY = "#"


class Run(NamedTuple):
    """Operations that ran one after another in one module; of blocks alike, `path` is that of the first. `alone` says
    that it is one operation of a module that was opened."""

    operations: tuple[int, ...]
    path: Path
    last: Path
    repeats: int = 1
    region: int = 0
    alone: bool = False


class Shown(NamedTuple):
    """Which modules are told apart: those of paths of up to `level` names (`None`: as many as fit), and the parts of
    those that were `opened`; a "#" in one of their paths stands for any number."""

    level: int | None
    opened: frozenset[Path] = frozenset()

    def opens(self, path: Path) -> bool:
        """Tell whether a module was opened."""
        return path in self.opened or any(fits(pattern, path) for pattern in self.opened if ANY in pattern)

    def box_of(self, path: Path, level: int) -> tuple[Path, bool]:
        """Give the path of the box that an operation with this path is in, and whether the operation is alone in it."""
        depth = level
        while depth <= len(path) and self.opens(path[:depth]):
            depth += 1
        return path[:depth], self.opens(path)


def fits(pattern: Path, path: Path) -> bool:
    """Tell whether a path is one of those that a pattern means: "#" is any number."""
    return len(pattern) == len(path) and all(
        one == other or (one == ANY and other.isdigit()) for one, other in zip(pattern, path, strict=True)
    )


def path_of(module: str | None) -> Path:
    """Split the path of a module into names; an operation outside of modules has none."""
    return tuple(module.split(".")) if module else ()


def execution_order(graph: Graph) -> list[int]:
    """List the operations in the order in which they ran; inputs first where that order is not known."""
    operations = [node.index for node in graph.nodes if node.kind == "operation"]
    numbers = [node.sequence for node in graph.nodes]
    if any(numbers[index] is None for index in operations):
        return operations
    ran = sorted(operations, key=lambda index: numbers[index] or 0)
    rank = dict(zip(ran, range(len(ran)), strict=True))
    consistent = all(rank.get(e.producer, -1) < rank[e.consumer] for e in graph.edges if e.consumer in rank)
    return ran if consistent else operations


def homes_of(graph: Graph, order: Sequence[int], most: int) -> dict[int, int]:
    """Give each leaf that is not worth a card of its own the operation that it is folded into: the first to use it.

    An input keeps its card, and so does a parameter that several operations use, unless there are too many of them.
    """
    rank = dict(zip(order, range(len(order)), strict=True))
    users: dict[int, set[int]] = {}
    for edge in graph.edges:
        if graph.nodes[edge.producer].kind == "leaf":
            users.setdefault(edge.producer, set()).add(edge.consumer)
    first = {leaf: min(all_, key=rank.__getitem__) for leaf, all_ in users.items()}
    shown = {leaf for leaf, all_ in users.items() if graph.nodes[leaf].role == "input" or len(all_) > 1}
    return first if len(shown) > most // 3 else {leaf: op for leaf, op in first.items() if leaf not in shown}


def free_leaves(graph: Graph, homes: dict[int, int]) -> int:
    """Count the leaves that keep a card of their own."""
    return sum(node.kind == "leaf" for node in graph.nodes) - len(homes)


def fitting(graph: Graph, order: Sequence[int], homes: dict[int, int], most: int, shown: Shown) -> list[Run]:
    """Give the runs of the level of modules that is asked for, or of the deepest that fits; fold chains where there
    are still too many, then stretches."""
    deepest = max((len(path_of(graph.nodes[index].module)) for index in order), default=0)
    levels = range(deepest, min(deepest, 1) - 1, -1) if shown.level is None else [shown.level]
    for level in levels:
        runs = _alike(graph, _runs(graph, order, level, shown), homes)
        if len(runs) <= most:
            break
    if len(runs) > most:
        runs = _chains(graph, runs)
    return runs if len(runs) <= most or shown.level is not None else _stretches(runs, most)


def _runs(graph: Graph, order: Sequence[int], level: int, shown: Shown) -> list[Run]:
    """Cut the order of execution where the module changes, or where it is called again; an operation outside of modules
    is a run of its own, and so is one of a module that was opened."""
    paths = {index: path_of(graph.nodes[index].module) for index in order}
    places = {path: shown.box_of(path, level) for path in set(paths.values())}
    boxes = {index: places[path] for index, path in paths.items()}
    holding = {path for index, (path, _) in boxes.items() if path != paths[index]}  # modules with their parts inside

    def key(index: int) -> tuple[Path, bool, int | None]:
        path, alone = boxes[index]
        by_itself = alone or not path
        return path, alone, index if by_itself else None if path in holding else graph.nodes[index].call

    runs = []
    for (path, alone, _), group in groupby(order, key=key):
        runs.append(Run(tuple(group), path, path, alone=alone))
    return runs


def _alike(graph: Graph, runs: Sequence[Run], homes: dict[int, int]) -> list[Run]:
    """Lay blocks that repeat on top of each other: the j-th runs of all of them become one."""
    leaves: dict[int, list[int]] = {}
    for leaf, operation in homes.items():
        leaves.setdefault(operation, []).append(leaf)
    looks = _looks(graph.nodes, runs, leaves)
    laid = []
    for region, (start, period, times) in enumerate(repeats(looks, lambda repeat: _whole(runs, repeat))):
        for offset in range(start, start + period):
            same = runs[offset : offset + period * times : period]
            operations = tuple(index for run in same for index in run.operations)
            laid.append(Run(operations, same[0].path, same[-1].last, times, region, same[0].alone))
    return laid


def _whole(runs: Sequence[Run], repeat: Repeat) -> bool:
    """Tell whether a repeat is one of whole blocks, as blocks.0 to blocks.11, or one of loose operations.

    Loose operations are worth it from three times on.
    """
    start, period, times = repeat
    first, second = runs[start].path, runs[start + period].path
    differ = [at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b]
    if not differ:
        return times > 2
    block = first[: differ[0] + 1]
    before = runs[start - 1].path[: len(block)] if start else ()
    return before != block and all(run.path[: len(block)] == block for run in runs[start : start + period])


def _looks(nodes: Sequence[Node], runs: Sequence[Run], leaves: dict[int, list[int]]) -> list[tuple[object, ...]]:
    """Describe runs so that blocks alike look the same: the path without numbers, the operations and all shapes."""
    known: dict[object, int] = {}
    kinds = [
        known.setdefault((node.name, node.outputs[0].shape if node.outputs else None), len(known)) for node in nodes
    ]
    masked = {path: tuple(ANY if part.isdigit() else part for part in path) for path in {run.path for run in runs}}
    looks: list[tuple[object, ...]] = []
    for run in runs:
        every = [kinds[index] for index in run.operations]
        every += [kinds[leaf] for index in run.operations for leaf in leaves.get(index, ())]
        every.sort()
        looks.append((masked[run.path], run.alone, tuple(every)))
    return looks


def _chains(graph: Graph, runs: Sequence[Run]) -> list[Run]:
    """Join runs outside of modules that hand one value on to the next, and to nothing else."""
    at = {index: number for number, run in enumerate(runs) for index in run.operations}
    pairs = {(at[e.producer], at[e.consumer]) for e in graph.edges if e.producer in at and e.consumer in at}
    outs, ins = Counter(a for a, b in pairs if a != b), Counter(b for a, b in pairs if a != b)
    chains: list[list[Run]] = []
    for number, run in enumerate(runs):
        handed_on = (number - 1, number) in pairs and outs[number - 1] == 1 and ins[number] == 1
        plain = number > 0 and not (run.path or runs[number - 1].path) and run.region != runs[number - 1].region
        if handed_on and plain:
            chains[-1].append(run)
        else:
            chains.append([run])
    return [_joined(chain) for chain in chains]


def _stretches(runs: Sequence[Run], most: int) -> list[Run]:
    size = math.ceil(len(runs) / most)
    return [_joined(runs[start : start + size]) for start in range(0, len(runs), size)]


def _joined(runs: Sequence[Run]) -> Run:
    if len(runs) == 1:
        return runs[0]
    return Run(tuple(index for run in runs for index in run.operations), (), (), 1, -1)
