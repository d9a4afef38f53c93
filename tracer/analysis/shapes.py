"""Facts → the rows of the Shapes table."""

from __future__ import annotations

import math

import msgspec

from tracer.facts import Facts, Tensor


class ShapeRow(msgspec.Struct, frozen=True):
    """A named tensor: its role, shape, the meaning of its axes, its number of elements and its bytes.

    `exact` are its values as fractions, where they are known so. Shape, elements and bytes are `None` where they are
    not known, as those of a nested tensor.
    """

    name: str
    role: str
    shape: tuple[int, ...] | None
    axes: tuple[str, ...] | None
    elements: int | None
    bytes: int | None
    dtype: str
    device: str
    values: tuple[bool | int | float, ...] | None = None
    exact: tuple[str, ...] | None = None


def shapes(facts: Facts) -> tuple[ShapeRow, ...]:
    """List the tensors that have a name, in the order in which they came to be."""
    return tuple(_row(tensor.name, tensor) for tensor in facts.tensors if tensor.name is not None)


def _row(name: str, tensor: Tensor) -> ShapeRow:
    return ShapeRow(
        name=name,
        role=tensor.role or "value",
        shape=tensor.shape,
        axes=tensor.axes,
        elements=None if tensor.shape is None else math.prod(tensor.shape),
        bytes=tensor.bytes,
        dtype=tensor.dtype,
        device=tensor.device,
        values=tensor.values.numbers if tensor.values else None,
        exact=tensor.values.exact if tensor.values else None,
    )
