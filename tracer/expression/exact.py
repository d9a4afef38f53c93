"""Exact arithmetic of a program: arrays of fractions, one rule an operation, and the partial derivatives of each rule.

A rule is written once, for anything that can be added and multiplied. Of fractions it gives the value; of `Dual`
numbers, which carry their partial derivatives along, also the derivative by each element that went in. An operation
without a rule, or one whose result is no fraction, is simply not known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

BITS = 256  # of a numerator or denominator: longer ones are no help to anyone
DIGITS = 12  # of a decimal that a person types; a float with more comes from computing
Array = Any  # of NumPy, of objects: Fractions or Duals
Key = Hashable


class Dual:
    """A fraction and its partial derivatives by the elements that it depends on."""

    __slots__ = ("partials", "value")

    def __init__(self, value: Fraction, partials: Mapping[Key, Fraction]) -> None:
        self.value, self.partials = value, partials

    def __add__(self, other: Any) -> Dual:
        return _joined(value_of(self) + value_of(other), self, 1, other, 1)

    def __sub__(self, other: Any) -> Dual:
        return _joined(value_of(self) - value_of(other), self, 1, other, -1)

    def __rsub__(self, other: Any) -> Dual:
        return _joined(value_of(other) - value_of(self), self, -1, other, 1)

    def __mul__(self, other: Any) -> Dual:
        a, b = value_of(self), value_of(other)
        return _joined(a * b, self, b, other, a)

    def __truediv__(self, other: Any) -> Dual:
        a, b = value_of(self), value_of(other)
        return _joined(a / b, self, 1 / Fraction(b), other, -a / (b * b))

    def __rtruediv__(self, other: Any) -> Dual:
        a, b = value_of(other), value_of(self)
        return _joined(a / b, self, -a / (b * b), other, 0)

    def __pow__(self, exponent: int) -> Dual:
        slope = exponent * self.value ** (exponent - 1) if exponent else Fraction(0)
        return _joined(self.value**exponent, self, slope, 0, 0)

    def __neg__(self) -> Dual:
        return _joined(-self.value, self, -1, 0, 0)

    __radd__, __rmul__ = __add__, __mul__


def value_of(element: Any) -> Any:
    """Give the value of an element, without its derivatives."""
    return element.value if isinstance(element, Dual) else element


def _joined(value: Fraction, a: Any, slope_a: Any, b: Any, slope_b: Any) -> Dual:
    partials: dict[Key, Fraction] = {}
    for element, slope in ((a, slope_a), (b, slope_b)):
        if isinstance(element, Dual) and slope:
            for key, partial in element.partials.items():
                partials[key] = partials.get(key, 0) + slope * partial
    return Dual(value, partials)


def duals(array: Array, which: int) -> Array:
    """Give an array whose elements depend on themselves: by the key (which, flat index)."""
    flat = [Dual(value, {(which, number): Fraction(1)}) for number, value in enumerate(array.reshape(-1))]
    return _array(flat).reshape(array.shape)


def number(value: Any) -> Fraction | None:
    """Read a number as a person typed it: 2, "1/3", 0.1 as one tenth. `None`: not finite, complex, or none of these."""
    if isinstance(value, int):
        return Fraction(value)
    text = repr(value) if isinstance(value, float) else str(value).strip().replace("−", "-")
    if isinstance(value, float) and sum(map(str.isdigit, text.partition("e")[0].lstrip("-0."))) > DIGITS:
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def array(values: Sequence[Any], shape: Sequence[int]) -> Array | None:
    """Read numbers as a person typed them into an array; `None` where one of them is no fraction."""
    found = [number(value) for value in values]
    return None if None in found else _array(found).reshape(tuple(shape))


def compute(operation: str, operands: Sequence[Any], options: Mapping[str, Any]) -> Array | tuple[Array, ...] | None:
    """Compute an operation of arrays of fractions, with plain arguments beside them; `None`: no rule, no fraction."""
    rule = RULES.get(operation)
    if rule is None:
        return None
    try:
        found = rule(*operands, **{name: value for name, value in options.items() if name not in _UNCHANGING})
    except (ArithmeticError, TypeError, ValueError, IndexError, AttributeError):  # not what the rule is for
        return None
    return tuple(map(_array, found)) if isinstance(found, tuple) else _array(found)


def fits(found: Array) -> bool:
    """Tell whether all are fractions, short enough to be shown."""
    return all(
        isinstance(element, int | Fraction)
        and max(element.numerator.bit_length(), element.denominator.bit_length()) <= BITS
        for element in map(value_of, found.reshape(-1))
    )


_UNCHANGING = frozenset({"dtype", "device", "requires_grad", "memory_format"})


def _array(values: Any) -> Array:
    found = np.empty(np.shape(values), dtype=object) if isinstance(values, list) else np.asarray(values, dtype=object)
    if isinstance(values, list):
        found[...] = values
    return found


def _divide(a: Any, b: Any) -> Any:
    return Fraction(a) / b if isinstance(a, int) else a / b


def _power(a: Any, exponent: Any) -> Any:
    whole = exponent.item() if isinstance(exponent, np.ndarray) and not exponent.shape else exponent
    if isinstance(whole, Dual) or whole != int(whole):
        raise ValueError("only whole powers of a fraction are fractions")
    return (Fraction(a) if isinstance(a, int) else a) ** int(whole)


def _each(function: Callable[..., Any]) -> Callable[..., Any]:
    """Apply a function to each element, or to those of two arrays that stand at one place."""
    return lambda *arrays: np.frompyfunc(function, len(arrays), 1)(*arrays)


def _sum(a: Array, dim: Any = None, keepdim: bool = False) -> Any:
    return a.sum(axis=tuple(dim) if isinstance(dim, list) else dim, keepdims=keepdim)


def _mean(a: Array, dim: Any = None, keepdim: bool = False) -> Any:
    total = _sum(a, dim, keepdim)
    return total * Fraction(max(np.size(total), 1), a.size)


def _largest(a: Array, sign: int) -> Any:
    """Give the largest element; where several are as large, each has its share of the derivative."""
    most = max(sign * value_of(element) for element in a.reshape(-1))
    ties = [element for element in a.reshape(-1) if sign * value_of(element) == most]
    return sum(ties[1:], ties[0]) * Fraction(1, len(ties))


def _larger(a: Any, b: Any) -> Any:
    x, y = value_of(a), value_of(b)
    return (a + b) * Fraction(1, 2) if x == y else a if x > y else b


def _notebooks_max(a: Array) -> Any:
    """Give the largest element; each that is as large has the whole derivative, as the lesson's Max has it."""
    return _largest(a, 1) + sum(
        element - value_of(element) for element in a.reshape(-1) if value_of(element) == _top(a)
    ) * (1 - Fraction(1, sum(value_of(element) == _top(a) for element in a.reshape(-1))))


def _top(a: Array) -> Any:
    return max(map(value_of, a.reshape(-1)))


def _shape(a: Array, sizes: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], list | tuple) else sizes


def _squeeze(a: Array, dim: Any = None) -> Array:
    return a if dim is not None and a.shape[dim] != 1 else a.squeeze(dim)


def _matrices(a: Array, b: Array) -> Any:
    return np.matmul(a, b)


RULES: Mapping[str, Callable[..., Any]] = {
    **dict.fromkeys(("add",), lambda a, b: a + b),
    **dict.fromkeys(("sub", "subtract"), lambda a, b: a - b),
    **dict.fromkeys(("mul", "multiply"), lambda a, b: a * b),
    **dict.fromkeys(("div", "divide", "true_divide"), _divide),
    **dict.fromkeys(("neg", "negative"), lambda a: -a),
    **dict.fromkeys(("positive", "clone", "contiguous", "detach", "double", "float", "item"), lambda a: a),
    **dict.fromkeys(("matmul", "mm", "mv", "bmm", "dot", "inner"), _matrices),
    **dict.fromkeys(("abs", "absolute"), _each(lambda a: a * ((value_of(a) > 0) - (value_of(a) < 0)))),
    **dict.fromkeys(("reshape", "view"), lambda a, *sizes: a.reshape(_shape(a, sizes))),
    **dict.fromkeys(("flatten", "ravel"), lambda a: a.reshape(-1)),
    **dict.fromkeys(("t", "T"), lambda a: a.T),
    "pow": _power,
    "square": lambda a: a**2,
    "reciprocal": lambda a: a**-1,
    "outer": lambda a, b: a.reshape(-1, 1) * b,
    "sum": _sum,
    "mean": _mean,
    "relu": _each(lambda a: a if value_of(a) > 0 else a * 0),
    "maximum": _each(_larger),
    "minimum": _each(lambda a, b: -_larger(-a, -b)),
    "max": lambda a: _largest(a, 1),
    "min": lambda a: _largest(a, -1),
    "trace": lambda a: a.trace(),
    "mT": lambda a: a.swapaxes(-1, -2),
    "transpose": lambda a, first, second: a.swapaxes(first, second),
    "permute": lambda a, *axes: a.transpose(_shape(a, axes)),
    "squeeze": _squeeze,
    "unsqueeze": lambda a, dim: np.expand_dims(a, dim),
    "expand": lambda a, *sizes: np.broadcast_to(a, _shape(a, sizes)),
    "unbind": lambda a: tuple(a),
    "stack": lambda parts, dim=0: np.stack(parts, dim),
    "cat": lambda parts, dim=0: np.concatenate(parts, dim),
    "getitem": lambda a, index: a[index],
    "tensor": lambda values: values if isinstance(values, np.ndarray) else _array(values),
    "ones": lambda *sizes: np.full(_shape(sizes, sizes), Fraction(1)),
    "zeros": lambda *sizes: np.full(_shape(sizes, sizes), Fraction(0)),
    "full": lambda sizes, value: np.full(tuple(sizes), value),
    "ones_like": lambda a: a * 0 + 1,
    "zeros_like": lambda a: a * 0,
    "arange": lambda *ends: _array([Fraction(step) for step in range(*ends)]),
    "eye": lambda size: _array([[Fraction(row == column) for column in range(size)] for row in range(size)]),
    "Add": lambda a, b: a + b,
    "Split": lambda a: (a, a),
    "Max": _notebooks_max,
}
"""What each operation computes, by the name that torch has for it."""


def text(found: Array) -> tuple[str, ...]:
    """Write each fraction so that it can be read back: "3/2", "-4"."""
    return tuple(str(element) for element in found.reshape(-1))


def close(found: Array, numbers: Sequence[float], tolerance: float) -> bool:
    """Tell whether fractions are what was computed in floating point, but for its rounding."""
    exact = [float(element) for element in found.reshape(-1)]
    if len(exact) != len(numbers) or not all(map(math.isfinite, numbers)):
        return False
    room = tolerance * max((abs(value) for value in exact), default=0.0)
    return all(abs(a - b) <= room for a, b in zip(exact, numbers, strict=True))
