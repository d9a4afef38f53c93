"""All operators that have a rule: one table, joined from one file a family, and the other names of each."""

from __future__ import annotations

from collections.abc import Mapping

from tracer.ops import (
    activations,
    convolution,
    elementwise,
    extremes,
    indexing,
    joining,
    linear_algebra,
    losses,
    making,
    normalisation,
    reductions,
    shape,
)
from tracer.ops.operator import Operator

_FAMILIES = (
    elementwise, activations, reductions, extremes, linear_algebra, shape, joining, indexing, normalisation, losses,
    convolution, making,
)  # fmt: skip
OPS: Mapping[str, Operator] = {name: row for family in _FAMILIES for name, row in family.TABLE.items()}

ALIASES: Mapping[str, str] = {
    "absolute": "abs", "fabs": "abs", "negative": "neg", "subtract": "sub", "multiply": "mul", "divide": "div",
    "true_divide": "div", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "arctan2": "atan2", "expit": "sigmoid", "gammaln": "lgamma",
    "psi": "digamma", "float_power": "pow", "sgn": "sign", "fix": "trunc", "clip": "clamp", "fmax": "maximum",
    "fmin": "minimum", "greater": "gt", "less": "lt", "greater_equal": "ge", "less_equal": "le", "equal": "eq",
    "not_equal": "ne", "concat": "cat", "concatenate": "cat", "row_stack": "vstack", "swapaxes": "transpose",
    "swapdims": "transpose", "moveaxis": "movedim", "adjoint": "t", "ger": "outer", "vector_norm": "norm",
    "matrix_norm": "norm", "inv": "inverse", "msort": "sort", "radians": "deg2rad", "degrees": "rad2deg",
    "reshape_as": "view_as",
}  # fmt: skip


def operator(name: str) -> Operator | None:
    """Give the operator of a name, or of its other names."""
    return OPS.get(ALIASES.get(name, name))
