"""The numbers of a gradient set out in the shape of the input, in numerator layout, or as the row of a Jacobian."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from tracer.derived import Derivation, Layout, Line, Part
from tracer.quantities import shape, values
from tracer.values import Values

LAYOUTS: Mapping[Layout, str] = {
    "shape": "in the input's shape",
    "numerator": "in numerator layout",
    "flat": "flat, as one row",
}
"""What there is to choose from, in words."""


def laid_out(one: Derivation, layout: Layout) -> Derivation:
    """Give a derivation with its numbers in another layout, and what that means; the same where they are not held."""
    if one.values is None:
        return one
    lines = list[Line]()
    for line in one.lines:
        lines += numbers(one.name, one.of, one.values, layout) if line.kind == "numbers" else [line]
    return msgspec.structs.replace(one, lines=tuple(lines))


def numbers(name: str, of: str, held: Values, layout: Layout = "shape") -> list[Line]:
    """Write the numbers of ∂of/∂name in a layout, after a sentence that says what it is where it is not torch's."""
    words, nested = _set_out(name, of, held, layout)
    line = Line("numbers", (left(name, of), Part(values(nested, held.dtype), _matrix(nested, held.dtype))), name)
    return [line] if not words else [Line("note", (Part(words),), name), line]


def left(name: str, of: str) -> Part:
    """Write ∂of/∂name."""
    return Part(f"∂{of}/∂{name}", rf"\frac{{\partial {of}}}{{\partial {name}}}")


def _set_out(name: str, of: str, held: Values, layout: Layout) -> tuple[str, Any]:
    """Give what is to be said of a layout, and the numbers in it."""
    nested, axes = held.nested(), held.shape
    if layout == "flat":
        return f"Flat, 1 × {math.prod(axes)}: the elements of {name} row by row", [list(held.numbers)]
    if layout == "shape" or not axes:
        return "", nested
    if len(axes) == 1:
        return f"In numerator layout ∂{of}/∂{name} is a row: 1 × {axes[0]}", [nested]
    if len(axes) == 2:
        turned = [list(row) for row in zip(*nested, strict=True)]
        return f"In numerator layout ∂{of}/∂{name} is transposed: row j, column i holds ∂{of}/∂{name}ᵢⱼ", turned
    return f"Numerator layout is for vectors and matrices; {name} is {shape(axes)}, and its shape is kept", nested


def _matrix(nested: Any, dtype: str) -> str | None:
    """Write numbers as a matrix of LaTeX, a vector as a row; more than two axes are none."""
    if not isinstance(nested, list):
        return values(nested, dtype).replace("−", "-")
    rows = nested if nested and isinstance(nested[0], list) else [nested]
    if any(isinstance(entry, list) for row in rows for entry in row):
        return None
    body = r" \\ ".join(" & ".join(values(entry, dtype) for entry in row) for row in rows)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}".replace("−", "-")
