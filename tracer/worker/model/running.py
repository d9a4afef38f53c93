"""Runs one script at a time in a process of its own, on a thread, so that other questions are answered beside it."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping

import msgspec

from tracer.errors import LimitPassed, TracerError
from tracer.experiment import Script
from tracer.runners import answers
from tracer.runners.child import Around, Child
from tracer.runners.script import check, too_late
from tracer.runners.script_report import Failure, Report, Task
from tracer.worker.messages import FromWorker
from tracer.worker.model.messages import Progress, Ran, Run
from tracer.worker.model.output import Output

CANCELLED = "The script was cancelled"
OVERTAKEN = "The script was ended, since it was run again"

Send = Callable[[FromWorker], None]
Done = Callable[[Run, Ran], None]


class Runner:
    """Runs scripts, the newest only. `send` takes what is told of a run, `done` its end."""

    def __init__(self, send: Send, done: Done) -> None:
        self._send, self._done = send, done
        self._one: One | None = None

    def run(self, run: Run) -> None:
        """Run a script in the place of the one that is running."""
        self.end(OVERTAKEN)
        self._one = One(run, self._send, self._done)

    def cancel(self, edit: int) -> None:
        """End the run of this edit, if it goes on."""
        if self._one is not None and self._one.asked.edit == edit:
            self.end(CANCELLED)

    def end(self, why: str = CANCELLED) -> None:
        """End the script that is running, and wait until its end is told."""
        if self._one is not None:
            self._one.end(why)
            self._one = None

    def wait(self) -> None:
        """Wait until the script that is running has ended by itself."""
        if self._one is not None:
            self._one.thread.join()


class One:
    """One run. Its end is told exactly once."""

    def __init__(self, asked: Run, send: Send, done: Done) -> None:
        self.asked, self._send, self._done = asked, send, done
        self._why = ""
        self._child: Child | None = None
        self._lock = threading.Lock()
        self.thread = threading.Thread(target=self._go, name="script", daemon=True)
        self.thread.start()

    def end(self, why: str) -> None:
        """End the script and all that it has started."""
        with self._lock:
            self._why = self._why or why
            child = self._child
        if child is not None:
            child.end()
        self.thread.join()

    def _go(self) -> None:
        start = time.perf_counter()
        try:
            report = self._run()
        except TracerError as error:
            report = Report(False, Failure(error.what, error.where, error.cure))
        except Exception as error:  # whatever went wrong is how this run ended
            report = Report(False, Failure(f"The script can't be run: {type(error).__name__}: {error}"))
        if self._why:
            report = Report(False, Failure(self._why, cure="Run it again when you want to"))
        seconds = time.perf_counter() - start
        self._done(self.asked, Ran(self.asked.edit, seconds, **msgspec.structs.asdict(report)))

    def _run(self) -> Report:
        script = self.asked.script
        check(script)
        folder = _folder(self.asked)
        script = msgspec.structs.replace(script, path=os.path.abspath(script.path))
        name = os.path.basename(script.path)
        child = self._started(name, folder)
        assert child.prints is not None
        output = Output(self.asked.edit, child.prints, self._send)
        try:
            self._send(Progress(self.asked.edit, "Starting PyTorch"))
            child.load()
            self._send(Progress(self.asked.edit, f"Running {name}"))
            question = msgspec.json.encode(Task(script, self.asked.spool))
            return answers.report(child.ask(question, script.seconds, _late(script)))
        finally:
            child.end()
            output.finish()

    def _started(self, name: str, folder: str) -> Child:
        around = Around(subprocess.DEVNULL, subprocess.PIPE, folder, _environment(self.asked))
        with self._lock:
            if self._why:
                raise TracerError(self._why)
            self._child = Child(name, around)
            return self._child


def _late(script: Script) -> LimitPassed | None:
    return None if script.seconds is None else too_late(script)


def _folder(asked: Run) -> str:
    """Give the folder that a script runs in.

    Raises:
        TracerError: it is none.
    """
    folder = asked.folder or os.path.dirname(os.path.abspath(asked.script.path))
    if not os.path.isdir(folder):
        raise TracerError(f"There is no folder “{folder}”", "folder", "Choose the folder that the script runs in")
    return folder


def _environment(asked: Run) -> Mapping[str, str]:
    limit = {"GRADTRACE_MEMORY": str(asked.memory)} if asked.memory else {}
    return {**os.environ, "PYTHONUNBUFFERED": "1", **asked.environment, **limit}
