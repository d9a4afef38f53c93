"""What a child process answers: facts, or an error that can be raised again as the same kind. One line each."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

import msgspec

from tracer import errors
from tracer.errors import TracerError
from tracer.facts import Facts, from_json, to_json

READY = b"ready\n"
_FACTS, _ERROR = b"facts ", b"error "

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


def facts(found: Facts) -> bytes:
    """Write facts as an answer."""
    return _FACTS + to_json(found).encode() + b"\n"


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
    told = msgspec.json.decode(line[len(_ERROR) :], type=Failed)
    raise KINDS.get(told.kind, TracerError)(told.what, told.where, told.cure)
