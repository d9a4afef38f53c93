"""The process beside the Model workspace: asked by number, heard, and replaced when it dies."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from gui.session.process import WorkerProcess
from tracer.errors import sentence
from tracer.experiment import Script
from tracer.worker.messages import Ready, Refused
from tracer.worker.model.messages import Cancel, Forget, Load, Opened, Output, Progress, Ran, Run, topic

PROGRAM = (sys.executable, "-P", "-m", "tracer.worker.model")
MOST_DEATHS = 3  # in a row, with nothing answered between them


class Held(NamedTuple):
    """Where a recording lies, so that another worker can open it, and the paths of its source files."""

    path: str
    files: dict[str, str]


class ModelWorker(QObject):
    """Starts the process with the first question. Of the answers to questions about the same, only the newest is told.

    `answered` gives an answer with its question, `told` a sentence about the process, `stirred` that something was
    asked or answered. A recording is called by the number of the question that opened it.
    """

    answered = Signal(object, object)
    told = Signal(str)
    stirred = Signal()

    def __init__(self, program: Sequence[str] = PROGRAM, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.process: WorkerProcess | None = None
        self.running = 0  # the number of the script that is going on
        self._program, self._folder = tuple(program), ""
        self._numbers, self._deaths = 0, 0
        self._asked: dict[int, Any] = {}
        self._held: dict[int, Held] = {}

    @property
    def settled(self) -> bool:
        """Whether every question has its answer."""
        return not self._asked

    def ask(self, kind: type[Any], *fields: Any, **named: Any) -> int:
        """Ask; older questions about the same are overtaken. Gives the number of the question."""
        question = kind(self._next(), *fields, **named)
        self._send(question)
        return int(question.edit)

    def run(self, script: Script) -> int:
        """Run a script and record what it is asked for; one that is going on is ended."""
        self._folder = self._folder or tempfile.mkdtemp(prefix="gradtrace-model-")
        self.running = self.ask(Run, script, spool=f"{self._folder}/{self._numbers + 1}.spool")
        return self.running

    def cancel(self) -> None:
        """End the script that is going on."""
        if self.running:
            self._process().send(Cancel(self.running))

    def forget(self, recording: int) -> None:
        """Close a recording."""
        if self._held.pop(recording, None) is not None:
            self._asked = {edit: one for edit, one in self._asked.items() if getattr(one, "recording", 0) != recording}
            self._process().send(Forget(self._next(), recording))

    def stop(self) -> None:
        """End the process, and remove what it recorded."""
        if self.process is not None:
            self.process.stop()
        self.process, self.running = None, 0
        self._asked, self._held = {}, {}
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = ""

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers

    def _send(self, question: Any) -> None:
        about = topic(question)
        if about is not None:
            self._asked = {edit: one for edit, one in self._asked.items() if topic(one) != about}
        self._asked[question.edit] = question
        self._process().send(question)
        self.stirred.emit()

    def _process(self) -> WorkerProcess:
        if self.process is None:
            self.process = WorkerProcess(self._program, self)
            self.process.said.connect(self._hear)
            self.process.ended.connect(self._died)
        return self.process

    def _hear(self, message: Any) -> None:
        if isinstance(message, Ready):
            return
        question = self._asked.get(message.edit)
        if question is None:
            return  # it was overtaken
        self._deaths = 0
        if not self._goes_on(message, question):
            del self._asked[message.edit]
        if isinstance(message, Opened):
            files = question.files if isinstance(question, Load) else {}
            path = question.spool if isinstance(question, Run) else question.path
            self._held.setdefault(message.edit, Held(path, files))
        self.answered.emit(message, question)
        self.stirred.emit()

    def _goes_on(self, message: Any, question: Any) -> bool:
        """Tell whether more answers to the same question will come."""
        if isinstance(message, Ran):
            self.running = 0 if self.running == message.edit else self.running
            if message.recorded:
                self._held[message.edit] = Held(question.spool, message.files)
            return message.recorded
        return isinstance(message, Progress | Output)

    def _died(self, why: str) -> None:
        """Put another process in the place of one that died, and open again what was open."""
        if self.process is None:
            return
        self.process.stop()
        self.process.deleteLater()
        self.process = None
        self._deaths += 1
        running, self.running = self.running, 0
        gone, self._asked = self._asked, {}
        if self._deaths >= MOST_DEATHS:
            self.told.emit(f"The worker of this workspace ended {MOST_DEATHS} times ({why}); run or open something")
        else:
            kept = "; what was open is opened again" if self._held else ""
            self.told.emit(sentence(f"The worker of this workspace ended ({why}), another took its place{kept}"))
            for recording, held in self._held.items():
                self._send(Load(recording, held.path, held.files))
        for edit, question in gone.items():
            if edit not in self._held and isinstance(question, Run):
                failure = "The worker ended, and the script with it" if edit == running else "The script was ended"
                self.answered.emit(Refused(edit, failure, "", "Run it again"), question)
            elif edit not in self._held and isinstance(question, Load):
                self.answered.emit(Refused(edit, "The worker ended while it read this", question.path, ""), question)
        self.stirred.emit()
