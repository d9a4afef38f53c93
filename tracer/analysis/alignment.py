"""Aligns two graphs: which node of the one is which of the other.

Node indices say nothing, since one operation more moves them all. So both graphs are laid out in the order in which
they ran, and compared twice: by the names that people gave (labels, modules, calls; of programs also by their lines),
and by structure alone (an inserted layer moves the numbers in all names after it). The reading that leaves less
unexplained is taken.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, TypeAlias

from tracer.analysis.matching import Pairs, gaps, matched
from tracer.analysis.runs import execution_order
from tracer.graph import Graph, Node

Port: TypeAlias = tuple[int, int, int]  # the slot of the consumer, the node at the other end, which output it is
Paired: TypeAlias = dict[int, int]  # a node of the one graph → the node of the other that it is


class Laid(NamedTuple):
    """A graph laid out: its nodes in the order in which they ran, each leaf before what first uses it, and for each
    node what it takes (`producers`), the names of the leaves among that (`fed`), and who takes what it gives
    (`consumers`)."""

    graph: Graph
    order: Sequence[int]
    producers: Sequence[Sequence[Port]]
    consumers: Sequence[Sequence[Port]]
    fed: Sequence[tuple[str, ...]]


def lay(graph: Graph) -> Laid:
    """Lay a graph out."""
    producers: list[list[Port]] = [[] for _ in graph.nodes]
    consumers: list[list[Port]] = [[] for _ in graph.nodes]
    for edge in graph.edges:
        producers[edge.consumer].append((edge.slot, edge.producer, edge.output_nr))
        consumers[edge.producer].append((edge.slot, edge.consumer, edge.output_nr))
    order: dict[int, None] = {}
    for operation in execution_order(graph):
        for _, producer, _ in producers[operation]:
            if graph.nodes[producer].kind == "leaf":
                order[producer] = None
        order[operation] = None
    for node in graph.nodes:
        order[node.index] = None  # a leaf that is traced itself
    fed = [tuple(label for _, leaf, _ in ports if (label := graph.nodes[leaf].label)) for ports in producers]
    return Laid(graph, list(order), producers, consumers, fed)


def align(a: Laid, b: Laid) -> Paired:
    """Pair each node of `a` with the node of `b` that it is; those without one are in no pair."""
    by_name = _read(a, b, _BY_NAME)
    if _is_program(a.graph) and _is_program(b.graph):
        by_line = _read(a, b, _BY_LINE)
        by_name = min(by_name, by_line, key=lambda paired: _unexplained(a.graph, b.graph, paired, renamed=0.5))
    left = _unexplained(a.graph, b.graph, by_name)
    if not left:
        return by_name
    by_structure = _read(a, b, _BY_STRUCTURE)
    return by_structure if _unexplained(a.graph, b.graph, by_structure) < left else by_name


Key: TypeAlias = Callable[[Laid, Node], Hashable]


def _read(a: Laid, b: Laid, keys: Sequence[Key]) -> Paired:
    pairs: Pairs = []
    for key in keys:
        for start_a, end_a, start_b, end_b in gaps(pairs, len(a.order), len(b.order)):
            ones = [key(a, a.graph.nodes[index]) for index in a.order[start_a:end_a]]
            others = [key(b, b.graph.nodes[index]) for index in b.order[start_b:end_b]]
            pairs += [(start_a + i, start_b + j) for i, j in matched(ones, others)]
        pairs.sort()
    paired = {a.order[i]: b.order[j] for i, j in pairs}
    _moved(a, b, paired)
    _neighbours(a, b, paired)
    return paired


def _takes(laid: Laid, node: Node) -> tuple[int, ...]:
    return (node.slots, *(slot for slot, _, _ in laid.producers[node.index]))


@functools.lru_cache(100_000)
def generic(name: str | None) -> str | None:
    """Write a path without its numbers: "blocks.3.weight" is "blocks.#.weight"."""
    return name and re.sub(r"(?<![^.])\d+(?![^.])", "#", name)


def _named_alike(laid: Laid, node: Node) -> Hashable:
    return node.label, laid.fed[node.index], node.module, node.call, node.name, node.outputs, _takes(laid, node)


def _named(laid: Laid, node: Node) -> Hashable:
    return node.label, laid.fed[node.index], node.module, node.call, node.name


def _built_alike(laid: Laid, node: Node) -> Hashable:
    label = generic(node.label) if node.kind == "leaf" else None
    return node.name, node.outputs, _takes(laid, node), generic(node.module), label


def _does_the_same(laid: Laid, node: Node) -> Hashable:
    return (node.name, _takes(laid, node)) if node.kind == "operation" else (node.outputs, generic(node.label))


def _on_line(_: Laid, node: Node) -> Hashable:
    return (node.source, node.call, node.name) if node.kind == "operation" else (node.label, node.role)


def _is_program(graph: Graph) -> bool:
    """Tell whether a graph is one of a small program, whose lines and passes are known, and no modules."""
    return all(node.call and not node.module for node in graph.nodes if node.kind == "operation")


def _does_a_like(_: Laid, node: Node) -> Hashable:
    return node.name if node.kind == "operation" else (generic(node.label), node.role)


_BY_NAME: tuple[Key, ...] = (_named_alike, _named, _does_the_same, _does_a_like)
_BY_LINE: tuple[Key, ...] = (_on_line, *_BY_NAME)
_BY_STRUCTURE: tuple[Key, ...] = (_built_alike, _does_the_same, _does_a_like)


def _unexplained(a: Graph, b: Graph, paired: Paired, renamed: float = 0) -> float:
    """Weigh what an alignment leaves different: nodes without a partner or of another operation, and shapes; names
    only where asked."""
    alone = len(a.nodes) + len(b.nodes) - 2 * len(paired)
    couples = [(a.nodes[i], b.nodes[j]) for i, j in paired.items()]
    names = renamed and renamed * sum(x.label != y.label for x, y in couples)
    return alone + names + sum(2 if x.name != y.name else 0.5 * (x.outputs != y.outputs) for x, y in couples)


def _moved(a: Laid, b: Laid, paired: Paired) -> None:
    """Pair what is left over and has the same name and shape on both sides, wherever it stands now."""
    taken = set(paired.values())
    ones = _unique(a, [index for index in a.order if index not in paired])
    others = _unique(b, [index for index in b.order if index not in taken])
    paired.update((ones[key], others[key]) for key in ones if key in others)


def _unique(laid: Laid, left: Sequence[int]) -> dict[Hashable, int]:
    nodes = [laid.graph.nodes[index] for index in left]
    keys = {node.index: _named_alike(laid, node) for node in nodes if node.label or node.module or laid.fed[node.index]}
    times = Counter(keys.values())
    return {key: index for index, key in keys.items() if times[key] == 1}


def _neighbours(a: Laid, b: Laid, paired: Paired) -> None:
    """Pair what is left over and stands in the same place: between the same neighbours, or beside one and alike."""
    taken = set(paired.values())

    def pair(x: int, y: int) -> None:
        if x not in paired and y not in taken and _in_place_of(a, b, paired, x, y):
            paired[x] = y
            taken.add(y)
            waiting.append((x, y))

    waiting = list(paired.items())
    for one, other in zip(a.graph.outputs, b.graph.outputs, strict=False):
        if one.node is not None and other.node is not None:
            pair(one.node, other.node)
    while waiting:
        x, y = waiting.pop()
        theirs = {slot: index for slot, index, _ in b.producers[y] if index not in taken}
        for slot, index, _ in a.producers[x]:
            if slot in theirs:
                pair(index, theirs[slot])
        users: dict[Hashable, list[int]] = {}
        for slot, index, number in reversed(b.consumers[y]):
            if index not in taken:
                users.setdefault((slot, number), []).append(index)
        for slot, index, number in a.consumers[x]:
            if index not in paired and users.get((slot, number)):
                pair(index, users[slot, number].pop())


def _in_place_of(a: Laid, b: Laid, paired: Paired, x: int, y: int) -> bool:
    one, other = a.graph.nodes[x], b.graph.nodes[y]
    if one.kind != other.kind or one.kind == "leaf" or one.name == other.name:
        return one.kind == other.kind
    theirs = {index for _, index, _ in b.producers[y]}
    same_inputs = not a.producers[x] or any(paired.get(index) in theirs for _, index, _ in a.producers[x])
    return same_inputs and _same_users(a, b, paired, x, y)


def _same_users(a: Laid, b: Laid, paired: Paired, x: int, y: int) -> bool:
    ends = {end.node for end in b.graph.outputs}
    if y in ends and any(end.node == x for end in a.graph.outputs):
        return True
    theirs = {index for _, index, _ in b.consumers[y]}
    return any(paired.get(index) in theirs for _, index, _ in a.consumers[x])
