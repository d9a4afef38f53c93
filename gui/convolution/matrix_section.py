"""The sections of the inspector that stand beside the matrix."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.convolution.view import Shown
from gui.widgets.choice import link
from gui.widgets.labels import heading, paragraph
from tracer.convolution.checked import Checked
from tracer.drawing import matrix_facts
from tracer.drawing.sheets import Sheets

LESSON = "The gradient goes back through the transpose: column j of T gathers what x[j] fed."


class MatrixSection(QWidget):
    """Tells what the picture has no room for. `flip_wanted` asks to show the flipped kernel, or the real one again."""

    flip_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = heading("Selected")
        self.selected = paragraph("", "plain", "convolution.matrix.selected")
        self.check = paragraph("", "plain", "convolution.matrix.check")
        self.backward = paragraph("", "plain", "convolution.matrix.backward")
        self.sparsity = paragraph("", "plain", "convolution.matrix.sparsity")
        self.flip = paragraph("", "plain", "convolution.matrix.flip_words")
        self.show_flipped = link("convolution.matrix.flip", "Show flipped", "Show what the flipped kernel gives")
        self.show_flipped.clicked.connect(self.flip_wanted)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(5)
        box.addWidget(self._title)
        box.addWidget(self.selected)
        for title, parts in (
            ("Check", [self.check]),
            ("Backward", [paragraph(LESSON, "muted"), self.backward]),
            ("Sparsity", [self.sparsity]),
            ("Convolution or correlation?", [self.flip, self.show_flipped]),
        ):
            box.addWidget(heading(title))
            for part in parts:
                box.addWidget(part)

    def show_facts(self, shown: Shown, sheets: Sheets, checked: Checked | None) -> None:
        """Tell about other settings, numbers, or another element."""
        title, where = matrix_facts.selected(sheets, shown.chosen)
        self._title.setText(title.upper())
        self._title.setAccessibleName(title)
        self.selected.setText(where)
        _judge(self.check, *matrix_facts.check(sheets, checked))
        _judge(self.backward, *matrix_facts.backward(sheets, checked))
        self.sparsity.setText(matrix_facts.sparsity(shown.settings))
        self.flip.setText(matrix_facts.flip(sheets, checked))
        self.show_flipped.setText("Show as it is" if sheets.flipped else "Show flipped")
        self.show_flipped.setEnabled(checked is not None and checked.flipped is not None)


def _judge(target: QLabel, text: str, verdict: str) -> None:
    target.setText(text)
    kind = "problem" if verdict == "bad" else "plain"
    if target.property("kind") != kind:
        target.setProperty("kind", kind)
        target.style().unpolish(target)
        target.style().polish(target)
