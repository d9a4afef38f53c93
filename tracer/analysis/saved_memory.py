"""Facts → what owns the memory that backward keeps: each storage once, and module by module."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from tracer.analysis.checkpoint_inputs import around, is_within, new_inputs
from tracer.errors import TracerError
from tracer.facts import Facts, SavedKind, SavedStorage
from tracer.graph import Node

FREED = "backward(), once it has gone through"
FREES: dict[SavedKind | None, str] = {
    "activation": FREED,
    "parameter": "nothing that backward does: the model holds it",
    "buffer": "nothing that backward does: the model holds it",
    "input": "nothing that backward does: the program holds it",
    "output": FREED + ", and the program's own name for it",
    "not followed": FREED + ", unless the program holds it",
    None: "not known",
}


class SavedRow(msgspec.Struct, frozen=True):
    """A storage that is kept for backward.

    `own` are the bytes of the largest tensor saved in it, `nodes` the operations that keep it, `module` the innermost
    module that all of them ran in (`None`: none but the model itself, or none was recorded), `frees` what lets it go.
    """

    bytes: int
    own: int | None
    device: str
    kind: SavedKind | None
    name: str | None
    nodes: tuple[int, ...]
    module: str | None
    frees: str


class ModuleRow(msgspec.Struct, frozen=True):
    """What the operations of one module, and of those within it, keep and no other operation does.

    `bytes` are those of all such storages, `activations` those of activations. `checkpoint_frees` is how much less
    would be held if each call of the module were a checkpoint (not reentrant): it lets go what only its operations keep
    and what came to be in it, and it keeps its inputs, also those that nothing keeps now, so that it may be below zero.
    What can't be told apart from an input is in `not_told` instead. Both are `None` where an input's size is not known,
    for a module that was called several times, since one call may hand on to another, and where a write into a view
    (CopySlices) is in it or leads to it, since torch shows to no one what that keeps.
    """

    module: str
    storages: int
    bytes: int
    activations: int
    checkpoint_frees: int | None
    not_told: int | None


def saved_memory(facts: Facts) -> tuple[SavedRow, ...]:
    """List the storages that are kept for backward, the largest first.

    Raises:
        TracerError: what is saved was not looked at.
    """
    rows = [_row(facts.graph.nodes, storage) for storage in _saved(facts)]
    return tuple(sorted(rows, key=lambda row: -row.bytes))


def saved_by_module(facts: Facts) -> tuple[ModuleRow, ...]:
    """List the modules that keep something for backward, in the order in which they ran.

    Raises:
        TracerError: what is saved was not looked at.
    """
    nodes, saved = facts.graph.nodes, _saved(facts)
    inputs = new_inputs(facts.graph, {maker for storage in saved for maker in storage.makers})
    within: defaultdict[str, list[SavedStorage]] = defaultdict(list)
    for storage in saved:
        for path in around(_innermost(nodes, storage.nodes)):
            within[path].append(storage)
    return tuple(_module(nodes, path, within[path], inputs[path]) for path in inputs if path in within)


def _saved(facts: Facts) -> Sequence[SavedStorage]:
    if facts.saved is None:
        raise TracerError(
            "What backward keeps in memory was not looked at when this was recorded", cure="Trace again with saved=True"
        )
    return facts.saved


def _row(nodes: Sequence[Node], storage: SavedStorage) -> SavedRow:
    return SavedRow(
        storage.bytes,
        storage.own,
        storage.device,
        storage.kind,
        storage.name,
        storage.nodes,
        _innermost(nodes, storage.nodes),
        FREES[storage.kind],
    )


def _module(nodes: Sequence[Node], path: str, storages: Sequence[SavedStorage], inputs: int | None) -> ModuleRow:
    """Describe a module by the storages that it alone keeps, and the bytes of its inputs that nothing keeps yet."""
    own = [storage for storage in storages if storage.kind in ("activation", "not followed", None)]
    inside = [_share_within(nodes, path, storage.makers) for storage in own]
    return ModuleRow(
        path,
        len(storages),
        _bytes(storages),
        _bytes([storage for storage in storages if storage.kind == "activation"]),
        None if inputs is None else _bytes([own[i] for i, share in enumerate(inside) if share == 1]) - inputs,
        None
        if inputs is None
        else _bytes([own[i] for i, share in enumerate(inside) if share is None or 0 < share < 1]),
    )


def _share_within(nodes: Sequence[Node], path: str, makers: Sequence[tuple[int, int]]) -> float | None:
    """Tell how many of the operations that may have made a storage are in a module; `None`: they are not known."""
    return sum(is_within(nodes[maker], path) for maker, _ in makers) / len(makers) if makers else None


def _bytes(storages: Sequence[SavedStorage]) -> int:
    return sum(storage.bytes for storage in storages)


def _innermost(nodes: Sequence[Node], indices: Sequence[int]) -> str | None:
    """Give the path of the innermost module that all of these operations ran in; `None` where there is none."""
    parts = [(nodes[index].module or "").split(".") for index in indices]
    same = itertools.takewhile(lambda column: len(set(column)) == 1, zip(*parts, strict=False))
    return ".".join(column[0] for column in same) or None
