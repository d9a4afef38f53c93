"""Facts → the tree of modules: parameters, shapes, blocks alike, bytes kept, problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import msgspec

from tracer.analysis.modules import ROOT, Module, around, depth
from tracer.graph import Node


class TreeRow(msgspec.Struct, frozen=True):
    """A module, `depth` names deep; the model itself has the path "" and no name.

    `name` is the last name of its path. Of numbered blocks alike that follow one another only the first has a row, with
    the `last` of them, and how many `times`; all numbers but `problems` are of the first. `parameters` counts the
    elements of its and its parts' parameters, `nodes` the operations within it, `shape` is that of its last operation's
    output, `kept` are the bytes that it alone keeps for backward (`None`: not known), `parts` tells whether rows of its
    parts follow, `problems` how many tensors within (in all of the blocks) have one.
    """

    path: str
    name: str
    depth: int
    parameters: int
    nodes: int
    shape: tuple[int, ...] | None = None
    kept: int | None = None
    times: int = 1
    last: str = ""
    parts: bool = False
    problems: int = 0


def module_tree(
    nodes: Sequence[Node], modules: Mapping[str, Module], troubled: Iterable[str] = (), kept: bool = True
) -> tuple[TreeRow, ...]:
    """List the modules, each before its parts, those in the order in which they ran.

    `troubled` are the names of tensors with a problem, `kept` tells whether it is known what backward keeps.
    """
    problems = Counter(path for name in troubled for path in around(_home(name, modules)))
    looks = _looks(modules)
    rows: list[TreeRow] = []
    waiting = [[ROOT]]
    while waiting:
        alike = waiting.pop()
        module = modules[alike[0]]
        rows.append(_row(nodes, module, alike, problems, kept))
        waiting += reversed(list(_alike(module.parts, looks)))
    return tuple(rows)


def _home(name: str, modules: Mapping[str, Module]) -> str:
    """Give the module that a tensor of this name is of; the model itself where it is of none."""
    path = name.partition(" = ")[0].rpartition(".")[0]
    return next(known for known in around(path) if known in modules)


def _row(
    nodes: Sequence[Node], module: Module, alike: Sequence[str], problems: Mapping[str, int], kept: bool
) -> TreeRow:
    return TreeRow(
        path=module.path,
        name=module.path.rpartition(".")[2],
        depth=depth(module.path),
        parameters=module.parameters,
        nodes=module.operations,
        shape=None if module.last is None else nodes[module.last].shape,
        kept=module.kept if kept else None,
        times=len(alike),
        last=alike[-1] if len(alike) > 1 else "",
        parts=bool(module.parts),
        problems=sum(problems.get(path, 0) for path in alike),
    )


def _alike(parts: Sequence[str], looks: Mapping[str, int]) -> Iterator[list[str]]:
    """Give numbered parts that follow one another and look alike together."""

    def key(path: str) -> object:
        return looks[path] if path.rpartition(".")[2].isdigit() else path

    for _, group in groupby(parts, key=key):
        yield list(group)


def _looks(modules: Mapping[str, Module]) -> dict[str, int]:
    """Number what modules look like: the same operations, parameters, and parts of the same names and looks."""
    known: dict[object, int] = {}
    found: dict[str, int] = {}
    for path in sorted(modules, key=lambda path: -depth(path)):
        module = modules[path]
        parts = tuple((part.rpartition(".")[2], found[part]) for part in module.parts)
        look = (frozenset(module.kinds.items()), tuple(module.shapes), parts)
        found[path] = known.setdefault(look, len(known))
    return found
