"""Readings in vectors and matrices → numbers, by numpy's own products: a second way to compute what is written."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.algebra.functions import FUNCTIONS

RELATIONS = {">": np.greater, "<": np.less, "≥": np.greater_equal, "≤": np.less_equal, "=": np.equal, "≠": np.not_equal}


def numbers_of(reading: Any, shape: tuple[int, ...]) -> Any:
    """Compute a reading; a vector is a column. `shape` is that of the result."""
    found = np.asarray(_value(reading, shape[0] if shape else None))
    return found.reshape(shape) if found.size == np.prod(shape) else np.broadcast_to(found, shape)


def _value(a: Any, rows: int | None) -> Any:
    kind = a[0]
    if kind == "t":
        value = a[1].value
        return value[:, None] if value.ndim == 1 else value
    if kind == "T":
        return np.ones((1, rows or 1)) if a[1] == ("1",) else _value(a[1], rows).T
    if kind == "1":
        return np.ones((rows or 1, 1))
    if kind == "n":
        return float(a[1])
    if kind == "@":
        return _chain(a[1], rows)
    if kind in ("⊙", "·"):
        found: Any = 1.0
        for one in a[1]:
            found = found * _scalar(_value(one, rows), kind)
        return found
    if kind == "+":
        return sum(float(c) * _value(one, rows) for c, one in a[1])
    if kind == "c":
        found = float(a[1]) * _value(a[3], rows)
        for one in a[2]:
            found = found * float(np.asarray(_value(one, None)).item())
        return found
    if kind == "^":
        return _value(a[1], rows) ** float(a[2])
    if kind == "f":
        return FUNCTIONS[a[1]].compute(_value(a[2], rows))
    if kind == "v":
        return RELATIONS[a[1]](_value(a[2], rows), float(a[3])).astype(float)
    assert kind == "diag"
    return np.diag(_value(a[1], rows).ravel())


def _scalar(value: Any, kind: str) -> Any:
    return float(np.asarray(value).item()) if kind == "·" else value


def _chain(parts: Any, rows: int | None) -> Any:
    """Multiply from the left; 𝟏 and 𝟏ᵀ take the length of their neighbour."""
    values = [None if one in (("1",), ("T", ("1",))) else _value(one, rows) for one in parts]
    for place, one in enumerate(parts):
        if values[place] is None:
            if one == ("1",):
                values[place] = np.ones((values[place - 1].shape[1], 1))
            else:
                values[place] = np.ones((1, values[place + 1].shape[0]))
    found = values[0]
    for value in values[1:]:
        found = found @ value
    return found
