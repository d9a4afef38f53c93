"""Facts → the modules that a model is made of, and what each of them has: operations, parameters, bytes kept."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from tracer.analysis.runs import execution_order
from tracer.facts import Facts
from tracer.graph import Node

ROOT = ""


class Module(msgspec.Struct):
    """A module by its path; `parts` are the paths of those right inside it, in the order in which they ran.

    `own_parameters` and `own_kept` leave out what parts have: own parameters' elements, and the bytes that several
    parts keep together, or its own operations. `operations` counts those within it, by name and shape for its own
    (`kinds`); `last` is the last of them to run.
    """

    path: str
    parts: list[str]
    own_parameters: int = 0
    parameters: int = 0
    own_kept: int = 0
    kept: int = 0
    operations: int = 0
    last: int | None = None
    kinds: Counter[tuple[str, tuple[int, ...] | None]] = msgspec.field(default_factory=Counter)
    shapes: list[tuple[str, tuple[int, ...] | None]] = msgspec.field(default_factory=list)


def modules(facts: Facts) -> dict[str, Module]:
    """Give the modules by their paths, the model itself as "", each after the one around it.

    A module is known by an operation that ran in it, or by a parameter of its name. A parameter with several names
    counts once, for the first.
    """
    found = {ROOT: Module(ROOT, [])}
    for index in execution_order(facts.graph):
        node = facts.graph.nodes[index]
        module = _within(found, node.module or ROOT)
        module.kinds[node.name, node.shape] += 1
        for path in around(node.module or ROOT):
            found[path].operations += 1
            found[path].last = index
    for tensor in facts.tensors:
        if tensor.role == "parameter" and tensor.name:
            path, _, name = tensor.name.partition(" = ")[0].rpartition(".")
            module = _within(found, path)
            module.shapes.append((name, tensor.shape))
            module.own_parameters += math.prod(tensor.shape or ())
    for storage in facts.saved or ():
        found[innermost(facts.graph.nodes, storage.nodes)].own_kept += storage.bytes
    _add_up(found)
    return found


def _within(found: dict[str, Module], path: str) -> Module:
    """Give a module; it and those around it are added where they are not known yet."""
    if path not in found:
        found[path] = Module(path, [])
        _within(found, path.rpartition(".")[0]).parts.append(path)
    return found[path]


def _add_up(found: dict[str, Module]) -> None:
    for module in found.values():
        module.parameters, module.kept = module.own_parameters, module.own_kept
    for path in sorted(found, key=lambda path: -depth(path)):
        if path:
            around_it = found[path.rpartition(".")[0]]
            around_it.parameters += found[path].parameters
            around_it.kept += found[path].kept


def depth(path: str) -> int:
    """Tell how many modules are around a module; the model itself has none."""
    return path.count(".") + 1 if path else 0


def around(path: str) -> Iterator[str]:
    """Give the paths of a module and of all modules around it, the innermost first, the model itself last."""
    while path:
        yield path
        path = path.rpartition(".")[0]
    yield ROOT


def innermost(nodes: tuple[Node, ...], indices: Iterable[int]) -> str:
    """Give the path of the innermost module that all of these nodes are in; "" where there is none but the model."""
    common: list[str] | None = None
    for index in indices:
        parts = (nodes[index].module or ROOT).split(".")
        if common is None:
            common = parts
        elif common != parts:
            common = _same_start(common, parts)
        if not common:
            return ROOT
    return ".".join(common or [])


def _same_start(a: list[str], b: list[str]) -> list[str]:
    at = 0
    while at < min(len(a), len(b)) and a[at] == b[at]:
        at += 1
    return a[:at]
