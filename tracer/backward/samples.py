"""What is told of each tensor that flows by: small ones are copied as they come and described many at once."""

from __future__ import annotations

from collections import deque

import msgspec
import torch

from tracer.backward import small
from tracer.backward.statistics import Budget, has_data, statistics
from tracer.capture.nodes import dtype_name, known_shape
from tracer.facts import State, Statistics, Values

BATCH = 1 << 16  # elements that wait to be described


class Told(msgspec.Struct, gc=False):
    """What is told of one tensor; of a small one its statistics come with its batch, and `row` holds its numbers until
    then."""

    shape: tuple[int, ...] | None
    state: State
    statistics: Statistics | None = None
    values: Values | None = None
    row: small.Row | None = None


class Samples:
    """Takes statistics and values of tensors while they flow, so that none need be kept."""

    def __init__(self) -> None:
        self._budget = Budget()
        self._waiting: deque[Told] = deque()  # other threads may append while one is described: each is popped once
        self._elements = 0

    def take(self, tensor: torch.Tensor) -> Told:
        """Take what is told of a tensor; `finish` completes it."""
        row = small.row(tensor)
        if row is None or not len(row):
            told = Told(known_shape(tensor), "measured" if has_data(tensor) else "not measured")
            told.statistics, told.values = statistics(tensor), self._budget.values(tensor)
            return told
        told = Told(tuple(tensor.shape), "measured")
        told.row = row
        if self._budget.take(len(row)):
            told.values = Values(told.shape or (), dtype_name(tensor.dtype), small.numbers(row))
        self._waiting.append(told)
        self._elements += len(row)
        if self._elements > BATCH:
            self.finish()
        return told

    def finish(self) -> None:
        """Describe all that waits."""
        self._elements = 0
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        rows = [told.row for told in batch if told.row is not None]
        for told, found in zip(batch, small.of_rows(rows) if rows else (), strict=True):
            told.statistics, told.row = found, None
