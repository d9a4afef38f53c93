"""One input of the program: its name, shape, dtype, whether it is tracked, and its values."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.widgets.choice import Chip, Choice, link
from gui.widgets.entry import Entry
from gui.widgets.flow import Flow
from gui.widgets.grid import Grid
from gui.widgets.labels import label, mark, name, paragraph, say
from gui.widgets.rows import axes_of, resized, rows_of
from tracer import quantities
from tracer.experiment import Input

DTYPES = ("float32", "float64", "float16", "bfloat16", "int64", "complex64")
_TRACKED = ("float", "bfloat", "complex")


class InputCard(QWidget):
    """Tells what the person changes: `changed` the field and its value, `renamed` the new name, `dropped`."""

    changed = Signal(str, object)
    renamed = Signal(str)
    dropped = Signal()

    def __init__(self, input_name: str, under: str = "expression.inputs", called: str = "") -> None:
        super().__init__()
        path, called = f"{under}.{input_name}", called or input_name
        self.setObjectName(path)
        self._value = Input(0)
        self._name = Entry(f"{path}.name", f"Name of the input {called}")
        self._name.setFixedWidth(44)
        self._name.show_text(input_name)
        self._name.editingFinished.connect(lambda: self.renamed.emit(self._name.text().strip()))
        self._dtype = Choice(f"{path}.dtype", f"dtype of {called}", [(dtype, dtype) for dtype in DTYPES])
        self._dtype.chosen.connect(lambda dtype: self.changed.emit("dtype", dtype))
        self._tracked = Chip(f"{path}.requires_grad", "requires_grad", "", kind="leaf chip", tick=True)
        name(self._tracked, f"{path}.requires_grad", f"{called} requires a gradient")
        self._tracked.clicked.connect(lambda on: self.changed.emit("requires_grad", on))
        self._grid = Grid(path + ".values", called)
        self._grid.changed.connect(lambda values: self.changed.emit("values", values))
        self._shape = label("", "pill", f"{path}.shape")
        self._problem = paragraph("", "problem", f"{path}.problem")
        self._resizers = self._links(path, called)
        self._steps = Flow([self._shape, *self._resizers.values(), self._drop])
        self._place()

    def show_input(self, value: Input) -> None:
        """Show an input."""
        self._value = value
        dtypes = DTYPES if value.dtype in DTYPES else (*DTYPES, value.dtype)
        self._dtype.set_options([(dtype, dtype) for dtype in dtypes])
        self._dtype.show_value(value.dtype)
        can = value.dtype.startswith(_TRACKED)
        self._tracked.setEnabled(can or bool(value.requires_grad))
        self._tracked.setToolTip("" if can else "Only floating-point and complex numbers can have a gradient")
        self._tracked.setChecked(can if value.requires_grad is None else value.requires_grad)
        self._grid.show_values(value.values)
        self._shape.setText(_shape(value.values))
        rows = rows_of(value.values)
        for words, button in self._resizers.items():
            fewer = rows is not None and (len(rows) > 1 if words == "− row" else len(rows[0]) > 1)
            button.setVisible(rows is not None and (words.startswith("+") or fewer))
        self._steps.lay_out_again()

    def say_problem(self, sentence: str) -> None:
        """Say what is wrong with the values, or take it and what was wrong with the name away."""
        self._grid.say_wrong(bool(sentence))
        mark(self._name, False)
        say(self._problem, sentence)

    def say_name_problem(self, sentence: str) -> None:
        """Say why the name that was typed is not taken."""
        mark(self._name, True)
        say(self._problem, sentence)

    def _links(self, path: str, called: str) -> dict[str, Any]:
        steps = {"+ row": (1, 0), "− row": (-1, 0), "+ col": (0, 1), "− col": (0, -1)}
        made = {}
        for words, (rows, columns) in steps.items():
            key = words.replace("+ ", "add_").replace("− ", "drop_").replace("col", "column")
            made[words] = link(f"{path}.{key}", words, f"{key.replace('_', ' ')} of {called}", "small link")
            made[words].clicked.connect(lambda _on, by=(rows, columns): self._resize(*by))
        made["drop"] = link(f"{path}.drop", "remove", f"Remove the input {called}", "small link")
        made["drop"].clicked.connect(self.dropped)
        self._drop = made.pop("drop")
        return made

    def _resize(self, rows: int, columns: int) -> None:
        grid = rows_of(self._value.values)
        if grid is not None:
            wanted = max(1, len(grid) + rows), max(1, len(grid[0]) + columns)
            self.changed.emit("values", resized(self._value.values, *wanted))

    def _place(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(6)
        first.addWidget(self._name)
        first.addWidget(self._dtype, 1)
        first.addWidget(self._tracked)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 10)
        box.setSpacing(6)
        box.addLayout(first)
        box.addWidget(self._grid)
        box.addWidget(self._steps)
        box.addWidget(self._problem)
        say(self._problem, "")


def _shape(values: Any) -> str:
    """Write the shape of nested lists, going down their first entries."""
    lengths = []
    for _ in range(axes_of(values)):
        lengths.append(len(values))
        values = values[0] if values else None
    return quantities.shape(lengths)
