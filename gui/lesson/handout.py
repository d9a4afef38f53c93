"""The handout of a lesson: written by a process of its own, which computes every number and picture anew."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QProcess
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.session.session import Session

WRITING = "Computing the handout: every number and picture anew…"
FORMATS = {"PDF (*.pdf)": ".pdf", "Web page (*.html)": ".html"}


class Handout(QObject):
    """Asks where the handout goes and has it written; says on the session how that went."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session, self._path = session, ""
        self.process = QProcess(self)
        self.process.finished.connect(self._finished)

    def ask(self, parent: QWidget, lesson: str) -> None:
        """Let the person choose a file, and write there."""
        chosen, kind = QFileDialog.getSaveFileName(parent, "Save the handout", "handout.pdf", ";;".join(FORMATS))
        if chosen:
            suffix = FORMATS.get(kind, ".pdf")
            self.write(lesson, chosen if chosen.endswith(tuple(FORMATS.values())) else chosen + suffix)

    def write(self, lesson: str, path: str) -> None:
        """Write the handout of a lesson to a file, unless one is being written."""
        if self.process.state() is not QProcess.ProcessState.NotRunning:
            self._session.told.emit("A handout is being written already; wait until it is saved")
            return
        self._path = path
        self._session.told.emit(WRITING)
        self.process.start(sys.executable, ["-m", "tracer", "handout", lesson, "-o", path])

    def _finished(self, code: int, _status: QProcess.ExitStatus) -> None:
        said = bytes(self.process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        last = said.splitlines()[-1] if said else "The handout could not be written"
        self._session.told.emit(f"Saved {self._path}" if code == 0 else last)
