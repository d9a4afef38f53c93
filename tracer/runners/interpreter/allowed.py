"""The names of the allow-list → the functions and constants themselves."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional

from tracer.errors import LimitPassed
from tracer.expression import names
from tracer.quantities import count
from tracer.runners.interpreter import custom
from tracer.runners.interpreter.operators import ENTRIES, binary, kind

_ROOTS: Mapping[str, Any] = {"torch": torch, "F": torch.nn.functional, "math": math}


def _follow(path: str) -> Any:
    root, *rest = path.split(".")
    found = _ROOTS[root]
    for name in rest:
        found = getattr(found, name)
    return found


def items(value: Any) -> Iterable[Any]:
    """Give what a loop goes through: the rows of a tensor, or the entries of a list, a tuple or a range.

    Raises:
        TypeError: it can't be gone through.
    """
    if isinstance(value, torch.Tensor):
        if value.dim() == 0:
            raise TypeError("a scalar tensor has no rows to go through")
        return value.unbind(0)
    if isinstance(value, list | tuple | range):
        return value
    raise TypeError(f"{kind(value)} has no entries to go through")


def few(value: Any) -> list[Any]:
    """Give the same as a list, if it is not longer than a list may be.

    Raises:
        LimitPassed: it is longer.
    """
    if isinstance(value, range | list | tuple) and len(value) > ENTRIES:
        what = f"This has more than {count(ENTRIES)} entries"
        raise LimitPassed(what, cure="Use a tensor, which is computed as a whole")
    return list(items(value))


def _extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: choose(few(values[0]) if len(values) == 1 else values)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {path: _follow(path) for path in names.FUNCTIONS}
CONSTANTS: Mapping[str, Any] = {path: _follow(path) for path in names.CONSTANTS}
BUILTINS: Mapping[str, Callable[..., Any]] = {
    **custom.FUNCTIONS,
    "abs": abs,
    "bool": bool,
    "complex": complex,
    "enumerate": lambda value, start=0: list(enumerate(few(value), start)),
    "float": float,
    "int": int,
    "len": len,
    "max": _extreme(max),
    "min": _extreme(min),
    "pow": lambda base, exponent: binary(ast.Pow, base, exponent),
    "range": range,
    "round": round,
    "sum": lambda value, start=0: sum(few(value), start),
    "zip": lambda *values: list(zip(*map(few, values), strict=False)),
}
GRAD_MODES: Mapping[str, Callable[[], Any]] = {
    "no_grad": torch.no_grad,
    "enable_grad": torch.enable_grad,
    "inference_mode": torch.inference_mode,
}


def method(value: Any, name: str) -> Callable[..., Any] | None:
    """Give a method of a tensor or a list, `None` where the list has no such name for it."""
    known = names.METHODS if type(value) is torch.Tensor else names.LIST_METHODS if type(value) is list else ()
    return getattr(value, name) if name in known else None


def has_attribute(value: Any, name: str) -> bool:
    """Tell whether a program may read this attribute of this value."""
    if type(value) is torch.Tensor:
        return name in names.TENSOR_ATTRIBUTES
    if isinstance(value, tuple):
        return name in names.RESULT_ATTRIBUTES and hasattr(value, name)
    return isinstance(value, int | float | complex) and name in names.NUMBER_ATTRIBUTES
