"""Statements of a program, one function each."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, Literal

import torch

from tracer.errors import ProgramError, TracerError
from tracer.expression.exact import Array
from tracer.expression.program import Program, dotted
from tracer.runners.interpreter import allowed, operators, words
from tracer.runners.interpreter.backward import gathering
from tracer.runners.interpreter.expressions import evaluate
from tracer.runners.interpreter.run import Backward, Run
from tracer.runners.interpreter.shadows import OPERATORS

Signal = Literal["break", "continue", "stop"] | None


def run(
    program: Program,
    given: Mapping[str, torch.Tensor],
    saw: Callable[[torch.Tensor], None] | None = None,
    at_backward: Backward | None = None,
    exact: Mapping[str, Array] | None = None,
) -> Run:
    """Run a program with values for its inputs, and give all that it made.

    `saw` is told every tensor computed; `at_backward` says what is done at a .backward() (`None`: it runs). `exact`
    are the inputs that are known as fractions; without it, nothing is followed exactly.

    Raises:
        ProgramError: a line failed; says which, and torch's words.
        LimitPassed: it took too many steps or too much memory.
    """
    state = Run(program, given, saw, at_backward, exact)
    _block(state, program.tree.body)
    return state


def _block(run: Run, statements: list[ast.stmt]) -> Signal:
    for node in statements:
        signal = _statement(run, node)
        if signal is not None:
            return signal
    return None


def _statement(run: Run, node: ast.stmt) -> Signal:
    run.step(node)
    try:
        signal = _STATEMENTS[type(node)](run, node)
        return "stop" if run.stopped else signal
    except TracerError as error:
        if error.where:
            raise
        raise words.placed(run.program, node, error) from error
    except Exception as error:  # whatever torch raises is told with its place
        raise words.failed(run.program, node, error) from error


def _on_line(run: Run, node: ast.AST, expression: ast.expr) -> Any:
    """Evaluate an expression, and note that what autograd records meanwhile belongs to this line."""
    with run.line(node):
        return evaluate(run, expression)


def _assign(run: Run, node: Any) -> Signal:
    value = _on_line(run, node, node.value)
    for target in node.targets:
        _bind(run, node, target, value, node.value)
    return None


def _bind(run: Run, statement: ast.stmt, target: Any, value: Any, source: ast.expr) -> None:
    if isinstance(target, ast.Name):
        run.bind(target.id, value, run.program.piece(source), statement)
    elif isinstance(target, ast.Attribute):
        _set(run, statement, target, value)
    elif isinstance(target, ast.Subscript):
        _put(run, statement, target, evaluate(run, target.value), evaluate(run, target.slice), value)
    else:
        _unpack(run, statement, target, value, source)


def _unpack(run: Run, statement: ast.stmt, target: Any, value: Any, source: ast.expr) -> None:
    """Bind each name of `a, b = …` to its value; a tuple that is written out gives each its own piece of text."""
    with run.line(statement):
        rows = allowed.items(value)
        run.did("unbind", [value], {}, rows)
    values = list(rows)
    if len(values) != len(target.elts):
        names = f"{len(target.elts)} names" if len(target.elts) > 1 else "1 name"
        what = f"There are {len(values)} values for {names}"
        raise ProgramError(what, run.program.place(target), f"Write {len(values)} names on the left")
    written = isinstance(source, ast.Tuple | ast.List) and len(source.elts) == len(values)
    for number, (part, item) in enumerate(zip(target.elts, values, strict=True)):
        if isinstance(part, ast.Name):
            piece = run.program.piece(source.elts[number] if written else source)  # type: ignore[attr-defined]
            run.bind(part.id, item, piece if written else f"{piece}[{number}]", statement)
        else:
            _bind(run, statement, part, item, source)


def _put(run: Run, statement: ast.stmt, target: ast.Subscript, owner: Any, index: Any, value: Any) -> None:
    """Set one entry of a tensor or a list."""
    if not isinstance(owner, torch.Tensor | list):
        raise TypeError(f"{operators.kind(owner)} has no entries that can be set")
    with run.line(statement):
        owner[index] = value
    piece = run.program.piece(target.value)
    run.changed(owner, f"{piece} with {run.program.piece(statement)}", statement)
    run.tell(statement, piece, owner)


def _set(run: Run, statement: ast.stmt, target: ast.Attribute, value: Any) -> None:
    """Set the .grad of a tensor."""
    owner = evaluate(run, target.value)
    if not isinstance(owner, torch.Tensor):
        raise TypeError(f"{operators.kind(owner)} has no .{target.attr} that can be set")
    setattr(owner, target.attr, value)
    run.tell(statement, run.program.piece(target), value)


def _augment(run: Run, node: Any) -> Signal:
    """Change a value in place, as `+=` does with a tensor, and give the name or entry the result."""
    piece = run.program.piece
    text = f"{piece(node.target)} {_SYMBOLS[type(node.op)]} {piece(node.value)}"
    if isinstance(node.target, ast.Name):
        result = _changed(run, node, run.value(node.target), text)
        run.bind(node.target.id, result, text, node)
        return None
    if isinstance(node.target, ast.Attribute):
        _set(run, node, node.target, _changed(run, node, evaluate(run, node.target), text))
        return None
    owner, index = evaluate(run, node.target.value), evaluate(run, node.target.slice)
    with run.line(node):
        entry = owner[index]
    _put(run, node, node.target, owner, index, _changed(run, node, entry, text))
    return None


def _changed(run: Run, node: Any, current: Any, text: str) -> Any:
    value = _on_line(run, node, node.value)
    with run.line(node):
        result = operators.binary(type(node.op), current, value, inplace=True)
    if result is not current:
        run.did(OPERATORS.get(type(node.op), ""), [current, value], {}, result)
    run.changed(result, text, node)
    return result


_SYMBOLS: Mapping[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip


def _expression(run: Run, node: Any) -> Signal:
    value = _on_line(run, node, node.value)
    if value is not None:
        run.tell(node, _name_of(run, value), value)
    return None


def _name_of(run: Run, value: Any) -> str | None:
    """Find the name of a tensor that a line changed in place, as y.add_(1) and x.grad.zero_() do."""
    names = [name for name, known in run.values.items() if known is value]
    names += [f"{name}.grad" for name, leaf in gathering(run) if leaf.grad is value]
    return names[0] if names else None


def _if(run: Run, node: Any) -> Signal:
    return _block(run, node.body if _test(run, node) else node.orelse)


def _test(run: Run, node: Any) -> bool:
    """Evaluate the condition of a line, and note how it came out."""
    holds = bool(_on_line(run, node, node.test))
    run.tell(node, None, holds)
    return holds


def _while(run: Run, node: Any) -> Signal:
    while _test(run, node):
        run.step(node)
        signal = _block(run, node.body)
        if signal == "break":
            break
        if signal == "stop":
            return signal
    return None


def _for(run: Run, node: Any) -> Signal:
    with run.line(node):
        source = evaluate(run, node.iter)
        rows = allowed.items(source)
        run.did("unbind", [source], {}, rows)
    for row in rows:
        run.step(node)
        _bind(run, node, node.target, row, node.iter)
        signal = _block(run, node.body)
        if signal == "break":
            break
        if signal == "stop":
            return signal
    return None


def _with(run: Run, node: Any) -> Signal:
    mode = (dotted(node.items[0].context_expr.func) or "").rpartition(".")[2]
    if mode != "enable_grad":
        run.cut(node, f"with torch.{mode}()")
    with allowed.GRAD_MODES[mode]():
        return _block(run, node.body)


_STATEMENTS: Mapping[type[ast.stmt], Callable[[Run, Any], Signal]] = {
    ast.Assign: _assign,
    ast.AugAssign: _augment,
    ast.Expr: _expression,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.With: _with,
    ast.Pass: lambda run, node: None,
    ast.Break: lambda run, node: "break",
    ast.Continue: lambda run, node: "continue",
}
