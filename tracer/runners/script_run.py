"""The child's side of a script: runs it as Python would, and records when it calls backward()."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn

import msgspec
import torch

from tracer.capture.notes import Notes
from tracer.capture.recording import record
from tracer.errors import ScriptError, TracerError
from tracer.experiment import Script
from tracer.facts import Facts
from tracer.quantities import count
from tracer.runners import tensors
from tracer.runners.limits import is_out_of_memory, memory_passed
from tracer.runners.script_main import run_as_main
from tracer.runners.script_names import leaves, name_of, name_roots
from tracer.runners.script_threads import Elsewhere, wait_for_all, watched
from tracer.runners.script_watch import Called, Recorder, Watch

Finish = Callable[[Facts | Exception], NoReturn]
Rescue = Callable[[BaseException, Notes, tuple[str, ...]], Facts | None]

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_SECOND_TIME = "backward through the graph a second time"  # torch's words
NOT_MEASURED = "What flows back is not measured: {why}"
BACKWARD_DONE = "What flows back is not measured, since the script's own backward() has run already: {why}"
BY_ITSELF = "Run it by itself, with python, to see the whole error"
NO_GRAPH = "This backward() can't run: {why}"
FAILED_LATER = "After this was recorded, the script failed: {why}"


class Ended(NamedTuple):
    """How a run ended: what was found (of a run that is to end there, `finish` has it), the names that the script left,
    and why it failed, with what it raised."""

    found: Facts | None
    left: Mapping[str, Any]
    failure: TracerError | None = None
    raised: BaseException | None = None


def find(experiment: Script, finish: Finish) -> Facts:
    """Run a script in this process, and give what was asked of it. Afterwards the process is not to be used again.

    Where the script is to end at its backward(), or can't be recorded, `finish` gets the answer and never returns: a
    script that catches everything could not be ended in another way.

    Raises:
        ScriptError: it failed, or ended without what was asked.
        LimitPassed: it took too much memory.
    """
    ended = run(experiment, experiment.step if experiment.target is None else 0, finish)
    if ended.found is None:
        raise ended.failure or TracerError("The script ended")
    return ended.found


def run(
    experiment: Script, step: int, finish: Finish, called: Called | None = None, rescue: Rescue | None = None
) -> Ended:
    """Run a script, and record its call number `step` of backward(), or its target; with neither (0), only run it.

    `called` is told of each call; `rescue` records what it can where the script failed before anything was found.
    """
    answers: list[Facts] = []

    def found(answer: Facts | Exception) -> None:
        if isinstance(answer, Exception):
            finish(_refusal(experiment, answer))
        if experiment.stop:
            finish(answer)
        answers.append(answer)

    with record(reads=True) as notes, watched() as elsewhere:
        with Watch(step, _recorder(experiment, notes, elsewhere, rescue is not None), found, called) as watch:
            left, raised = _run(experiment)
        failure = None if raised is None else _told(experiment, raised)
        if not step and experiment.target is not None and failure is None:
            try:
                answers.append(_of_target(experiment, left, *elsewhere.notes_of(notes)))
            except ScriptError as error:
                failure = error
        rescued = None
        if not answers and raised is not None and failure is not None and rescue is not None:
            rescued = rescue(raised, *elsewhere.notes_of(notes))
    if not answers and failure is not None and watch.refused is not None and _was_cut(watch.refused):
        return Ended(_noted(watch.refused, (NO_GRAPH.format(why=failure.what),)), left, failure, raised)
    if not answers:
        return Ended(rescued, left, failure or (_never(experiment, watch.calls) if step else None), raised)
    note = () if failure is None else (FAILED_LATER.format(why=failure.what),)
    return Ended(_noted(answers[0], note), left, failure, raised)


def _was_cut(facts: Facts) -> bool:
    """Tell whether it is known what cut the graph of a traced tensor."""
    return any(cut.outputs for cut in facts.cuts or ())


def _recorder(experiment: Script, notes: Notes, elsewhere: Elsewhere, lenient: bool) -> Recorder:
    def recorder(ends: list[torch.Tensor], start: list[torch.Tensor | None]) -> Facts:
        """Record these tensors, which the script is about to go back from."""
        known, said = elsewhere.notes_of(notes)
        name_roots(known)
        names = [name_of(tensor) or ("output" if len(ends) == 1 else f"output[{i}]") for i, tensor in enumerate(ends)]
        named = dict(zip(names, ends, strict=True))
        what: dict[str, Any] = {"named": leaves(), "notes": known, "saved": True, "experiment": experiment}
        try:
            return _noted(tensors.find(named, gradients=True, start=start, **what), said)
        except TracerError as error:
            if not lenient:
                raise
            why = _refusal(experiment, error)
            return _noted(tensors.find(named, **what), (*said, NOT_MEASURED.format(why=str(why))))

    return recorder


def _noted(facts: Facts, notes: tuple[str, ...]) -> Facts:
    return msgspec.structs.replace(facts, notes=facts.notes + notes)


def _run(experiment: Script) -> tuple[dict[str, Any], BaseException | None]:
    """Run the script, and the threads that it started, to the end; give the names that it left, or what it raised."""
    try:
        return run_as_main(experiment.path, experiment.arguments), None
    except BaseException as error:  # a person's script may raise anything; it is told as what it is
        return {}, error
    finally:
        wait_for_all()


def _told(experiment: Script, error: BaseException) -> TracerError | None:
    return _exited(experiment, error) if isinstance(error, SystemExit) else _failed(experiment, error)


def _exited(experiment: Script, error: SystemExit) -> TracerError | None:
    if error.code in (None, 0):
        return None
    name = os.path.basename(experiment.path)
    code = error.code
    told = f"with the exit code {code}" if isinstance(code, int) else f"saying “{_first_line(str(code))}”"
    return ScriptError(f"The script ended itself {told}", name, "See whether it needs arguments")


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _failed(experiment: Script, error: BaseException) -> TracerError:
    """Print the traceback as Python would, and tell its last line with its place in the person's own files."""
    _print(error)
    where = _place(experiment, error)
    if is_out_of_memory(error):
        return memory_passed(error, where)
    told = error.msg if isinstance(error, SyntaxError) else str(error)  # whose text says its place once more
    said = _first_line(told or "")
    what = f"The script failed: {type(error).__name__}" + (f": {said}" if said else "")
    return ScriptError(what, where, BY_ITSELF)


def _refusal(experiment: Script, error: Exception) -> Exception:
    """Tell, where the person's own backward or hook failed while it was recorded, the line of theirs that did."""
    cause = error.__cause__
    if type(error) is not TracerError or error.where or cause is None:
        return error
    _print(cause)
    told = ScriptError(error.what, _place(experiment, cause), error.cure or BY_ITSELF)
    told.__cause__ = cause
    return told


def _print(error: BaseException) -> None:
    print(printed(error), end="", file=sys.stderr)


def printed(error: BaseException) -> str:
    """Write a traceback as Python prints it, without what is ours."""
    return "".join(_without_ours(error).format())


def _without_ours(error: BaseException) -> traceback.TracebackException:
    """Take the frames of this package out of a traceback, and out of those of the errors that led to it."""
    told = traceback.TracebackException.from_exception(error)
    part: traceback.TracebackException | None = told
    while part is not None:
        part.stack[:] = [frame for frame in part.stack if not frame.filename.startswith(_OURS)]
        part = part.__cause__ or part.__context__
    return told


def _place(experiment: Script, error: BaseException) -> str:
    """Name the line nearest to the error that lies in the script's own folder."""
    path, line = place(experiment, error)
    return f"{os.path.basename(path)}:{line}" if line else os.path.basename(path)


def place(experiment: Script, error: BaseException) -> tuple[str, int]:
    """Give the file and line nearest to the error that lie in the script's own folder; line 0: there is none."""
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno or 0
    folder = os.path.dirname(os.path.realpath(experiment.path)) + os.sep
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if os.path.realpath(frame.filename).startswith(folder)]
    return (own[-1].filename, own[-1].lineno or 0) if own else (experiment.path, 0)


def _never(experiment: Script, calls: int) -> TracerError:
    name = os.path.basename(experiment.path)
    if calls == 0:
        cure = "Let it call loss.backward() when it is run, or name the tensor that it leaves with target"
        return ScriptError("The script ended and never called backward()", name, cure)
    times = "once" if calls == 1 else f"{count(calls)} times"
    cure = "Use a step of 1" if calls == 1 else f"Use a step from 1 to {count(calls)}"
    return ScriptError(f"The script called backward() {times} only", name, cure)


def _of_target(experiment: Script, left: dict[str, Any], notes: Notes, said: tuple[str, ...]) -> Facts:
    """Record the tensor that the script left under a name.

    Raises:
        ScriptError: it left no tensor of that name.
    """
    name = experiment.target or ""
    tensor = left.get(name)
    if not isinstance(tensor, torch.Tensor):
        known = [key for key, value in left.items() if isinstance(value, torch.Tensor) and not key.startswith("_")]
        cure = f"Use one of {', '.join(known[-8:])}" if known else "Give the tensor a name outside any function"
        raise ScriptError(f"The script leaves no tensor “{name}”", os.path.basename(experiment.path), cure)
    name_roots(notes, left)
    what: dict[str, Any] = {"named": leaves(left), "notes": notes, "experiment": experiment}
    try:
        facts = tensors.find({name: tensor}, gradients=True, saved=True, **what)
    except TracerError as error:
        facts = tensors.find({name: tensor}, **what)
        told = BACKWARD_DONE if _SECOND_TIME in error.what else NOT_MEASURED
        said = (*said, told.format(why=error.what))
    return _noted(facts, said)
