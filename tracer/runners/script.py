"""A training script → Facts, run in a child process of its own that is ended afterwards."""

from __future__ import annotations

import os

from tracer.errors import LimitPassed, ScriptError
from tracer.experiment import Script
from tracer.facts import Facts
from tracer.quantities import figure
from tracer.runners import answers
from tracer.runners.child import Child, encode
from tracer.runners.limits import memory


def find(experiment: Script) -> Facts:
    """Run a script, unchanged, until the backward() that is asked for, and give what that was about to go through.

    What the script prints goes to stderr, as it comes.

    Raises:
        ScriptError: there is no such file, it failed, or it never came to what was asked of it.
        LimitPassed: it took longer than `seconds`, or more memory than GRADTRACE_MEMORY.
        InvalidSetting: GRADTRACE_MEMORY can't be read.
        TypeError: a field of the experiment is of a wrong kind.
    """
    question = encode(experiment)
    _check(experiment)
    memory()
    child = Child()
    try:
        return answers.decode(child.ask(question, experiment.seconds, _too_late(experiment)))
    finally:
        child.end()


def _check(experiment: Script) -> None:
    name = os.path.basename(experiment.path) or experiment.path
    if not os.path.isfile(experiment.path):
        raise ScriptError(f"There is no file “{experiment.path}”", cure="Give the path of a Python script")
    if experiment.step < 1:
        raise ScriptError(f"Steps count from 1, and step is {experiment.step}", name, "Use 1 for the first backward()")


def _too_late(experiment: Script) -> LimitPassed:
    limit = figure(experiment.seconds)
    return LimitPassed(
        f"{os.path.basename(experiment.path)} took longer than the {limit} seconds it may take, and was ended",
        cure="Allow more seconds, or let it reach its backward() earlier, with less data",
    )
