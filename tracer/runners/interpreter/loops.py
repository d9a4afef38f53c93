"""What the loops of a program were like from pass to pass: their names, the sides of their conditions, and how these
came out."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from tracer.backward.statistics import Budget
from tracer.expression.program import Program
from tracer.facts import Line
from tracer.runners.interpreter.account import Given, told
from tracer.runners.interpreter.shadows import Shadows
from tracer.values import Loop, Turn

MOST_TURNS = 1000  # of one loop; of later passes, only the last is kept
MOST_NUMBERS = 64  # of a tensor whose numbers are kept from pass to pass

Looping = ast.While | ast.For
_recorded = torch._C._autograd._get_sequence_nr


@dataclass
class _Noted:
    """A loop as it runs: the names that are looked at, its passes, and its turns."""

    names: tuple[str, ...]
    begun: bool = False
    passes: int = 0
    turns: list[Turn] = field(default_factory=list)


class Loops:
    """Notes how things stand before the first pass of each loop, and after every pass."""

    def __init__(self, program: Program, shadows: Shadows) -> None:
        self._program, self._shadows, self._budget = program, shadows, Budget()
        self._noted: dict[Looping, _Noted] = {}
        self._watched: dict[ast.AST, Looping] = {}
        self._sides: dict[Looping, list[Line]] = {}

    def begin(self, node: Looping) -> None:
        """Note that a loop is come to, for the first time or again."""
        if node not in self._noted:
            self._noted[node] = _Noted(_names(node))
            if isinstance(node, ast.While):
                compared = (part for part in ast.walk(node.test) if isinstance(part, ast.Compare))
                self._watched.update(dict.fromkeys(compared, node))
        self._noted[node].begun = False

    def compared(self, node: ast.Compare, sides: Sequence[Any]) -> None:
        """Note the sides of a comparison in the condition of a loop, but for names and numbers that are written out."""
        loop = self._watched.get(node)
        if loop is not None:
            written = zip((node.left, *node.comparators), sides, strict=False)  # a chain may have ended early
            self._sides.setdefault(loop, []).extend(
                self._told(loop, self._program.piece(part), value)
                for part, value in written
                if not isinstance(part, ast.Name | ast.Constant)
            )

    def stand(self, node: Looping, values: Mapping[str, Any], holds: bool | None = None) -> None:
        """Note how things stand: before the first pass, or after another one; `holds` is how the condition came out."""
        noted, sides = self._noted[node], self._sides.pop(node, [])
        begins, noted.begun = not noted.begun, True
        noted.passes += not begins
        named = [self._told(node, name, values[name]) for name in noted.names if name in values]
        del noted.turns[MOST_TURNS + 1 :]
        noted.turns.append(Turn(noted.passes, _recorded(), (*named, *sides), holds, begins))

    def told(self) -> Iterator[Loop]:
        """Tell all loops that were come to, by line."""
        piece = self._program.piece
        for node, noted in sorted(self._noted.items(), key=lambda item: item[0].lineno):
            test = piece(node.test) if isinstance(node, ast.While) else None
            text = f"while {test}" if isinstance(node, ast.While) else f"for {piece(node.target)} in {piece(node.iter)}"
            yield Loop(node.lineno, node.end_lineno or node.lineno, text, test, noted.passes, tuple(noted.turns))

    def _told(self, node: Looping, name: str, value: Any) -> Line:
        tracked, exact = isinstance(value, torch.Tensor) and value.requires_grad, self._shadows.of(value)
        if isinstance(value, torch.Tensor):
            value = value.detach() if value.numel() <= MOST_NUMBERS else value.detach().to("meta")
        return told(node.lineno, name, Given(value, tracked, 1, exact), self._budget)


def _names(node: Looping) -> tuple[str, ...]:
    """List the names that a loop gives a value to, in the order of the text, then others that its condition reads."""
    inside = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    stored = [part for part in inside if isinstance(part.ctx, ast.Store)]
    read = [part for part in ast.walk(node.test) if isinstance(part, ast.Name)] if isinstance(node, ast.While) else []
    stored.sort(key=lambda part: (part.lineno, part.col_offset))
    return tuple(dict.fromkeys(part.id for part in (*stored, *read)))
