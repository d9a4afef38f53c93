"""Joins the parts by hand; the only file that knows them all."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import get_args

from PySide6.QtCore import QObject, QSettings
from PySide6.QtGui import QUndoGroup
from PySide6.QtWidgets import QApplication

from gui import actions, desk
from gui.command_line import Options
from gui.convolution import fields, presets
from gui.convolution.workspace import ConvolutionWorkspace
from gui.desk import Desk
from gui.expression import inputs
from gui.expression.presets import LESSON
from gui.expression.workspace import ExpressionWorkspace
from gui.files import Files, named
from gui.lesson.progress import Progress
from gui.lesson.workspace import NAME as LESSON_NAME
from gui.lesson.workspace import LessonWorkspace
from gui.matrix_vector.presets import LESSON as MATVEC
from gui.matrix_vector.workspace import MatrixVectorWorkspace
from gui.model.workspace import NAME as MODEL
from gui.model.workspace import SUFFIXES as OF_MODEL
from gui.model.workspace import ModelWorkspace
from gui.recent import Recent
from gui.session import storage
from gui.session.session import Check, Session
from gui.session.worker import Workers
from gui.status import Status
from gui.theme.theme import Setting, Theme
from gui.toolbar import STARTING, Toolbar
from gui.typeset.typesetter import Typesetter
from gui.window import Window
from gui.workspace import Result, Taught, Workspace
from tracer.errors import TracerError, sentence
from tracer.experiment import Experiment
from tracer.matrix_vector.settings import resolve
from tracer.worker.messages import Answer, Drawn, Found, Refused, Saved

CHECKS: dict[str, Check] = {"convolution": fields.check, "expression": inputs.check, "matvec": resolve}
FIRST: dict[str, Experiment] = {"convolution": presets.LESSON, "expression": LESSON, "matvec": MATVEC}


class Join(QObject):
    """Holds the parts together as long as the window lives, and passes on what each has to say."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.settings = QSettings()
        self.keep = options.screenshot is None
        stored = self.settings.value("theme") if self.keep else None
        setting: Setting = next((name for name in get_args(Setting) if name == stored), "system")
        self.theme = Theme(options.theme or setting, self)
        self.workers = Workers(parent=self)
        self.session = Session(FIRST, CHECKS, self.workers, self)
        self.files = Files(self.session, self.keep)
        self.typesetter = Typesetter(self)
        expression = ExpressionWorkspace(self.session, self.theme, self.typesetter)
        self.workspaces: dict[str, Workspace] = {
            "convolution": ConvolutionWorkspace(self.session, self.theme),
            "expression": expression,
            "matvec": MatrixVectorWorkspace(self.session, self.theme),
        }
        self.model, self.lesson = ModelWorkspace(self.theme), self._lesson()
        self.workspaces |= {MODEL: self.model, LESSON_NAME: self.lesson}
        self.desk = Desk(self.session, self.theme, self.files, self.workspaces, self.lesson, self.model)
        self.commands = actions.make(self.desk, self)
        self.toolbar = Toolbar(self.session, self.theme, self.commands)
        expression.debugger.counted.connect(self.toolbar.stepping.show_position)
        self.status = Status(self.theme)
        frames = {name: workspace.frame for name, workspace in self.workspaces.items()}
        self.window = Window(self.commands, self.toolbar, frames, self.status, self._is_settled)
        self.setParent(self.window)
        self._history = QUndoGroup(self)
        self.recent = Recent(self.settings if self.keep else None, partial(desk.open_file, self.desk), self)
        actions.menu_of(self.window, "File").insertMenu(self.commands["save"], self.recent.menu)
        self._offered = {command for workspace in self.workspaces.values() for command in workspace.offers}
        self._milliseconds: dict[str, float] = {}
        self._connect()
        self._begin(options)

    def _lesson(self) -> LessonWorkspace:
        """Make the lesson: a session of its own, in which it sets up workspaces of its own."""
        session = Session(FIRST, CHECKS, self.workers, self)
        makers: dict[str, Callable[[], Taught]] = {
            "convolution": lambda: ConvolutionWorkspace(session, self.theme),
            "expression": lambda: ExpressionWorkspace(session, self.theme, self.typesetter),
            "matvec": lambda: MatrixVectorWorkspace(session, self.theme),
        }
        progress = Progress(storage.own_folder() / "lessons.json" if self.keep else None)
        lesson = LessonWorkspace(session, self.theme, makers, progress)
        session.changed.connect(lambda _: self._changed(LESSON_NAME))
        session.answered.connect(lambda _, message: self._answered(LESSON_NAME, message))
        session.told.connect(lambda words: self.status.say(words))
        return lesson

    def _connect(self) -> None:
        self.model.stirred.connect(self._model_stirred)
        self.model.told.connect(self.status.say)
        self.session.changed.connect(self._changed)
        self.session.answered.connect(self._answered)
        self.lesson.tried.connect(partial(desk.play_with, self.desk))
        self.lesson.lectured.connect(self.window.set_lecture)
        self.session.shown.connect(self._show)
        self.workers.changed.connect(self._worker_changed)
        self.workers.filed.connect(self._filed)
        self.workers.looked.connect(lambda _: self.window.stir())
        for teller in (self.session, self.files):
            teller.told.connect(self.status.say)
        self.files.placed.connect(self.recent.note)
        self.files.named.connect(self.window.show_title)
        history = self._history
        for session in (self.session, self.lesson.session):
            history.addStack(session.history)
        history.canUndoChanged.connect(self.commands["undo"].setEnabled)
        history.canRedoChanged.connect(self.commands["redo"].setEnabled)
        history.undoTextChanged.connect(lambda words: self.commands["undo"].setText(f"Undo {words}".strip()))
        history.redoTextChanged.connect(lambda words: self.commands["redo"].setText(f"Redo {words}".strip()))
        for workspace in self.workspaces.values():
            workspace.frame.turned.connect(self._name_export)
        self.typesetter.ready.connect(self.window.stir)
        self.window.closing.connect(self._close)
        self.window.dropped.connect(partial(desk.take_file, self.desk))
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(lambda _before, _now: self.session.end_gesture())
        for worker in (self.workers, self.typesetter, self.model.worker):
            application.aboutToQuit.connect(worker.stop)
        sys.excepthook = self.fail

    def _is_settled(self) -> bool:
        return self.desk.active.settled and self.model.settled and self.typesetter.is_done()

    def _begin(self, options: Options) -> None:
        """Bring back what was there, open what was asked for, and start the worker."""
        self.desk.window = self.window
        if self.keep:
            self.window.restore_layout(self.settings)
        if options.size:
            self.window.resize(*options.size)
        self.files.restore()
        of_model = options.file is not None and options.file.suffix in OF_MODEL
        if options.file is not None and not of_model:
            try:
                self.files.open(options.file)
            except TracerError as error:
                self.status.say(str(error))
        for name in ("undo", "redo"):
            self.commands[name].setEnabled(getattr(self._history, f"can{name.title()}")())
        self.commands[f"theme_{self.theme.setting}"].setChecked(True)
        last = str(self.settings.value("workspace", "")) if self.keep else ""
        chosen = options.workspace or (MODEL if of_model else last)
        self.session.workspace = chosen if chosen in self.workspaces else self.session.workspace
        for name in FIRST:
            self._changed(name)
        self._show(self.session.workspace)
        self.workers.start()
        self.desk.active.ask()
        if of_model:
            self.model.open(str(options.file))

    def _changed(self, name: str) -> None:
        self.workspaces[name].show(self._value(name), _waiting(self.workers.state))
        if name == self.session.workspace:
            self.toolbar.show_experiment(self._value(name))
        self.window.stir()

    def _show(self, name: str) -> None:
        self.window.show_workspace(name)
        self._history.setActiveStack(self.desk.active.history)
        if name == LESSON_NAME:
            self.lesson.begin()
        self.toolbar.show_experiment(self._value(name))
        for command in self._offered:
            self.commands[command].setEnabled(command in self.workspaces[name].offers)
        self._name_export()
        self._figures(name)
        self.window.stir()

    def _value(self, name: str) -> Experiment | None:
        """Give the experiment of a workspace whose settings the toolbar has, if it has one."""
        return None if name == LESSON_NAME else self.session.experiments.get(name)

    def _name_export(self) -> None:
        title, _ = self.workspaces[self.session.workspace].in_view()
        self.commands["export"].setText(f"Export {named(title)}…")

    def _answered(self, name: str, message: Answer) -> None:
        unplaced = self.workspaces[name].take(message)
        if isinstance(message, Drawn):
            self._milliseconds[name] = self.workers.milliseconds
        if isinstance(message, Refused):
            where = f"{message.where}: " if message.where and unplaced else ""
            self.status.say_of_result(f"{where}{unplaced or 'Not valid yet: the last result is shown dimmed'}")
        elif isinstance(message, Found):
            self.status.say_of_result(unplaced)
        self._figures(name)
        self.window.stir()

    def _model_stirred(self) -> None:
        self._figures(self.session.workspace)
        self.window.stir()

    def _figures(self, name: str) -> None:
        if name == MODEL:
            self.status.show_figures(self.model.figures())
            self.status.show_device(self.workers.pair.ready, "cpu")
            return
        found = None if name == LESSON_NAME and self.lesson.stage.is_covered() else self.workspaces[name].result.found
        self.status.show_found(found, self._milliseconds.get(name))
        self.status.show_device(self.workers.pair.ready, found.device if found else "cpu")

    def _worker_changed(self, state: str, words: str) -> None:
        self.status.show_state(state)
        if words:
            (self.status.say_of_result if state == "failed" else self.status.say)(words)
        if self.workers.pair.ready is not None:
            self.toolbar.show_devices(self.workers.pair.ready)
            self._figures(self.session.workspace)
        self.window.failure = words if state == "failed" else ""
        if state == "failed":
            self.toolbar.show_failed()
            for name in FIRST:
                result = self.workspaces[name].result
                if isinstance(result, Result):
                    result.wait(_waiting(self.workers.state))
        self.window.stir()

    def _filed(self, message: Saved | Refused) -> None:
        if isinstance(message, Saved):
            self.status.say(f"Saved {message.path}")
        else:
            self.status.say(f"{sentence(message.what)} {sentence(message.cure)}".strip())

    def fail(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Show what failed in a slot; the program goes on."""
        traceback.print_exception(kind, error, trace)
        self.status.say(f"Gradtrace failed at this: {kind.__name__}: {error}")

    def _close(self) -> None:
        if self.keep:
            self.window.keep_layout(self.settings)
            self.settings.setValue("theme", self.theme.setting)
            self.settings.setValue("workspace", self.session.workspace)
            self.settings.sync()
        self.files.keep_now()
        self.workers.stop()
        self.typesetter.stop()
        self.model.worker.stop()


def _waiting(state: str) -> str:
    """Say what is waited for."""
    return {"starting": STARTING, "failed": "PyTorch can't be started"}.get(state, "running…")
