"""The form: A and x in cells, or A of kernels, presets, and how far columns are added; edits go to the session."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from gui.matrix_vector import presets
from gui.matrix_vector.kernel_form import KernelForm, gap
from gui.session.session import Session
from gui.widgets.choice import Chip, link
from gui.widgets.flow import Flow
from gui.widgets.grid import Grid
from gui.widgets.labels import heading, label, paragraph, say
from gui.widgets.row import Row
from gui.widgets.slider import Slider
from tracer.errors import TracerError
from tracer.experiment import MatrixVector

MADE = {"typed": False, "of kernels": True}  # what A is made of
STEP_MS = 900  # from one column to the next while they are played
SIZES = {"+ row": (1, 0), "− row": (-1, 0), "+ column": (0, 1), "− column": (0, -1)}


class Form(QObject):
    """Makes the controls, shows an experiment in them, and says which part is wrong. `adding` tells how many columns
    the person wants added."""

    adding = Signal(int)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._grids = {"matrix": Grid("matvec.matrix", "A"), "vector": Grid("matvec.vector", "x")}
        self._problems = {field: paragraph("", "problem", f"matvec.{field}.problem") for field in self._grids}
        self._grids["matrix"].changed.connect(self._replace)
        self._grids["vector"].changed.connect(self._take_vector)
        self.kernels = KernelForm(session)
        self._made = {words: self._maker(words) for words in MADE}
        self._shape, self._length = label("", "pill", "matvec.shape"), label("", "pill", "matvec.length")
        self._resizers = {words: self._resizer(words) for words in SIZES}
        self._presets = {words: self._preset(words) for words in presets.PRESETS}
        tip = "How many columns are added, from none to all"
        self.slider = Slider("matvec.added", "How many columns are added", tip)
        self.slider.valueChanged.connect(self.adding)
        self._count = label("", "muted", "matvec.added.count")
        self.play = Chip("matvec.play", "▶ Add columns", "Add the columns one after the other", kind="chip")
        self.play.setToolTip("Add the columns one after the other, from the first")
        self.play.clicked.connect(self._play)
        self._timer = QTimer(self, interval=STEP_MS)
        self._timer.timeout.connect(self._next)
        self._typed = self._place_typed()
        self.sections = self._place()

    def show(self, experiment: MatrixVector) -> None:
        """Show an experiment; what the person is typing stays as they type it."""
        typed = experiment.kernels is None
        for words, chip in self._made.items():
            chip.setChecked(MADE[words] is not typed)
        for section in self._typed:
            section.setVisible(typed)
        for section in self.kernels.sections:
            section.setVisible(not typed)
        self._show_typed(experiment) if typed else self.kernels.show(experiment)
        chosen = presets.preset_of(experiment)
        for words, chip in self._presets.items():
            chip.setChecked(words == chosen)

    def _show_typed(self, experiment: MatrixVector) -> None:
        self._grids["matrix"].show_values(experiment.matrix)
        self._grids["vector"].show_values(experiment.vector)
        high, wide = _size(experiment.matrix)
        self._shape.setText(f"{high} × {wide}")
        self._length.setText(f"{len(experiment.vector) if isinstance(experiment.vector, list) else 1} numbers")
        for words, button in self._resizers.items():
            button.setEnabled(words.startswith("+") or (high if "row" in words else wide) > 1)

    def show_added(self, added: int, columns: int) -> None:
        """Show how many columns are added."""
        self.slider.blockSignals(True)
        self.slider.setRange(0, columns)
        self.slider.setValue(added)
        self.slider.blockSignals(False)
        self._count.setText(f"{added} of {columns}")

    def say_problem(self, where: str, sentence: str) -> bool:
        """Mark the numbers that are wrong and clear the others; tell whether there is such a field."""
        for field, problem in self._problems.items():
            self._grids[field].say_wrong(field == where and bool(sentence))
            say(problem, sentence if field == where else "")
        in_kernels = self.kernels.say_problem(where, sentence)
        return in_kernels if self._experiment.kernels is not None else where in self._problems

    @property
    def _experiment(self) -> MatrixVector:
        experiment = self._session.value("matvec")
        assert isinstance(experiment, MatrixVector)
        return experiment

    def _replace(self, matrix: Any) -> None:
        self._session.edit("matvec", presets.with_matrix(self._experiment, matrix), "matrix")

    def _take_vector(self, values: Any) -> None:
        rows = values if isinstance(values, list) else [values]
        column = len(rows) > 1 and all(isinstance(row, list) and len(row) == 1 for row in rows)
        one = rows[0] if len(rows) == 1 and isinstance(rows[0], list) else rows
        self._session.edit("matvec.vector", [row[0] for row in rows] if column else one, "vector")

    def _resize(self, words: str) -> None:
        self._session.end_gesture()
        self._session.edit("matvec", presets.resized(self._experiment, *SIZES[words]), words)

    def _take_preset(self, words: str, _on: bool = False) -> None:
        self._session.end_gesture()
        self._session.edit("matvec", presets.with_preset(self._experiment, words), "preset")
        self.show(self._experiment)  # also where nothing changed: the chip of what is shown stays on

    def _play(self, on: bool) -> None:
        if on:
            self.adding.emit(0)
            self._timer.start()
        else:
            self._timer.stop()

    def _next(self) -> None:
        if self.slider.value() < self.slider.maximum():
            self.adding.emit(self.slider.value() + 1)
        if self.slider.value() == self.slider.maximum():
            self._timer.stop()
            self.play.setChecked(False)

    def _resizer(self, words: str) -> QWidget:
        key = words.replace("+ ", "add_").replace("− ", "drop_")
        made = link(f"matvec.{key}", words, f"{key.replace('_', ' a ')} of A", "small link")
        made.clicked.connect(partial(self._resize, words))
        return made

    def _preset(self, words: str) -> Chip:
        chip = Chip(f"matvec.preset.{words}", words, f"Preset {words}")
        chip.clicked.connect(partial(self._take_preset, words))
        return chip

    def _make(self, words: str, _on: bool = False) -> None:
        """Make A of kernels, or write it out so that each of its numbers can be typed."""
        self._session.end_gesture()
        try:
            made = presets.made(self._experiment, of_kernels=MADE[words])
        except TracerError as error:
            self._session.told.emit(str(error))
        else:
            self._session.edit("matvec", made, words)
        self.show(self._experiment)

    def _maker(self, words: str) -> Chip:
        chip = Chip(f"matvec.made.{words.replace(' ', '_')}", words, f"A is {words}")
        chip.clicked.connect(partial(self._make, words))
        return chip

    def _place_typed(self) -> list[QWidget]:
        for problem in self._problems.values():
            say(problem, "")
        return [
            *(self._grids["matrix"], gap(), Flow([self._shape, *self._resizers.values()])),
            *(self._problems["matrix"], heading("Vector x"), self._grids["vector"], gap(), Flow([self._length])),
            self._problems["vector"],
        ]

    def _place(self) -> list[QWidget]:
        columns = Row("columns", [self.slider, self._count])
        return [
            *(heading("Matrix A"), gap(), Flow([*self._made.values()]), gap(), *self._typed, *self.kernels.sections),
            *(heading("Presets"), gap(), Flow([*self._presets.values()])),
            *(heading("Columns added"), columns, gap(), Flow([self.play])),
        ]


def _size(matrix: Any) -> tuple[int, int]:
    high = len(matrix) if isinstance(matrix, list) else 1
    return high, len(matrix[0]) if isinstance(matrix, list) and matrix and isinstance(matrix[0], list) else 1
