"""What a child process answers: facts, or an error that can be raised again as the same kind. One line each."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

import msgspec

from tracer import errors
from tracer.errors import TracerError
from tracer.facts import Facts, from_json, to_json
from tracer.runners.script_report import Report

READY = b"ready\n"
_FACTS, _ERROR, _REPORT = b"facts ", b"error ", b"report "

KINDS: Mapping[str, type[TracerError]] = {
    kind.__name__: kind
    for kind in (
        TracerError,
        errors.InvalidSetting,
        errors.ProgramError,
        errors.ScriptError,
        errors.LimitPassed,
        errors.UnreadableFile,
        errors.DrawingError,
    )
}


class Failed(msgspec.Struct, frozen=True):
    """The kind of an error, and its three parts."""

    kind: str
    what: str
    where: str
    cure: str


def found(what: Facts | Report) -> bytes:
    """Write facts or a report as an answer."""
    if isinstance(what, Report):
        return _REPORT + msgspec.json.encode(what) + b"\n"
    return _FACTS + to_json(what).encode() + b"\n"


def failed(error: Exception) -> bytes:
    """Write an error as an answer; one that is not ours is told as it is, with its traceback on stderr."""
    if isinstance(error, TracerError):
        told = Failed(type(error).__name__, error.what, error.where, error.cure)
    else:
        traceback.print_exception(error)
        told = Failed("TracerError", f"Gradtrace failed at this: {type(error).__name__}: {error}", "", "")
    return _ERROR + msgspec.json.encode(told) + b"\n"


def decode(line: bytes) -> Facts:
    """Read an answer.

    Raises:
        TracerError: the answer is an error, raised again as the same kind.
    """
    if line.startswith(_FACTS):
        return from_json(line[len(_FACTS) :])
    raise _error(line)


def report(line: bytes) -> Report:
    """Read the answer to a task.

    Raises:
        TracerError: the answer is an error, raised again as the same kind.
    """
    if line.startswith(_REPORT):
        return msgspec.json.decode(line[len(_REPORT) :], type=Report)
    raise _error(line)


def _error(line: bytes) -> TracerError:
    told = msgspec.json.decode(line[len(_ERROR) :], type=Failed)
    return KINDS.get(told.kind, TracerError)(told.what, told.where, told.cure)
