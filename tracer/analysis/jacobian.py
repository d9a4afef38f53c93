"""The Jacobian of a small program: one backward for each element of the output, each from a unit vector."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import msgspec

from tracer import quantities
from tracer.errors import LimitPassed, TracerError
from tracer.experiment import Expression
from tracer.facts import Facts, Tensor, Values
from tracer.quantities import count

ROWS = COLUMNS = 64
NO_GRAPH = "Autograd recorded nothing for the output, so it has no Jacobian"


class Jacobian(msgspec.Struct, frozen=True):
    """All partial derivatives of an output: a row for each of its elements, a column for each element of each input
    that autograd follows, named as in Python; numbers as text, as fractions where `quantities.texts` has them."""

    output: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    numbers: tuple[tuple[str, ...], ...]


def experiments(facts: Facts) -> tuple[Expression, ...]:
    """List the experiments that give the Jacobian of the output of a program that has run.

    Raises:
        TracerError: it has none, or is no program.
        LimitPassed: it would have too many rows or columns.
    """
    end = facts.graph.outputs[0] if facts.graph.outputs else None
    if not isinstance(facts.experiment, Expression) or end is None or end.node is None:
        raise TracerError(NO_GRAPH, "output")
    columns = sum(math.prod(row.shape or ()) for row in _inputs(facts))
    if columns > COLUMNS:
        what = (
            f"The inputs have {count(columns)} elements, and a Jacobian is written out up to {count(COLUMNS)} columns"
        )
        raise LimitPassed(what, "inputs", "Make the inputs smaller, or turn requires_grad off for some of them")
    return asked(facts.experiment, facts.graph.nodes[end.node].outputs[end.output_nr].shape or ())


def jacobian(facts: Facts, found: Sequence[Facts]) -> Jacobian:
    """Put the rows of a Jacobian together; `found` is of the experiments, in their order. What autograd gives nothing
    for is "None"."""
    end, inputs = facts.graph.outputs[0], _inputs(facts)
    parts = [rows(found, row.name or "") for row in inputs]
    shape = facts.graph.nodes[end.node or 0].outputs[end.output_nr].shape or ()
    known = [values for part in parts for values in part if values is not None]
    exact = all(values.exact is not None for values in known)
    texts = quantities.texts(
        [list(values.numbers) for values in known],
        known[0].dtype if known else None,
        [list(values.exact or ()) for values in known] if exact else None,
    )
    written = dict(zip(map(id, known), texts, strict=True))
    return Jacobian(
        output=end.name,
        rows=tuple(_elements(end.name, shape)),
        columns=tuple(name for row in inputs for name in _elements(row.name or "", row.shape or ())),
        numbers=tuple(
            tuple(
                text
                for part, row in zip(parts, inputs, strict=True)
                for text in (written.get(id(part[at])) or ["None"] * math.prod(row.shape or ()))
            )
            for at in range(len(found))
        ),
    )


def _inputs(facts: Facts) -> list[Tensor]:
    """List the inputs that autograd follows to the output."""
    return [row for row in facts.tensors if row.role == "input" and row.node is not None]


def _elements(name: str, shape: Sequence[int]) -> list[str]:
    """Name the elements of a tensor as in Python: x[0, 1]; a scalar is x."""
    places = itertools.product(*map(range, shape))
    return [f"{name}[{', '.join(map(str, place))}]" if place else name for place in places]


def asked(experiment: Expression, shape: Sequence[int]) -> tuple[Expression, ...]:
    """List the experiments whose gradients are the rows of the Jacobian of an output of this shape.

    Raises:
        LimitPassed: the output has too many elements.
    """
    elements = math.prod(shape)
    if elements > ROWS:
        what = f"The output has {count(elements)} elements, and a Jacobian is written out up to {count(ROWS)} rows"
        raise LimitPassed(what, "output", "Choose a smaller output")
    return tuple(
        msgspec.structs.replace(experiment, gradient=_nested([int(at == row) for at in range(elements)], shape))
        for row in range(elements)
    )


def rows(found: Sequence[Facts], name: str) -> tuple[Values | None, ...]:
    """Take from what was found the rows of ∂output/∂name, each of that input's shape: its numbers, and fractions where
    they are known. `None` where nothing flows."""
    return tuple(_gradient(facts, name) for facts in found)


def _gradient(facts: Facts, name: str) -> Values | None:
    place = next(((t.node, t.output_nr) for t in facts.tensors if t.name == name and t.node is not None), None)
    return next((row.values for row in facts.gradients or () if (row.node, row.output_nr) == place), None)


def _nested(flat: list[Any], shape: Sequence[int]) -> Any:
    for length in reversed(shape[1:]):
        flat = [flat[start : start + length] for start in range(0, len(flat), length)]
    return flat if shape else flat[0]
