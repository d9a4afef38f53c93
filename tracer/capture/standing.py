"""How each named tensor stands to autograd, and what was recorded of it: the evidence for why it lacks a gradient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import torch
from msgspec.structs import replace

from tracer.capture.lines import source
from tracer.capture.names import Named
from tracer.capture.notes import Notes
from tracer.capture.reads import LiveLeaf, Reads
from tracer.facts import Read, Standing

Owners = Mapping[int, Sequence[tuple[torch.nn.Module, str]]]


def models(model: torch.nn.Module | None, notes: Notes | None) -> list[tuple[str, torch.nn.Module]]:
    """Give the models whose parameters are named, each with what to put before their names."""
    return [("", model)] if model is not None else notes.models() if notes is not None else []


def _owners(model: torch.nn.Module | None, notes: Notes) -> Owners:
    """Find the modules that have each parameter, and their own name for it."""
    found: defaultdict[int, list[tuple[torch.nn.Module, str]]] = defaultdict(list)
    for _, root in models(model, notes):
        for module in root.modules():
            for name, tensor in module._parameters.items():
                if tensor is not None:
                    found[id(tensor)].append((module, name))
    return found


def standing(
    named: Sequence[Named], model: torch.nn.Module | None, notes: Notes | None, sequences: Sequence[int]
) -> list[Standing]:
    """Tell how each named tensor stands; where `notes` followed reads, which hold for the operations with these
    numbers, also what they tell of it."""
    if notes is None or notes.cuts.reads is None:
        return [_now(item.tensor) for item in named]
    covered, owners = notes.covers(sequences), _owners(model, notes)
    return [_recorded(item.tensor, owners.get(id(item.tensor), ()), notes, notes.cuts.reads, covered) for item in named]


def _now(tensor: torch.Tensor) -> Standing:
    if not tensor.requires_grad:
        return NOT_FOLLOWED
    if not tensor.is_leaf:
        return RETAINED if tensor.retains_grad else RESULT
    return LEAF if tensor.grad is None else LEAF_WITH_GRAD


NOT_FOLLOWED, RESULT, RETAINED = Standing(False, True), Standing(True, False), Standing(True, False, retains_grad=True)
LEAF, LEAF_WITH_GRAD = Standing(True, True), Standing(True, True, holds_grad=True)


def _recorded(
    tensor: torch.Tensor, owners: Sequence[tuple[torch.nn.Module, str]], notes: Notes, reads: Reads, covered: bool
) -> Standing:
    now, met = _now(tensor), reads.leaf(tensor)
    ran = [(own, name) for module, name in owners if (own := notes.held(module)) is not None]
    return replace(
        now,
        recorded=covered and now.leaf and (now.requires_grad or bool(owners)),
        read=None if met is None else _read(notes, met),
        called=bool(ran) if owners else None,
        replaced=bool(ran) and all(name in own and own[name]() is not tensor for own, name in ran),
        switched=None if met is None or met.switched is None else source(met.switched),
    )


def _read(notes: Notes, leaf: LiveLeaf) -> Read | None:
    found = leaf.read
    if found is None:
        return None
    line = None if found.line is None else source(found.line)
    return Read(found.operation, notes.path(found.call), line, found.taken)
