"""Expressions of a program, one function each. No name is looked up outside the allow-list."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import torch

from tracer.errors import TracerError
from tracer.expression import names
from tracer.expression.program import function_path
from tracer.runners.interpreter import allowed, backward, operators, words
from tracer.runners.interpreter.run import Run
from tracer.runners.interpreter.shadows import OPERATORS


def evaluate(run: Run, node: ast.expr) -> Any:
    """Evaluate one part of an expression, and keep the tensor that it computed.

    Raises:
        ProgramError: torch or Python refused it; with its place.
        LimitPassed: a limit on steps, memory or the size of a number.
    """
    try:
        value = _EXPRESSIONS[type(node)](run, node)
    except TracerError as error:
        if error.where:
            raise
        raise words.placed(run.program, node, error) from error
    except Exception as error:
        raise words.failed(run.program, node, error) from error
    if isinstance(value, torch.Tensor) and isinstance(node, _COMPUTING):
        run.made(value, node)
    return value


_COMPUTING = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Subscript, ast.Attribute)


def _attribute(run: Run, node: Any) -> Any:
    path = function_path(node, run.program.own)
    if path is not None:
        return allowed.CONSTANTS[path]
    value = evaluate(run, node.value)
    if not allowed.has_attribute(value, node.attr):
        raise AttributeError(f"{operators.kind(value)} has no “.{node.attr}”")
    if node.attr == "grad":
        return backward.read(run, node, value)
    result = getattr(value, node.attr)
    run.did(node.attr, [value], {}, result)
    return result


def _call(run: Run, node: Any) -> Any:
    run.step(node)
    path = function_path(node.func, run.program.own)
    if path is not None:
        name, function = path, allowed.FUNCTIONS[path]
    elif isinstance(node.func, ast.Attribute):
        name, function = node.func.attr, _method(run, node.func)
    else:
        name, function = node.func.id, allowed.BUILTINS[node.func.id]
    arguments = [value for argument in node.args for value in _argument(run, argument)]
    keywords = {keyword.arg: evaluate(run, keyword.value) for keyword in node.keywords}
    owner = getattr(function, "__self__", None) if isinstance(node.func, ast.Attribute) and path is None else None
    _watch(run, node, name, [*arguments, owner], keywords)
    if name in backward.METHODS and isinstance(owner, torch.Tensor):
        return backward.METHODS[name](run, node, owner, *arguments, **keywords)
    result = function(*arguments, **keywords)
    run.did(name, arguments if owner is None else [owner, *arguments], keywords, result)
    return result


def _method(run: Run, node: ast.Attribute) -> Callable[..., Any]:
    owner = evaluate(run, node.value)
    found = allowed.method(owner, node.attr)
    if found is None:
        raise AttributeError(f"{operators.kind(owner)} has no method “{node.attr}”")
    return found


def _argument(run: Run, node: ast.expr) -> list[Any]:
    if not isinstance(node, ast.Starred):
        return [evaluate(run, node)]
    return allowed.few(evaluate(run, node.value))


def _watch(run: Run, node: ast.Call, name: str, values: list[Any], keywords: Mapping[str, Any]) -> None:
    """Note what makes a run unlike another (random numbers), and what autograd can't follow."""
    drawn = name in names.RANDOM or (isinstance(node.func, ast.Attribute) and f"torch.{name}" in names.RANDOM)
    run.random |= drawn and keywords.get("training") is not False
    plain = name in names.CUTTING_BUILTINS and isinstance(node.func, ast.Name)
    tracked = any(isinstance(value, torch.Tensor) and value.requires_grad for value in values)
    if tracked and (plain or name.startswith("math.") or name in names.CUTTING_METHODS):
        run.cut(node, run.program.piece(node))


def _subscript(run: Run, node: Any) -> Any:
    owner, index = evaluate(run, node.value), evaluate(run, node.slice)
    if not isinstance(owner, torch.Tensor | list | tuple):
        raise TypeError(f"{operators.kind(owner)} has no entries")
    result = owner[index]
    run.did("getitem", [owner, index], {}, result)
    return result


def _slice(run: Run, node: Any) -> slice:
    ends = (node.lower, node.upper, node.step)
    return slice(*(None if end is None else evaluate(run, end) for end in ends))


def _binary(run: Run, node: Any) -> Any:
    run.step(node)
    left, right = evaluate(run, node.left), evaluate(run, node.right)
    result = operators.binary(type(node.op), left, right)
    run.did(OPERATORS.get(type(node.op), ""), [left, right], {}, result)
    return result


def _unary(run: Run, node: Any) -> Any:
    operand = evaluate(run, node.operand)
    result = operators.UNARY[type(node.op)](operand)
    run.did(OPERATORS.get(type(node.op), ""), [operand], {}, result)
    return result


def _constant(run: Run, node: Any) -> Any:
    run.shadows.typed(node, run.program.piece(node))
    return node.value


def _either(run: Run, node: Any) -> Any:
    """Evaluate `and` or `or`: the first value that decides."""
    value: Any = None
    for part in node.values:
        value = evaluate(run, part)
        if bool(value) is isinstance(node.op, ast.Or):
            break
    return value


def _compare(run: Run, node: Any) -> Any:
    left: Any = evaluate(run, node.left)
    result: Any = True
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        run.step(node)
        right = evaluate(run, right_node)
        result = operators.COMPARE[type(operator)](left, right)
        if len(node.ops) > 1 and not result:
            break
        left = right
    return result


def _starred_list(run: Run, node: Any) -> list[Any]:
    return [value for element in node.elts for value in _argument(run, element)]


_EXPRESSIONS: Mapping[type[ast.expr], Callable[[Run, Any], Any]] = {
    ast.Constant: _constant,
    ast.Name: lambda run, node: run.value(node),
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _either,
    ast.Compare: _compare,
    ast.IfExp: lambda run, node: evaluate(run, node.body if evaluate(run, node.test) else node.orelse),
    ast.List: _starred_list,
    ast.Tuple: lambda run, node: tuple(_starred_list(run, node)),
}
