"""One run of a program: its names, its steps, and every tensor that it made."""

from __future__ import annotations

import ast
import contextlib
import copy
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import torch

from tracer.capture.notes import Notes, Told
from tracer.errors import LimitPassed, ProgramError
from tracer.expression.exact import Array
from tracer.expression.program import Program
from tracer.quantities import count
from tracer.runners.interpreter.account import Account
from tracer.runners.interpreter.calls import Calls
from tracer.runners.interpreter.loops import Loops
from tracer.runners.interpreter.shadows import Shadows
from tracer.runners.interpreter.untracked import Untracked

STEPS = 20_000
NODES = 200_000  # that autograd records, of all steps together
NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})

Backward = Callable[["Run", torch.Tensor, torch.Tensor | None], Literal["run", "skip", "stop"]]
"""What is done at a .backward() of the program: given the tensor, and what it starts from."""

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
    """Tells for each number of autograd's sequence the line of the program that recorded it, and in which pass; a
    program has no modules."""

    def __init__(self) -> None:
        super().__init__()
        self._spans: dict[int | None, Told] = {}

    def span(self, start: int, end: int, line: str, turn: int) -> None:
        """Note that the numbers from start up to end were given out by this line in this pass."""
        self._spans.update(dict.fromkeys(range(start, end), Told(None, turn, line)))

    def tell(self, sequences: Iterable[int]) -> dict[int | None, Told]:
        """Tell the line and the pass of each of these numbers."""
        return {number: self._spans[number] for number in sequences if number in self._spans}


class Run:
    """What lives while a program runs. `cuts` are the places at which autograd loses the way back, `passes` count how
    often each statement began, `second` tells that it took a gradient of a gradient, `backwards` count the calls of
    .backward(), the last being that of `reached`, at which it `stopped` where it was told to."""

    def __init__(
        self,
        program: Program,
        given: Mapping[str, torch.Tensor],
        saw: Callable[[torch.Tensor], None] | None = None,
        at_backward: Backward | None = None,
        exact: Mapping[str, Array] | None = None,
    ) -> None:
        self.program, self.values = program, dict[str, Any](given)
        self.given = dict(given)
        self.lines = Lines()
        self.cuts: dict[str, str] = {}
        self.random = self.second = False
        self.steps = 0
        self.tracked: dict[int, Made] = {}
        self.untracked: dict[str, Made] = {}
        self.shadows = Shadows(given, exact)
        self.account = Account(self.shadows)
        self.untracked_ways = Untracked()
        self.loops = Loops(program, self.shadows)
        self.calls = Calls()
        self.passes: Counter[ast.AST] = Counter()
        self.backwards, self.stopped = 0, False
        self.reached: torch.Tensor | None = None
        self._saw, self._at_backward = saw, at_backward
        self._first = _recorded()

    @property
    def checking(self) -> bool:
        """Tell whether the program is run again only to compare its numbers."""
        return self._saw is not None

    def copy(self) -> Run:
        """Give the run as it is now; what runs on does not change it."""
        now = copy.copy(self)
        now.values, now.cuts = dict(self.values), dict(self.cuts)
        now.tracked, now.untracked = dict(self.tracked), dict(self.untracked)
        return now

    def step(self, node: ast.AST) -> None:
        """Count one step.

        Raises:
            LimitPassed: there were too many.
        """
        self.steps += 1
        if isinstance(node, ast.stmt):
            self.passes[node] += 1
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
        end = _recorded()
        self.lines.span(start, end, self.program.line(node), max(self.passes[node], 1))
        if end - self._first > NODES:
            what = f"Autograd recorded more than {count(NODES)} operations"
            raise LimitPassed(what, self.program.line(node), "Let a loop go round less often")

    def made(self, tensor: torch.Tensor, node: ast.expr) -> None:
        """Keep a tensor that an expression computed, unless it is known and the expression only handed it on."""
        if self._saw is not None:
            self._saw(tensor)
        known = self.tracked.get(id(tensor))
        if tensor.requires_grad and not tensor.is_leaf and (known is None or known.version != version(tensor)):
            self._keep(tensor, self.program.piece(node), node)

    def changed(self, value: Any, text: str, node: ast.AST) -> None:
        """Keep a tensor that was changed in place, with the text that did it."""
        if isinstance(value, torch.Tensor) and value.requires_grad and not value.is_leaf:
            self._keep(value, text, node)

    def bind(self, name: str, value: Any, text: str, node: ast.AST) -> None:
        """Give a value a name."""
        self.tell(node, name, value)
        self.values.pop(name, None)  # so that the newest name is the last
        self.values[name] = value
        if not isinstance(value, torch.Tensor) or any(value is tensor for tensor in self.given.values()):
            return
        if value.requires_grad and not value.is_leaf:
            known = self.tracked.get(id(value)) or self._keep(value, text, node)
            known.name = known.name or name
        else:
            self.untracked[name] = Made(value, text, self.program.line(node), self.steps, version(value), name)

    def backward(self, tensor: torch.Tensor, gradient: torch.Tensor | None) -> bool:
        """Note a call of .backward(), and tell whether it is to run."""
        self.backwards, self.reached = self.backwards + 1, tensor
        do = "run" if self._at_backward is None else self._at_backward(self, tensor, gradient)
        self.stopped = do == "stop"
        return do == "run"

    def forget(self) -> None:
        """Let go of the tensors that have no name any more: their graph is gone."""
        named = set(map(id, self.values.values()))
        self.tracked = {key: made for key, made in self.tracked.items() if key in named}
        self.untracked_ways.forget(named)

    def tell(self, node: ast.AST, name: str | None, value: Any) -> None:
        """Note what a line gave, under which name."""
        if not self.checking:
            self.account.note(getattr(node, "lineno", 1), name, value)

    def follow(
        self, node: ast.AST, operation: str, values: Sequence[Any], result: Any, options: Mapping[str, Any] = NO_OPTIONS
    ) -> None:
        """Follow an operation of the program beside torch: as fractions, for the rule of its node, and where autograd
        does not follow it."""
        self.shadows.follow(operation, values, options, result)
        if not self.checking:
            self.calls.note(operation, values, options, result)
            text, line = self.program.piece(node), self.program.line(node)
            self.untracked_ways.note(operation, [*values, *options.values()], result, text, line)

    def stand(self, node: ast.While | ast.For, holds: bool | None = None) -> None:
        """Note how things stand before or after a pass of a loop."""
        if not self.checking:
            self.loops.stand(node, self.values, holds)

    def cut(self, node: ast.AST, text: str) -> None:
        """Note a place at which autograd loses the way back."""
        self.cuts.setdefault(self.program.line(node), text)

    def _keep(self, tensor: torch.Tensor, text: str, node: ast.AST) -> Made:
        before = self.tracked.pop(id(tensor), None)
        name = before.name if before else None
        made = Made(tensor, text, self.program.line(node), self.steps, version(tensor), name)
        self.tracked[id(tensor)] = made
        return made


def version(tensor: torch.Tensor) -> int:
    """Give how often a tensor was changed in place; torch does not count it for those of inference mode."""
    return -1 if tensor.is_inference() else tensor._version
