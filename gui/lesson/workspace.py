"""The Lesson workspace: the steps, the workspace that a step sets up, its question, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from gui.lesson.contents import Contents
from gui.lesson.handout import Handout
from gui.lesson.lecture import Lecture, enlarge
from gui.lesson.library import Library
from gui.lesson.page import Page
from gui.lesson.predict import Predict
from gui.lesson.progress import Progress
from gui.lesson.stage import Maker, Stage
from gui.session.session import Session
from gui.theme.theme import Theme
from gui.widgets.column import column
from gui.workspace import Frame, Result
from tracer.drawing.display_list import DisplayList
from tracer.errors import TracerError, sentence
from tracer.lesson.hiding import still_hidden
from tracer.lesson.steps import Solution, Step
from tracer.worker.messages import Answer, Drawn, Refused, Solved

NAME = "lesson"


class LessonWorkspace(QObject):
    """Shows a lesson, in a session of its own: what the person has in the other workspaces stays as it is.

    `tried` gives an experiment to be opened in its own workspace, `lectured` whether only the step is to be seen.
    """

    tried = Signal(object)
    lectured = Signal(bool)

    def __init__(self, session: Session, theme: Theme, makers: Mapping[str, Maker], progress: Progress) -> None:
        super().__init__()
        self.session, self.progress, self.library = session, progress, Library(progress)
        self.contents, self.page, self.predict = Contents(theme), Page(), Predict()
        self.stage, self.handout = Stage(makers, theme), Handout(session)
        self._at, self._begun, self._fresh = 0, False, True
        self.solution: Solution | None = None
        self._list = column("lesson.form", "Lesson", [*self.library.sections, self.contents, self.library.bar], "form")
        self._middle = _over(self.predict, self.stage)
        self._text = column("lesson.inspector", "The step", [self.page], "inspector")
        self.frame = Frame(NAME, self._list, [(self._middle, 800)], self._text)
        does = {"on": lambda: self.turn(1), "back": lambda: self.turn(-1), "first": lambda: self.go(0)}
        self.lecture = Lecture(self.frame, {**does, "leave": self.end_lecture})
        self.offers: Mapping[str, Callable[[], object]] = {
            "step_back": lambda: self.turn(-1),
            "step_on": lambda: self.turn(1),
            "step_again": self.again,
            "open_lesson": self._open,
            "handout": lambda: self.handout.ask(self.frame, self.library.name),
            "lecture": lambda: self.end_lecture() if self.lecture.on else self.begin_lecture(),
        }
        session.more = self._more
        self._connect()

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return self.library.lesson.steps[self._at]

    @property
    def result(self) -> Result:
        """The result of the workspace that the step has set up."""
        return self.stage.workspace(self.step.workspace).result

    def begin(self) -> None:
        """Show the step at which the person is, when the lesson comes to the front for the first time."""
        if self._begun:
            self.session.ask()
        else:
            self.go(self.library.start())

    def go(self, at: int) -> None:
        """Go to a step, from 0, and set its workspace up."""
        self._begun, self._fresh = True, True
        self._at, self.solution = min(max(at, 0), len(self.library.lesson.steps) - 1), None
        self.progress.go(self.library.name, self.step.title)
        self.stage.workspace(self.step.workspace)
        self.session.begin(self.step.workspace, self.step.experiment)
        self.stage.look(self.step.workspace, self.step.view)
        self._show_step()
        if self.lecture.on:
            self.stage.hide_tables()
        self.frame.turned.emit()

    def turn(self, by: int) -> None:
        """Go so many steps on, or back; nothing where there is none."""
        if 0 <= self._at + by < len(self.library.lesson.steps):
            self.go(self._at + by)

    def again(self) -> None:
        """Start the step again, as if nothing had been answered."""
        self.progress.forget(self.library.name, self.step.title)
        self.go(self._at)

    def show(self, _experiment: Any, waiting: str) -> None:
        """Show the experiment of the step as it now is in the lesson's own session."""
        if self._begun:
            kind = self.session.workspace
            self.stage.workspace(kind).show(self.session.value(kind), waiting)

    def take(self, message: Answer) -> str:
        """Show an answer; give what no field can show, for the status bar. What would tell is not even taken."""
        if isinstance(message, Solved):
            self.solution = message.solution
            self._show_step()
            return ""
        if self.stage.is_covered() and not isinstance(message, Refused):
            return ""
        said = self.stage.workspace(self.step.workspace).take(message)
        if isinstance(message, Drawn) and self._fresh:
            self._fresh = False
            if self.step.view.select:
                self.result.pick_label(self.step.view.select)
        return " ".join(map(sentence, (message.what, message.cure))) if isinstance(message, Refused) else said

    def in_view(self) -> tuple[str, DisplayList | None]:
        """Name the picture in view, and give it for a file."""
        if not self._begun or self.stage.is_covered():
            return "Picture", None
        return self.stage.workspace(self.step.workspace).in_view()

    def begin_lecture(self) -> None:
        """Show nothing but the step, large."""
        self._set_lecture(True)

    def end_lecture(self) -> None:
        """Show everything again."""
        self._set_lecture(False)

    def _set_lecture(self, on: bool) -> None:
        self.lecture.set(on)
        self._list.setVisible(not on)
        self.stage.hide_tables() if on else self.stage.show_tables()
        for part in (self.page, self.predict):
            enlarge(part, on)
        self.lectured.emit(on)
        if on:
            self.frame.setSizes([0, round(self.frame.width() * 0.56), round(self.frame.width() * 0.44)])
        else:
            self.frame.reset()

    def _connect(self) -> None:
        self.contents.chosen.connect(self.go)
        self.page.turned.connect(self.turn)
        self.page.tried.connect(self.tried)
        self.predict.answered.connect(self._answered)
        self.library.turned.connect(lambda: self.go(self.library.start()))
        self.library.wanted.connect(self._open)

    def _more(self) -> dict[str, Any]:
        """Ask for the step beside its experiment, as long as that is the step's own."""
        own = self.session.value(self.session.workspace) == self.step.experiment
        return {"step": self.step, "answered": tuple(self._answers)} if own else {}

    @property
    def _answers(self) -> Mapping[int, str]:
        return self.progress.answers(self.library.name, self.step.title)

    def _answered(self, number: int, answer: str) -> None:
        """Note an answer, show what is said of it, and ask again for what is not hidden any more."""
        self.progress.note(self.library.name, self.step.title, number, answer)
        self._show_step()
        self.session.ask()

    def _show_step(self) -> None:
        steps, left = self.library.lesson.steps, self.library.left(self.step)
        before = steps[self._at - 1].title if self._at else ""
        self.page.show_step(self.step, self._at, len(steps), before, not left)
        self.page.show_numbers(self.solution.numbers if self.solution and not left else ())
        self.predict.show_step(self.step.predict, self.solution, self._answers)
        self.contents.show_steps([step.title for step in steps], self.library.done(), self._at)
        self.library.show_progress()
        self.stage.show_step(self.step, bool(left) and self._tells(left))

    def _tells(self, left: list[int]) -> bool:
        """Tell whether the workspace as a whole would give an answer away: all that a layer and a matrix show follows
        from their settings, and of a program the graph or the lines may be asked for."""
        if self.solution is None or self.step.workspace != "expression":
            return True
        answered = set(range(len(self.step.predict))) - set(left)
        hidden = still_hidden(self.solution, answered)
        return hidden.graph or hidden.lines

    def _open(self) -> None:
        """Ask for a lesson's file and teach it."""
        path = QFileDialog.getOpenFileName(self.frame, "Open a lesson", "", "Lessons (*.toml)")[0]
        if path:
            try:
                self.library.take(path)
            except TracerError as error:
                self.session.told.emit(str(error))


def _over(above: QWidget, below: QWidget) -> QWidget:
    """Place one part over another that takes the rest."""
    made = QWidget()
    box = QVBoxLayout(made)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    box.addWidget(above)
    box.addWidget(below, 1)
    return made
