"""The derivations by hand: one input at a time, line by line, to be read and copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from gui.theme import fonts
from gui.widgets.choice import Choice, link
from gui.widgets.labels import label, name
from tracer.derived import Derivation

NOTHING = "Nothing is derived: the output has no gradient."


class ByHand(QWidget):
    """Shows the derivation of the gradient of one input, and says where it is not complete."""

    def __init__(self) -> None:
        super().__init__()
        name(self, "expression.by_hand", "Derivation by hand")
        self._derivations: dict[str, Derivation] = {}
        self._waiting: Mapping[str, int] = {}
        self.of = Choice("expression.by_hand.input", "Input whose gradient is derived")
        self.of.setToolTip("The input whose gradient is derived")
        self.of.chosen.connect(self._choose)
        self._shown = ""
        self.text = QPlainTextEdit()
        name(self.text, "expression.by_hand.text", "The derivation, line by line")
        self.text.setProperty("kind", "code")
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFont(fonts.mono())
        self._latex = link("expression.by_hand.latex", "Copy as LaTeX", "Copy the derivation as LaTeX")
        self._latex.clicked.connect(self._copy)
        self._place()

    def show_derivations(self, derivations: Sequence[Derivation], waiting: Mapping[str, int]) -> None:
        """Show other derivations; the input stays, where there still is one of that name. Those of gradients that wait
        for a step of backward are not told yet."""
        self._waiting = waiting
        self._derivations = {one.name: one for one in derivations}
        self.of.set_options([(one.name, f"∂{one.of}/∂{one.name}") for one in derivations])
        self._choose(self._shown if self._shown in self._derivations else next(iter(self._derivations), ""))

    def _choose(self, shown: object) -> None:
        self._shown = str(shown)
        self.of.show_value(self._shown)
        one = self._derivations.get(self._shown)
        step = self._waiting.get(self._shown, 0)
        self._latex.setEnabled(one is not None and bool(one.lines) and not step)
        self.text.setPlainText(NOTHING if one is None else f"Comes with step {step}." if step else written(one))

    def _copy(self) -> None:
        one = self._derivations.get(self._shown)
        if one is not None:
            QGuiApplication.clipboard().setText(one.latex)

    def _place(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(12, 6, 12, 4)
        line.setSpacing(8)
        line.addWidget(label("by hand", "muted"))
        line.addWidget(self.of)
        line.addStretch(1)
        line.addWidget(self._latex)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(line)
        box.addWidget(self.text, 1)


def written(one: Derivation) -> str:
    """Write a derivation, and what is missing in it."""
    missing = "" if one.why is None else f"Not complete: {one.why}."
    return "\n".join(part for part in (one.text, missing) if part)
