"""What a script's process tells of its run, beside what it recorded."""

from __future__ import annotations

import msgspec

from tracer.experiment import Script


class Task(msgspec.Struct, frozen=True, tag="Task"):
    """A script to be run and reported on: what is asked of it goes, once recorded, to the file `spool`; without one the
    script runs to its end and nothing is recorded."""

    script: Script
    spool: str = ""


class BackwardCall(msgspec.Struct, frozen=True):
    """A call of backward(): which one, its line, and of each tensor its name and shape ("loss", "scalar")."""

    number: int
    source: str | None
    tensors: tuple[tuple[str, str], ...]


class LeftTensor(msgspec.Struct, frozen=True):
    """A tensor that a script left under a name; `graph` tells whether autograd recorded how it was made."""

    name: str
    shape: str
    dtype: str
    graph: bool


class Failure(msgspec.Struct, frozen=True):
    """Why a script did not end well: the three parts of the error, and the traceback as Python prints it, where there
    is one. `path` and `line` are the person's line that failed."""

    what: str
    where: str = ""
    cure: str = ""
    traceback: str = ""
    path: str = ""
    line: int = 0


class Report(msgspec.Struct, frozen=True):
    """What became of a run: whether the spool holds a recording, why it failed, the calls of backward() that it came to
    (`more` are not listed), the tensors that it left, and its source files by their names."""

    recorded: bool
    failure: Failure | None = None
    calls: tuple[BackwardCall, ...] = ()
    more: int = 0
    left: tuple[LeftTensor, ...] = ()
    files: dict[str, str] = {}
