"""How the end of a process is told, by its exit code or its signal."""

from __future__ import annotations

import pathlib
import signal
import sys

import pytest

from tracer.errors import ScriptError, TracerError
from tracer.experiment import Script
from tracer.runners import endings
from tracer.runners.script import find

ENDINGS = [
    # code, what, whether memory is named
    (0, "The process that ran this ended by itself (exit code 0)", False),
    (-signal.SIGSEGV, "The process that ran this crashed (SIGSEGV)", False),
    (-signal.SIGABRT, "The process that ran this crashed (SIGABRT)", False),
    (-signal.SIGTERM, "The process that ran this was ended from outside (SIGTERM)", False),
    (0xC0000005, "The process that ran this crashed (0xC0000005)", False),
    (-40, "The process that ran this was ended from outside (signal 40)", False),
]
if sys.platform != "win32":
    ENDINGS.append((-signal.SIGKILL, "The process that ran this was ended from outside (SIGKILL)", True))


@pytest.mark.parametrize(("code", "what", "memory"), ENDINGS)
def test_endings(code: int, what: str, memory: bool) -> None:
    error = endings.told(code)
    assert error.what == what and ("memory" in str(error)) is memory and error.cure


def test_a_process_that_never_was_asked_is_no_fault_of_a_script() -> None:
    assert "could not start (exit code 1)" in endings.never_ready(1).what
    assert "could not start (SIGSEGV)" in endings.never_ready(-signal.SIGSEGV).what


SCRIPTS = [
    ("import os; os._exit(0)", "The script ended itself with os._exit(0) before there was anything to show"),
    ("import os; os._exit(3)", "The script ended itself with os._exit(3) before there was anything to show"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "The script crashed (SIGSEGV)"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "The script was ended from outside (SIGKILL)"),
]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("text", "what"), SCRIPTS, ids=[what for _, what in SCRIPTS])
def test_a_script_whose_process_ends(tmp_path: pathlib.Path, text: str, what: str) -> None:
    (tmp_path / "train.py").write_text(text)
    with pytest.raises(TracerError) as caught:
        find(Script(str(tmp_path / "train.py")))
    error = caught.value
    assert type(error) is ScriptError and (error.what, error.where) == (what, "train.py")
    assert ("memory" in str(error)) is ("SIGKILL" in what)
