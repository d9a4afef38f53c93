"""One road for every experiment, and no torch in a process that only hands programs on."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from tracer.experiment import Convolution, Experiment, Expression, MatrixVector, Script
from tracer.runners.experiments import RUNNERS, find


@pytest.mark.parametrize(
    ("experiment", "output"),
    [
        (Expression("y = x * 2", {"x": [1.0]}), "y"),
        (Convolution("Conv1d", 1, 2, 3, 7, device="cpu"), "loss"),
        (MatrixVector([[1, 2]], [3, 4], device="cpu"), "s"),
    ],
)
def test_each_experiment_finds_its_runner(experiment: Experiment, output: str) -> None:
    facts = find(experiment)
    assert facts.experiment == experiment and facts.graph.outputs[0].name == output


def test_every_experiment_has_a_runner() -> None:
    assert set(RUNNERS) == {Convolution, Expression, MatrixVector, Script}


def test_something_else_is_a_wrong_call() -> None:
    with pytest.raises(TypeError, match=r"such as tracer\.Convolution"):
        find("conv.json")  # type: ignore[arg-type]


def test_a_program_is_run_without_torch_in_this_process() -> None:
    program = (
        "import sys, tracer; tracer.run(tracer.Expression('y = x * 2', {'x': [1.0]})); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=pathlib.Path(__file__).parents[3]).returncode == 0
