"""What lives while a program is read for its derivation: its values, the names of stages, and what is to be told."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tracer.algebra import index
from tracer.errors import TracerError
from tracer.expression.program import Program
from tracer.ops.tensor import NoRule, Stage, Tensor, named, staged

STEPS, STAGES = 20_000, 200
Oracle = Callable[[str, list[Any], Mapping[str, Any]], Any]
"""Computes an operator that has no rule, from its path, on arrays in the place of tensors; `None` where it can't."""


class NotDerived(TracerError):
    """A program has no derivation; says which line, and why."""


class Pass(NamedTuple):
    """One pass of a loop: the line of the loop, which time the loop was entered, and the number of the pass."""

    line: int
    entered: int
    number: int


@dataclass(frozen=True)
class Label:
    """The name of a stage: the person's or one of ours, how often the name was given before, and where."""

    name: str
    version: int = 0
    line: int = 0
    text: str = ""
    passes: tuple[Pass, ...] = ()
    ours: bool = False


@dataclass
class State:
    """The values of a program as it is read, line by line."""

    program: Program
    oracle: Oracle | None
    values: dict[str, Any]
    labels: dict[Stage, Label] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    flow: dict[str, None] = field(default_factory=dict)
    given_names: dict[str, int] = field(default_factory=dict)
    passes: tuple[Pass, ...] = ()
    entered: int = 0
    steps: int = 0
    line: int = 0
    follow: bool = True
    views: dict[int, Tensor] = field(default_factory=dict)
    kept: list[Tensor] = field(default_factory=list)

    def step(self, node: ast.AST) -> None:
        """Count a step, and note the line.

        Raises:
            NotDerived: there were too many.
        """
        self.steps += 1
        self.line = getattr(node, "lineno", self.line)
        if self.steps > STEPS or len(self.labels) > STAGES:
            raise NotDerived("The program takes too many steps to be written down", f"line {self.line}")

    def tell(self, note: str | None) -> None:
        """Note a sentence about the line that runs now."""
        if note:
            self.notes[f"Line {self.line}: {note}."] = None

    def bind(self, name: str, value: Any, text: str) -> None:
        """Give a value a name; a tensor becomes a stage of that name."""
        if isinstance(value, Tensor):
            value = self.label(value, name, text)
        self.values.pop(name, None)
        self.values[name] = value

    def label(self, x: Tensor, name: str, text: str, line: int | None = None) -> Tensor:
        """Make a tensor a stage with a name, unless it has one."""
        found = staged(x, name)
        assert found.stage is not None
        if found.stage not in self.labels:
            version = self.given_names.get(name, 0)
            self.given_names[name] = version + 1
            _ = found.stage.value  # computed in the order of the program, so that nothing nests
            self.labels[found.stage] = Label(name, version, self.line if line is None else line, text, self.passes)
        if x is not found and id(x) in self.views:
            self.viewing(found, self.views[id(x)])
        return found

    def viewing(self, view: Tensor, base: Tensor) -> None:
        """Note that a tensor is a view of another: writing into one would change both."""
        self.views[id(view)] = base
        self.kept += [view, base]  # so that an id is not given again

    def replace(self, old: Tensor, new: Tensor, text: str) -> Tensor:
        """Put a new value in the place of one that was changed in place, under all of its names.

        Raises:
            NoRule: it is a view, or there are views of it.
        """
        if id(old) in self.views or any(base is old for base in self.views.values()):
            raise NoRule("writing in place through a view is not followed")
        names = [name for name, value in self.values.items() if value is old]
        if not names:
            raise NoRule("writing in place into a value without a name is not followed")
        changed = self.label(new, names[-1], text)
        for name in names:
            self.values[name] = changed
        return changed

    def held(self, x: Tensor, why: str) -> Tensor:
        """Give the same numbers as a value through which no gradient goes."""
        if not x.tracked and x.stage is not None:
            return x
        fresh = index.symbols(x.shape)
        stage = Stage(x.shape, fresh, x.at(index.indices(fresh)), False, x.kind, "c", told=why)
        return named(stage)
