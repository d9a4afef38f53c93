"""Tensors that a program makes: constants, whose elements are numbers or depend on the index alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from tracer.algebra import index
from tracer.algebra.expressions import Expr, add, multiply, number, same
from tracer.ops.operator import TORCH, Operator
from tracer.ops.shape import sizes_of
from tracer.ops.tensor import At, Kind, NoRule, Tensor, given, tensor

_INTEGERS = ("int", "long", "short", "uint8")


def kind_named(dtype: Any, other: Kind) -> Kind:
    """Give the kind of number that a dtype's name says."""
    if dtype is None:
        return other
    name = str(dtype).rpartition(".")[2]
    if "complex" in name or name.startswith("c"):
        raise NoRule("complex numbers have no rule here")
    return "bool" if name == "bool" else "int" if name.startswith(_INTEGERS) else "float"


def _filled(value: Any) -> Callable[..., Tensor]:
    return lambda *sizes, dtype=None, **options: full(sizes_of(sizes), value, dtype=dtype or "float32")


def full(size: Any, fill_value: Any, dtype: Any = None, **options: Any) -> Tensor:
    """A constant everywhere."""
    x = tensor(fill_value)
    shape = (size,) if isinstance(size, int) else tuple(size)
    return Tensor(shape, lambda at: x.at(()), x.tracked, kind_named(dtype, x.kind))


def _like(value: Any) -> Callable[..., Tensor]:
    return lambda x, dtype=None, **options: full(x.shape, value, dtype=dtype or {"int": "int64"}.get(x.kind, "float32"))


def _eye(n: int, m: int | None = None, dtype: Any = None, **options: Any) -> Tensor:
    shape = (n, n if m is None else m)
    return Tensor(shape, lambda at: same(at[0], at[1]), False, kind_named(dtype, "float"))


def _arange(*ends: Any, dtype: Any = None, **options: Any) -> Tensor:
    start, end, step = (0, ends[0], 1) if len(ends) == 1 else (ends[0], ends[1], ends[2] if len(ends) > 2 else 1)
    n = len(np.arange(start, end, step))
    whole = all(isinstance(one, int) for one in (start, end, step))

    def at(place: At) -> Expr:
        if whole:
            return "i", index.shift(index.scale(place[0], step), start)
        return add(number(start), multiply(number(step), ("i", place[0])))

    return Tensor((n,), at, False, kind_named(dtype, "int" if whole else "float"))


def _linspace(start: Any, end: Any, steps: int, **options: Any) -> Tensor:
    gap = number((number(end)[1] - number(start)[1]) * Fraction(1, max(steps - 1, 1)))
    return Tensor((steps,), lambda at: add(number(start), multiply(gap, ("i", at[0]))))


def _tensor(data: Any, dtype: Any = None, **options: Any) -> Tensor:
    if isinstance(data, Tensor):
        return Tensor(data.shape, given(data.value, "c").at, False, data.kind)
    plain = _plain(data)
    array = np.array(plain)
    if array.dtype.kind not in "biuf":
        raise NoRule("a tensor of these values has no rule")
    if array.ndim == 0:
        return tensor(array.item())
    kind = kind_named(dtype, "bool" if array.dtype.kind == "b" else "int" if array.dtype.kind in "iu" else "float")
    return given(array.astype({"float": np.float64, "int": np.int64, "bool": np.bool_}[kind]), "c")


def _plain(data: Any) -> Any:
    if isinstance(data, list | tuple):
        return [_plain(one) for one in data]
    return data.value.item() if isinstance(data, Tensor) and not data.rank else data


def _one_hot(x: Any, num_classes: int = -1) -> Tensor:
    x = tensor(x)
    n = int(x.value.max()) + 1 if num_classes == -1 else num_classes
    return given(np.eye(n, dtype=np.int64)[x.value], "o")


_ROWS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "zeros": ("0", _filled(0.0)),
    "ones": ("1", _filled(1.0)),
    "full": ("the value", full),
    "zeros_like": ("0", _like(0)),
    "ones_like": ("1", _like(1)),
    "full_like": ("the value", lambda x, fill_value, **options: full(x.shape, fill_value)),
    "eye": ("[i = j]", _eye),
    "arange": ("i", _arange),
    "linspace": ("a + i·(b − a) / (n − 1)", _linspace),
    "tensor": ("the numbers", _tensor),
    "one_hot": ("[j = xᵢ]", _one_hot),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{TORCH}{name}.html") for name, (label, rule) in _ROWS.items()
}
