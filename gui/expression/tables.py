"""The columns of the expression's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gui.inspector.node_facts import written
from gui.tables.columns import Column
from tracer import quantities
from tracer.analysis.gradients import GradientRow
from tracer.analysis.shapes import ShapeRow
from tracer.facts import Check
from tracer.worker.messages import Found

HIDDEN = "after you answer"


class Variable(NamedTuple):
    """A tensor of the program with its gradient, where it has one; while backward is stepped, the step with which that
    is there, and nothing else of it."""

    tensor: ShapeRow
    gradient: GradientRow | None
    step: int = 0


def variables(found: Found, waiting: Mapping[str, int]) -> tuple[Variable, ...]:
    """Join tensors and gradients by name, in the order in which backward reaches them; hide those that wait."""
    gradients = {row.name: _hidden(row) if row.name in waiting else row for row in found.gradients}
    return tuple(Variable(row, gradients.get(row.name), waiting.get(row.name, 0)) for row in reversed(found.shapes))


def _hidden(row: GradientRow) -> GradientRow:
    return GradientRow(row.name, row.made_by, row.shape, row.dtype, "not measured")


def _value(row: Variable) -> str:
    tensor = row.tensor
    return (
        written(tensor.values, tensor.shape, tensor.dtype, tensor.exact)
        or f"{quantities.count(tensor.elements)} numbers"
    )


def _autograd(row: Variable) -> str:
    gradient = row.gradient
    if row.step:
        return f"step {row.step}"
    if gradient is None or gradient.state == "none":
        return "None"
    if gradient.state != "measured":
        return HIDDEN if gradient.state == "hidden" else gradient.state
    whole = written(gradient.values, gradient.shape, gradient.dtype, gradient.exact)
    return whole or f"‖g‖ = {quantities.figure(gradient.norm)}"


def _made_by(row: Variable) -> str:
    if row.gradient is None:
        return "not tracked"
    return "leaf" if row.gradient.made_by.endswith("AccumulateGrad") else row.gradient.made_by


def _difference(row: Variable) -> str:
    """Write the finite differences, rounded to what they are good for."""
    check = row.gradient.check if row.gradient else None
    if check is None:
        return "not checked" if row.gradient and row.gradient.state == "measured" else "–"
    if check.values is None:
        return f"{check.tried} elements tried"
    rounded = tuple(round(float(number), 6) for number in check.values.numbers)
    return written(rounded, check.values.shape, row.tensor.dtype) or f"{check.tried} elements tried"


def _by_hand(row: Variable) -> str:
    """Write the numbers that the derivation by hand gives."""
    rule = row.gradient.rule if row.gradient else None
    if rule is None:
        return "–"
    if rule.values is None:
        return f"{rule.agreed} of {rule.tried}"
    rounded = tuple(round(float(number), 6) for number in rule.values.numbers)
    return written(rounded, rule.values.shape, row.tensor.dtype, rule.values.exact) or f"{rule.agreed} of {rule.tried}"


def _by_hand_colour(row: Variable) -> str:
    rule = row.gradient.rule if row.gradient else None
    return "muted" if rule is None else "text" if rule.agreed == rule.tried else "problem"


def _others(row: Variable) -> dict[str, Check]:
    """Give the other ways of finding a gradient than autograd, by their names."""
    found = {"by hand": row.gradient.rule, "finite difference": row.gradient.check} if row.gradient else {}
    return {name: check for name, check in found.items() if check is not None}


def _agree(row: Variable) -> str:
    """Say of how many elements all that was found agrees, or which of them differs from the others."""
    others = _others(row)
    wrong = {name: check for name, check in others.items() if check.agreed < check.tried}
    if not wrong:
        return f"✓ {(least := min(check.tried for check in others.values()))} of {least}" if others else "–"
    if len(wrong) == len(others) > 1:
        return "✗ autograd differs"
    return "; ".join(f"✗ {name}: {check.agreed} of {check.tried}" for name, check in wrong.items())


def _agree_colour(row: Variable) -> str:
    others = _others(row)
    right = all(check.agreed == check.tried for check in others.values())
    return "muted" if not others else "leaf_text" if right else "problem"


NUMBERS = 170  # pixels, in which a gradient of 2 × 2 numbers stands whole
GRADIENTS = (
    Column("variable", lambda row: row.tensor.name),
    Column("shape", lambda row: quantities.brackets(row.tensor.shape), spare=2),
    Column("made by", _made_by, colour=lambda row: "text" if row.gradient else "muted", spare=3),
    Column("value", _value, elastic=True, least=NUMBERS),
    Column(
        "autograd",
        _autograd,
        "The gradient that backward gives",
        lambda row: "backward_text" if row.gradient and row.gradient.state == "measured" else "muted",
        elastic=True,
        least=NUMBERS,
    ),
    Column(
        "by hand",
        _by_hand,
        "What the derivation by hand gives, see the tab By hand; red where it differs from autograd",
        _by_hand_colour,
        spare=2,
        elastic=True,
        least=NUMBERS,
    ),
    Column(
        "finite difference",
        _difference,
        "(f(x + h) − f(x − h)) / 2h in float64, rounded to six decimals",
        lambda row: "text" if row.gradient and row.gradient.check else "muted",
        spare=1,
        elastic=True,
        least=NUMBERS,
    ),
    Column(
        "agree",
        _agree,
        "On how many of the elements tried autograd, by hand and finite difference agree",
        _agree_colour,
    ),
)

SHAPES = (
    Column("tensor", lambda row: row.name),
    Column("role", lambda row: row.role, spare=1),
    Column("shape", lambda row: quantities.brackets(row.shape)),
    Column("dtype", lambda row: row.dtype, colour=lambda _row: "muted", spare=2),
    Column("device", lambda row: row.device, colour=lambda _row: "muted", spare=3),
    Column("elements", lambda row: quantities.count(row.elements), right=True),
    Column("memory", lambda row: quantities.size(row.bytes), right=True),
)
