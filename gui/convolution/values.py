"""The numbers of x, weight and bias as a person edits them: pure functions of nested lists."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer.convolution.layer import Settings
from tracer.convolution.shapes import axes, input_shape, weight_shape
from tracer.errors import InvalidSetting
from tracer.quantities import shape as written

FIELDS = {"x": "input", "weight": "weight", "bias": "bias_values"}  # where an experiment holds each tensor's numbers
MOST = 20_000  # numbers that are shown in cells; each edit sends all of them to the worker
FILLED = 200_000  # numbers of a tensor that is filled or pasted as a whole

Pattern = Callable[[Sequence[int], Sequence[int]], float]
PATTERNS: dict[str, Pattern] = {  # by the place in a slice and the slice's size
    "ramp": lambda place, size: _row_major(place, size) / max(1, math.prod(size) - 1),
    "impulse": lambda place, size: float(all(at == length // 2 for at, length in zip(place, size, strict=True))),
    "checker": lambda place, _size: float(sum(place) % 2),
    "sine": lambda place, _size: math.sin(sum(place) * (math.pi / 8)),
}


def numbers_of(array: NDArray[Any]) -> list[Any]:
    """Give an array as nested lists, each number with the fewest digits that give it back in the array's dtype."""
    if array.dtype == np.float64:
        listed: list[Any] = array.tolist()
        return listed
    return nested([float(text) for text in array.astype(str).reshape(-1)], array.shape)  # type: ignore[no-any-return]


def has_shape(values: Any, shape: Sequence[int]) -> bool:
    """Tell whether nested lists have a shape, down to the last row."""
    if not shape:
        return not isinstance(values, list | tuple)
    return (
        isinstance(values, list | tuple)
        and len(values) == shape[0]
        and all(has_shape(part, shape[1:]) for part in values)
    )


def shape_of(settings: Settings, tensor: str) -> tuple[int, ...]:
    """Give the shape of x, weight or bias."""
    shapes = {"x": input_shape, "weight": weight_shape}
    return shapes[tensor](settings) if tensor in shapes else (settings.out_channels,)


def axes_of(settings: Settings, tensor: str) -> tuple[str, ...]:
    """Name the axes of x, weight or bias."""
    return axes(settings)[tensor]


def rows_at(values: Any, place: Sequence[int]) -> list[list[Any]]:
    """Give the slice at a place of the first axes: the last two axes as rows, or a vector as one row."""
    for at in place:
        values = values[at]
    return [list(row) for row in values] if isinstance(values[0], list | tuple) else [list(values)]


def with_rows(values: Any, place: Sequence[int], rows: Sequence[Sequence[Any]]) -> Any:
    """Put a slice back at its place; what is not touched stays the same object."""
    if not place:
        return [list(row) for row in rows] if isinstance(values[0], list | tuple) else list(rows[0])
    return [with_rows(part, place[1:], rows) if at == place[0] else part for at, part in enumerate(values)]


def with_block(rows: Sequence[Sequence[Any]], row: int, column: int, block: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Put a block of cells into a slice, its first cell at a row and a column.

    Raises:
        InvalidSetting: it goes over the edge.
    """
    high, wide = len(block), max(map(len, block))
    if row + high > len(rows) or column + wide > len(rows[0]):
        what = f"{high} × {wide} numbers from row {row}, column {column} go over the edge"
        raise InvalidSetting(what, "", f"Choose another cell: the slice has {len(rows)} × {len(rows[0])}")
    new = [list(line) for line in rows]
    for at, line in enumerate(block):
        new[row + at][column : column + len(line)] = line
    return new


def filled(word: str, shape: Sequence[int], constant: float = 0.0) -> Any:
    """Fill a tensor: each slice of a kernel or an input with the same pattern, or all with one number."""
    size = shape[-1:] if len(shape) < 3 else shape[2:]
    constant_pattern: Pattern = lambda _place, _size: constant  # noqa: E731
    pattern = PATTERNS.get(word, constant_pattern)
    return _nested(shape, lambda place: pattern(place[-len(size) :], size))


def fitted(values: Any, shape: Sequence[int]) -> Any:
    """Cut numbers to a shape, and put zeros where there are none."""
    if not shape:
        return values if not isinstance(values, list | tuple) else 0
    parts = list(values) if isinstance(values, list | tuple) else []
    return [fitted(parts[at] if at < len(parts) else 0, shape[1:]) for at in range(shape[0])]


def axes_count(values: Any) -> int:
    """Count the axes of nested lists, going down their first entries."""
    return len(_shape(values))


def nested(numbers: Sequence[Any], shape: Sequence[int]) -> Any:
    """Nest flat numbers in row-major order."""
    if len(shape) < 2:
        return list(numbers)
    part = math.prod(shape[1:])
    return [nested(numbers[at * part : (at + 1) * part], shape[1:]) for at in range(shape[0])]


def matching(pasted: Any, shape: Sequence[int]) -> Any:
    """Give a nested list the tensor's shape if it has it, leading axes of 1 left out or not; else `None`."""
    leading = len(shape) - axes_count(pasted)
    if leading < 0 or any(length != 1 for length in shape[:leading]) or not has_shape(pasted, shape[leading:]):
        return None
    for _ in range(leading):
        pasted = [pasted]
    return pasted


def refuse_shape(pasted: Any, shape: Sequence[int]) -> InvalidSetting:
    """Say why a nested list fits neither the tensor nor a slice of it."""
    what = f"The values have the shape {written(_shape(pasted))}, and the tensor is {written(shape)}"
    return InvalidSetting(what, "", "Paste all of it, one slice, or a block of cells")


def _shape(values: Any) -> list[int]:
    found = []
    while isinstance(values, list | tuple):
        found.append(len(values))
        values = values[0] if values else None
    return found


def _nested(shape: Sequence[int], number: Callable[[tuple[int, ...]], float], place: tuple[int, ...] = ()) -> Any:
    if len(place) == len(shape):
        return number(place)
    return [_nested(shape, number, (*place, at)) for at in range(shape[len(place)])]


def _row_major(place: Sequence[int], size: Sequence[int]) -> int:
    number = 0
    for at, length in zip(place, size, strict=True):
        number = number * length + at
    return number
