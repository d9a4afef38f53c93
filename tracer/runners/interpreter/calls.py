"""Which operation of the program gave a tensor, and with what: for the rule of its node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from tracer.facts import VALUES_PER_TENSOR

MOST = 500  # operations that are kept


@dataclass(frozen=True)
class Call:
    """An operation: its path, or its name as a method, what it was given, and which of its results the tensor is."""

    path: str
    given: tuple[Any, ...]
    options: Mapping[str, Any]
    output: int
    result: torch.Tensor
    versions: tuple[int, ...]

    def is_as_it_was(self) -> bool:
        """Tell whether nothing that it was given, nor its result, was changed in place since."""
        return self.versions == _versions(self.given, self.options, self.result)


class Calls:
    """Keeps the operations of one run by their results."""

    def __init__(self) -> None:
        self._by: dict[int, Call] = {}

    def note(self, path: str, given: Sequence[Any], options: Mapping[str, Any], result: Any) -> None:
        """Note an operation, unless it changed what it was given, or was given too much."""
        results = result if isinstance(result, tuple | list) else (result,)
        known = list(tensors([*given, *options.values()]))
        large = any(one.numel() > VALUES_PER_TENSOR for one in known)
        if large or len(self._by) >= MOST or any(one is other for one in results for other in known):
            return
        for output, one in enumerate(results):
            if isinstance(one, torch.Tensor) and one.requires_grad and id(one) not in self._by:
                versions = _versions(given, options, one)
                self._by[id(one)] = Call(path, tuple(given), dict(options), output, one, versions)

    def of(self, tensor: torch.Tensor) -> Call | None:
        """Give the operation that a tensor comes from, where it is known and nothing was changed since."""
        found = self._by.get(id(tensor))
        return found if found is not None and found.is_as_it_was() else None


def tensors(values: Any) -> list[torch.Tensor]:
    """List the tensors in arguments, those in lists too, in their order."""
    found = list[torch.Tensor]()
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += tensors(value)
    return found


def _versions(given: Sequence[Any], options: Mapping[str, Any], result: torch.Tensor) -> tuple[int, ...]:
    every = [*tensors([*given, *options.values()]), result]
    return tuple(-1 if one.is_inference() else one._version for one in every)
