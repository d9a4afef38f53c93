"""A program → what ran, as named stages: branches that were not taken leave no trace, loops are written out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tracer.algebra.evaluate import TooLarge
from tracer.algebra.expressions import multiply
from tracer.derivation.calls import rows
from tracer.derivation.expressions import binary, evaluate, truth
from tracer.derivation.state import Label, NotDerived, Oracle, Pass, State
from tracer.expression.program import Program, dotted
from tracer.ops.reductions import total_of
from tracer.ops.tensor import NoRule, Stage, Tensor, given, mapped, staged

Signal = Literal["break", "continue"] | None
ELEMENTS = 10_000


@dataclass(frozen=True)
class Ran:
    """What a program was: its inputs, the names of its stages, and the scalar that backward starts from.

    `output` is the tensor that was asked for; the root is its weighted sum where it is no scalar. `flow` tells which
    branches and passes ran, `notes` tell of kinks, ties and what was held constant.
    """

    program: Program
    inputs: Mapping[str, Stage]
    labels: Mapping[Stage, Label]
    output: Stage
    root: Stage
    flow: tuple[str, ...]
    notes: tuple[str, ...]


def walk(
    program: Program,
    inputs: Mapping[str, tuple[Any, bool]],
    output: str | None = None,
    gradient: Any = None,
    oracle: Oracle | None = None,
) -> Ran:
    """Follow a program with values for its inputs, each an array and whether autograd follows it.

    Raises:
        NotDerived: a line can't be followed; says which, and why.
    """
    state = State(program, oracle, {})
    leaves = {name: given(value, name, tracked) for name, (value, tracked) in inputs.items()}
    for name, leaf in leaves.items():
        if leaf.value.size > ELEMENTS:
            raise NotDerived(f"{name} has more than 10 000 elements, which is too many to derive by hand")
        state.bind(name, leaf, "")
    try:
        _block(state, program.tree.body)
    except NoRule as error:
        raise NotDerived(error.what, f"line {state.line}") from None
    except TooLarge:
        raise NotDerived("Its numbers are too many to be computed by hand", f"line {state.line}") from None
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
        raise NotDerived("This is not followed", f"line {state.line}") from error
    named = _output(state, output, leaves)
    root = _root(state, named, gradient)
    stages = {name: leaf.stage for name, leaf in leaves.items() if leaf.stage is not None}
    assert named.stage is not None and root.stage is not None
    return Ran(program, stages, state.labels, named.stage, root.stage, tuple(state.flow), tuple(state.notes))


def _output(state: State, wanted: str | None, leaves: Mapping[str, Tensor]) -> Tensor:
    made = [v for n, v in state.values.items() if isinstance(v, Tensor) and v is not leaves.get(n)]
    found = state.values.get(wanted) if wanted is not None else made[-1] if made else None
    if not isinstance(found, Tensor):
        raise NotDerived("The program gives no tensor a name")
    return state.label(found, wanted or "y", "")


def _root(state: State, output: Tensor, gradient: Any) -> Tensor:
    """Give the scalar that backward starts from: the output, or its sum, weighted by the gradient that is given."""
    if not output.tracked:
        raise NotDerived("Autograd does not follow the output, so it has no gradient")
    if not output.shape and gradient is None:
        return output
    weighted = output
    if gradient is not None:
        v = state.label(given(np.asarray(gradient, dtype=np.float64), "v"), _unused(state, "vg"), "", 0)
        weighted = mapped(multiply, v, output)
    return state.label(staged(total_of(weighted), "L"), _unused(state, "LSQ"), "", 0)


def _unused(state: State, letters: str) -> str:
    return next((one for one in letters if one not in state.given_names), letters[0] + "′")


def _block(state: State, statements: list[ast.stmt]) -> Signal:
    for node in statements:
        state.step(node)
        rule = _STATEMENTS.get(type(node))
        if rule is None:
            raise NotDerived(f"“{type(node).__name__}” is not followed", f"line {state.line}")
        signal = rule(state, node)
        if signal is not None:
            return signal
    return None


def _assign(state: State, node: Any) -> Signal:
    value = evaluate(state, node.value)
    for target in node.targets:
        _bind(state, target, value, state.program.piece(node.value))
    return None


def _bind(state: State, target: Any, value: Any, text: str) -> None:
    if isinstance(target, ast.Name):
        state.bind(target.id, value, text)
    elif isinstance(target, ast.Tuple | ast.List):
        for part, one in zip(target.elts, rows(value), strict=True):
            _bind(state, part, one, text)
    else:
        owner = evaluate(state, target.value)
        if isinstance(owner, Tensor):
            raise NotDerived("writing into a part of a tensor is not followed", f"line {state.line}")
        owner[evaluate(state, target.slice)] = value


def _augment(state: State, node: Any) -> Signal:
    if not isinstance(node.target, ast.Name):
        raise NotDerived("writing into a part of a tensor is not followed", f"line {state.line}")
    old = state.values[node.target.id]
    new = binary(state, type(node.op), old, evaluate(state, node.value))
    if isinstance(old, Tensor):
        state.replace(old, new, state.program.piece(node))
    else:
        state.bind(node.target.id, new, state.program.piece(node))
    return None


def _expression(state: State, node: Any) -> Signal:
    evaluate(state, node.value)
    return None


def _if(state: State, node: Any) -> Signal:
    line, taken = node.lineno, truth(evaluate(state, node.test))
    state.flow[f"line {line}: {state.program.piece(node.test)} is {taken}{_in_pass(state)}"] = None
    return _block(state, node.body if taken else node.orelse)


def _in_pass(state: State) -> str:
    return f" in pass {state.passes[-1].number + 1}" if state.passes else ""


def _while(state: State, node: Any) -> Signal:
    number, outer, entered = 0, state.passes, _enter(state)
    while truth(evaluate(state, node.test)):
        state.passes = (*outer, Pass(node.lineno, entered, number))
        number += 1
        state.step(node)
        if _block(state, node.body) == "break":
            break
    state.passes = outer
    state.flow[f"line {node.lineno} ran {_times(number)}, while {state.program.piece(node.test)}"] = None
    return None


def _for(state: State, node: Any) -> Signal:
    outer, number, entered = state.passes, 0, _enter(state)
    for one in rows(evaluate(state, node.iter)):
        state.passes = (*outer, Pass(node.lineno, entered, number))
        number += 1
        state.step(node)
        _bind(state, node.target, one, state.program.piece(node.iter))
        if _block(state, node.body) == "break":
            break
    state.passes = outer
    state.flow[f"line {node.lineno} ran {_times(number)}"] = None
    return None


def _enter(state: State) -> int:
    state.entered += 1
    return state.entered


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _with(state: State, node: Any) -> Signal:
    mode = (dotted(node.items[0].context_expr.func) or "").rpartition(".")[2]
    before, state.follow = state.follow, mode == "enable_grad"
    signal = _block(state, node.body)
    state.follow = before
    return signal


_STATEMENTS: Mapping[type[ast.stmt], Callable[[State, Any], Signal]] = {
    ast.Assign: _assign,
    ast.AugAssign: _augment,
    ast.Expr: _expression,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.With: _with,
    ast.Pass: lambda state, node: None,
    ast.Break: lambda state, node: "break",
    ast.Continue: lambda state, node: "continue",
}
