"""What-if: edits of a program that cut a way of the gradient, so that two recordings can be compared."""

from __future__ import annotations

import ast

import msgspec

from tracer.errors import InvalidSetting, ProgramError
from tracer.experiment import Expression
from tracer.expression.syntax import read
from tracer.expression.values import given


def detached(experiment: Expression, name: str, line: int) -> Expression:
    """Detach a name right after the line that gives it a value; lines keep their numbers.

    Raises:
        ProgramError: the program can't be read, or that line gives the name no value of its own.
    """
    program = read(experiment.program, experiment.inputs)
    every = [node for node in ast.walk(program.tree) if isinstance(node, ast.Assign | ast.AugAssign)]
    every = [node for node in every if _gives(node, name)]
    giving = [node for node in every if node.end_lineno == line]
    if not giving:
        choices = sorted({node.end_lineno or 1 for node in every})
        cure = f"Choose line {' or '.join(map(str, choices))}" if choices else "Choose a name that a line gives"
        raise ProgramError(f"No “{name[:40]} = …” ends on this line", f"line {line}", cure)
    last = max(giving, key=lambda node: node.end_col_offset or 0)
    rows = [row.encode() for row in program.lines]
    end = last.end_col_offset or 0
    rows[line - 1] = rows[line - 1][:end] + f"; {name} = {name}.detach()".encode() + rows[line - 1][end:]
    return msgspec.structs.replace(experiment, program=b"\n".join(rows).decode())


def last_line(experiment: Expression, name: str, line: int) -> int:
    """Find the last line of the statement that stands on a line and gives a name a value; that line where none does.

    Raises:
        ProgramError: the program can't be read.
    """
    tree = read(experiment.program, experiment.inputs).tree
    every = [node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AugAssign) and _gives(node, name)]
    return next((end for node in every if node.lineno <= line <= (end := node.end_lineno or node.lineno)), line)


def frozen(experiment: Expression, name: str) -> Expression:
    """Let autograd follow an input no more.

    Raises:
        InvalidSetting: there is no input of this name.
    """
    if name not in experiment.inputs:
        cure = f"Choose one of {', '.join(experiment.inputs)}" if experiment.inputs else "Add an input"
        raise InvalidSetting(f"There is no input “{name[:40]}”", "inputs", cure)
    still = msgspec.structs.replace(given(name, experiment.inputs[name]), requires_grad=False)
    return msgspec.structs.replace(experiment, inputs={**experiment.inputs, name: still})


def _gives(node: ast.Assign | ast.AugAssign, name: str) -> bool:
    """Tell whether a statement gives a name a value."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    parts = [part for target in targets for part in ast.walk(target)]
    return any(isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) and part.id == name for part in parts)
