"""What the person has: one experiment a workspace, and the one way to change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from gui.session.edits import Edit
from gui.session.worker import Workers
from tracer.drawing.palette import Theme
from tracer.errors import TracerError
from tracer.experiment import Experiment
from tracer.worker.messages import Answer, Drawn, Refused, Save

Check = Callable[[Any], object]
GESTURE_MS = 1500  # a pause this long ends a gesture, so that later typing is another step of undo


class Session(QObject):
    """Holds the experiments as frozen values. Edits go in, answers come out.

    `changed` names the workspace whose experiment is another, `answered` gives an Answer for it, `shown` the workspace
    to show, `told` a sentence for the status bar.
    """

    changed = Signal(str)
    answered = Signal(str, object)
    shown = Signal(str)
    told = Signal(str)

    def __init__(
        self, experiments: Mapping[str, Experiment], checks: Mapping[str, Check], workers: Workers, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.workers, self.history = workers, QUndoStack(self)
        self.workspace = next(iter(experiments))
        self.experiments: dict[str, Experiment] = dict(experiments)
        self._checks, self._gesture = checks, 0
        self._valid: dict[str, Experiment] = dict(experiments)
        self._asked: tuple[str, int] = ("", -1)  # 0: it could not be asked
        self._drawn: dict[str, int] = {}
        self.more: Callable[[], Mapping[str, Any]] = dict  # what else to ask for, beside the experiment
        self._pause = QTimer(self, singleShot=True, interval=GESTURE_MS)
        self._pause.timeout.connect(self.end_gesture)
        workers.answered.connect(self._answer)
        workers.replaced.connect(self._drawn.clear)

    def edit(self, path: str, value: Any, words: str = "") -> None:
        """Change the value at a path: a field ("convolution.stride"), a workspace ("convolution"), or all ("")."""
        old = self.value(path)
        if value == old and type(value) is type(old):
            return
        self.history.push(Edit(self._place, path, old, value, self._gesture, words or path.rpartition(".")[2]))
        self._pause.start()

    def value(self, path: str) -> Any:
        """Give the value at a path."""
        workspace, _, field = path.partition(".")
        if not workspace:
            return dict(self.experiments)
        return getattr(self.experiments[workspace], field) if field else self.experiments[workspace]

    def begin(self, workspace: str, experiment: Experiment) -> None:
        """Start anew with an experiment: nothing that was before can be undone."""
        self.history.clear()
        self.workspace = workspace
        self.experiments[workspace] = experiment
        self.changed.emit(workspace)
        self.ask()

    def end_gesture(self) -> None:
        """Begin another step of undo with the next edit."""
        self._gesture += 1

    def show(self, workspace: str) -> None:
        """Go to a workspace and ask for its experiment; recordings of the others may be gone by now."""
        self.end_gesture()
        if workspace != self.workspace:
            self.workspace = workspace
            self.shown.emit(workspace)
        self.ask()

    def ask(self) -> None:
        """Ask the worker for the experiment that is shown, or say at once why it can't be run.

        A workspace that has a session of its own asks for itself.
        """
        if self.workspace not in self.experiments:
            return
        workspace, experiment = self.workspace, self.experiments[self.workspace]
        try:
            self._checks[workspace](experiment)
            if not _readable(experiment):
                raise TracerError("These settings hold something of the wrong kind", cure="Undo the last edit")
        except TracerError as error:
            self._asked = (workspace, 0)
            self.answered.emit(workspace, Refused(0, error.what, error.where, error.cure))
            return
        self._valid[workspace] = experiment
        self._asked = (workspace, self.workers.ask(experiment, **self.more()))

    @property
    def settled(self) -> bool:
        """Whether the newest edit has its last answer, and no other picture is on its way."""
        answered = self._asked[1] == 0 or self.workers.turns.settled
        return (answered and not self.workers.looking) or self.workers.state == "failed"

    def save_graph(self, path: str, theme: Theme) -> None:
        """Write the graph that is shown to a file."""
        edit = self._drawn.get(self.workspace)
        if edit is None:
            self.told.emit("There is no graph to export yet")
            return
        self.workers.save(Save(edit, path, theme))

    def keepable(self) -> tuple[Experiment, ...]:
        """Give the experiments as they can be kept in a file: the last that were valid, where one is not."""
        return tuple(
            experiment if _readable(experiment) else self._valid[workspace]
            for workspace, experiment in self.experiments.items()
        )

    def ask_jacobian(self) -> None:
        """Ask for the Jacobian of what is shown; it comes as another answer."""
        self.workers.ask_jacobian()

    def _place(self, path: str, value: Any) -> None:
        workspace, _, field = path.partition(".")
        if not workspace:
            self.experiments = dict(value)
        elif field:
            self.experiments[workspace] = msgspec.structs.replace(self.experiments[workspace], **{field: value})
        else:
            self.experiments[workspace] = value
        for name in [workspace] if workspace else list(self.experiments):
            self.changed.emit(name)
        self.show(workspace) if workspace and workspace != self.workspace else self.ask()

    def _answer(self, message: Answer) -> None:
        workspace, edit = self._asked
        if message.edit != edit:
            return
        if isinstance(message, Drawn):
            self._drawn[workspace] = edit
        self.answered.emit(workspace, message)


def _readable(experiment: Experiment) -> bool:
    """Tell whether a file with this experiment could be read again."""
    try:
        msgspec.json.decode(msgspec.json.encode(experiment), type=Experiment)
    except msgspec.MsgspecError:
        return False
    return True
