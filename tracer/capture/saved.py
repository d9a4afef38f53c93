"""What backward keeps in memory, each storage once. Reads what is saved without unpacking it.

Unpacking would run a checkpointed forward again; the raw saved tensors tell their storage all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch.autograd.graph import Node as LiveNode

from tracer.capture.walk import Walked
from tracer.facts import SavedStorage

_PREFIX = "_raw_saved_"


def saved(walked: Walked) -> tuple[SavedStorage, ...]:
    """List the storages that the graph keeps for backward, in the order of the first node that keeps each."""
    keepers: dict[int, list[int]] = {}
    storages: dict[int, torch.UntypedStorage] = {}
    attributes: dict[type, list[str]] = {}
    for index, node in enumerate(walked.nodes):
        names = attributes.setdefault(type(node), [name for name in dir(node) if name.startswith(_PREFIX)])
        for tensor in _tensors(node, names):
            storage = tensor.untyped_storage()
            storages[storage._cdata] = storage
            keepers.setdefault(storage._cdata, []).append(index)
    return tuple(
        SavedStorage(storages[key].nbytes(), str(storages[key].device), tuple(dict.fromkeys(nodes)))
        for key, nodes in keepers.items()
    )


def _tensors(node: LiveNode, names: list[str]) -> Iterator[torch.Tensor]:
    """Go through the tensors that a node saved; a packed one (by hooks) through the tensors in its packing."""
    for name in names:
        try:
            raws = getattr(node, name)
        except RuntimeError:  # a Python function's node whose tensors were freed
            continue
        for raw in raws if isinstance(raws, tuple) else (raws,):
            yield from _data(raw.data if raw is not None else None)


def _data(data: Any) -> Iterator[torch.Tensor]:
    for item in data if isinstance(data, tuple) else (data,):
        if isinstance(item, torch.Tensor) and item.layout is torch.strided:
            yield item
