"""One worker process: lines in, lines out."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

import tracer
from tracer.worker.messages import FromWorker, Ready, ToWorker, encode, from_worker

PROGRAM = (sys.executable, "-P", "-m", "tracer.worker")
END_MS, TAIL = 2000, 4000


class WorkerProcess(QObject):
    """Starts at once. `said` gives each message, `ended` the reason why there will be no more."""

    said = Signal(object)
    ended = Signal(str)

    def __init__(self, program: Sequence[str] = PROGRAM, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ready: Ready | None = None
        self._line, self._said_last, self._stopped = b"", "", False
        self._process = QProcess(self)
        self._process.setProcessEnvironment(_environment())
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._pass_on)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)
        self._process.start(program[0], list(program[1:]))

    @property
    def pid(self) -> int:
        """The number of the process."""
        return int(self._process.processId())

    def send(self, message: ToWorker) -> None:
        """Say something to the worker."""
        self._process.write(encode(message))

    def stop(self) -> None:
        """End the process and wait for it; nothing is told any more."""
        if self._stopped:
            return
        self._stopped = True
        for signal in (
            self._process.readyReadStandardOutput,
            self._process.readyReadStandardError,
            self._process.finished,
            self._process.errorOccurred,
        ):
            signal.disconnect()
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(END_MS)
        if self.ready is not None and self.ready.folder:
            shutil.rmtree(self.ready.folder, ignore_errors=True)  # a worker that was killed left it behind

    def _read(self) -> None:
        self._line += bytes(self._process.readAllStandardOutput().data())
        *lines, self._line = self._line.split(b"\n")
        for line in lines:
            if line.strip():
                self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            message: FromWorker = from_worker(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.ended.emit(f"it said something that can't be read ({error})")
            return
        if isinstance(message, Ready):
            self.ready = message
        self.said.emit(message)

    def _pass_on(self) -> None:
        text = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        self._said_last = (self._said_last + text)[-TAIL:]
        sys.stderr.write(text)

    def _finished(self, code: int, _status: QProcess.ExitStatus) -> None:
        self._pass_on()
        lines = [line.strip() for line in self._said_last.splitlines() if line.strip()]
        self.ended.emit(lines[-1] if lines else f"exit code {code}")

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.ended.emit(self._process.errorString())


def _environment() -> QProcessEnvironment:
    """Give the variables of the worker, which finds `tracer` where the window found it."""
    environment = QProcessEnvironment.systemEnvironment()
    ours, theirs = str(Path(tracer.__file__).parents[1]), environment.value("PYTHONPATH")
    environment.insert("PYTHONPATH", os.pathsep.join([ours, theirs] if theirs else [ours]))
    return environment
