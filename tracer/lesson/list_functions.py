"""Functions of queries that know numbers and lists alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from tracer.lesson.query_syntax import Function, Value, whole


def _elements(value: Value) -> Any:
    return np.asarray(value, dtype=object)


def _norm(value: Value) -> Value:
    squares = (_elements(value) ** 2).sum()
    return _root(squares)


def _root(value: Any) -> Value:
    """Give the square root: exact where it is a fraction."""
    if isinstance(value, Fraction) and value >= 0:
        parts = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if parts[0] ** 2 == value.numerator and parts[1] ** 2 == value.denominator:
            return Fraction(*parts)
    return math.sqrt(value)


LIST_FUNCTIONS: Mapping[str, Function] = {
    "sum": lambda value, *axis: _elements(value).sum(axis=whole(axis[0]) if axis else None),
    "mean": lambda value: _elements(value).sum() / Fraction(_elements(value).size),
    "product": lambda value: _elements(value).prod(),
    "abs": lambda value: abs(value),
    "min": lambda value: _elements(value).min(),
    "max": lambda value: _elements(value).max(),
    "norm": _norm,
    "sqrt": _root,
    "log2": lambda value: math.log2(value),
    "floor": lambda value: math.floor(value),
    "ceil": lambda value: math.ceil(value),
    "transpose": lambda value: _elements(value).T,
    "reverse": lambda value: _elements(value)[..., ::-1],
    "flat": lambda value: _elements(value).reshape(-1),
    "length": lambda value: len(_elements(value)),
    "zeros": lambda value: int((_elements(value) == 0).sum()),
    "nonzero": lambda value: int((_elements(value) != 0).sum()),
}
