"""Follows, in a run, the tensors that autograd does not: where each was cut off, what it was made of, and which tracked
tensors used it. There the gradient would have gone on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from tracer.capture.cuts import kind_of
from tracer.facts import CutKind

MOST = 500  # tensors that are followed


class CutPlace(NamedTuple):
    """What cut the graph: "detach" or "no_grad", in which way, and the line."""

    operation: str
    kind: CutKind
    source: str


@dataclass(frozen=True)
class Origin:
    """A tensor that autograd does not follow: the piece of text and the line that gave it, the tensors that it was
    computed from, and what cut it off, if one of those is tracked."""

    tensor: torch.Tensor
    text: str
    line: str
    read: tuple[torch.Tensor, ...]
    cut: CutPlace | None


@dataclass(frozen=True)
class Use:
    """A tracked tensor, and those without a gradient that went into it."""

    tensor: torch.Tensor
    read: tuple[torch.Tensor, ...]


class Untracked:
    """What was seen so far. `regions` are the blocks without gradients that are open, each with its line."""

    def __init__(self) -> None:
        self.origins: dict[int, Origin] = {}
        self.uses: dict[int, Use] = {}
        self.times: Counter[CutPlace] = Counter()
        self.regions: list[tuple[str, str]] = []

    def note(self, operation: str, values: Any, result: Any, text: str, line: str) -> None:
        """Look at what an operation of the program read and gave."""
        if len(self.origins) + len(self.uses) >= MOST:
            return
        read = tuple({id(tensor): tensor for tensor in _tensors(values)}.values())
        given = [tensor for tensor in _tensors(result) if not any(tensor is known for known in read)]
        cut = self._cut(operation, read, given, line)
        for tensor in given:
            if not tensor.requires_grad:
                self.origins[id(tensor)] = Origin(tensor, text, line, read, cut)
            elif not tensor.is_leaf and (lost := tuple(one for one in read if not one.requires_grad)):
                self.uses[id(tensor)] = Use(tensor, lost)

    def forget(self, named: Iterable[int]) -> None:
        """Let go of the tensors that have no name any more, when their graph is gone."""
        self.uses = {key: use for key, use in self.uses.items() if key in set(named)}

    def behind(self, ends: Iterable[torch.Tensor]) -> list[torch.Tensor]:
        """List the untracked tensors that these were made of, each after those that it was made of, with the tracked
        ones that were cut off from them."""
        found: dict[int, torch.Tensor] = {}
        waiting: list[tuple[torch.Tensor, bool]] = [(end, False) for end in reversed(list(ends))]
        while waiting:
            tensor, done = waiting.pop()
            if done:
                found.setdefault(id(tensor), tensor)
            elif id(tensor) not in found:
                origin = self.origins.get(id(tensor))
                waiting.append((tensor, True))
                read = origin.read if origin and not tensor.requires_grad else ()
                waiting += [(one, False) for one in reversed(read)]
        return list(found.values())

    def _cut(self, operation: str, read: Sequence[Any], given: Sequence[torch.Tensor], line: str) -> CutPlace | None:
        """Tell what cut off a result; an operation that gives Python numbers cuts too."""
        lost = [tensor for tensor in given if not tensor.requires_grad]
        if not any(tensor.requires_grad for tensor in read) or (given and not lost):
            return None
        kind = kind_of(operation, lost)
        if kind is None:
            return None
        inside = self.regions[-1] if self.regions and kind in ("no_grad", "inference_mode") else (operation, line)
        place = CutPlace(inside[0], kind, inside[1])
        self.times[place] += 1
        return place


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)
