"""One road from any experiment to its facts, inside this process."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from tracer.experiment import Convolution, Experiment, Expression, MatrixVector, Script
from tracer.facts import Facts

Tell = Callable[[Mapping[str, Any]], None]

RUNNERS: Mapping[type, str] = {
    Convolution: "convolution",
    Expression: "expression",
    MatrixVector: "matrix_vector",
    Script: "script",
}


def find(experiment: Experiment, tell: Tell | None = None) -> Facts:
    """Run an experiment and give what was found. Of a layer, `tell` gets all numbers as soon as they are there.

    The runner is imported when its first experiment comes, so that a caller whose experiment runs in a child process
    never waits for torch.

    Raises:
        TypeError: it is no experiment.
        TracerError: it cannot be done; the text says what, where, and what cures it.
    """
    if type(experiment) not in RUNNERS:
        raise TypeError(f"run needs an experiment such as tracer.Convolution, and got {type(experiment).__name__}")
    runner = importlib.import_module(f"tracer.runners.{RUNNERS[type(experiment)]}")
    found: Callable[..., Facts] = runner.find
    return found(experiment, tell) if isinstance(experiment, Convolution) else found(experiment)


def load() -> None:
    """Import every runner now, so that the first answer is quick."""
    for name in RUNNERS.values():
        importlib.import_module(f"tracer.runners.{name}")


def warm() -> None:
    """Import what torch itself imports at its first backward, which takes a third of a second."""
    importlib.import_module("torch.fx.experimental.symbolic_shapes")
