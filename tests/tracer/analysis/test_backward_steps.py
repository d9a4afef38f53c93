"""The steps of backward: what arrives, of how many parts, and what is handed on, against numbers by hand."""

from __future__ import annotations

import math

import pytest
import torch

import tracer
from tracer.analysis.backward_steps import backward_steps
from tracer.errors import TracerError


def test_each_step_by_hand() -> None:
    x = torch.tensor([3.0, 4.0], requires_grad=True)
    y = x * 2
    loss = (y * y).sum()  # dy = 2y = (12, 16) in two parts of (6, 8), dx = 2·dy = (24, 32)
    facts = tracer.trace({"loss": loss}, names={"x": x}, gradients=True).facts
    nodes = facts.graph.nodes
    steps = backward_steps(facts)
    assert [step.number for step in steps] == [1, 2, 3, 4] and [step.parts for step in steps] == [1, 1, 2, 1]
    assert [nodes[step.node].name for step in steps] == [
        "SumBackward0",
        "MulBackward0",
        "MulBackward0",
        "AccumulateGrad",
    ]
    assert [step.norm for step in steps] == pytest.approx([1, math.sqrt(2), 20, 40])
    assert [[norm for _, norm in step.to] for step in steps] == [[pytest.approx(math.sqrt(2))], [10, 10], [40], []]
    assert not any(step.non_finite for step in steps)


def test_the_first_step_with_a_nan_is_where_it_began() -> None:
    x = torch.tensor([0.0], requires_grad=True)
    facts = tracer.trace((x.sqrt() * 0).sum(), names={"x": x}, gradients=True).facts
    first = next(step for step in backward_steps(facts) if step.non_finite)
    found = tracer.Recording(facts).first_non_finite()
    assert found is not None and facts.graph.nodes[first.node].name == "SqrtBackward0" and found.node == first.node


def test_without_gradients_there_are_no_steps() -> None:
    with pytest.raises(TracerError, match="holds no gradients"):
        backward_steps(tracer.trace(torch.ones(1, requires_grad=True) * 2).facts)
