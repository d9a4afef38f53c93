"""What the inspector tells of the row that is lit, of the gradients, and where to go from here."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.inspector.node_facts import written
from gui.widgets.choice import link
from gui.widgets.code_box import CodeBox
from gui.widgets.facts_grid import FactsGrid
from gui.widgets.labels import heading, label, paragraph, say
from tracer import quantities
from tracer.matrix_vector.look import Look
from tracer.matrix_vector.readings import Readings
from tracer.worker.messages import Found

BACKWARD = "∂(A·x)/∂x = A. For s = Σ y, x.grad is the sums of the columns, and A.grad an outer product."
OF_KERNELS = "∂(A·x)/∂x = A. For s = Σ y, x.grad is the sums of the columns; a kernel's number adds up all its cells."
RULES = {"x": "Aᵀ·1", "A": "1·xᵀ", "weight": "Σ over places", "bias": "places"}
EXACTLY = "a(i)·x is a projection only after it is divided by ‖a(i)‖; as it stands it is the un-normalised one."


class About(QWidget):
    """Tells about what is looked at. `wanted` gives what the person wants opened: "expression" or "convolution"."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._title = label("", "name", "matvec.selected")
        self._row, self._backward = FactsGrid(), FactsGrid()
        self._column = paragraph("", "plain", "matvec.column")
        self._rule = paragraph(BACKWARD, "muted", "matvec.rule")
        self._exactly = paragraph(EXACTLY, "muted", "matvec.exactly")
        self._waiting = paragraph("", "muted", "matvec.waiting")
        self.code = CodeBox("matvec.code", "The same as a PyTorch program")
        self._expression = link("matvec.expression", "Open as expression", "Open A @ x as an expression")
        self._convolution = link(
            "matvec.convolution", "Open as a convolution", "Open a Toeplitz matrix as a convolution"
        )
        self._expression.clicked.connect(lambda: self.wanted.emit("expression"))
        self._convolution.clicked.connect(lambda: self.wanted.emit("convolution"))
        self._place()

    def show_look(self, found: Readings, look: Look) -> None:
        """Tell about a row and about the column that was added last."""
        row = found.rows[look.row]
        self._title.setText(f"y[{look.row}] = {row.total}")
        facts = [("row of A", f"[{', '.join(row.row)}]"), ("row · x", row.text.rpartition(" = ")[0])]
        if row.cosine is not None:
            facts += [("‖a‖", quantities.figure(row.norm, 7)), ("cos ∠(a, x)", quantities.figure(row.cosine, 6))]
            facts += [("x along a", quantities.figure(row.projection, 7))]
        self._row.show_facts(facts)
        if look.added:
            column = found.columns[look.added - 1]
            sums = ", ".join(column.running)
            words = f"{column.factor} times column {look.added - 1} makes the sum [{sums}]"
            self._column.setText(f"{words}, after {look.added} of {len(found.columns)} columns.")
        else:
            zero = set(found.start) == {"0"}
            sums = "zero" if zero else f"the bias, [{', '.join(found.start)}]"
            self._column.setText(f"No column is added yet: the sum is {sums}.")

    def show_found(self, found: Found) -> None:
        """Tell the gradients that torch found."""
        rows = {row.name: row for row in found.gradients}
        self._rule.setText(BACKWARD if "A" in rows else OF_KERNELS)
        facts = []
        for name, rule in RULES.items():
            if name not in rows:
                continue
            row = rows[name]
            values = written(row.values, row.shape, row.dtype) or f"‖g‖ = {quantities.figure(row.norm)}"
            facts.append((f"{name}.grad = {rule}", values))
        node = next((row.made_by for row in found.gradients if row.name == "y"), "")
        self._backward.show_facts(
            [*facts, ("node of y", node), ("kept for backward", quantities.size(found.saved_bytes))]
        )
        say(self._waiting, "")

    def wait(self, words: str) -> None:
        """Say what the gradients wait for."""
        say(self._waiting, words)

    def _place(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        for widget in (
            *(heading("Selected row"), self._title, self._row, self._exactly),
            *(heading("Selected column"), self._column),
            *(heading("Backward"), self._rule, self._backward, self._waiting),
            *(heading("As PyTorch"), self.code),
            *(heading("Next"), self._expression, self._convolution),
        ):
            box.addWidget(widget)
