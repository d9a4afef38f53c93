"""The person's files: opened and saved by name, and the session that is kept without asking."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.expression import inputs
from gui.session import storage
from gui.session.session import Session
from gui.workspace import GRAPH
from tracer.errors import TracerError, UnreadableFile
from tracer.experiment import Convolution, Experiment, Expression, MatrixVector
from tracer.lesson.writing import written as lesson_of

EXPORTS = ("svg", "png", "pdf")
OF_GRAPHS = ("dot", "json")
KEEP_MS = 600
WORKSPACES: dict[type, str] = {Convolution: "convolution", Expression: "expression", MatrixVector: "matvec"}


class Files(QObject):
    """Opens and saves sessions. `named` tells the words of the title, `told` a sentence for the status bar, `placed`
    the path of a session that was opened or saved.
    """

    named = Signal(str)
    told = Signal(str)
    placed = Signal(str)

    def __init__(self, session: Session, keep: bool) -> None:
        super().__init__(session)
        self._session, self._keep = session, keep
        self.path: Path | None = None
        self._timer = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._timer.timeout.connect(self.keep_now)
        session.changed.connect(lambda _: self._changed())

    def restore(self) -> None:
        """Bring the kept session back; a damaged one is put aside, never thrown away."""
        place = storage.kept()
        if not self._keep or not place.exists():
            return
        try:
            self._session.experiments |= by_workspace(storage.read(place))
        except TracerError as error:
            aside = place.with_name(f"damaged-{place.name}")
            place.replace(aside)
            self.told.emit(f"The last session could not be restored and is kept as {aside}. {error}")

    def keep_now(self) -> None:
        """Write the session to its own place."""
        self._timer.stop()
        if self._keep:
            try:
                storage.write(storage.kept(), self._session.keepable())
            except TracerError as error:
                self.told.emit(str(error))

    def open(self, path: Path) -> None:
        """Open a session, as one edit that can be undone.

        Raises:
            UnreadableFile: it can't be read, or holds nothing that there is a workspace for.
        """
        found = by_workspace(storage.read(path))
        if not found:
            raise UnreadableFile("This session holds nothing that there is a workspace for", str(path))
        self._session.end_gesture()
        self._session.edit("", {**self._session.experiments, **found}, "open")
        self._name(path)

    def save(self, path: Path) -> None:
        """Save the session; the suffix is added by itself.

        Raises:
            UnreadableFile: it can't be written there.
        """
        path = path if path.suffix == storage.SUFFIX else path.with_name(path.name + storage.SUFFIX)
        storage.write(path, self._session.keepable())
        self._name(path)

    def ask_open(self, parent: QWidget | None) -> str:
        """Let the person choose a session; empty where they don't."""
        return QFileDialog.getOpenFileName(parent, "Open session", "", f"Gradtrace sessions (*{storage.SUFFIX})")[0]

    def ask_save(self, parent: QWidget | None) -> str:
        """Let the person choose where the session goes."""
        proposed = str(self.path or f"untitled{storage.SUFFIX}")
        filters = f"Gradtrace sessions (*{storage.SUFFIX})"
        return QFileDialog.getSaveFileName(parent, "Save session", proposed, filters)[0]

    def ask_lesson(self, parent: QWidget | None) -> str:
        """Let the person choose where a lesson goes."""
        path = QFileDialog.getSaveFileName(parent, "Save as a lesson", "lesson.toml", "Lessons (*.toml)")[0]
        return with_suffix(path, "toml")

    def save_lesson(self, path: str) -> None:
        """Write the experiments of all workspaces as the steps of a lesson, with words for its author to replace.

        Raises:
            UnreadableFile: it can't be written there.
        """
        taught = [one for one in self._session.keepable() if isinstance(one, Convolution | Expression | MatrixVector)]
        storage.put(Path(path), lesson_of(taught).encode(), "lesson")
        self.told.emit(f"Saved {path}")

    def ask_export(self, parent: QWidget | None, workspace: str, title: str) -> str:
        """Let the person choose where a picture goes, and add the suffix of the chosen format."""
        suffixes = (*EXPORTS, *OF_GRAPHS) if title == GRAPH else EXPORTS
        filters = [f"{suffix.upper()} (*.{suffix})" for suffix in suffixes]
        proposed = f"{workspace}.svg" if title == GRAPH else f"{workspace}-{title.split()[0].lower()}.svg"
        path, chosen = QFileDialog.getSaveFileName(parent, f"Export {named(title)}", proposed, ";;".join(filters))
        return with_suffix(path, suffixes[filters.index(chosen)] if chosen in filters else "svg")

    def _changed(self) -> None:
        self._timer.start()
        name = self.path.name if self.path else "untitled"
        state = "edited, autosaved" if self.path else "autosaved"
        self.named.emit(f"{name} — {state}" if self._keep else name)

    def _name(self, path: Path) -> None:
        self.path = path
        self._session.history.setClean()
        self.named.emit(f"{path.name} — saved")
        self.placed.emit(str(path))


def by_workspace(experiments: tuple[Experiment, ...]) -> dict[str, Experiment]:
    """Sort experiments by their workspace, inputs of programs as Inputs; kinds that have no workspace are left out.

    Raises:
        InvalidSetting: plain data stands for an input and is none.
    """
    found = {WORKSPACES[type(experiment)]: experiment for experiment in experiments if type(experiment) in WORKSPACES}
    program = found.get("expression")
    if isinstance(program, Expression):
        found["expression"] = inputs.settled(program)
    return found


def named(title: str) -> str:
    """Write the title of a tab as it stands in a sentence: the graph, the matrix (Toeplitz)."""
    return f"the {title[:1].lower()}{title[1:]}"


def with_suffix(path: str, suffix: str) -> str:
    """Add a suffix where a path has none."""
    return f"{path}.{suffix}" if path and not Path(path).suffix else path
