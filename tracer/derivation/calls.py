"""Calls of a program: to an operator with a rule, to one that only numbers are known of, or to a function of Python."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tracer.derivation.state import NotDerived, State
from tracer.ops.extremes import Pair
from tracer.ops.making import kind_named
from tracer.ops.operator import Operator
from tracer.ops.table import OPS, operator
from tracer.ops.tensor import NoRule, Tensor, given, tensor, unknown

_PLACES = {"input": 0, "self": 0, "tensors": 0, "mat1": 1, "batch1": 1}
_SECOND = ("other", "target", "mat2", "vec2", "vec", "exponent", "tensor1", "batch2")
_SAME = {"axis": "dim", "keepdims": "keepdim", "index": "places"}


def call(state: State, path: str, arguments: list[Any], options: Mapping[str, Any]) -> Any:
    """Call an operator by its path or as a method, whose owner is the first argument."""
    name = path.rpartition(".")[2]
    if path.startswith("math."):
        return getattr(math, name)(*map(plain, arguments))
    if name in _SPECIAL and (not path.startswith("torch.") or name in _EITHER):
        return _SPECIAL[name](state, *arguments, **options)
    try:
        result = _by_rule(state, path, name, arguments, options)
    except NoRule as error:
        result = _unknown(state, path, arguments, options, error.what)
    return result if state.follow else _all_held(state, result)


def prepared(
    path: str, name: str, arguments: list[Any], options: Mapping[str, Any]
) -> tuple[Operator, list[Any], dict[str, Any]]:
    """Give the operator that a call means, and what it is given under the names that its rule has.

    Raises:
        NoRule: there is none.
    """
    found = operator(name)
    if found is None or path in _OTHER_MEANING or (path in _MATRIX and _has_order(arguments, options)):
        raise NoRule(f"no derivation rule for {name}")
    if name in ("max", "min") and len(arguments) > 1 and isinstance(arguments[1], Tensor):
        found = OPS["maximum" if name == "max" else "minimum"]
    return found, *_bound(found.rule, arguments, options)


def applied(operator: Operator, name: str, arguments: list[Any], options: Mapping[str, Any]) -> Any:
    """Apply the rule of an operator.

    Raises:
        NoRule: it has none for these arguments.
    """
    try:
        return operator.rule(*arguments, **options)
    except NoRule as error:
        raise NoRule(f"no derivation rule for {name} here: {error.what}") from None
    except (TypeError, ValueError, IndexError, AttributeError, KeyError, ZeroDivisionError) as error:
        raise NoRule(f"no derivation rule for {name} with these arguments") from error


def _by_rule(state: State, path: str, name: str, arguments: list[Any], options: Mapping[str, Any]) -> Any:
    found, args, more = prepared(path, name, arguments, options)
    result = applied(found, name, args, more)
    state.tell(found.told(*args, **more))
    if isinstance(result, Tensor) and result.view and args and isinstance(args[0], Tensor):
        state.viewing(result, args[0])
    for one in result if isinstance(result, tuple) else ():
        if isinstance(one, Tensor) and one.view and args and isinstance(args[0], Tensor):
            state.viewing(one, args[0])
    return result


_OTHER_MEANING = {"F.unfold", "torch.nn.functional.unfold", "torch.linalg.multi_dot"}
_MATRIX = {"torch.linalg.norm", "torch.linalg.matrix_norm"}


def _has_order(arguments: list[Any], options: Mapping[str, Any]) -> bool:
    """Tell whether a norm of a matrix is asked for by its order, which is then no norm of its elements."""
    order = arguments[1] if len(arguments) > 1 else options.get("ord")
    return order not in (None, "fro") and tensor(arguments[0]).rank > 1 and not isinstance(options.get("dim"), int)


def _bound(
    rule: Callable[..., Any], arguments: list[Any], options: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Give torch's names of arguments the names, or the places, that the rule has for them."""
    known = inspect.signature(rule).parameters
    args, more = list(arguments), dict[str, Any]()
    for key, value in options.items():
        if key not in known and key in _PLACES:
            args.insert(_PLACES[key], value)
        elif key not in known and key in _SECOND:
            args.append(value)
        elif key in ("inplace", "out", "generator", "device", "requires_grad") and key not in known:
            continue
        else:
            more[key if key in known else _SAME.get(key, key)] = value
    return args, more


def _unknown(state: State, path: str, arguments: list[Any], options: Mapping[str, Any], why: str) -> Any:
    """Take an operator's numbers as they are, where they can be known, and say that it has no rule."""
    inputs = list(_tensors([*arguments, *options.values()]))
    values = (
        state.oracle(path, [numbers(one) for one in arguments], {k: numbers(v) for k, v in options.items()})
        if (state.oracle)
        else None
    )
    if values is None:
        raise NotDerived(why, f"line {state.line}")
    return _wrapped(values, inputs, f"line {state.line}: {why}")


def _wrapped(values: Any, inputs: list[Tensor], why: str) -> Any:
    if isinstance(values, np.ndarray | np.generic):
        return unknown(np.asarray(values), inputs, why)
    if isinstance(values, list | tuple):
        return type(values)(_wrapped(one, inputs, why) for one in values)
    return values


def _tensors(values: Any) -> Any:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)


def numbers(value: Any) -> Any:
    """Give an array in the place of a tensor."""
    if isinstance(value, Tensor):
        return value.value
    return type(value)(map(numbers, value)) if type(value) in (list, tuple) else value


def plain(value: Any) -> Any:
    """Give a number in the place of a tensor of one element."""
    return value.value.item() if isinstance(value, Tensor) else value


def _all_held(state: State, result: Any) -> Any:
    if isinstance(result, Tensor):
        return state.held(result, "held constant by no_grad") if result.tracked else result
    if isinstance(result, Pair):
        return Pair(_all_held(state, result.values), result.indices)
    return tuple(_all_held(state, one) for one in result) if isinstance(result, tuple) else result


def _detach(state: State, x: Tensor) -> Tensor:
    return state.held(x, "held constant by detach")


def _item(state: State, x: Tensor) -> Any:
    return state.held(x, "held constant by item()") if x.kind == "float" and x.tracked else plain(x)


def _to(state: State, x: Tensor, dtype: Any = None, **options: Any) -> Tensor:
    name = dtype if dtype is not None else options.get("dtype")
    if not isinstance(name, str):
        return x
    return _as(state, x, name)


def _as(state: State, x: Tensor, name: str) -> Tensor:
    kind = kind_named(name, x.kind)
    if kind == x.kind:
        if "16" in name or "half" in name:
            state.tell(f"rounded to {name.rpartition('.')[2]}; torch takes the derivative of rounding as 1")
        return x
    if kind == "float":
        return Tensor(x.shape, x.at, False, "float")
    return given(x.value.astype({"int": np.int64, "bool": np.bool_}[kind]), "c", told=f"held constant by {name}()")


def _conversion(name: str) -> Callable[..., Tensor]:
    return lambda state, x: _as(state, x, name)


def _size(state: State, x: Tensor, dim: int | None = None) -> Any:
    return x.shape if dim is None else x.shape[dim]


_SPECIAL: Mapping[str, Callable[..., Any]] = {
    "detach": _detach,
    "item": _item,
    "tolist": lambda state, x: x.value.tolist(),
    "size": _size,
    "dim": lambda state, x: x.rank,
    "ndimension": lambda state, x: x.rank,
    "numel": lambda state, x: math.prod(x.shape),
    "nelement": lambda state, x: math.prod(x.shape),
    "to": _to,
    "type_as": lambda state, x, other: x,
    "float": _conversion("float"),
    "double": _conversion("double"),
    "half": _conversion("half"),
    "bfloat16": _conversion("bfloat16"),
    "long": _conversion("long"),
    "int": _conversion("int"),
    "bool": _conversion("bool"),
    "cpu": lambda state, x: x,
}
_EITHER = ("detach", "numel")


def _rows(value: Any) -> list[Any]:
    if isinstance(value, Tensor):
        return list(OPS["unbind"].rule(value))
    return list(value)


def _round(x: Any, digits: int = 0) -> Any:
    return round(plain(x), digits) if digits else round(plain(x))


def _sum(value: Any, start: Any = 0) -> Any:
    """Add up with the operator of tensors."""
    found = start
    for one in _rows(value):
        if isinstance(found, Tensor) or isinstance(one, Tensor):
            found = one if isinstance(found, int) and found == 0 else OPS["add"].rule(found, one)
        else:
            found = found + one
    return found


def _extreme(largest: bool) -> Callable[..., Any]:
    def choose(*values: Any) -> Any:
        found = _rows(values[0]) if len(values) == 1 else list(values)
        return (max if largest else min)(found, key=plain)

    return choose


BUILTINS: Mapping[str, Callable[..., Any]] = {
    "abs": lambda x: OPS["abs"].rule(x) if isinstance(x, Tensor) else abs(x),
    "bool": lambda x: bool(plain(x)),
    "enumerate": lambda value, start=0: list(enumerate(_rows(value), start)),
    "float": lambda x: float(plain(x)),
    "int": lambda x: int(plain(x)),
    "len": lambda x: x.shape[0] if isinstance(x, Tensor) else len(x),
    "max": _extreme(True),
    "min": _extreme(False),
    "pow": lambda a, b: OPS["pow"].rule(a, b) if isinstance(a, Tensor) or isinstance(b, Tensor) else a**b,
    "range": lambda *ends: range(*map(plain, ends)),
    "round": _round,
    "sum": _sum,
    "zip": lambda *values: list(zip(*map(_rows, values), strict=False)),
}
rows = _rows
