"""The worker beside the window: asked, waited for, and replaced when it hangs or dies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from gui.session.pair import Pair
from gui.session.process import PROGRAM
from gui.session.turns import Turns
from tracer.experiment import Experiment
from tracer.quantities import figure
from tracer.worker.messages import (
    Answer,
    Arrays,
    Ask,
    AskJacobian,
    Found,
    JacobianFound,
    Look,
    Refused,
    Rolled,
    Save,
    Saved,
)

State = Literal["starting", "ready", "working", "failed"]
SECONDS = 20.0
PATIENCE_MS = 2500  # work this old on a question that is overtaken is given up at once, if a spare is ready
MOST_FAILURES = 3


class Workers(QObject):
    """Asks the worker and gives the answers to the newest question.

    `answered` gives the answers to the newest question, `filed` what became of a file, `changed` the state and a
    sentence about what happened (empty where all is well), `replaced` that recordings so far are gone, `looked` gives
    another picture of a recording.
    """

    answered = Signal(object)
    filed = Signal(object)
    changed = Signal(str, str)
    replaced = Signal()
    looked = Signal(object)

    def __init__(
        self, program: Sequence[str] = PROGRAM, seconds: float = SECONDS, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.state: State = "starting"
        self.turns, self.pair = Turns(), Pair(program, self)
        self._seconds, self._failures = seconds, 0
        self._age, self._sent = QElapsedTimer(), QElapsedTimer()
        self._cold, self._warming = True, 0.0
        self.looking = False
        self.replaced.connect(self._look_away)
        self._limit = QTimer(self, singleShot=True, interval=round(seconds * 1000))
        self._limit.timeout.connect(
            lambda: self._replace(f"This ran for more than {figure(seconds)} seconds, and was ended")
        )
        self.pair.said.connect(self._hear)
        self.pair.ended.connect(self._ended)
        self.pair.began.connect(self._began)

    def start(self) -> None:
        """Start the worker, or another in its place."""
        self._failures = 0
        self._limit.stop()
        self.turns.replaced()
        self.replaced.emit()
        self._set("starting")
        self.pair.start()

    def ask(self, experiment: Experiment, **more: Any) -> int:
        """Ask for an experiment; older questions are overtaken. Gives the number of the question. `more` are the other
        fields of an Ask."""
        ask = self.turns.ask(experiment, **more)
        if self.pair.ready is not None:
            if self.turns.working and self._age.elapsed() > PATIENCE_MS and self.pair.spare_ready:
                self._replace("The last run was still going on, and was ended")
            else:
                self._send(ask)
        return ask.edit

    def save(self, save: Save) -> None:
        """Ask for a file."""
        self.turns.save(save)
        self.pair.send(save)

    def ask_jacobian(self) -> None:
        """Ask for the Jacobian of the newest question, which has been answered."""
        if self.turns.newest is not None and self.turns.settled:
            self.pair.send(AskJacobian(self.turns.newest.edit))

    def look(self, look: Look) -> None:
        """Ask for another picture of a recording."""
        self.looking = True
        self.pair.send(look)

    @property
    def milliseconds(self) -> float:
        """How long ago the newest question went to a worker that was ready for it."""
        return max(0.0, self._sent.elapsed() - self._warming) if self._sent.isValid() else 0.0

    def stop(self) -> None:
        """End the processes."""
        self._limit.stop()
        self.pair.stop()

    def _began(self) -> None:
        self._failures, self._cold = 0, True
        self._set("ready")
        if self.turns.newest is not None and not self.turns.settled:
            self._send(self.turns.newest)

    def _send(self, ask: Ask) -> None:
        if not self.turns.working:
            self._limit.start()
            self._age.start()
        self._sent.start()
        self._warming = 0.0
        self.pair.send(ask)
        self.turns.sent(ask)
        self._set("working")

    def _look_away(self) -> None:
        self.looking = False

    def _hear(self, message: Answer | Saved | Rolled) -> None:
        if isinstance(message, JacobianFound):  # beside the questions, which it neither answers nor ends
            self.answered.emit(message)
            return
        if isinstance(message, Rolled | Refused):
            self._look_away()
        if isinstance(message, Rolled):
            self.looked.emit(message)
            return
        self._note_warming(message)
        verdict = self.turns.judge(message)
        if self.turns.working:
            self._limit.start()
            self._age.start()
        else:
            self._limit.stop()
            self._set("ready")
        if verdict != "late":
            (self.answered if verdict == "newest" else self.filed).emit(message)

    def _note_warming(self, message: Answer | Saved) -> None:
        """Leave out of the time what a new process still had to load when it was asked for the first time."""
        if self._cold and isinstance(message, Found):
            self._warming = max(0.0, self._sent.elapsed() - 1000 * message.seconds)
        self._cold = self._cold and isinstance(message, Arrays)

    def _ended(self, why: str) -> None:
        self._failures += self.pair.ready is None
        if self._failures < MOST_FAILURES:
            self._replace(f"The worker process ended ({why})")
            return
        self.stop()
        self.turns.replaced()
        self._set("failed", f"PyTorch can't be started: {why}")

    def _replace(self, what: str) -> None:
        """Put another in the place of the worker. The question that it was busy with is not asked again."""
        self._limit.stop()
        newest, gone = self.turns.newest, self.turns.replaced()
        self.replaced.emit()
        self._set("starting", f"{what}; another took its place")
        self.pair.start()
        if gone and newest is not None:
            self.answered.emit(Refused(newest.edit, what, "", "Change something to run it again"))

    def _set(self, state: State, sentence: str = "") -> None:
        self.state = state
        self.changed.emit(state, sentence)
