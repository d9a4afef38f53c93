"""A process of its own for what a person wrote: it can be ended, and has limits on time and memory."""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any, NamedTuple

import msgspec

from tracer.errors import LimitPassed, TracerError
from tracer.experiment import Experiment, Expression, Input
from tracer.facts import Facts, spelled
from tracer.runners import answers, endings, limits

START_UP = 120.0  # seconds that loading torch may take
GENTLE = 0.5  # seconds between asking a process to end and ending it
LINGERING = 10.0  # seconds that a process may take to be gone once it can't answer any more

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_START = (
    "import sys; root = sys.argv.pop(1); known = root in sys.path; known or sys.path.insert(0, root); "
    "from tracer.runners.answering import main; known or sys.path.append(sys.path.pop(0)); main()"
)
"""Imports our package from where this process has it, never from the current folder, where a person's files are."""


def find_in_child(experiment: Experiment) -> Facts:
    """Run a program in a child process, within GRADTRACE_SECONDS and GRADTRACE_MEMORY.

    The child stays for the next program, and ends with this process.

    Raises:
        TypeError: a field of the experiment is of a wrong kind.
        InvalidSetting: one of the two limits can't be read.
        TracerError: the program is refused, failed, took too long, or ended its process.
    """
    asked, seconds = encode(experiment), limits.seconds()
    limits.memory()
    with _turn:
        return answers.decode(_warm().ask(asked, seconds, limits.time_passed(seconds)))


def encode(experiment: Experiment) -> bytes:
    """Write an experiment as JSON. A tensor or array among its inputs becomes nested lists and its dtype.

    Raises:
        TypeError: a field is of a wrong kind.
    """
    if isinstance(experiment, Expression) and isinstance(experiment.inputs, dict):
        given = {name: _plain(value) for name, value in experiment.inputs.items()}
        experiment = msgspec.structs.replace(experiment, inputs=given, gradient=_bare(experiment.gradient))
    try:
        plain = msgspec.to_builtins(experiment, enc_hook=str)
        msgspec.convert(plain, type(experiment))
    except msgspec.ValidationError as error:
        raise TypeError(f"{type(experiment).__name__} can't be made of this: {error}") from None
    return msgspec.json.encode(spelled(plain))


def _plain(value: Any) -> Any:
    if isinstance(value, Input):
        return msgspec.structs.replace(value, values=_bare(value.values))
    if not hasattr(value, "tolist"):
        return value
    dtype = str(getattr(value, "dtype", "float32")).removeprefix("torch.")
    return Input(value.tolist(), dtype, getattr(value, "requires_grad", None) or None)


def _bare(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


class Around(NamedTuple):
    """What a process finds: its stdin, where what it prints goes, its folder, and its environment (`None`: ours)."""

    stdin: int | None = subprocess.DEVNULL
    prints: int | None = None
    folder: str | None = None
    environment: Mapping[str, str] | None = None


class Child:
    """A process that answers one question at a time, until it is ended or this process is gone.

    `script` is the name of the script that it is for.
    """

    def __init__(self, script: str = "", around: Around = Around()) -> None:  # noqa: B008 (it is frozen)
        self.owner, self._script = os.getpid(), script
        self._process, self._questions = _started(around)
        self.pid, self.prints = self._process.pid, self._process.stderr
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._ready = False
        assert self._process.stdout is not None
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()

    def ask(self, question: bytes, seconds: float | None, too_late: LimitPassed | None = None) -> bytes:
        """Ask, and wait for the answer, so many seconds of this process's clock at most (`None`: as long as it takes).

        Raises:
            LimitPassed: there was no answer in time; the child was ended.
            TracerError: the child ended by itself.
        """
        try:
            self._load()
            self._questions.write(question + b"\n")
            self._questions.flush()
            return self._next(seconds)
        except queue.Empty:
            self.end()
            raise (too_late or limits.time_passed(seconds or START_UP)) from None
        except OSError as error:
            self.end()
            raise self._gone() from error
        except BaseException:  # above all Ctrl+C: a late answer must not be taken for the next one's
            self.end()
            raise

    def load(self) -> None:
        """Wait until it could be asked.

        Raises:
            TracerError: it took too long, or ended.
        """
        try:
            self._load()
        except queue.Empty:
            self.end()
            raise limits.time_passed(START_UP) from None

    def alive(self) -> bool:
        """Tell whether it can be asked again."""
        return self.owner == os.getpid() and self._process.poll() is None

    def end(self) -> None:
        """End the process and all that it has started: first asked to, then at once."""
        if self.owner != os.getpid():
            return
        for how in ("SIGTERM", "SIGKILL"):
            self._signal(how)
            try:
                self._process.wait(GENTLE)
                break
            except subprocess.TimeoutExpired:
                continue
        with contextlib.suppress(BrokenPipeError):  # a question that was not taken is not missed
            self._questions.close()

    def _load(self) -> None:
        if not self._ready:
            self._next(START_UP)
            self._ready = True

    def _next(self, seconds: float | None) -> bytes:
        line = self._lines.get(timeout=seconds)
        if not line:
            raise self._gone()
        return line

    def _gone(self) -> TracerError:
        try:
            code = self._process.wait(LINGERING)
        except subprocess.TimeoutExpired:
            self.end()
            return endings.closed(self._script)
        return endings.told(code, self._script) if self._ready else endings.never_ready(code)

    def _signal(self, how: str) -> None:
        try:
            if hasattr(os, "killpg"):
                os.killpg(self.pid, getattr(signal, how))
            else:
                self._process.kill()
        except ProcessLookupError:  # it is gone already
            pass

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._lines.put(line)
        self._lines.put(b"")


def _started(around: Around) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    """Start a child; give it and what it is asked through: a pipe of its own, so that stdin is free for a script.

    On Windows, where a process takes no other descriptor from its parent, the questions come through stdin.
    """
    command = [sys.executable, "-P", "-c", _START, _ROOT]
    if sys.platform == "win32":
        process = subprocess.Popen(
            [*command, "0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=around.prints,
            cwd=around.folder,
            env=around.environment,
        )
        assert process.stdin is not None
        return process, process.stdin
    source, target = os.pipe()
    try:
        process = subprocess.Popen(
            [*command, str(source)],
            stdin=around.stdin,
            stdout=subprocess.PIPE,
            stderr=around.prints,
            cwd=around.folder,
            env=around.environment,
            pass_fds=[source],
            start_new_session=True,
        )
    finally:
        os.close(source)
    return process, open(target, "wb")


_turn = threading.Lock()
_kept: list[Child] = []


def _warm() -> Child:
    """Give the child that waits with torch loaded, or start one."""
    if not (_kept and _kept[0].alive()):
        _kept[:] = [Child()]
    return _kept[0]


@atexit.register
def _end_kept() -> None:
    for child in _kept:
        child.end()
