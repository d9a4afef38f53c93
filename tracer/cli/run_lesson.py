"""Runs the experiments of a lesson, each once however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tracer.drawing.step_pictures import Ran
from tracer.errors import TracerError
from tracer.experiment import Expression
from tracer.export.handout import Taught
from tracer.facts import Facts, spelled
from tracer.lesson.steps import Lesson, Step
from tracer.lesson.steps import Taught as Asked


def runner() -> Callable[[Asked], Facts]:
    """Give what runs an experiment, and keeps its facts or its refusal for the next time."""
    kept: dict[bytes, Facts | TracerError] = {}

    def run(experiment: Asked) -> Facts:
        key = msgspec.json.encode(spelled(msgspec.to_builtins(experiment)))
        if key not in kept:
            kept[key] = _tried(experiment)
        found = kept[key]
        if isinstance(found, TracerError):
            raise found
        return found

    return run


def ran(experiment: Asked) -> Ran:
    """Run an experiment; a program in a process of its own.

    Raises:
        TracerError: it can't be run.
    """
    if isinstance(experiment, Expression):
        from tracer.runners.child import find_in_child

        return Ran(find_in_child(experiment))
    from tracer.runners.experiments import find

    arrays: dict[str, Any] = {}
    return Ran(find(experiment, arrays.update), arrays)


def taught(lesson: Lesson, told: Callable[[str], None]) -> list[Taught]:
    """Run every step of a lesson and all that can be tried; `told` hears the title of each step before it runs.

    Raises:
        TracerError: the experiment of a step can't be run.
    """
    found = []
    for step in lesson.steps:
        told(step.title)
        found.append(_taught(step))
    return found


def _taught(step: Step) -> Taught:
    return Taught(step, ran(step.experiment), tuple(_tried(other.experiment) for other in step.tries))


def _tried(experiment: Asked) -> Facts | TracerError:
    try:
        return ran(experiment).facts
    except TracerError as error:
        return error
