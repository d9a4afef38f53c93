"""The derivations by hand: one input at a time, typeset line by line, to be read and copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.theme.theme import Theme
from gui.typeset.lines import Piece, rows_of
from gui.typeset.sheet import Sheet
from gui.typeset.typesetter import Typesetter
from gui.widgets.choice import Choice, link
from gui.widgets.flow import Flow
from gui.widgets.labels import name
from tracer.derivation.layout import LAYOUTS, laid_out
from tracer.derived import Derivation, Layout

NOTHING = "Nothing is derived: the output has no gradient."


class ByHand(QWidget):
    """Shows the derivation of the gradient of one input, and says where it is not complete. `picked` gives the name of
    the tensor that a chosen line is about."""

    picked = Signal(str)

    def __init__(self, typesetter: Typesetter, theme: Theme) -> None:
        super().__init__()
        name(self, "expression.by_hand", "Derivation by hand")
        self._derivations: dict[str, Derivation] = {}
        self._waiting: Mapping[str, int] = {}
        self._shown, self._tensor = "", ""
        self._layout: Layout = "shape"
        self.of = Choice("expression.by_hand.input", "Input whose gradient is derived", kind="small")
        self.of.setToolTip("The input whose gradient is derived")
        self.of.chosen.connect(self._choose)
        self.layouts = Choice("expression.by_hand.layout", "Layout of the numbers", list(LAYOUTS.items()), kind="small")
        self.layouts.setToolTip("How the numbers at the end are set out")
        self.layouts.show_value("shape")
        self.layouts.setMinimumWidth(96)  # it gives way in a narrow window
        self.layouts.chosen.connect(self._lay_out)
        self.sheet = Sheet("expression.by_hand.text", "The derivation, line by line", typesetter, theme)
        self.sheet.picked.connect(self._pick)
        self._text = link("expression.by_hand.copy", "Copy as text", "Copy the derivation as plain text")
        self._text.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.sheet.toPlainText()))
        self._latex = link("expression.by_hand.latex", "Copy as LaTeX", "Copy the derivation as LaTeX")
        self._latex.clicked.connect(self._copy_latex)
        self._place()

    def show_derivations(self, derivations: Sequence[Derivation], waiting: Mapping[str, int]) -> None:
        """Show other derivations; the input stays, where there still is one of that name. Those of gradients that wait
        for a step of backward are not told yet."""
        self._waiting = waiting
        self._derivations = {one.name: one for one in derivations}
        self.of.set_options([(one.name, f"∂{one.of}/∂{one.name}") for one in derivations])
        self._choose(self._shown if self._shown in self._derivations else next(iter(self._derivations), ""))

    def mark(self, tensor: str) -> None:
        """Mark the last line that is about a tensor, its gradient where there is one."""
        self._tensor = tensor
        one = self.shown()
        lines = [number for number, line in enumerate(one.lines if one else ()) if tensor and line.name == tensor]
        if self.sheet.current not in lines:
            self.sheet.mark(lines[-1:])

    def shown(self) -> Derivation | None:
        """Give the derivation that is shown, its numbers in the layout that was chosen."""
        one = self._derivations.get(self._shown)
        return None if one is None else laid_out(one, self._layout)

    def _choose(self, shown: object) -> None:
        self._shown = str(shown)
        self.of.show_value(self._shown)
        one, step = self.shown(), self._waiting.get(self._shown, 0)
        told = NOTHING if one is None else f"Comes with step {step}." if step else ""
        for button in (self._text, self._latex):
            button.setEnabled(one is not None and bool(one.lines) and not step)
        rows = rows_of(one) if one is not None and not told else [[Piece(told, None, "words")]]
        self.sheet.show_rows(rows, written(one) if one is not None and not told else told)
        self.mark(self._tensor)

    def _lay_out(self, layout: Layout) -> None:
        self._layout = layout
        self._choose(self._shown)

    def _pick(self, number: int) -> None:
        one = self.shown()
        if one is not None and number < len(one.lines) and one.lines[number].name:
            self.picked.emit(one.lines[number].name)

    def _copy_latex(self) -> None:
        one = self.shown()
        if one is not None:
            QGuiApplication.clipboard().setText(one.latex)

    def _place(self) -> None:
        bar, line = QWidget(), Flow([self.of, self.layouts, self._text, self._latex])
        inner = QVBoxLayout(bar)
        inner.setContentsMargins(12, 6, 12, 4)
        inner.addWidget(line)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(bar)
        box.addWidget(self.sheet, 1)


def written(one: Derivation) -> str:
    """Write a derivation, and what is missing in it."""
    missing = "" if one.why is None else f"Not complete: {one.why}."
    return "\n".join(part for part in (one.text, missing) if part)
