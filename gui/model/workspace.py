"""The Model workspace: a script or a recording, its graph folded by modules, its tables, and one selection in all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from gui.inspector.node_facts import Told as Facts
from gui.model.about import About
from gui.model.chart import ChartBox
from gui.model.form import Form
from gui.model.hearing import Hearing
from gui.model.pages import Pages
from gui.model.picture import Picture
from gui.model.side import side
from gui.model.tree import ModuleTree
from gui.model.worker import ModelWorker
from gui.theme.theme import Theme
from gui.widgets.column import column
from gui.workspace import GRAPH, Frame, Shown
from tracer import quantities
from tracer.drawing.display_list import DisplayList
from tracer.drawing.palette import Theme as Look
from tracer.errors import TracerError, sentence
from tracer.worker.messages import Answer
from tracer.worker.model.messages import (
    AskChart,
    AskPicture,
    AskRows,
    AskSource,
    AskTold,
    AskTree,
    Keep,
    Load,
    Opened,
    PageRow,
    Told,
)

NAME = "model"
FILES = "Scripts and recordings (*.py *.json)"
SUFFIXES = (".py", ".json")


class ModelWorkspace(QObject):
    """Shows what the worker beside it found. `told` is a sentence for the status bar, `stirred` tells that something
    has changed."""

    told = Signal(str)
    stirred = Signal()

    def __init__(self, theme: Theme, worker: ModelWorker | None = None) -> None:
        super().__init__()
        self.worker = worker or ModelWorker(parent=self)
        self.form, self.picture, self.pages = Form(), Picture(theme), Pages(theme)
        self.tree, self.kept = ModuleTree(theme), ChartBox("kept", "Kept for backward", 78, theme)
        self.about = About(theme)
        self.opened: Opened | None = None
        self.owner = ""
        self._row: tuple[PageRow | None, Facts] = (None, Facts("", ()))
        self.marked = 0  # the recording whose problems stand in the tree
        self.side = side(self.form.sections, self.tree, self.kept)
        self.frame = Frame(
            NAME,
            self.side,
            [(self.picture, 600), (self.pages.strip, 236)],
            column("model.inspector", "Inspector", self.about.sections, "inspector"),
        )
        self.offers: Mapping[str, Callable[[], object]] = {"find_node": self.pages.find}
        self.hearing = Hearing(self)
        self._connect()

    @property
    def result(self) -> Shown:
        """The graph that is shown; what was found of it is in tables of its own."""
        return self.picture

    @property
    def settled(self) -> bool:
        """Whether everything that was asked is answered."""
        return self.worker.settled

    def show(self, _experiment: Any, _waiting: str) -> None:
        """Nothing: no experiment of the session is shown here."""

    def take(self, _message: Answer) -> str:
        """Nothing: the answers come from the worker beside this workspace."""
        return ""

    def in_view(self) -> tuple[str, DisplayList | None]:
        """Name the picture in view; the worker has it."""
        return GRAPH, None

    def choose(self) -> None:
        """Let the person choose a script or a recording, and open it."""
        start = str(Path(self.form.path.text()).parent) if self.form.path.text() else ""
        if path := QFileDialog.getOpenFileName(self.frame, "Open a script or a recording", start, FILES)[0]:
            self.open(path)

    def open(self, path: str) -> None:
        """Open a recording, or show a script, which runs only when the person says so."""
        if path.endswith(".json"):
            self.form.show_path(path)
            self.form.say("Opening…")
            self.worker.ask(Load, path)
        elif path.endswith(".py"):
            self.form.show_path(path)
            self.form.say("Not run yet. F5 runs it.")
            self.form.run.setFocus()
        elif path:
            self.form.say("", "This is neither a script (.py) nor a recording (.json)")
        self.stirred.emit()

    def run(self) -> None:
        """Run the script, or open the recording again."""
        path = self.form.path.text().strip()
        if path.endswith(".json"):
            self.open(path)
            return
        try:
            script = self.form.script()
        except TracerError as error:
            self.form.say("", f"{sentence(error.what)} {sentence(error.cure)}".strip(), error.where)
            return
        self.pages.output.begin()
        self.pages.show_output()
        self.form.say("Starting…")
        self.form.show_running(True)
        self.worker.run(script)

    def select(self, owner: str) -> None:
        """Select a part: in the picture, the tree, the tables, the inspector and the source."""
        self.owner = owner
        if not owner or self.opened is None:
            self._show_nothing()
            return
        self.worker.ask(AskTold, self.opened.edit, owner, how=self.picture.how)

    def select_row(self, row: PageRow, says: Facts) -> None:
        """Select what a row is about; where the graph does not have it, what the row says is shown."""
        self._row = (row, says)
        self.select(row.owner)
        if not row.owner:
            self.show_row()

    def show_row(self) -> None:
        """Show what the chosen row says, since the graph does not have what it is about."""
        row, says = self._row
        if row is None or row.owner != self.owner or self.opened is None:
            return
        self.picture.graph.select("")
        self.about.show_facts(says)
        self.tree.select(row.owner.partition(" ")[2].rpartition(".")[0] or None)
        if row.source:
            self.worker.ask(AskSource, self.opened.edit, row.source)

    def show_told(self, told: Told) -> None:
        """Show everywhere what was told of the selected part."""
        if self.opened is None or told.owner != self.owner:
            return
        self.about.show_told(told)
        self.picture.show_owner(told)
        self.tree.select(_module_of(told))
        self.pages.show_owner(told.owner)
        if told.source:
            self.worker.ask(AskSource, self.opened.edit, told.source)
        else:
            self.about.source.forget()

    def keep(self, path: str, theme: Look) -> None:
        """Write the picture to a file, as it is shown."""
        if self.opened is None:
            self.told.emit("There is no graph to export yet")
            return
        self.worker.ask(Keep, self.opened.edit, path, theme=theme, how=self.picture.how, colour=self.picture.colour)

    def figures(self) -> str:
        """Give what the status bar counts."""
        opened, pictured = self.opened, self.picture.pictured
        if opened is None:
            return ""
        cards = f" in {quantities.count(len(pictured.boxes))} cards" if pictured else ""
        kept = "not known" if opened.kept is None else quantities.size(opened.kept)
        drawn = f" · drawn in {_duration(pictured.seconds)}" if pictured else ""
        return (
            f"{quantities.count(opened.nodes)} nodes{cards}      opened in {_duration(opened.seconds)}{drawn}"
            f"      backward keeps {kept}"
        )

    def begin(self, opened: Opened) -> None:
        """Show another recording: the picture comes first, then the modules and the tables."""
        before, self.opened, self.owner = self.opened, opened, ""
        if before is not None and before.edit != opened.edit:
            self.worker.forget(before.edit)
        self.picture.begin(opened)
        self.worker.ask(AskTree, opened.edit)
        self.pages.begin(opened)
        self.about.begin(opened)
        self.kept.ask()
        self.tree.setVisible(True)
        self._show_nothing()
        self.stirred.emit()

    def begin_again(self, opened: Opened) -> None:
        """Go on with a recording that another worker has opened again: all stays where it is."""
        self.opened, self.marked = opened, 0
        self._ask_picture()
        for table in self.pages.tables.values():
            if table.page is not None:
                table.ask()
        self.kept.ask()

    def _show_nothing(self) -> None:
        self.picture.graph.select("")
        self.about.show_told(None)
        self.tree.select(None)
        self.pages.show_owner("")

    def _connect(self) -> None:
        self.form.chosen.connect(self.open)
        self.form.wanted.connect(self.choose)
        self.form.started.connect(self.run)
        self.form.cancelled.connect(self.worker.cancel)
        self.picture.asked.connect(self._ask_picture)
        self.picture.selected.connect(self.select)
        self.picture.entered.connect(lambda module: self.select(f"module {module}" if module else ""))
        for teller in (self.tree, self.kept, self.about):
            teller.picked.connect(self.select)
        self.pages.picked.connect(self.select_row)
        self.tree.opened.connect(self.picture.open_module)
        self.pages.asked.connect(lambda fields: self._ask(AskRows, fields))
        for chart in (self.kept, self.about.depth):
            chart.asked.connect(lambda fields: self._ask(AskChart, fields))
        self.worker.told.connect(self.told)
        self.worker.stirred.connect(self.stirred)
        self.worker.answered.connect(self.hearing.hear)

    def _ask_picture(self) -> None:
        self._ask(AskPicture, {"how": self.picture.how, "colour": self.picture.colour})

    def _ask(self, kind: type[Any], fields: Mapping[str, Any]) -> None:
        if self.opened is not None:
            self.worker.ask(kind, self.opened.edit, **fields)


def _module_of(told: Told) -> str | None:
    """Give the module of a part; that of a parameter is in its name."""
    kind, _, name = told.owner.partition(" ")
    return {"module": name, "tensor": name.rpartition(".")[0] or None}.get(kind, told.module)


def _duration(seconds: float) -> str:
    if seconds >= 1:
        return f"{quantities.figure(seconds, 3)} s"
    return f"{quantities.figure(1000 * seconds, 3)} ms"
