"""What backward keeps in memory, each storage once. Reads what is saved without unpacking it.

Unpacking would run a checkpointed forward again; the raw saved tensors tell their storage all the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch.autograd.graph import Node as LiveNode
from torch.nn.parameter import is_lazy

from tracer.capture.names import Named, variable
from tracer.capture.walk import Walked
from tracer.facts import SavedKind, SavedStorage

RAW = "_raw_saved_"
OTHER = -1  # an output that nothing else can be given
LONGEST = 16  # writes in place into one storage that are gone back over
Place = tuple[int, int]  # a node, and which of its outputs

# What an operation saves of its own results and autograd does not follow (masks, indices, statistics), by torch's names
_RESULTS = re.compile(r"result(\d*)|output|(total_weight|logsumexp|log_sumexp|log_alpha|rng_state|unused|philox_\w+)")
_ROLES: dict[str | None, SavedKind] = {"parameter": "parameter", "buffer": "buffer", "input": "input"}


@dataclass(slots=True)
class _Kept:
    """A storage, and what was seen of the tensors that are saved in it."""

    storage: torch.UntypedStorage
    nodes: list[int] = field(default_factory=list)
    makers: set[Place] | None = field(default_factory=set)  # `None`: not known
    own: int | None = 0
    followed: bool = False


class SavedOwner(NamedTuple):
    """What holds a storage apart from the graph, and its name."""

    kind: SavedKind | None
    name: str | None


def saved(
    walked: Walked, named: Sequence[Named] = (), ends: Sequence[tuple[str, torch.Tensor]] = ()
) -> tuple[SavedStorage, ...]:
    """List the storages that the graph keeps for backward, in the order of the first node that keeps each.

    `named` are the person's names of tensors, `ends` the traced tensors. A tensor whose storage can't be told, as
    inside torch.func.grad, is left out, and what a write into a view keeps, which torch shows to no one. A Python
    number that a tensor was multiplied with is kept as a tensor of 8 bytes, which saved_tensors_hooks do not see.
    """
    kept: dict[int, _Kept] = {}
    for index, name, raw in raws(walked):
        for tensor in _data(raw.data):
            storage = storage_of(tensor)
            if storage is not None:
                found = kept.setdefault(storage._cdata, _Kept(storage))
                _look(found, walked, index, name, tensor)
    owners = owners_of(walked, named, ends) if kept else {}
    return tuple(_row(found, owners.get(key, SavedOwner(None, None))) for key, found in kept.items())


def is_packed(walked: Walked) -> bool:
    """Tell whether hooks packed anything that the graph saved: a checkpoint's do, and unpacking runs it again."""
    return any(raw.unpack_hook is not None for *_, raw in raws(walked))


def raws(walked: Walked) -> Iterator[tuple[int, str, Any]]:
    """Go through all that is saved, as it is: the index of the node, torch's name of it, and autograd's own holder."""
    attributes: dict[type, list[tuple[str, str]]] = {}
    for index, node in enumerate(walked.nodes):
        names = attributes.get(type(node))
        if names is None:
            names = attributes[type(node)] = [(name, name.removeprefix(RAW)) for name in raw_names(node)]
        for attribute, name in names:
            try:
                found = getattr(node, attribute)
            except RuntimeError:  # a Python function's node whose tensors were freed
                continue
            for raw in found if isinstance(found, tuple) else (found,):
                if raw is not None:
                    yield index, name, raw


def raw_names(node: LiveNode) -> list[str]:
    """List the attributes of a node that hold what it saved, in the order in which its backward takes them."""
    return [name for kind in type(node).__mro__ for name in vars(kind) if name.startswith(RAW)]


def _data(data: Any) -> Iterator[torch.Tensor]:
    """Go through the tensors in what is held; packing by hooks may have put them into a tuple."""
    for item in data if isinstance(data, tuple) else (data,):
        if isinstance(item, torch.Tensor) and item.layout is torch.strided:
            yield item


def storage_of(tensor: torch.Tensor) -> torch.UntypedStorage | None:
    try:
        return tensor.untyped_storage()
    except NotImplementedError:
        return None


def _look(kept: _Kept, walked: Walked, index: int, name: str, tensor: torch.Tensor) -> None:
    """Note what a saved tensor tells of its storage: who keeps it, who may have made it, how much of it is its own."""
    kept.nodes.append(index)
    followed, makers = _made_by(walked, index, name, tensor)
    kept.followed |= followed
    kept.makers = None if not makers or kept.makers is None else kept.makers | makers
    own = _own(tensor)
    kept.own = None if own is None or kept.own is None else max(kept.own, min(own, kept.storage.nbytes()))


def _made_by(walked: Walked, index: int, name: str, tensor: torch.Tensor) -> tuple[bool, set[Place]]:
    """Tell whether autograd follows a saved tensor, and for which tensors its storage may have been made.

    torch keeps an operation's own result without its history, so it is known by its name. A view has the storage of
    the tensor that it is a view of. An empty set: not known.
    """
    base = tensor._base if tensor._is_view() else tensor
    if base is None or base.is_inference():
        return False, set()
    if is_result(walked.nodes[index], name):
        return True, _chain(walked, (index, _number(name)), base._version)
    try:
        maker = base.grad_fn
    except RuntimeError:  # a view that was written to in a way that autograd refuses to follow
        return True, set()
    if maker not in walked.index:
        return base.requires_grad, set()
    return True, _chain(walked, (walked.index[maker], base.output_nr), base._version)


def is_result(node: LiveNode, name: str) -> bool:
    """Tell whether what a node saved is a result of its own; the derivative of a derivative is given those."""
    if _RESULTS.fullmatch(name) is None:
        return False
    return name.startswith("result") or node.name().count("Backward") == 1


def _number(name: str) -> int:
    """Give which output of an operation a saved result is, by torch's name; statistics come after what it computes."""
    found = _RESULTS.fullmatch(name)
    return 0 if found is None else OTHER if found[2] else int(found[1] or 0)


def _chain(walked: Walked, place: Place, writes: int) -> set[Place]:
    """List the tensors one of which a storage was made for that was written to so often: each operation in place writes
    into what its first input was. A write into a view is not followed."""
    found = set[Place]()
    while True:
        node = walked.nodes[place[0]]
        if len(found) > LONGEST or node.name().endswith("CopySlices"):
            return set()
        found.add(place)
        if len(found) > writes:
            return found
        nexts = node.next_functions
        if not nexts or nexts[0][0] is None:
            return set()
        place = walked.index[nexts[0][0]], nexts[0][1]


def _own(tensor: torch.Tensor) -> int | None:
    """Count the bytes of a tensor's own elements, those that are repeated by a stride of 0 once."""
    if tensor.is_nested:
        return None
    if tensor.is_contiguous():
        return tensor.nbytes
    sizes = zip(tensor.shape, tensor.stride(), strict=True)
    lengths = (length if stride or not length else 1 for length, stride in sizes)
    return math.prod(lengths) * tensor.element_size()


def owners_of(
    walked: Walked, named: Sequence[Named], ends: Sequence[tuple[str, torch.Tensor]]
) -> dict[int, SavedOwner]:
    """Find who holds storages apart from the graph: parameters, buffers, inputs, and the tensors that were traced."""
    leaves = [leaf for node in walked.nodes if (leaf := variable(node)) is not None]
    every = [
        *((item.tensor, SavedOwner(_ROLES.get(item.role), item.name)) for item in named),
        *(
            (leaf, SavedOwner("parameter" if isinstance(leaf, torch.nn.Parameter) else "input", None))
            for leaf in leaves
        ),
        *((tensor, SavedOwner("output", name)) for name, tensor in ends),
    ]
    found: dict[int, SavedOwner] = {}
    for tensor, owner in every:
        storage = storage_of(tensor) if tensor.layout is torch.strided and not is_lazy(tensor) else None
        if storage is not None:
            before = found.get(storage._cdata, SavedOwner(None, None))
            found[storage._cdata] = SavedOwner(before.kind or owner.kind, before.name or owner.name)
    return found


def _row(kept: _Kept, owner: SavedOwner) -> SavedStorage:
    return SavedStorage(
        bytes=kept.storage.nbytes(),
        device=str(kept.storage.device),
        nodes=tuple(dict.fromkeys(kept.nodes)),
        kind=owner.kind or ("activation" if kept.followed else "not followed"),
        name=owner.name,
        own=kept.own,
        makers=tuple(sorted(kept.makers or ())),
    )
