"""What backward keeps in memory, each storage once. Reads what is saved without unpacking it.

Unpacking would run a checkpointed forward again; the raw saved tensors tell their storage all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tracer.capture.walk import Walked
from tracer.facts import SavedStorage

_PREFIX = "_raw_saved_"


def saved(walked: Walked) -> tuple[SavedStorage, ...]:
    """List the storages that the graph keeps for backward, in the order of the first node that keeps each.

    A tensor whose storage can't be told, as inside torch.func.grad, is left out.
    """
    keepers: dict[int, list[int]] = {}
    storages: dict[int, torch.UntypedStorage] = {}
    for index, raw in _raws(walked):
        for tensor in _data(raw.data):
            try:
                storage = tensor.untyped_storage()
            except NotImplementedError:
                continue
            storages[storage._cdata] = storage
            keepers.setdefault(storage._cdata, []).append(index)
    return tuple(
        SavedStorage(storages[key].nbytes(), str(storages[key].device), tuple(dict.fromkeys(nodes)))
        for key, nodes in keepers.items()
    )


def is_packed(walked: Walked) -> bool:
    """Tell whether hooks packed anything that the graph saved: a checkpoint's do, and unpacking runs it again."""
    return any(raw.unpack_hook is not None for _, raw in _raws(walked))


def _raws(walked: Walked) -> Iterator[tuple[int, Any]]:
    """Go through all that is saved, as it is: the index of the node, and autograd's own holder."""
    attributes: dict[type, list[str]] = {}
    for index, node in enumerate(walked.nodes):
        kind = type(node)
        if kind not in attributes:
            attributes[kind] = [name for name in dir(node) if name.startswith(_PREFIX)]
        for name in attributes[kind]:
            try:
                raws = getattr(node, name)
            except RuntimeError:  # a Python function's node whose tensors were freed
                continue
            for raw in raws if isinstance(raws, tuple) else (raws,):
                if raw is not None:
                    yield index, raw


def _data(data: Any) -> Iterator[torch.Tensor]:
    """Go through the tensors in what is held; packing by hooks may have put them into a tuple."""
    for item in data if isinstance(data, tuple) else (data,):
        if isinstance(item, torch.Tensor) and item.layout is torch.strided:
            yield item
