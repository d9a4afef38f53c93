"""How a process that ended without an answer is told: it left, it crashed, or it was ended from outside."""

from __future__ import annotations

import signal

from tracer.errors import ScriptError, TracerError

_CRASHES = ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP", "SIGSYS")
_EXIT_CODES = range(256)  # Windows tells a crash by a larger one


def told(code: int, script: str = "") -> TracerError:
    """Tell how a process ended: `code` is its exit code, or a signal's number below zero, as `subprocess` has it."""
    name = _name(code)
    if name == "SIGKILL":
        cure = "It may have run out of memory: use smaller tensors"
        return _error("was ended from outside (SIGKILL)", script, cure)
    if name in _CRASHES or (code > 0 and name):
        by_itself = "Run it by itself, with python -X faulthandler, to see where" if script else "Try something smaller"
        return _error(f"crashed ({name})", script, by_itself)
    if name:
        return _error(f"was ended from outside ({name})", script, "Run it again")
    if script:
        what = f"ended itself with os._exit({code}) before there was anything to show"
        return _error(what, script, "Let it come to its backward() first")
    return _error(f"ended by itself (exit code {code})", script, "Try it again")


def never_ready(code: int) -> TracerError:
    """Tell of a process that ended before it was asked anything: the fault is not the person's."""
    how = _name(code) or f"exit code {code}"
    return TracerError(f"The process that was to run this could not start ({how})", cure="See “gradtrace doctor”")


def closed(script: str = "") -> TracerError:
    """Tell of a process that closed the channel to this one, and still ran."""
    what = "closed the files that it did not open, and could not be heard any more"
    return _error(what, script, "Let it close only its own files")


def _error(what: str, script: str, cure: str) -> TracerError:
    if script:
        return ScriptError(f"The script {what}", script, cure)
    return TracerError(f"The process that ran this {what}", cure=cure)


def _name(code: int) -> str:
    """Name a signal or a crash; an exit code of its own choice has no name."""
    if code >= 0:
        return "" if code in _EXIT_CODES else f"0x{code:08X}"
    try:
        return signal.Signals(-code).name
    except ValueError:  # a real-time signal has no name
        return f"signal {-code}"
