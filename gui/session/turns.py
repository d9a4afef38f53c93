"""Which question is the newest, which one the worker is busy with, and whether an answer is still wanted."""

from __future__ import annotations

from typing import Any, Literal

from tracer.experiment import Experiment
from tracer.worker.messages import Answer, Ask, Drawn, Refused, Save, Saved

Verdict = Literal["newest", "late", "save"]
KEPT = 8


class Turns:
    """Numbers the questions and judges the answers; knows no process and no clock."""

    def __init__(self) -> None:
        self.newest: Ask | None = None
        self.settled = True
        self._busy_with: int | None = None
        self._numbers = 0
        self._drawn: list[int] = []
        self._saves: list[int] = []

    def ask(self, experiment: Experiment, **more: Any) -> Ask:
        """Number a new question; all older ones are overtaken. `more` are the other fields of an Ask."""
        self._numbers += 1
        self.newest = Ask(self._numbers, experiment, **more)
        self.settled = False
        return self.newest

    def sent(self, ask: Ask) -> None:
        """Note that the worker has the question; it is busy with it, unless it still is with an older one."""
        if self._busy_with is None:
            self._busy_with = ask.edit

    def save(self, save: Save) -> None:
        """Note that a file was asked for."""
        self._saves.append(save.edit)

    def judge(self, message: Answer | Saved) -> Verdict:
        """Say whether an answer is of the newest question, a late one, or about a file."""
        if self._about_a_file(message):
            self._saves.remove(message.edit)
            return "save"
        if self.newest is None or message.edit != self.newest.edit:
            self._busy_with = None if self.settled or self.newest is None else self.newest.edit
            return "late"
        self._busy_with = message.edit
        if isinstance(message, Drawn | Refused):
            self.settled, self._busy_with = True, None
            self._drawn = [*self._drawn[1 - KEPT :], message.edit]
        return "newest"

    def replaced(self) -> bool:
        """Note that the worker is gone. Tell whether it was busy with the newest question, which then is given up;
        otherwise it is open again, since the recordings are gone with the worker."""
        gone = self.newest is not None and self._busy_with == self.newest.edit
        self._busy_with, self._saves = None, []
        self.settled = gone or self.newest is None
        return gone

    @property
    def working(self) -> bool:
        """Whether the worker is busy with a question."""
        return self._busy_with is not None

    def _about_a_file(self, message: Answer | Saved) -> bool:
        asked = message.edit in self._saves
        return asked and (isinstance(message, Saved) or (isinstance(message, Refused) and message.edit in self._drawn))
