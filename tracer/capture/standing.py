"""How each named tensor stands to autograd, and what was recorded of it: the evidence for why it lacks a gradient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import torch

from tracer.capture.lines import source
from tracer.capture.names import Named
from tracer.capture.notes import Notes
from tracer.capture.reads import LiveLeaf
from tracer.facts import Read, Standing

Owners = Mapping[int, Sequence[tuple[torch.nn.Module, str]]]


def models(model: torch.nn.Module | None, notes: Notes | None) -> list[tuple[str, torch.nn.Module]]:
    """Give the models whose parameters are named, each with what to put before their names."""
    return [("", model)] if model is not None else notes.models() if notes is not None else []


def owners(model: torch.nn.Module | None, notes: Notes | None) -> Owners:
    """Find the modules that have each parameter, and their own name for it."""
    found: defaultdict[int, list[tuple[torch.nn.Module, str]]] = defaultdict(list)
    for _, root in models(model, notes):
        for module in root.modules():
            for name, tensor in module._parameters.items():
                if tensor is not None:
                    found[id(tensor)].append((module, name))
    return found


def standing(named: Sequence[Named], owners: Owners, notes: Notes | None, sequences: Sequence[int]) -> list[Standing]:
    """Tell how each named tensor stands; `notes` hold for the operations with these numbers, `None` where none do."""
    covered = notes is not None and notes.covers(sequences)
    return [_standing(item.tensor, owners.get(id(item.tensor), ()), notes, covered) for item in named]


def _standing(
    tensor: torch.Tensor, owners: Sequence[tuple[torch.nn.Module, str]], notes: Notes | None, covered: bool
) -> Standing:
    leaf = tensor.is_leaf
    met = None if notes is None else notes.cuts.reads.leaf(tensor)
    held = [] if notes is None else [(notes.held(module), name) for module, name in owners]
    ran = [(own, name) for own, name in held if own is not None]
    return Standing(
        requires_grad=tensor.requires_grad,
        leaf=leaf,
        retains_grad=not leaf and tensor.retains_grad,
        holds_grad=leaf and tensor.grad is not None,
        recorded=covered and leaf and (tensor.requires_grad or bool(owners)),
        read=None if notes is None or met is None else _read(notes, met),
        called=bool(ran) if notes is not None and owners else None,
        replaced=bool(ran) and all(name in own and own[name]() is not tensor for own, name in ran),
        switched=None if met is None or met.switched is None else source(met.switched),
    )


def _read(notes: Notes, leaf: LiveLeaf) -> Read | None:
    found = leaf.read
    if found is None:
        return None
    line = None if found.line is None else source(found.line)
    return Read(found.operation, notes.path(found.call), line, found.taken)
