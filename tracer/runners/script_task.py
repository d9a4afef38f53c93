"""The child's side of a script that the window runs: what is recorded goes to the spool, the rest is reported."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import msgspec
import torch

from tracer import quantities
from tracer.capture.lines import persons, source
from tracer.capture.nodes import dtype_name, known_shape
from tracer.capture.notes import Notes
from tracer.errors import TracerError, is_out_of_memory
from tracer.experiment import Script
from tracer.facts import Facts, encodable
from tracer.runners import script_run, spool, tensors
from tracer.runners.limits import allow_memory
from tracer.runners.script_names import held_by, leaves, name_of, name_roots
from tracer.runners.script_report import BackwardCall, Failure, LeftTensor, Report, Task

MOST = 500  # calls and names that are listed
UNTIL_THEN = "The script failed, and this is what was recorded until then: {why}"


def run(task: Task, finish: Callable[[Report], NoReturn]) -> Report:
    """Run a script in this process and report; where it is to end at its backward(), `finish` gets the report."""
    calls: list[BackwardCall] = []
    count = 0

    def called(number: int, ends: list[torch.Tensor]) -> None:
        nonlocal count
        count = number
        if len(calls) < MOST:
            calls.append(_call(number, ends))

    def told(report: Report) -> Report:
        return msgspec.structs.replace(report, calls=tuple(calls), more=count - len(calls))

    def stopped(answer: Facts | Exception) -> NoReturn:
        finish(told(_report(task, answer, None)))

    script = task.script if task.spool else msgspec.structs.replace(task.script, target=None)
    step = script.step if task.spool and script.target is None else 0
    ended = script_run.run(script, step, stopped, called, functools.partial(_rescue, script) if task.spool else None)
    failure = None if ended.failure is None else _failure(task, ended.failure, ended.raised)
    return told(_report(task, ended.found, failure, _left(ended.left)))


def _call(number: int, ends: Sequence[torch.Tensor]) -> BackwardCall:
    line = persons(sys._getframe(1))
    named = tuple((name_of(end) or "output", quantities.shape(known_shape(end))) for end in ends)
    return BackwardCall(number, None if line is None else encodable(source(line)), named)


def _report(
    task: Task, answer: Facts | Exception | None, failure: Failure | None, left: tuple[LeftTensor, ...] = ()
) -> Report:
    """Spool what was recorded, and say whether it could be."""
    if isinstance(answer, Exception):
        failure, answer = _failure(task, answer, answer.__cause__), None
    if answer is not None:
        try:
            spool.write(task.spool, answer)
        except OSError as error:
            what = f"What was recorded can't be written: {error.strerror}"
            failure, answer = Failure(what, task.spool, "Make room there, and run it again"), None
    files = {} if answer is None else _files(_sources(answer))
    return Report(answer is not None, failure, left=left, files=files)


def _failure(task: Task, error: Exception, raised: BaseException | None) -> Failure:
    """Tell an error in its parts, with the traceback of what the script raised, unless it ended itself so."""
    if not isinstance(error, TracerError):
        error = TracerError(f"{type(error).__name__}: {error}")
    what, where, cure = error.what, error.where, error.cure
    if raised is None or isinstance(raised, SystemExit):
        return Failure(what, where, cure)
    path, line = script_run.place(task.script, raised)
    return Failure(encodable(what), where, cure, encodable(script_run.printed(raised)), os.path.abspath(path), line)


def _rescue(script: Script, error: BaseException, notes: Notes, said: tuple[str, ...]) -> Facts | None:
    """Record the tensors that the frames of a failed script hold: all that autograd had recorded until then."""
    if is_out_of_memory(error):
        allow_memory()
    held = held_by(error)
    ends = {name: tensor for name, tensor in held.items() if tensor.grad_fn is not None}
    if not ends:
        return None
    name_roots(notes, {})
    named = leaves({name: tensor for name, tensor in held.items() if tensor.is_leaf})
    more: dict[str, Any] = {"named": named, "notes": notes, "saved": True, "experiment": script}
    facts = tensors.find(ends, **more)
    used = {edge.producer for edge in facts.graph.edges}
    last = {end.name for end in facts.graph.outputs if end.node not in used}
    if len(last) < len(ends):
        facts = tensors.find({name: ends[name] for name in last}, **more)
    why = UNTIL_THEN.format(why=encodable(f"{type(error).__name__}: {error}".partition("\n")[0]))
    return msgspec.structs.replace(facts, notes=(*facts.notes, *said, why))


def _left(names: Mapping[str, Any]) -> tuple[LeftTensor, ...]:
    """List the tensors that a script left, those with a graph first."""
    found = [
        LeftTensor(
            encodable(name), quantities.shape(known_shape(value)), dtype_name(value.dtype), value.grad_fn is not None
        )
        for name, value in list(names.items())
        if isinstance(value, torch.Tensor) and not name.startswith("_")
    ]
    return tuple(sorted(found, key=lambda tensor: not tensor.graph)[:MOST])


def _sources(facts: Facts) -> Iterator[str]:
    for node in facts.graph.nodes:
        if node.source:
            yield node.source.rpartition(":")[0]
    for cut in facts.cuts or ():
        if cut.source:
            yield cut.source.rpartition(":")[0]


def _files(names: Iterable[str]) -> dict[str, str]:
    """Find the files of these names among those that were imported; one that two of them have is not known."""
    wanted = set(names)
    found: dict[str, set[str]] = {name: set() for name in wanted}
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if isinstance(path, str) and os.path.basename(path) in wanted and not path.startswith(_OURS):
            found[os.path.basename(path)].add(os.path.realpath(path))
    return {name: next(iter(paths)) for name, paths in found.items() if len(paths) == 1}


_OURS = (
    os.path.dirname(os.path.abspath(torch.__file__)) + os.sep,
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep,
)
