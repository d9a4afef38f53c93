"""The inspector's section about the step of the selected node: what arrives, the local rule, what leaves."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.expression.debugger import Debugger
from gui.expression.steps import About, about
from gui.widgets.facts_grid import FactsGrid
from gui.widgets.labels import heading, label, name


class StepSection(QWidget):
    """Shows the step of the node that is selected. `rule` is the place between what arrives and what leaves, for the
    operator's rule with the numbers put in."""

    def __init__(self, debugger: Debugger) -> None:
        super().__init__()
        name(self, "expression.step", "This step")
        self._debugger = debugger
        self._title = label("", "name", "expression.step.title")
        self._arrives, self._leaves = FactsGrid(), FactsGrid()
        self._arriving, self._leaving = label("arrives", "muted"), label("", "muted", "expression.step.leaving")
        self.rule = QVBoxLayout()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        for widget in (heading("This step"), self._title, self._arriving, self._arrives):
            box.addWidget(widget)
        box.addLayout(self.rule)
        box.addWidget(self._leaving)
        box.addWidget(self._leaves)
        debugger.moved.connect(self.show_step)
        self.hide()

    def show_step(self) -> None:
        """Show the step of the selected node as it stands, while the person steps."""
        graph, node = self._debugger.graph, self._debugger.selected if self._debugger.stepping else None
        if graph is not None and node is not None:
            told = about(graph, self._debugger.steps, self._debugger.position, node)
            self._show(told, leaf=graph.nodes[node].kind == "leaf")
        self.setVisible(graph is not None and node is not None)

    def _show(self, told: About, *, leaf: bool) -> None:
        self._title.setText(told.title)
        self._arrives.show_facts(told.arrives)
        self._arriving.setVisible(bool(told.arrives))
        self._leaving.setText("gathered in .grad" if leaf else "leaves: the vector–Jacobian product")
        self._leaving.setVisible(bool(told.leaves))
        self._leaves.show_facts(told.leaves)
