"""A row of a form: its label, its controls, and under them the sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.widgets.labels import label, mark, paragraph, say

LABEL_WIDTH = 104


class Row(QWidget):
    """Places a label beside controls; `extra` stands under the controls, `beside` after them."""

    def __init__(
        self, words: str, controls: Sequence[QWidget], extra: QWidget | None = None, beside: QWidget | None = None
    ) -> None:
        super().__init__()
        self.controls = tuple(controls)
        self.label: QLabel = label(words, "label")
        self.label.setFixedWidth(LABEL_WIDTH)
        self._problem = paragraph("", "problem")
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.label)
        for control in controls:
            line.addWidget(control, 1)
        if beside is not None:
            line.addWidget(beside)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 2)
        box.setSpacing(4)
        box.addLayout(line)
        if extra is not None:
            box.addWidget(extra)
        box.addWidget(self._problem)
        self.say_problem("")

    def say_problem(self, sentence: str) -> None:
        """Mark the controls and say why beside them; an empty sentence takes both away."""
        for control in self.controls:
            mark(control, bool(sentence))
            control.setAccessibleDescription(sentence)
        say(self._problem, sentence)

    @property
    def problem(self) -> str:
        """The sentence that is shown."""
        return self._problem.text()
