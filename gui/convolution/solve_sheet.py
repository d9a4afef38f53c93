"""The sheet that finds the settings for a wanted size of the output."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QPushButton

from gui.convolution.controls import MOST_AXES
from gui.convolution.fields import axis_names
from gui.convolution.sheet import Sheet
from gui.session.session import Session
from gui.tables.columns import Column
from gui.tables.view import Table
from gui.theme.theme import Theme
from gui.widgets.choice import Chip
from gui.widgets.entry import NumberEntry, read
from gui.widgets.flow import Flow
from gui.widgets.labels import heading, name, paragraph, say
from gui.widgets.row import Row
from tracer import quantities
from tracer.convolution.layer import LAYERS
from tracer.convolution.settings import read as read_settings
from tracer.convolution.shapes import output_size
from tracer.convolution.solver import FIELDS, Answer, Solution, applied, solve
from tracer.errors import InvalidSetting, TracerError, sentence
from tracer.experiment import Convolution

MOST = 200  # settings that are listed
HOW = "Type the size that y should have; leave an axis empty where any will do."


class Found(NamedTuple):
    """A row: a solution, in words what changes, and what comes out where that is open."""

    solution: Solution
    words: str


COLUMNS = (Column("settings", lambda row: row.words, "What changes; all else stays", elastic=True),)


class SolveSheet(QObject):
    """Lists the settings anew with every letter. `previewed` gives the experiment of the chosen row, or None."""

    previewed = Signal(object)

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        path = "convolution.solve"
        self._sizes = [NumberEntry(f"{path}.size.{at}", f"wanted size {at}", 1) for at in range(MOST_AXES)]
        self._row = Row("output size", self._sizes)
        self._fields = {field: _chip(f"{path}.{field}", field) for field in FIELDS}
        self._chips = Flow([*self._fields.values()])
        self._table = Table(f"{path}.table", "Settings that give the size", COLUMNS, theme)
        self._told = paragraph("", "muted", f"{path}.told")
        self._take = QPushButton("Apply")
        name(self._take, f"{path}.apply", "Apply the chosen settings")
        self._take.setToolTip("Put the chosen settings into the form, as one step of undo (Enter)")
        parts = [paragraph(HOW, "muted"), self._row, heading("May change"), self._chips, self._table, self._told]
        self.sheet = Sheet(path, "Solve for a shape", [*parts, self._take], [self._table])
        self._connect()

    def show_experiment(self, experiment: Convolution) -> None:
        """List for another experiment, while the sheet is in front."""
        if self.sheet.isVisible():
            names = axis_names(experiment)
            for at, entry in enumerate(self._sizes):
                entry.setVisible(at < len(names))
                entry.setAccessibleName(f"wanted size {names[at] if at < len(names) else at}")
                entry.setPlaceholderText("any")
                entry.setToolTip("A whole number; empty where any size will do")
            self._fields["output_padding"].setVisible(LAYERS[experiment.layer].transposed)
            self._chips.lay_out_again()
            self._list()

    def _connect(self) -> None:
        for entry in self._sizes:
            entry.edited.connect(lambda _: self._list())
            entry.returnPressed.connect(self._apply)
        for chip in self._fields.values():
            chip.toggled.connect(lambda _: self._list())
        self._table.picked.connect(lambda _: self._preview())
        self._table.activated.connect(lambda _: self._apply())
        self._take.clicked.connect(self._apply)
        self.sheet.begun.connect(self._begin)
        self.sheet.ended.connect(lambda: self.previewed.emit(None))

    @property
    def _experiment(self) -> Convolution:
        experiment = self._session.value("convolution")
        assert isinstance(experiment, Convolution)
        return experiment

    def _begin(self) -> None:
        """Start from the size that there is."""
        try:
            sizes = output_size(read_settings(self._experiment))
        except TracerError:
            sizes = ()
        for at, entry in enumerate(self._sizes):
            entry.show_text(str(max(1, sizes[at])) if at < len(sizes) else "")
        self.show_experiment(self._experiment)
        self._sizes[0].setFocus(Qt.FocusReason.TabFocusReason)
        self._sizes[0].selectAll()

    def _list(self) -> None:
        """Find the settings and choose the simplest."""
        try:
            answer, problem = self._solved(), ""
        except TracerError as error:
            answer, problem = None, f"{sentence(error.what)} {sentence(error.cure)}".strip()
        self._row.say_problem(problem)
        found = () if answer is None else answer.solutions
        open_axis = any(not entry.text().strip() for entry in self._sizes if not entry.isHidden())
        self._table.set_rows([Found(each, words(each, with_size=open_axis)) for each in found])
        self._table.setCurrentIndex(self._table.model().index(0, 0))
        self._take.setEnabled(bool(found))
        say(self._told, _told(answer) if answer else "")
        self._preview()

    def _solved(self) -> Answer:
        axes = len(axis_names(self._experiment))
        wanted = [read(entry.text()) if entry.text().strip() else None for entry in self._sizes[:axes]]
        whole = [size for size in wanted if not isinstance(size, str)]
        if len(whole) < len(wanted):
            raise InvalidSetting("This is no size", "output size", "Use a whole number from 1")
        fields = [field for field, chip in self._fields.items() if chip.isChecked()]
        return solve(self._experiment, whole, most=MOST, fields=fields)

    @property
    def _chosen(self) -> Convolution | None:
        row, rows = self._table.currentIndex().row(), self._table.rows_model.rows
        return applied(self._experiment, rows[row].solution) if 0 <= row < len(rows) else None

    def _preview(self) -> None:
        if self.sheet.isVisible():
            self.previewed.emit(self._chosen)

    def _apply(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            self._session.end_gesture()
            self.sheet.ended.emit()
            self._session.edit("convolution", chosen, "solve for a shape")
            self._session.end_gesture()


def words(solution: Solution, *, with_size: bool = False) -> str:
    """Write what a solution changes: padding (1, 2), kernel 3."""
    changes = [f"{field.removesuffix('_size')} {_numbers(solution, field)}" for field in solution.changed]
    told = ", ".join(changes) or "as it is now"
    return f"{quantities.shape(solution.output_size)}: {told}" if with_size else told


def _numbers(solution: Solution, field: str) -> str:
    each = [pair[0] for pair in solution.padding] if field == "padding" else getattr(solution, field)
    return str(each[0]) if len(set(each)) == 1 else f"({', '.join(map(str, each))})"


def _told(answer: Answer) -> str:
    """Say how many settings there are, and what the chosen one does."""
    count = len(answer.solutions)
    if not count:
        far = "" if answer.complete else ", as far as was searched"
        return f"No settings give this size{far}. Let more fields change."
    many = f"{count} settings" if count > 1 else "1 setting"
    number = f"All {many}" if answer.complete and count > 1 else many if answer.complete else f"The first {many}"
    return f"{number}, simplest first. The chosen one is shown in the tables; Enter applies it."


def _chip(path: str, field: str) -> Chip:
    chip = Chip(path, field, f"{field} may change", tick=True)
    chip.setToolTip(f"Whether {field} may be another")
    chip.setChecked(True)
    return chip
