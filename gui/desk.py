"""What the commands do, with all that they need on one desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTabWidget, QWidget

from gui.convolution.loading import fill_from
from gui.files import OF_GRAPHS, WORKSPACES, Files, by_workspace
from gui.graph_view.view import GraphView
from gui.lesson.workspace import NAME as LESSON
from gui.lesson.workspace import LessonWorkspace
from gui.model.workspace import NAME as MODEL
from gui.model.workspace import SUFFIXES as OF_MODEL
from gui.model.workspace import ModelWorkspace
from gui.palette import Palette
from gui.session.session import Session
from gui.session.storage import SUFFIX
from gui.theme.theme import Theme
from gui.widgets.find_box import FindBox
from gui.window import Window
from gui.workspace import GRAPH, Workspace
from tracer.drawing.display_list import DisplayList
from tracer.errors import TracerError
from tracer.experiment import Experiment
from tracer.export.files import save_picture


@dataclass
class Desk:
    """The parts that commands work on; the window comes last, since its menus need the commands."""

    session: Session
    theme: Theme
    files: Files
    workspaces: dict[str, Workspace]
    lesson: LessonWorkspace
    model: ModelWorkspace
    window: Window | None = None

    @property
    def active(self) -> Session:
        """The session in which the workspace that is shown works; the lesson has its own."""
        return self.lesson.session if self.session.workspace == LESSON else self.session

    @property
    def graph(self) -> GraphView:
        """The graph that is shown."""
        return self.workspaces[self.session.workspace].result.front


def open_session(desk: Desk) -> None:
    """Ask for a session file and open it."""
    if path := desk.files.ask_open(desk.window):
        open_file(desk, path)


def take_file(desk: Desk, path: str) -> None:
    """Take a file that was let fall on the window: a session, a script, a recording, or what fills an input."""
    if path.endswith(OF_MODEL):
        desk.session.show(MODEL)
        desk.model.open(path)
    elif path.endswith(SUFFIX):
        open_file(desk, path)
    else:
        fill_from(desk.session, path)


def open_model(desk: Desk) -> None:
    """Ask for a script or a recording and open it in Model."""
    desk.session.show(MODEL)
    desk.model.choose()


def run_again(desk: Desk) -> None:
    """Run the experiment, or the script, again."""
    desk.model.run() if desk.session.workspace == MODEL else desk.session.ask()


def open_file(desk: Desk, path: str) -> None:
    """Open a session file, or say why it can't be opened."""
    _told(desk, lambda: desk.files.open(Path(path)))


def save_session(desk: Desk) -> None:
    """Ask for a place and save the session there."""
    if path := desk.files.ask_save(desk.window):
        _told(desk, lambda: desk.files.save(Path(path)))


def export(desk: Desk) -> None:
    """Ask for a place and export the picture in view there."""
    title, picture = desk.workspaces[desk.session.workspace].in_view()
    if title != GRAPH and picture is None:
        desk.session.told.emit(f"There is no picture of {title} to export yet")
        return
    path = desk.files.ask_export(desk.window, desk.session.workspace, title)
    if path and desk.session.workspace == MODEL:
        desk.model.keep(path, desk.theme.name)
    elif path and (picture is None or path.endswith(OF_GRAPHS)):
        desk.active.save_graph(path, desk.theme.name)
    elif path and picture is not None:
        _told(desk, lambda: _save_picture(desk, picture, path))


def find(desk: Desk) -> None:
    """Find words in the text in view, nodes of a model in their table, or nodes of the graph."""
    if desk.session.workspace == MODEL:
        desk.model.pages.find()
        return
    boxes = desk.window.findChildren(FindBox) if desk.window else []
    box = next((box for box in boxes if box.isVisible()), None)
    if box is not None:
        box.begin()
    else:
        _bring(desk.graph)
        desk.graph.finder.begin()


def find_on(desk: Desk, by: int) -> None:
    """Go to the next node that was found, or to the one before."""
    _bring(desk.graph)
    desk.graph.finder.step(by)


def _bring(graph: QWidget) -> None:
    """Bring the tab of a graph to the front."""
    around = graph.parentWidget()
    while around is not None:
        if isinstance(around, QTabWidget):
            pages = [around.widget(at) for at in range(around.count())]
            around.setCurrentWidget(next(page for page in pages if page is graph or page.isAncestorOf(graph)))
        around = around.parentWidget()


def palette(desk: Desk) -> None:
    """Open the command palette."""
    if desk.window is not None:
        found = desk.window.findChild(Palette)
        every = [action for action in desk.window.findChildren(QAction) if _is_command(action)]
        (found or Palette(desk.window, every, desk.theme)).begin()


def _is_command(action: QAction) -> bool:
    kind, _, command = action.objectName().partition(".")
    return kind == "action" and "." not in command and command != "palette"


def offer(command: str, desk: Desk) -> None:
    """Do what only the workspace that is shown offers."""
    _told(desk, desk.workspaces[desk.session.workspace].offers[command])


def play_with(desk: Desk, experiment: Experiment) -> None:
    """Open an experiment of the lesson in its own workspace, as an edit that can be undone."""
    workspace = WORKSPACES[type(experiment)]
    if desk.lesson.lecture.on:  # whose window has no way back from elsewhere
        desk.lesson.end_lecture()
    desk.session.end_gesture()
    desk.session.edit("", {**desk.session.experiments, **by_workspace((experiment,))}, "open")
    desk.session.show(workspace)


def save_lesson(desk: Desk) -> None:
    """Ask for a place and save the experiments of all workspaces there, as the steps of a lesson to be written."""
    if path := desk.files.ask_lesson(desk.window):
        _told(desk, lambda: desk.files.save_lesson(path))


def undo(desk: Desk) -> None:
    """Take the last edit back."""
    desk.active.end_gesture()
    desk.active.history.undo()


def redo(desk: Desk) -> None:
    """Make the edit again."""
    desk.active.end_gesture()
    desk.active.history.redo()


def restart_worker(desk: Desk) -> None:
    """End the worker and start another."""
    desk.session.workers.start()
    desk.active.ask()


def full_screen(desk: Desk) -> None:
    """Fill the screen, or go back; the lesson then shows nothing but the step."""
    if desk.session.workspace == LESSON:
        desk.lesson.offers["lecture"]()
    elif desk.window is not None:
        desk.window.showNormal() if desk.window.isFullScreen() else desk.window.showFullScreen()


def reset_layout(desk: Desk) -> None:
    """Put the borders back."""
    for workspace in desk.workspaces.values():
        workspace.frame.reset()


def leave(desk: Desk) -> None:
    """Close the window."""
    if desk.window is not None:
        desk.window.close()


def _save_picture(desk: Desk, picture: DisplayList, path: str) -> None:
    save_picture(picture, path, desk.theme.name)
    desk.session.told.emit(f"Saved {path}")


def _told(desk: Desk, work: Callable[[], object]) -> None:
    """Do something that may not be possible, and say so if it is not."""
    try:
        work()
    except TracerError as error:
        desk.session.told.emit(str(error))
