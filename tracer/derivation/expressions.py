"""Expressions of a program → values: tensors as formulas of their elements, and numbers as they are."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from tracer.derivation.calls import BUILTINS, call, plain
from tracer.derivation.state import NotDerived, State
from tracer.expression.program import function_path
from tracer.ops.extremes import Pair
from tracer.ops.tensor import NoRule, Tensor

_CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau, "inf": math.inf, "nan": math.nan}
_BINARY: Mapping[type, tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("sub", operator.sub),
    ast.Mult: ("mul", operator.mul),
    ast.Div: ("div", operator.truediv),
    ast.FloorDiv: ("floor_divide", operator.floordiv),
    ast.Mod: ("remainder", operator.mod),
    ast.Pow: ("pow", operator.pow),
    ast.MatMult: ("matmul", operator.matmul),
    ast.BitAnd: ("logical_and", operator.and_),
    ast.BitOr: ("logical_or", operator.or_),
    ast.BitXor: ("bitwise_xor", operator.xor),
    ast.LShift: ("lshift", operator.lshift),
    ast.RShift: ("rshift", operator.rshift),
}
_COMPARE: Mapping[type, tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Eq: ("eq", operator.eq),
    ast.NotEq: ("ne", operator.ne),
    ast.Lt: ("lt", operator.lt),
    ast.LtE: ("le", operator.le),
    ast.Gt: ("gt", operator.gt),
    ast.GtE: ("ge", operator.ge),
    ast.Is: ("is", operator.is_),
    ast.IsNot: ("is not", operator.is_not),
    ast.In: ("in", lambda a, b: a in b),
    ast.NotIn: ("not in", lambda a, b: a not in b),
}
_UNARY: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    ast.UAdd: ("positive", operator.pos),
    ast.USub: ("neg", operator.neg),
    ast.Invert: ("logical_not", operator.invert),
}


def evaluate(state: State, node: ast.expr) -> Any:
    """Evaluate an expression.

    Raises:
        NotDerived: part of it can't be followed.
    """
    rule = _RULES.get(type(node))
    if rule is None:
        raise NotDerived(f"“{type(node).__name__}” is not followed", f"line {state.line}")
    return rule(state, node)


def binary(state: State, kind: type, a: Any, b: Any) -> Any:
    """Compute an operator of two values."""
    name, python = _BINARY[kind]
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        return call(state, name, [a, b], {})
    return python(a, b)


def truth(value: Any) -> bool:
    """Tell whether a value counts as true."""
    return bool(plain(value))


def _name(state: State, node: Any) -> Any:
    return state.values[node.id]


def _attribute(state: State, node: Any) -> Any:
    path = function_path(node, state.program.own)
    if path is not None:
        return _CONSTANTS.get(node.attr, path)
    value = evaluate(state, node.value)
    if isinstance(value, Tensor):
        return _of_tensor(state, value, node.attr)
    if isinstance(value, Pair) and node.attr in ("values", "indices"):
        return getattr(value, node.attr)
    raise NotDerived(f"no derivation rule for .{node.attr}", f"line {state.line}")


def _of_tensor(state: State, x: Tensor, name: str) -> Any:
    plain_ones = {"shape": x.shape, "ndim": x.rank, "requires_grad": x.tracked, "dtype": "", "device": ""}
    if name in plain_ones:
        return plain_ones[name]
    if name in ("T", "mT", "H", "mH"):
        return call(state, "t", [x], {}) if name in "TH" else call(state, "transpose", [x, -1, -2], {})
    raise NotDerived(f"no derivation rule for .{name}", f"line {state.line}")


def _call(state: State, node: Any) -> Any:
    state.step(node)
    path = function_path(node.func, state.program.own)
    arguments = [value for one in node.args for value in _argument(state, one)]
    options = {keyword.arg: evaluate(state, keyword.value) for keyword in node.keywords}
    if path is not None:
        return call(state, path, arguments, options)
    if isinstance(node.func, ast.Name):
        if node.func.id not in BUILTINS:
            raise NotDerived(f"no derivation rule for {node.func.id}", f"line {state.line}")
        return BUILTINS[node.func.id](*arguments, **options)
    owner, name = evaluate(state, node.func.value), node.func.attr
    if isinstance(owner, list) and name == "append":
        return owner.append(*arguments)
    if not isinstance(owner, Tensor):
        raise NotDerived(f"no derivation rule for .{name}", f"line {state.line}")
    if name.endswith("_") and name != "requires_grad_":
        return _in_place(state, node, owner, name[:-1], arguments, options)
    return call(state, name, [owner, *arguments], options)


_FILLING = {"zero": "zeros_like", "fill": "full_like"}


def _in_place(
    state: State, node: Any, owner: Tensor, name: str, arguments: list[Any], options: Mapping[str, Any]
) -> Tensor:
    """Change a tensor in place: a new value under all of its names."""
    if name == "copy":
        new = call(state, "expand_as", [arguments[0], owner], {})
    else:
        new = call(state, _FILLING.get(name, name), [owner, *arguments], options)
    try:
        return state.replace(owner, new, state.program.piece(node))
    except NoRule as error:
        raise NotDerived(error.what, f"line {state.line}") from None


def _argument(state: State, node: ast.expr) -> list[Any]:
    if not isinstance(node, ast.Starred):
        return [evaluate(state, node)]
    return list(evaluate(state, node.value))


def _subscript(state: State, node: Any) -> Any:
    owner, key = evaluate(state, node.value), evaluate(state, node.slice)
    if isinstance(owner, Tensor):
        return _indexed(state, owner, key)
    return owner[key.value.item() if isinstance(key, Tensor) else key]


def _indexed(state: State, owner: Tensor, key: Any) -> Any:
    scalar = isinstance(key, Tensor) and key.kind == "int" and not key.rank
    return call(state, "[…]", [owner, plain(key) if scalar else key], {})


def _either(state: State, node: Any) -> Any:
    value: Any = None
    for part in node.values:
        value = evaluate(state, part)
        if truth(value) is isinstance(node.op, ast.Or):
            break
    return value


def _compare(state: State, node: Any) -> Any:
    left: Any = evaluate(state, node.left)
    result: Any = True
    for kind, right_node in zip(node.ops, node.comparators, strict=True):
        right = evaluate(state, right_node)
        name, python = _COMPARE[type(kind)]
        tensors = isinstance(left, Tensor) or isinstance(right, Tensor)
        result = call(state, name, [left, right], {}) if tensors else python(left, right)
        if len(node.ops) > 1 and not truth(result):
            break
        left = right
    return result


def _unary(state: State, node: Any) -> Any:
    value = evaluate(state, node.operand)
    if isinstance(node.op, ast.Not):
        return not truth(value)
    if not isinstance(value, Tensor):
        return _UNARY[type(node.op)][1](value)
    return call(state, _UNARY[type(node.op)][0], [value], {})


def _slice(state: State, node: Any) -> slice:
    return slice(*(None if one is None else plain(evaluate(state, one)) for one in (node.lower, node.upper, node.step)))


def _binary(state: State, node: Any) -> Any:
    state.step(node)
    return binary(state, type(node.op), evaluate(state, node.left), evaluate(state, node.right))


def _elements(state: State, node: Any) -> list[Any]:
    return [value for one in node.elts for value in _argument(state, one)]


_RULES: Mapping[type[ast.expr], Callable[[State, Any], Any]] = {
    ast.Constant: lambda state, node: node.value,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _either,
    ast.Compare: _compare,
    ast.IfExp: lambda state, node: evaluate(state, node.body if truth(evaluate(state, node.test)) else node.orelse),
    ast.List: _elements,
    ast.Tuple: lambda state, node: tuple(_elements(state, node)),
}
