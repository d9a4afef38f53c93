"""Python's operators, with a limit where a few characters could ask for endless numbers."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch

from tracer.errors import LimitPassed
from tracer.expression.syntax import INTEGER_BITS
from tracer.quantities import count

ENTRIES = 10_000

BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
INPLACE: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.iadd,
    ast.Sub: operator.isub,
    ast.Mult: operator.imul,
    ast.Div: operator.itruediv,
    ast.FloorDiv: operator.ifloordiv,
    ast.Mod: operator.imod,
    ast.Pow: operator.ipow,
    ast.MatMult: operator.imatmul,
    ast.BitAnd: operator.iand,
    ast.BitOr: operator.ior,
    ast.BitXor: operator.ixor,
    ast.LShift: operator.ilshift,
    ast.RShift: operator.irshift,
}
UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: operator.contains(b, a),
    ast.NotIn: lambda a, b: not operator.contains(b, a),
}
_BITS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Pow: lambda a, b: a.bit_length() * max(b, 0),
    ast.Mult: lambda a, b: a.bit_length() + b.bit_length(),
    ast.LShift: lambda a, b: a.bit_length() + max(b, 0),
}
"""How many bits the result of two whole numbers may have."""


def binary(kind_of: type[ast.operator], a: Any, b: Any, *, inplace: bool = False) -> Any:
    """Compute a binary operator, in place where asked and where the left value can be changed.

    Raises:
        LimitPassed: the result would be a whole number of too many digits, or a list of too many entries.
        TypeError: a text stands on one side.
    """
    if isinstance(a, str) or isinstance(b, str):
        raise TypeError("a text can't be calculated with")
    if isinstance(a, int) and isinstance(b, int) and kind_of in _BITS and _BITS[kind_of](a, b) > INTEGER_BITS:
        what = f"This whole number would have more than {count(1200)} digits"
        raise LimitPassed(what, cure="Write one of its parts with a point, 10.0**3, for a number with limited digits")
    if any(isinstance(side, list | tuple) for side in (a, b)) and _entries(a, b) > ENTRIES:
        raise LimitPassed(f"This list would have more than {count(ENTRIES)} entries", cure="Use a tensor")
    return (INPLACE if inplace else BINARY)[kind_of](a, b)


def _entries(a: Any, b: Any) -> int:
    """Count the entries that joining two lists, or repeating one, gives."""
    sizes = [len(side) if isinstance(side, list | tuple) else None for side in (a, b)]
    if None not in sizes:
        return sum(size or 0 for size in sizes)
    times = next((side for side in (a, b) if isinstance(side, int)), 1)
    return max(size or 0 for size in sizes) * max(times, 0)


def kind(value: Any) -> str:
    """Say what a value is: "a tensor", "a number", "a list"."""
    for types, word in _KINDS:
        if isinstance(value, types):
            return word
    return "nothing (None)" if value is None else f"a {type(value).__name__}"


_KINDS: tuple[tuple[Any, str], ...] = (
    (torch.Tensor, "a tensor"),
    (bool, "True or False"),
    ((int, float, complex), "a number"),
    (str, "a text"),
    (list, "a list"),
    (tuple, "a tuple"),
    (type(...), "an ellipsis (…)"),
)
