"""The columns of the convolution's tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from gui.tables.columns import Column
from tracer import quantities
from tracer.analysis.gradients import GradientRow
from tracer.convolution import shapes
from tracer.convolution.cost import Cost
from tracer.convolution.layer import Settings
from tracer.convolution.shapes import ShapeRow
from tracer.facts import Check

ROLES = {"x": "input", "weight": "kernels", "bias": "one per kernel", "y": "output"}

SHAPES = (
    Column("tensor", lambda row: row.name),
    Column("role", lambda row: ROLES.get(row.name, row.role), spare=3),
    Column("shape", lambda row: quantities.brackets(row.shape), colour=lambda row: _shape_colour(row)),
    Column(
        "axes", lambda row: ", ".join(row.axes), "What each number of the shape counts", lambda _row: "muted", spare=1
    ),
    Column("elements", lambda row: quantities.count(row.elements), right=True, spare=2),
    Column("memory", lambda row: quantities.size(row.bytes), right=True),
)


def _shape_colour(row: ShapeRow) -> str:
    return "forward_text" if row.name == "y" else "text"


def _agreement(row: GradientRow, check: Check | None) -> str:
    if row.state != "measured":
        return "no gradient" if row.state == "none" else row.state
    if check is None:
        return "not checked"
    return f"{'✓' if _agrees(check) else '✗'} {check.agreed} of {check.tried}"


def _agrees(check: Check) -> bool:
    return check.agreed == check.tried


def agreement_colour(check: Check | None) -> str:
    """Give the colour of a check: that of a leaf where all agree, of a problem where one does not."""
    if check is None:
        return "muted"
    return "leaf_text" if _agrees(check) else "problem"


GRADIENTS = (
    Column("tensor", lambda row: f"{row.name}.grad"),
    Column("shape", lambda row: quantities.brackets(row.shape)),
    Column("mean", lambda row: quantities.figure(row.mean), "", lambda _row: "backward_text", right=True),
    Column("std", lambda row: quantities.figure(row.std), "Divided by n − 1, as torch does", right=True, spare=2),
    Column("max abs", lambda row: quantities.figure(row.max_abs), "The largest absolute value", right=True, spare=3),
    Column("norm", lambda row: quantities.figure(row.norm), "‖g‖, the Euclidean norm", right=True),
    Column(
        "zero",
        lambda row: quantities.share(row.zeros),
        "The share of elements that are exactly zero",
        right=True,
        spare=1,
    ),
    Column(
        "finite diff.",
        lambda row: _agreement(row, row.check),
        "How many of the elements tried agree with central finite differences in float64",
        lambda row: agreement_colour(row.check),
    ),
    Column(
        "by rule",
        lambda row: _agreement(row, row.rule),
        "How many of the elements tried agree with the layer's rule, a sum of products written out without autograd",
        lambda row: agreement_colour(row.rule),
        spare=4,
    ),
)


class CostRow(NamedTuple):
    """One figure of the cost, and how it comes about."""

    name: str
    value: str
    how: str


COST = (
    Column("cost", lambda row: row.name),
    Column("value", lambda row: row.value, right=True),
    Column("how it comes about", lambda row: row.how, colour=lambda _row: "muted", elastic=True),
)


def cost_rows(settings: Settings, cost: Cost) -> tuple[CostRow, ...]:
    """Write the cost as rows, each with its arithmetic."""
    weight = shapes.weight_shape(settings)
    taps, per_output = settings.transposed, "" if cost.taps is None else quantities.count(cost.taps)
    biases = f" + {quantities.count(cost.biases)} biases" if cost.biases else ", no bias"
    times = "inputs" if taps else "outputs"
    number = cost.inputs if taps else cost.outputs
    fan = math.prod(weight[1:])
    rows = [
        CostRow("parameters", quantities.count(cost.parameters), f"{_product(weight)} weights{biases}"),
        CostRow("taps per output", per_output, f"{_product(weight[1:])}, zeros of the padding included"),
        CostRow(
            "multiply–adds", quantities.count(cost.multiply_adds), f"{quantities.count(number)} {times} × {fan} each"
        ),
        CostRow("kept for backward", quantities.size(cost.saved_bytes), "x and weight, and a padded copy where made"),
        CostRow("as a dense matrix", dense(cost), f"{quantities.count(cost.dense_cells)} cells, for one of the batch"),
        CostRow("non-zero", quantities.share(cost.share), _joined(cost)),
        CostRow("first weights", f"±{quantities.figure(cost.bound)}", f"uniform in ±1/√{fan}"),
    ]
    return tuple(row for row in rows if row.value)


def dense(cost: Cost) -> str:
    """Write the size of the same map as one matrix."""
    return f"{quantities.count(cost.dense_rows)} × {quantities.count(cost.dense_columns)}"


def _joined(cost: Cost) -> str:
    return "not counted: too many" if cost.joined is None else f"{quantities.count(cost.joined)} cells hold a weight"


def _product(numbers: Sequence[int]) -> str:
    return " × ".join(map(str, numbers))
