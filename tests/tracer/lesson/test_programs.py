"""What is shown as "In PyTorch" runs in PyTorch alone, and gives the gradients of the recording."""

from __future__ import annotations

import pytest
import torch

from tracer.errors import TracerError
from tracer.experiment import Convolution, Expression
from tracer.lesson import library
from tracer.lesson.programs import of_experiment, program

STEPS = [step for name in library.SHIPPED for step in library.load(name).steps]
TRIES = {other.label + repr(other.experiment): other.experiment for step in STEPS for other in step.tries}
SMALL = [one for one in TRIES.values() if not (isinstance(one, Convolution) and one.layer == "Conv2d")]
NOT_PYTHON, FAILS = "Read the documentation", "No gradient here"


def same(names, facts):
    """Compare every gradient that a program left with the recording's; tell how many there were."""
    found = {row.name: row.values for row in facts.gradients or () if row.values}
    if isinstance(names.get("conv"), torch.nn.Module):
        names = {**names, **dict(names["conv"].named_parameters())}
    leaves = {name: value for name, value in names.items() if isinstance(value, torch.Tensor) and value.is_leaf}
    compared = 0
    for name, leaf in leaves.items():
        if leaf.grad is not None and name in found:
            expected = torch.tensor(found[name].nested(), dtype=leaf.dtype)
            torch.testing.assert_close(leaf.grad, expected, equal_nan=True)
            compared += 1
    return compared


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_the_program_of_a_step(step, run, capsys):
    text = program(step)
    if step.title == NOT_PYTHON:
        assert "torch.nn.Conv1d?" in text
        return
    names: dict = {}
    if step.title == FAILS:
        with pytest.raises(RuntimeError, match="does not require grad"):
            exec(text, names)
        return
    exec(text, names)
    assert (same(names, run(step.experiment)) > 0) == (".backward(" in text)


@pytest.mark.parametrize("experiment", SMALL, ids=lambda one: getattr(one, "program", type(one).__name__)[:40])
def test_the_program_of_what_can_be_tried(experiment, run, capsys):
    try:
        facts = run(experiment)
    except TracerError:
        return  # it is refused, and so it is in PyTorch
    names: dict = {}
    text = of_experiment(experiment)
    exec(text, names)
    if text.count(".backward(") == 1:  # two leave the sum of both, and the recording is of one
        assert same(names, facts) > 0


def test_a_counter_and_a_list_are_not_gone_back_from():
    loop = "y = 2 * x\ni = 0\nn = [y]\nwhile y.norm() < 9:\n    y = 2 * y\n    n = n + [y]\n    i += 1"
    assert "\ny.backward(torch.ones_like(y))" in of_experiment(Expression(loop, {"x": [1, 2]}))
    assert "\ny.backward(" in of_experiment(Expression("y = x * 2\ny += 1", {"x": [1, 2]}))
