"""A training script → Facts, run in a child process of its own that is ended afterwards."""

from __future__ import annotations

import os
import threading

from tracer.errors import InvalidSetting, LimitPassed, ScriptError
from tracer.experiment import Script
from tracer.facts import Facts
from tracer.quantities import figure, number
from tracer.runners import answers
from tracer.runners.child import Around, Child, encode
from tracer.runners.limits import memory


def find(experiment: Script) -> Facts:
    """Run a script, unchanged, until the backward() that is asked for, and give what that was about to go through.

    What the script prints goes to stderr, as it comes; what it reads from stdin is this process's (on Windows, empty).

    Raises:
        ScriptError: there is no such file, it failed, or it never came to what was asked of it.
        LimitPassed: it took longer than `seconds`, or more memory than GRADTRACE_MEMORY.
        InvalidSetting: `step` is below 1, `seconds` is no time, or GRADTRACE_MEMORY can't be read.
        TypeError: a field of the experiment is of a wrong kind.
    """
    question = encode(experiment)
    check(experiment)
    memory()
    child = Child(os.path.basename(experiment.path), Around(stdin=None))
    try:
        return answers.decode(child.ask(question, experiment.seconds, too_late(experiment)))
    finally:
        child.end()


def check(experiment: Script) -> None:
    """Refuse what can't be run before a process is started for it."""
    if not os.path.isfile(experiment.path):
        raise ScriptError(f"There is no file “{experiment.path}”", cure="Give the path of a Python script")
    if experiment.step < 1:
        raise InvalidSetting(
            f"Steps count from 1, and this is {number(experiment.step)}", "step", "Use 1 for the first backward()"
        )
    seconds = experiment.seconds
    if seconds is not None and not 0 < seconds <= threading.TIMEOUT_MAX:
        what = f"“{figure(seconds)}” is no number of seconds that a script may take"
        raise InvalidSetting(what, "seconds", "Use a number above 0, such as 60, or leave it out for no limit")


def too_late(experiment: Script) -> LimitPassed:
    """Say that a script took longer than it may."""
    limit = figure(experiment.seconds)
    return LimitPassed(
        f"{os.path.basename(experiment.path)} took longer than the {limit} seconds it may take, and was ended",
        cure="Allow more seconds, or let it reach its backward() earlier, with less data",
    )
