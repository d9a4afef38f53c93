"""Tells where a person's hook changed a gradient: what arrives is then not the sum of what was handed on.

Hooks of nodes can't be listed, and those of tensors outlive the tensors, so the numbers themselves are compared.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import torch

from tracer.backward.contributions import Place, piece, rows, together
from tracer.backward.statistics import PIECE, has_data
from tracer.graph import Node
from tracer.quantities import count

SHOWN = 3  # names in the note
NOTE = (
    "A hook changed the gradient of {names}: it is told as the hook left it, and what flows to it on edges, with its "
    "share, as it was before"
)


def note(nodes: Sequence[Node], places: Sequence[Place]) -> tuple[str, ...]:
    """Say whose gradients hooks changed; nothing where they changed none."""
    names = list(dict.fromkeys(_name(nodes[index], number) for index, number in sorted(places)))
    if not names:
        return ()
    more = [f"{count(len(names) - SHOWN)} more"] if len(names) > SHOWN else []
    return (NOTE.format(names=_listed([*names[:SHOWN], *more])),)


def _name(node: Node, number: int) -> str:
    which = f", output {number}" if len(node.outputs) > 1 else ""
    return f"{node.label or node.name}{which}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def adds_up(parts: Sequence[torch.Tensor], whole: torch.Tensor) -> bool:
    """Tell whether parts add up to a whole, but for rounding: n numbers of a dtype, each sum off by ε/2 of its size.

    Where numbers can't be read, or are too large for their sum, it can't be told, and they are taken to.
    """
    if not parts or (len(parts) == 1 and parts[0] is whole):
        return True
    if not all(map(has_data, (*parts, whole))):
        return True
    if _is_sum(parts, whole):
        return True
    alike = rows((*parts, whole))
    slack, most = len(parts) * torch.finfo(whole.dtype).eps, torch.finfo(whole.dtype).max
    size = piece(len(alike))
    with np.errstate(invalid="ignore"):  # of infinities the difference is no number
        for start in range(0, len(alike[0]), size):
            *each, found = together([row[start : start + size] for row in alike])
            total, sizes = sum(each), sum(map(abs, each))
            near = abs(total - found) <= slack * sizes
            if bool((~near & (sizes < most)).any()):
                return False
    return True


def _is_sum(parts: Sequence[torch.Tensor], whole: torch.Tensor) -> bool:
    """Tell whether a whole is, to the last bit, what autograd makes of parts, which it adds as they come: a quick look,
    after which it may still be their sum in another order."""
    kind = whole.shape, whole.dtype, whole.device
    every = [*parts, whole]
    if any(one.layout is not torch.strided or (one.shape, one.dtype, one.device) != kind for one in every):
        return False
    if whole.numel() <= PIECE:
        return torch.equal(functools.reduce(torch.add, parts), whole)
    pieces = zip(*(torch.split(one.detach().reshape(-1), PIECE) for one in every), strict=True)
    return all(torch.equal(functools.reduce(torch.add, each), found) for *each, found in pieces)
