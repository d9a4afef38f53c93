"""Limits on memory and time of a process that runs what a person wrote."""

from __future__ import annotations

import math
import os
import sys

from tracer.convolution.memory import limit
from tracer.errors import InvalidSetting, LimitPassed
from tracer.errors import is_out_of_memory as is_out_of_memory
from tracer.quantities import figure, size

SECONDS = 20.0


def memory() -> int:
    """Read the bytes that a process may take from GRADTRACE_MEMORY; default 4 GiB.

    Raises:
        InvalidSetting: the text is no size.
    """
    return limit()


def seconds() -> float:
    """Read the seconds that a program may take from GRADTRACE_SECONDS; default 20.

    Raises:
        InvalidSetting: the text is no number above zero.
    """
    text = os.environ.get("GRADTRACE_SECONDS", "").strip() or str(SECONDS)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise InvalidSetting(f"“{text}” is no number of seconds", "GRADTRACE_SECONDS", "Use a number such as 20")
    return value


def confine_memory() -> None:
    """Limit the address space of this process to GRADTRACE_MEMORY, where the platform can.

    Not where CUDA is there: it reserves address space far beyond what it uses. An existing stricter limit stays.
    """
    if sys.platform == "win32":
        return
    import resource

    import torch

    if torch.cuda.is_available():
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = memory() if hard == resource.RLIM_INFINITY else min(memory(), hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def allow_memory() -> None:
    """Take the limit of this process back, so that it can tell what it was doing when it ran out of memory."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def memory_passed(error: BaseException, where: str = "") -> LimitPassed:
    """Say that there is not enough memory: on the CUDA device, or within GRADTRACE_MEMORY."""
    if "CUDA" in str(error):
        what = "The CUDA device has not enough memory for this"
        return LimitPassed(what, where, "Use smaller tensors, or the device cpu")
    what = f"This needs more memory than there is, or than the limit of {size(memory())} allows"
    return LimitPassed(what, where, "Use smaller tensors, or raise the limit GRADTRACE_MEMORY")


def time_passed(
    limit: float, cure: str = "Use smaller tensors or fewer passes, or raise GRADTRACE_SECONDS"
) -> LimitPassed:
    """Say that the time limit was reached."""
    return LimitPassed(f"This took longer than the {figure(limit)} seconds it may take, and was ended", cure=cure)
