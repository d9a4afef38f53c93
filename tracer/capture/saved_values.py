"""What each node saved for its backward, by torch's name: tensors with their size, and plain settings as text.

Nothing is unpacked, so a checkpoint does not run its part again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.autograd.graph import Node as LiveNode

from tracer.capture.names import Named
from tracer.capture.nodes import dtype_name
from tracer.capture.saved import RAW, storage_of
from tracer.capture.walk import Walked
from tracer.quantities import number
from tracer.values import SavedValue

NODES = 1_000  # of a graph; of a larger one, only its memory is told
LONGEST = 60  # characters of a setting
PLAIN = "_saved_"
_Key = tuple[Any, ...]


def saved_values(walked: Walked, named: Sequence[Named] = ()) -> tuple[SavedValue, ...]:
    """List what each node saved, in torch's order; a tensor that the person has a name for is told by it."""
    if len(walked.nodes) > NODES:
        return ()
    names: dict[_Key, str] = {}
    for item in named:
        key = _key(item.tensor)
        if item.name is not None and key is not None:
            names.setdefault(key, item.name)
    return tuple(row for index, node in enumerate(walked.nodes) for row in _of(index, node, names))


def _of(index: int, node: LiveNode, names: dict[_Key, str]) -> Iterator[SavedValue]:
    for name in [name for kind in type(node).__mro__ for name in vars(kind) if name.startswith((RAW, PLAIN))]:
        if name.startswith(PLAIN) and hasattr(type(node), name.replace(PLAIN, RAW, 1)):
            continue
        try:
            found = getattr(node, name)
        except (RuntimeError, AttributeError):  # freed, or nothing that Python can hold
            continue
        if name.startswith(PLAIN):
            text = _setting(found)
            if text:
                yield SavedValue(index, name.removeprefix(PLAIN).removeprefix("self_sym_"), text=text)
        else:
            for raw in found if isinstance(found, tuple) else (found,):
                yield _tensor(index, name.removeprefix(RAW), raw, names)


def _tensor(index: int, name: str, raw: Any, names: dict[_Key, str]) -> SavedValue:
    data = None if raw is None else raw.data
    if raw is None or (data is None and raw.unpack_hook is None):
        return SavedValue(index, name, text="None")
    if not isinstance(data, torch.Tensor) or data.layout is not torch.strided:
        return SavedValue(index, name, text="packed by a hook")
    key = _key(data)
    return SavedValue(
        node=index,
        name=name,
        shape=tuple(data.shape),
        dtype=dtype_name(data.dtype),
        bytes=data.numel() * data.element_size(),
        tensor=None if key is None else names.get(key),
        text=_single(data),
    )


def _single(data: torch.Tensor) -> str | None:
    """Write the one number of a scalar, as that of x * 3."""
    plain = data.device.type == "cpu" and not data.dim() and type(data) is torch.Tensor
    return number(data.item(), dtype_name(data.dtype)) if plain else None


def _setting(value: Any) -> str | None:
    """Write a setting; of what is no plain value, or a long one, nothing."""
    if isinstance(value, bool | str) or value is None:
        return str(value)
    if isinstance(value, int | float):
        return number(value, "float64")
    if isinstance(value, tuple | list):
        parts = [_setting(item) for item in value]
        text = f"({', '.join(part for part in parts if part)}{',' if len(parts) == 1 else ''})"
        return text if None not in parts and len(text) <= LONGEST else None
    return None


def _key(tensor: torch.Tensor) -> _Key | None:
    """Tell by what a tensor is the same as another: storage, place, shape and strides; an empty one is like none."""
    storage = storage_of(tensor) if tensor.layout is torch.strided and tensor.numel() else None
    if storage is None:
        return None
    return storage._cdata, tensor.storage_offset(), tuple(tensor.shape), tensor.stride(), tensor.dtype
