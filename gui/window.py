"""The window: it places the parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSettings, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenuBar, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from gui import actions
from gui.model.workspace import SUFFIXES as OF_MODEL
from gui.session.storage import SUFFIX
from gui.status import Status
from gui.toolbar import Toolbar
from gui.widgets.labels import label, name
from gui.workspace import Frame
from tracer.convolution.fills import PICTURES, SOUNDS, suffix


class Window(QMainWindow):
    """Places menu, toolbar, workspaces and status bar. `idle` is sent when the newest edit is answered and drawn.

    `failure` says why there will be no more answers, if so; `dropped` gives the path of a file let fall on the window.
    """

    idle = Signal()
    closing = Signal()
    dropped = Signal(str)

    def __init__(
        self,
        commands: dict[str, QAction],
        toolbar: Toolbar,
        frames: Mapping[str, Frame],
        status: Status,
        settled: Callable[[], bool],
    ) -> None:
        super().__init__()
        name(self, "window", "Gradtrace")
        self.setWindowTitle("Gradtrace")
        self._settled, self._idle = settled, False
        self.failure = ""
        self._soon = QTimer(self, singleShot=True, interval=0)  # singleShot with a receiver swallows exceptions
        self._soon.timeout.connect(self._rest)
        self.commands, self.toolbar, self.status = commands, toolbar, status
        self._frames = dict(frames)
        self._title = label("untitled", "title", "window.title")
        self._stack = QStackedWidget()
        self._stack.setObjectName("workspaces")
        for frame in frames.values():
            self._stack.addWidget(frame)
        self._place()
        self.resize(1440, 900)
        self.setAcceptDrops(True)

    def is_idle(self) -> bool:
        """Tell whether the newest edit has been answered and drawn."""
        return self._idle and self._settled()

    def show_workspace(self, workspace: str) -> None:
        """Bring a workspace to the front."""
        self._stack.setCurrentWidget(self._frames[workspace])
        self.commands[workspace].setChecked(True)
        self._stack.setFocus()

    def set_lecture(self, on: bool) -> None:
        """Show nothing but the workspace, on all of the screen, or everything again."""
        for part in (self.menuWidget(), self.toolbar, self.status):
            part.setVisible(not on)
        self.showFullScreen() if on else self.showNormal()

    def show_title(self, words: str) -> None:
        """Say which session this is."""
        self._title.setText(words)
        self.setWindowTitle(f"{words.partition(' — ')[0]} — Gradtrace")

    def stir(self) -> None:
        """Note that something has changed; `idle` follows when it is answered and drawn."""
        self._idle = False
        self._soon.start()

    def keep_layout(self, settings: QSettings) -> None:
        """Write down where everything stands."""
        settings.setValue("window/geometry", self.saveGeometry())
        for splitter in self.findChildren(QSplitter):
            settings.setValue(f"splitters/{splitter.objectName()}", splitter.saveState())

    def restore_layout(self, settings: QSettings) -> None:
        """Put everything where it stood."""
        if (geometry := settings.value("window/geometry")) is not None:
            self.restoreGeometry(geometry)
        for splitter in self.findChildren(QSplitter):
            if (state := settings.value(f"splitters/{splitter.objectName()}")) is not None:
                splitter.restoreState(state)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.dropped.emit(_files(event)[0])

    def _rest(self) -> None:
        if self._settled() and not self._idle:
            self._idle = True
            self.idle.emit()

    def _place(self) -> None:
        bar, top = QMenuBar(), QWidget()
        name(bar, "menu", "Menu")
        name(top, "top", "Menu and title")
        actions.fill(bar, self.commands)
        line = QHBoxLayout(top)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(label("Gradtrace", "brand", "window.brand"))
        line.addWidget(bar, 1)
        line.addWidget(self._title)
        self.setMenuWidget(top)
        inside = QWidget()
        box = QVBoxLayout(inside)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.toolbar)
        box.addWidget(self._stack, 1)
        box.addWidget(self.status)
        self.setCentralWidget(inside)


def _files(event: QDropEvent) -> list[str]:
    """List the files that are dragged and can be taken: sessions, scripts, recordings, pictures, sounds."""
    paths = [url.toLocalFile() for url in event.mimeData().urls()]
    return [path for path in paths if path.endswith((SUFFIX, *OF_MODEL)) or suffix(path) in (*PICTURES, *SOUNDS)]
