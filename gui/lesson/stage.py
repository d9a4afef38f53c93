"""The middle of the lesson: another workspace's pictures and tables, or a page over them while they would tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QStackedWidget, QTabWidget, QWidget

from gui.theme.theme import Theme
from gui.widgets.canvas import Canvas
from gui.widgets.labels import name
from gui.workspace import Taught
from tracer.drawing.givens import picture
from tracer.lesson.givens import Given, givens
from tracer.lesson.steps import Step, View

Maker = Callable[[], Taught]


class Stage(QStackedWidget):
    """Shows the middle of a workspace, made when it is first needed; its form and inspector stay away."""

    def __init__(self, makers: Mapping[str, Maker], theme: Theme) -> None:
        super().__init__()
        name(self, "lesson.stage", "Pictures and tables of the step")
        self._makers = dict(makers)
        self._made: dict[str, Taught] = {}
        self.cover = Canvas("lesson.cover", "What is given", theme)
        self._put_away: list[QWidget] = []
        self._given: tuple[Given, ...] = ()
        self.cover.resized.connect(self._draw)
        self.addWidget(self.cover)

    def workspace(self, kind: str) -> Taught:
        """Give the lesson's own workspace of a kind."""
        if kind not in self._made:
            made = self._made[kind] = self._makers[kind]()
            frame = made.frame
            for at in (0, frame.count() - 1):
                frame.widget(at).hide()
            self.addWidget(frame)
        return self._made[kind]

    def show_step(self, step: Step, covered: bool) -> None:
        """Bring the workspace of a step to the front, or what was given to it as long as the rest would tell."""
        self._given = givens(step.experiment)
        self._draw()
        for kind, workspace in self._made.items():
            _name(workspace.frame, kind)
        self.setCurrentWidget(self.cover if covered else self.workspace(step.workspace).frame)

    def is_covered(self) -> bool:
        """Tell whether the page is in front."""
        return self.currentWidget() is self.cover

    def look(self, kind: str, view: View) -> None:
        """Bring the tab to the front that a step wants, and what it looks at."""
        workspace = self.workspace(kind)
        for strip in workspace.frame.findChildren(QTabWidget):
            titles = [strip.tabText(at) for at in range(strip.count())]
            if view.tab in titles:
                strip.setCurrentIndex(titles.index(view.tab))
        workspace.look(view)

    def _draw(self) -> None:
        if self._given:
            self.cover.set_picture(picture(self._given, self.cover.width(), self.cover.height()))

    def hide_tables(self) -> None:
        """Show the pictures alone."""
        for workspace in self._made.values():
            middle = workspace.frame.middle
            tables = [middle.widget(at) for at in range(1, middle.count())]
            self._put_away += [table for table in tables if not table.isHidden()]
        for table in self._put_away:
            table.hide()

    def show_tables(self) -> None:
        """Show the tables again that were put away."""
        for table in self._put_away:
            table.show()
        self._put_away.clear()


def _name(frame: QWidget, kind: str) -> None:
    """Name the parts of a workspace as the lesson's; some come only with the experiment that they are for."""
    for widget in (frame, *frame.findChildren(QWidget)):
        if widget.objectName().startswith(kind):
            widget.setObjectName(f"lesson.{widget.objectName()}")
