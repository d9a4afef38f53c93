"""Two worker processes: one that works, and a spare that waits with torch loaded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from gui.session.process import WorkerProcess
from tracer.worker.messages import Ready, ToWorker

SPARE_AFTER_MS = 1500


class Pair(QObject):
    """Starts and ends the processes. `said` and `ended` are of the one that works; `began` tells that it is ready."""

    said = Signal(object)
    ended = Signal(str)
    began = Signal()

    def __init__(self, program: Sequence[str], parent: QObject) -> None:
        super().__init__(parent)
        self._program = tuple(program)
        self.active: WorkerProcess | None = None
        self._spare: WorkerProcess | None = None
        self._spare_later = QTimer(self, singleShot=True, interval=SPARE_AFTER_MS)
        self._spare_later.timeout.connect(self._add_spare)

    @property
    def ready(self) -> Ready | None:
        """What the one that works said when torch was loaded."""
        return self.active.ready if self.active else None

    @property
    def spare_ready(self) -> bool:
        """Whether the spare could take over at once."""
        return self._spare is not None and self._spare.ready is not None

    def send(self, message: ToWorker) -> None:
        """Say something to the one that works."""
        if self.active is not None:
            self.active.send(message)

    def start(self) -> None:
        """End the process that works, if there is one, and put the spare or a new one in its place."""
        self._end(self.active)
        self.active, self._spare = self._spare or self._new(), None
        if self.active.ready is not None:
            self._begin()

    def stop(self) -> None:
        """End both."""
        self._spare_later.stop()
        for process in (self.active, self._spare):
            self._end(process)
        self.active = self._spare = None

    def _new(self) -> WorkerProcess:
        process = WorkerProcess(self._program, self)
        process.said.connect(lambda message: self._hear(process, message))
        process.ended.connect(lambda why: self._lost(process, why))
        return process

    def _begin(self) -> None:
        self._spare_later.start()  # so that the first answer is not slowed down by the spare's loading of torch
        self.began.emit()

    def _add_spare(self) -> None:
        if self._spare is None and self.active is not None:
            self._spare = self._new()

    def _hear(self, process: WorkerProcess, message: object) -> None:
        if process is not self.active:
            return
        if isinstance(message, Ready):
            self._begin()
        else:
            self.said.emit(message)

    def _lost(self, process: WorkerProcess, why: str) -> None:
        if process is self._spare:
            self._spare = None
            self._end(process)
        elif process is self.active:
            self.ended.emit(why)

    def _end(self, process: WorkerProcess | None) -> None:
        if process is not None:
            process.stop()
            process.deleteLater()
