"""Watches over training steps which operations of earlier steps are reached again, and which are kept alive.

Every operation of a step's graph is marked, in its node's metadata, with one token a step that knows its step and dies
with the last of them. So a later walk stops where it meets an earlier step, and costs no more than the step itself.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import torch
from torch.autograd.graph import Node as LiveNode

from tracer.capture.freeing import LEVEL, hold_inputs
from tracer.capture.growth import Growth, Holder, Reach, Step
from tracer.capture.holders import Held, holders
from tracer.capture.living import living
from tracer.capture.notes import Notes, Told
from tracer.capture.saved import saved
from tracer.capture.unseen import unseen
from tracer.capture.walk import Walked, gradient_edge, walk

MARK = "gradtrace.step"  # and which watch it is, since two may run at once
_LEAFS_NUMBER = 2**64 - 1  # every leaf has it
_now = torch._C._autograd._get_sequence_nr


class Token:
    """Stands in the metadata of all operations of a step; `back_to` is the earliest step that its graph reaches."""

    __slots__ = ("__weakref__", "back_to", "step")

    def __init__(self, step: int) -> None:
        self.step = self.back_to = step


class Watch:
    """Watches the graph grow, inside a `with` block: call `step(loss)` once a step, and `report()` at the end."""

    def __init__(self, notes: Notes | None = None) -> None:
        self._notes, self._start = notes, _now()
        self._key = f"{MARK}.{id(self)}"
        self._steps: list[Step] = []
        self._tokens: dict[int, weakref.ref[Token]] = {}
        self._unsafe = 0  # operations in a row of steps that reach back: together they may be a deep graph
        self._report: Growth | None = None

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._report is None and kind is None:
            self._report = self._look()
        for metadata in _marked(self._key):
            del metadata[self._key]

    @unseen()
    def step(self, loss: torch.Tensor) -> Step:
        """Look at what this step added to the graph of its loss, and at what it reaches of earlier ones.

        Raises:
            TypeError: `loss` is no tensor.
        """
        if not isinstance(loss, torch.Tensor):
            raise TypeError(f"step wants the loss, a tensor, and got {type(loss).__name__}")
        self._report = None
        number = len(self._steps) + 1
        edge = gradient_edge(loss)
        nodes, older = ([], {}) if edge is None else _new_since(edge[0], self._key)
        reach = self._reach(older)
        self._protect(nodes, bool(older))
        kept = len(self._tokens) - (0 in self._tokens)  # tokens leave with the last operation that they stand in
        self._mark(nodes, number, reach)
        self._steps.append(Step(number, len(nodes), kept, reach))
        return self._steps[-1]

    def report(self) -> Growth:
        """Tell how the graph grew, and look for what in the program holds on to earlier steps."""
        if self._report is None:
            self._report = self._look()
        return self._report

    def _reach(self, older: dict[LiveNode, Token]) -> Reach | None:
        """Describe the latest step that is reached, and how far back it goes from there."""
        if not older:
            return None
        through = max(older, key=lambda node: (older[node].step, node._sequence_nr()))
        sequence = through._sequence_nr()
        told = Told() if self._notes is None or self._notes.mixed else self._notes.tell([sequence])[sequence]
        back_to = min(token.back_to for token in older.values())
        name = through.name().rpartition("::")[2]
        return Reach(older[through].step, back_to, name, told.module, told.source)

    def _mark(self, nodes: Sequence[LiveNode], number: int, reach: Reach | None) -> None:
        token, before = Token(number), Token(0)
        token.back_to = number if reach is None else reach.back_to
        for node in nodes:
            early = number == 1 and node._sequence_nr() < self._start
            _metadata(node)[self._key] = before if early else token
        self._tokens[number] = weakref.ref(token, lambda _: self._tokens.pop(number, None))
        if number == 1:
            self._tokens[0] = weakref.ref(before, lambda _: self._tokens.pop(0, None))

    def _protect(self, nodes: Sequence[LiveNode], reaches: bool) -> None:
        """Keep a graph that gets deep over many steps safe to free; how deep it is below this step is not known."""
        self._unsafe = len(nodes) + (self._unsafe if reaches else 0)
        if self._unsafe > 2 * LEVEL:
            for node in nodes:
                hold_inputs(node)

    def _live(self) -> list[Token]:
        return [token for reference in list(self._tokens.values()) if (token := reference()) is not None]

    @unseen()
    def _look(self) -> Growth:
        current = len(self._steps)
        kept = [token for token in self._live() if 0 < token.step < current]
        if not kept:
            return Growth(tuple(self._steps))
        live = sum(0 < metadata[self._key].step < current for metadata in _marked(self._key))
        tensors = _with_graphs()
        walked = walk((str(number), tensor) for number, tensor in enumerate(tensors))
        steps = [_step_of(node, self._key) for node in walked.nodes]
        held = _held(walked, steps, tensors, current)
        ours = {index for index, step in enumerate(steps) if step is not None and 0 < step < current}
        size = sum(storage.bytes for storage in saved(walked) if not ours.isdisjoint(storage.nodes))
        del walked, tensors
        found = holders(held, sys._getframe(1), {token.step for token in kept})
        rows = tuple(Holder(*row) for row in found)
        return Growth(tuple(self._steps), rows, live, size if len(ours) == live else None)


def _new_since(root: LiveNode, key: str) -> tuple[list[LiveNode], dict[LiveNode, Token]]:
    """List the operations, inputs first, that no earlier step reached, and the marked ones that they take from."""
    nodes: list[LiveNode] = []
    older: dict[LiveNode, Token] = {}
    met: dict[LiveNode, bool] = {}  # whether it was numbered
    stack = [root]
    try:
        while stack:
            node = stack[-1]
            if node not in met:
                token = None if node._sequence_nr() == _LEAFS_NUMBER else _metadata(node).get(key)
                met[node] = False
                if token is not None:
                    older[node], met[node] = token, True
                elif node._sequence_nr() != _LEAFS_NUMBER:
                    stack += [child for child, _ in node.next_functions if child is not None and child not in met]
            else:
                stack.pop()
                if not met[node] and node._sequence_nr() != _LEAFS_NUMBER:
                    nodes.append(node)
                met[node] = True
    except BaseException:
        for node in met:
            hold_inputs(node)
        raise
    return nodes, older


def _metadata(node: LiveNode) -> dict[str, Any]:
    return node.metadata  # type: ignore[return-value]  # a property, declared as a method


def _step_of(node: LiveNode, key: str) -> int | None:
    token = _metadata(node).get(key)
    return None if token is None else token.step


def _with_graphs() -> list[torch.Tensor]:
    """List all tensors of the process that have a graph."""
    return [tensor for tensor in living(torch.Tensor) if tensor.requires_grad and not tensor.is_leaf]


def _held(walked: Walked, steps: Sequence[int | None], tensors: Sequence[torch.Tensor], current: int) -> list[Held]:
    """Give for each tensor that keeps an earlier step alive the first and the last step that it reaches."""
    first = [current if step is None else step for step in steps]
    last = [0 if step is None else step for step in steps]
    for edge in walked.edges:  # inputs first, so that what a consumer takes is known by then
        first[edge.consumer] = min(first[edge.consumer], first[edge.producer])
        last[edge.consumer] = max(last[edge.consumer], last[edge.producer])
    return [
        Held(tensor, first[end.node], min(last[end.node], current - 1))
        for tensor, end in zip(tensors, walked.outputs, strict=True)
        if end.node is not None and first[end.node] < current
    ]


def _marked(key: str) -> list[dict[str, Any]]:
    """List the metadata of all live operations that are marked."""
    return [thing for thing in gc.get_objects() if type(thing) is dict and key in thing]
