"""One run of a program: its names, its steps, and every tensor that it made."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from tracer.capture.notes import Notes
from tracer.errors import LimitPassed, ProgramError
from tracer.expression.program import Program
from tracer.quantities import count

STEPS = 20_000

_recorded = torch._C._autograd._get_sequence_nr


@dataclass
class Made:
    """A tensor that a program computed: the piece of text and the line that gave it its value, the first name that
    it got, and how often it had been changed in place by then."""

    tensor: torch.Tensor
    text: str
    line: str
    when: int
    version: int
    name: str | None = None


class Lines(Notes):
    """Tells the line of the program for each number of autograd's sequence; a program has no modules."""

    def __init__(self) -> None:
        super().__init__()
        self._spans: dict[int, str] = {}

    def span(self, start: int, end: int, line: str) -> None:
        """Note that the numbers from start up to end were given out by this line."""
        self._spans.update(dict.fromkeys(range(start, end), line))

    def source(self, sequence: int) -> str | None:
        """Give the line that recorded this number: "line 2"."""
        return self._spans.get(sequence)


class Run:
    """What lives while a program runs. `cuts` are the places at which autograd loses the way back."""

    def __init__(
        self, program: Program, given: Mapping[str, torch.Tensor], saw: Callable[[torch.Tensor], None] | None = None
    ) -> None:
        self.program, self.values = program, dict[str, Any](given)
        self.given = dict(given)
        self.lines = Lines()
        self.cuts: dict[str, str] = {}
        self.random = False
        self.steps = 0
        self.tracked: dict[int, Made] = {}
        self.untracked: dict[str, Made] = {}
        self._saw = saw

    def step(self, node: ast.AST) -> None:
        """Count one step.

        Raises:
            LimitPassed: there were too many.
        """
        self.steps += 1
        if self.steps > STEPS:
            raise LimitPassed(
                f"The program took more than {count(STEPS)} steps",
                self.program.line(node),
                "See whether a loop in it ever ends, or let it go round less often",
            )

    def value(self, node: ast.Name) -> Any:
        """Give the value of a name.

        Raises:
            ProgramError: it has none yet.
        """
        if node.id not in self.values:
            raise ProgramError(
                f"“{node.id}” has no value yet", self.program.place(node), "Give it one on a line that runs before"
            )
        return self.values[node.id]

    @contextlib.contextmanager
    def line(self, node: ast.AST) -> Iterator[None]:
        """Note that what autograd records inside belongs to the line of this part."""
        start = _recorded()
        yield
        self.lines.span(start, _recorded(), self.program.line(node))

    def made(self, tensor: torch.Tensor, node: ast.expr) -> None:
        """Keep a tensor that an expression computed, unless it is known and the expression only handed it on."""
        if self._saw is not None:
            self._saw(tensor)
        known = self.tracked.get(id(tensor))
        if tensor.requires_grad and not tensor.is_leaf and (known is None or known.version != tensor._version):
            self._keep(tensor, self.program.piece(node), node)

    def changed(self, value: Any, text: str, node: ast.AST) -> None:
        """Keep a tensor that was changed in place, with the text that did it."""
        if isinstance(value, torch.Tensor) and value.requires_grad and not value.is_leaf:
            self._keep(value, text, node)

    def bind(self, name: str, value: Any, text: str, node: ast.AST) -> None:
        """Give a value a name."""
        self.values.pop(name, None)  # so that the newest name is the last
        self.values[name] = value
        if not isinstance(value, torch.Tensor) or any(value is tensor for tensor in self.given.values()):
            return
        if value.requires_grad and not value.is_leaf:
            known = self.tracked.get(id(value)) or self._keep(value, text, node)
            known.name = known.name or name
        else:
            self.untracked[name] = Made(value, text, self.program.line(node), self.steps, value._version, name)

    def cut(self, node: ast.AST, text: str) -> None:
        """Note a place at which autograd loses the way back."""
        self.cuts.setdefault(self.program.line(node), text)

    def _keep(self, tensor: torch.Tensor, text: str, node: ast.AST) -> Made:
        before = self.tracked.pop(id(tensor), None)
        made = Made(tensor, text, self.program.line(node), self.steps, tensor._version, before.name if before else None)
        self.tracked[id(tensor)] = made
        return made
