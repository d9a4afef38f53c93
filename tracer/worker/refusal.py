"""How a worker says that something can't be done."""

from __future__ import annotations

import traceback

from tracer.errors import TracerError
from tracer.runners.limits import is_out_of_memory, memory_passed
from tracer.worker.messages import Refused


def refusal(edit: int, error: Exception) -> Refused:
    """Say an error in its three parts; one that is not ours is told as it is, with its traceback on stderr."""
    if isinstance(error, BrokenPipeError):
        raise error
    if not isinstance(error, TracerError) and is_out_of_memory(error):
        error = memory_passed(error)
    if isinstance(error, TracerError):
        return Refused(edit, error.what, error.where, error.cure)
    traceback.print_exception(error)
    return Refused(edit, f"Gradtrace failed at this: {type(error).__name__}: {error}", "", "Change a setting to go on")
