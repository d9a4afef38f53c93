"""A program beside the first in the window: both graphs, and the differences, each in a tab of its own."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QTabWidget

from gui.expression.beside_form import BesideForm
from gui.expression.beside_view import BesideView
from gui.expression.differences import Differences
from gui.expression.together import Together
from gui.expression.what_ifs import WhatIfs
from gui.inspector.section import NodeSection
from gui.session.session import Session
from gui.theme.theme import Theme
from gui.workspace import Frame, Result
from tracer.drawing.display_list import DisplayList
from tracer.errors import sentence
from tracer.experiment import Expression
from tracer.expression.variants import is_what_if
from tracer.worker.messages import Answer, Compared, Drawn, Refused

TAB, DIFFERENCES = "Side by side", "Differences"
NAMED = "Side-by-side picture"  # in the name of a file, and of the command


class Beside(QObject):
    """Shows and hides what there is of a second program."""

    def __init__(self, session: Session, theme: Theme, form: BesideForm, node: NodeSection) -> None:
        super().__init__()
        self.form, self.view, self.differences = form, BesideView(theme), Differences(theme)
        self.together = Together(self.view, form.editor, node)
        self.what_ifs = WhatIfs(session, form, self.together)
        self._what_if = self._newest = False

    def join(self, result: Result, pictures: QTabWidget, found: QTabWidget, frame: Frame) -> None:
        """Take places among the tabs, and listen to the others."""
        self._result, self._pictures, self._found = result, pictures, found
        pictures.addTab(self.view, TAB)
        found.addTab(self.differences, DIFFERENCES)
        self._show_tabs(False)
        pictures.currentChanged.connect(lambda _: self._turned(frame))
        self.together.join(result)
        self.what_ifs.join(result, self.view)
        self.form.placed.connect(lambda: self._show_tabs(True))
        self.differences.picked.connect(self.together.choose_variable)

    def show(self, experiment: Expression, waiting: str) -> None:
        """Show the second program of an experiment, or that it has none."""
        there = experiment.beside is not None
        if there != self._found.isTabVisible(self._found.indexOf(self.differences)):
            self._show_tabs(there)
        if not there:
            self.form.say_problem("", "")
            self.together.show(None)
        self._what_if, self._newest = is_what_if(experiment), False
        self.say(waiting)

    def take(self, message: Answer) -> None:
        """Show an answer, if it is about the second program."""
        if isinstance(message, Drawn):
            self.together.follow(self._result.owner)
        if isinstance(message, Compared | Refused):
            self._newest = isinstance(message, Compared) and message.refused is None
            self.set_dimmed(not self._newest)
        if not isinstance(message, Compared):
            return
        refused = message.refused
        self.form.say_problem(refused.where if refused else "", _said(refused))
        if message.picture is None or message.beside is None:
            self.say("no result yet")
            return
        self.together.show(message)
        self.view.show_picture(message.picture)
        self.differences.show_beside(message.beside, self._what_if)

    def in_view(self) -> tuple[str, DisplayList | None] | None:
        """Name the picture in view and give it, where it is that of both graphs."""
        return (NAMED, self.view.picture) if self._pictures.currentWidget() is self.view else None

    def say(self, words: str) -> None:
        """Say why there is no comparison yet, while there is none."""
        self.view.say(words)
        self.differences.say(words)

    def set_dimmed(self, dimmed: bool) -> None:
        """Dim what is older than the newest edit; what is the newest stays lit while the first graph is waited for, and
        only an answer of its own lights it."""
        if dimmed != self._newest:
            self.view.set_dimmed(dimmed)
            self.differences.set_dimmed(dimmed)

    def _show_tabs(self, there: bool) -> None:
        for strip, page in ((self._pictures, self.view), (self._found, self.differences)):
            strip.setTabVisible(strip.indexOf(page), there)
            strip.setCurrentWidget(page if there else strip.widget(0))

    def _turned(self, frame: Frame) -> None:
        self._result.front = self.view if self._pictures.currentWidget() is self.view else self._result.graph
        frame.turned.emit()


def _said(refused: Refused | None) -> str:
    return f"{sentence(refused.what)} {sentence(refused.cure)}".strip() if refused else ""
