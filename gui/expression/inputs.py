"""The inputs of a program as a person edits them: pure functions of experiments."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Mapping
from itertools import count
from typing import Any

import msgspec

from tracer.errors import InvalidSetting, TracerError
from tracer.experiment import Expression, Input
from tracer.expression.program import Program
from tracer.expression.syntax import read
from tracer.expression.values import flat, given
from tracer.expression.variants import second, with_second

LETTERS = "xwbvuts"


def of(experiment: Expression) -> dict[str, Input]:
    """Give every input as an Input, whatever form a file or a program gave it in.

    Raises:
        InvalidSetting: plain data that is no Input.
    """
    return {name: given(name, value) for name, value in experiment.inputs.items()}


def settled(experiment: Expression) -> Expression:
    """Turn every input into an Input, those of the second program too.

    Raises:
        InvalidSetting: plain data that is no Input.
    """
    found, other = msgspec.structs.replace(experiment, inputs=of(experiment)), second(experiment)
    return found if other is None else with_second(found, settled(other))


def check(experiment: Expression) -> Program:
    """Check program and inputs without running anything.

    Raises:
        ProgramError: the program is refused; `where` is its line.
        InvalidSetting: an input does not work; `where` is "inputs.x".
    """
    for name, value in of(experiment).items():
        flat(f"inputs.{name}", value.values)
    return read(experiment.program, experiment.inputs)


def assigned(program: str, inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """List the names that a program assigns, in their order; none where it can't be read."""
    try:
        tree = read(program, inputs).tree
    except TracerError:
        return ()  # the program is refused elsewhere, with its line
    stored = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return tuple(dict.fromkeys(node.id for node in sorted(stored, key=lambda node: (node.lineno, node.col_offset))))


def renamed(experiment: Expression, old: str, new: str) -> Expression:
    """Give an input another name, in its place and in the program, unless that has a use for the new name already.

    Raises:
        InvalidSetting: the new name is none that a program can use, or another input has it.
    """
    if new in experiment.inputs:
        raise InvalidSetting(f"There is an input {new} already", f"inputs.{old}", "Choose another name")
    if keyword.iskeyword(new):
        raise InvalidSetting(f"“{new}” is a word of Python's own", f"inputs.{old}", "Choose another name")
    read("a = 0", {new: 0})
    values = {new if name == old else name: value for name, value in experiment.inputs.items()}
    program = _with_name(experiment.program, old, new)
    return msgspec.structs.replace(experiment, inputs=values, program=program)


def _with_name(program: str, old: str, new: str) -> str:
    """Write the new name wherever the program has the old one; as it was where it can't be read or has the new one."""
    try:
        names = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Name)]
    except (SyntaxError, ValueError):
        return program
    if any(node.id == new for node in names):
        return program
    lines = [line.encode() for line in program.split("\n")]  # ast counts columns in bytes
    for node in sorted((node for node in names if node.id == old), key=lambda node: -node.col_offset):
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line[: node.col_offset] + new.encode() + line[node.end_col_offset :]
    return "\n".join(line.decode() for line in lines)


def added(experiment: Expression) -> dict[str, Any]:
    """Add an input of three numbers under a free name, if possible one that the program uses already."""
    taken = {*experiment.inputs, *assigned(experiment.program, experiment.inputs)}
    names = (f"{letter}{number or ''}" for number in count() for letter in LETTERS)
    return {**experiment.inputs, next(name for name in names if name not in taken): Input([1, 2, 3])}


def without(inputs: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Drop an input."""
    return {other: value for other, value in inputs.items() if other != name}


def changed(inputs: Mapping[str, Any], name: str, **fields: Any) -> dict[str, Any]:
    """Change fields of one input."""
    return {**inputs, name: msgspec.structs.replace(given(name, inputs[name]), **fields)}
