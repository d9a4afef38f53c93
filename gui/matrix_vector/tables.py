"""The columns of the tables of a matrix times a vector."""

from __future__ import annotations

from gui.inspector.node_facts import written
from gui.tables.columns import Column
from tracer import quantities
from tracer.analysis.gradients import GradientRow
from tracer.analysis.readings import AgreementRow, told
from tracer.facts import Check


def _agree(row: AgreementRow) -> str:
    return "problem" if row.agree == "differs" else "leaf_text"


def _values(row: GradientRow) -> str:
    if row.state != "measured":
        return row.state
    return written(row.values, row.shape, row.dtype) or f"‖g‖ = {quantities.figure(row.norm)}"


def _check(check: Check | None) -> str:
    return "–" if check is None else f"{'✓' if check.agreed == check.tried else '✗'} {check.agreed} of {check.tried}"


def _check_colour(check: Check | None) -> str:
    return "muted" if check is None else "leaf_text" if check.agreed == check.tried else "problem"


GAVE = "What A @ x gave, or conv1d where A is made of kernels"
BOTH = (
    Column("output", lambda row: f"y[{row.output}]"),
    Column("by rows", lambda row: row.by_rows, "The scalar product of the row with x, in exact numbers", right=True),
    Column("by columns", lambda row: row.by_columns, "The sum of all columns, in exact numbers", right=True),
    Column(
        "torch",
        lambda row: quantities.number(row.torch, row.dtype),
        GAVE,
        right=True,
    ),
    Column("agree", told, "Whether torch's number is the exact one, or off by its rounding", _agree, elastic=True),
)
RULES = {"x": "Aᵀ·1", "A": "1·xᵀ", "weight": "Σ over places", "bias": "places", "y": "1", "s": "1", "loss": "1"}
GRADIENTS = (
    Column("gradient", lambda row: f"{row.name}.grad"),
    Column("shape", lambda row: quantities.brackets(row.shape), spare=1),
    Column("rule", lambda row: RULES.get(row.name, ""), "What the gradient of the sum of y is"),
    Column("autograd", _values, "What backward gave", lambda _row: "backward_text", elastic=True),
    Column(
        "by rule", lambda row: _check(row.rule), "How many elements equal the rule", lambda row: _check_colour(row.rule)
    ),
    Column(
        "finite diff.",
        lambda row: _check(row.check),
        "How many elements agree with central finite differences in float64",
        lambda row: _check_colour(row.check),
    ),
)
