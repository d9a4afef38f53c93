"""The part of the form for a matrix made of kernels: their numbers, the signal, a bias, and all sizes by slider."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.matrix_vector import sizes
from gui.session.session import Session
from gui.widgets.choice import Chip
from gui.widgets.flow import Flow
from gui.widgets.grid import Grid
from gui.widgets.knob import Knob
from gui.widgets.labels import heading, label, paragraph, say
from tracer.errors import TracerError
from tracer.experiment import MatrixVector

LABEL, RANGE = 92, 58  # the widths of the words on either side of a slider
FIELDS = {"kernels": "w", "vector": "x", "bias": "b"}
NAMES = {
    "length": ("length n", "Samples of the signal"),
    "width": ("kernel size k", "Numbers of a kernel along the signal"),
    "count": ("kernels m", "How many kernels"),
    "channels": ("channels c", "Channels of the signal; the kernels become as thick"),
    "thickness": ("thickness", "Rows of each kernel: must be as many as the signal has channels"),
    "stride": ("stride", "How far a kernel goes from row to row"),
    "padding": ("padding", "Zeros on either side of the signal"),
    "dilation": ("dilation", "How far the numbers of a kernel are apart"),
}


class KernelForm(QObject):
    """Shows an experiment with kernels, and says which part is wrong; each edit goes to the session."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        paths = {"kernels": "matvec.kernels", "vector": "matvec.signal", "bias": "matvec.bias"}
        self._grids = {field: Grid(paths[field], FIELDS[field]) for field in FIELDS}
        fields = (*FIELDS, "stride", "padding", "dilation")
        self._problems = {field: paragraph("", "problem", f"matvec.{field}.wrong") for field in fields}
        self._knobs = {size: Knob(f"matvec.size.{size}", *NAMES[size]) for size in NAMES}
        self._bias = Chip("matvec.with_bias", "bias", "Add a bias to each output of a kernel", tick=True)
        self._shape = label("", "pill", "matvec.kernels.shape")
        self._pills = Flow([self._shape, self._bias])
        self._grids["kernels"].changed.connect(self._take_kernels)
        self._grids["vector"].changed.connect(self._take_signal)
        self._grids["bias"].changed.connect(lambda values: self._edit("bias", _flat(values)))
        self._bias.clicked.connect(self._turn_bias)
        for size, knob in self._knobs.items():
            knob.align(LABEL, RANGE)
            knob.chosen.connect(partial(self._resize, size))
        self.sections = self._placed()

    def show(self, experiment: MatrixVector) -> None:
        """Show an experiment; what the person is typing stays as they type it."""
        if experiment.kernels is None:
            return
        self._grids["kernels"].show_values(sizes.rows_of_kernels(experiment.kernels))
        self._grids["vector"].show_values(experiment.vector)
        biased = experiment.bias is not None
        self._bias.setChecked(biased)
        self._grids["bias"].setVisible(biased)
        if biased:
            self._grids["bias"].show_values(experiment.bias)
        try:
            found = sizes.sizes(experiment)
        except TracerError:
            return  # the sizes stay until the numbers can be read again
        m, c, k = (found[size].value for size in ("count", "thickness", "width"))
        self._shape.setText(f"{m} × {k}" if c == 1 else f"{m} × {c} × {k}")
        self._pills.lay_out_again()
        for size, knob in self._knobs.items():
            knob.show_value(found[size].value, found[size].values)

    def say_problem(self, where: str, sentence: str) -> bool:
        """Mark what is wrong and clear the rest; tell whether there is such a field."""
        for field, problem in self._problems.items():
            if field in self._grids:
                self._grids[field].say_wrong(field == where and bool(sentence))
            say(problem, sentence if field == where else "")
        return where in self._problems

    @property
    def _experiment(self) -> MatrixVector:
        experiment = self._session.value("matvec")
        assert isinstance(experiment, MatrixVector)
        return experiment

    def _edit(self, field: str, value: Any) -> None:
        self._session.edit(f"matvec.{field}", value, field)

    def _take_kernels(self, values: Any) -> None:
        self._edit("kernels", sizes.with_rows(self._experiment, values))

    def _take_signal(self, values: Any) -> None:
        one = isinstance(values, list) and len(values) == 1 and isinstance(values[0], list)
        self._edit("vector", values[0] if one else values)

    def _turn_bias(self, on: bool) -> None:
        self._session.end_gesture()
        count = self._knobs["count"].slider.value() + 1
        self._edit("bias", [0] * count if on else None)

    def _resize(self, size: str, value: int) -> None:
        try:
            changed = sizes.with_size(self._experiment, size, value)
        except TracerError:
            return  # numbers that can't be read yet have no size; the field says why
        self._session.edit("matvec", changed, size)

    def _placed(self) -> list[QWidget]:
        for problem in self._problems.values():
            say(problem, "")
        knobs = [self._knobs[size] for size in ("length", "width", "count", "channels", "thickness")]
        return [
            *(heading("Kernels w"), self._grids["kernels"], gap(), self._pills),
            *(self._grids["bias"], self._problems["kernels"], self._problems["bias"]),
            *(heading("Signal x"), self._grids["vector"], self._problems["vector"]),
            *(heading("Sizes"), *knobs),
            *(self._knobs[size] for size in ("stride",)),
            self._problems["stride"],
            *(self._knobs["padding"], self._problems["padding"]),
            *(self._knobs["dilation"], self._problems["dilation"]),
        ]


def gap() -> QWidget:
    """Make a little room."""
    space = QWidget()
    space.setFixedHeight(6)
    return space


def _flat(values: Any) -> Any:
    """Take a bias that was pasted as a row or a column for one list."""
    rows = values if isinstance(values, list) else [values]
    return [item for row in rows for item in (row if isinstance(row, list) else [row])]
