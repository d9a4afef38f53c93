"""What backward starts from: a grid of the output's shape, at first ones."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.widgets.choice import link
from gui.widgets.grid import Grid
from gui.widgets.labels import label, name, paragraph, say
from gui.widgets.row import LABEL_WIDTH
from tracer import quantities
from tracer.errors import TracerError
from tracer.experiment import Expression
from tracer.expression.syntax import read
from tracer.graph import Graph

MOST = 2500  # numbers of an output that are offered as ones to type over; on one line where a grid has no room
OWN = "set by .backward()"


class StartField(QWidget):
    """Shows the start vector; `changed` gives another, `None` for ones."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        name(self, "expression.gradient", "Backward starts from")
        self._shape: tuple[int, ...] | None = None
        self._gradient: Any = None
        self._own = False
        self._grid = Grid("expression.gradient.values", "gradient to start from")
        self._grid.changed.connect(self.changed)
        self._words = label("", "muted", "expression.gradient.words")
        self._ones = link("expression.gradient.ones", "back to ones", "Start from ones again", "small link")
        self._ones.clicked.connect(lambda: self.changed.emit(None))
        self._problem = paragraph("", "problem", "expression.gradient.problem")
        self._place()

    def show_gradient(self, experiment: Expression) -> None:
        """Show what an experiment starts from."""
        self._gradient, self._own = experiment.gradient, starts_itself(experiment)
        self._show()

    def show_graph(self, graph: Graph | None) -> None:
        """Take the shape of the output that was traced."""
        self._shape = shape_of(graph)
        self._show()

    def say_problem(self, sentence: str) -> None:
        """Say what is wrong with the numbers, or take it away."""
        self._grid.say_wrong(bool(sentence))
        self._grid.setAccessibleDescription(sentence)
        say(self._problem, sentence)

    def _show(self) -> None:
        typed = self._gradient is not None
        ones = None if self._shape is None else filled(self._shape) if math.prod(self._shape) <= MOST else None
        shown = self._gradient if typed else ones
        self._grid.setVisible(shown is not None and (typed or not self._own))
        if shown is not None:
            self._grid.show_values(shown)
        self._ones.setVisible(typed)
        self._words.setText("" if typed else OWN if self._own else _words(self._shape))
        self._words.setVisible(not typed)

    def _place(self) -> None:
        beside = label("gradient", "label")
        beside.setFixedWidth(LABEL_WIDTH)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(beside)
        line.addWidget(self._words)
        line.addWidget(self._ones)
        line.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 2)
        box.setSpacing(4)
        box.addLayout(line)
        box.addWidget(self._grid)
        box.addWidget(self._problem)
        say(self._problem, "")
        self._show()


def _words(shape: Sequence[int] | None) -> str:
    if shape is None:
        return "no gradient to start"
    return f"ones, {quantities.shape(shape)}" if shape else ""


def shape_of(graph: Graph | None) -> tuple[int, ...] | None:
    """Give the shape of the traced output; `None` where autograd recorded nothing for it, or it is not known."""
    end = graph.outputs[0] if graph and graph.outputs else None
    node = None if graph is None or end is None or end.node is None else graph.nodes[end.node]
    return node.outputs[end.output_nr].shape if node and end else None


def filled(shape: Sequence[int]) -> Any:
    """Give nested lists of ones."""
    return [filled(shape[1:]) for _ in range(shape[0])] if shape else 1


def starts_itself(experiment: Expression) -> bool:
    """Tell whether a program calls .backward() itself; what can't be read does not."""
    try:
        tree = read(experiment.program, experiment.inputs).tree
    except TracerError:
        return False  # the program is refused elsewhere, with its line
    return any(isinstance(node, ast.Attribute) and node.attr == "backward" for node in ast.walk(tree))
