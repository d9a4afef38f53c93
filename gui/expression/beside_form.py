"""The program beside the first in the form: its editor and inputs, kept or closed; or the offer to put one there."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.expression.editor import Editor
from gui.expression.input_cards import Inputs
from gui.session.session import Session
from gui.theme.theme import Theme
from gui.widgets.choice import link
from gui.widgets.labels import heading, name, paragraph, say
from tracer.experiment import Expression, Variant
from tracer.expression.variants import alone, second, with_second

PATH = "expression.beside"
OPEN = "+ a program beside it"


class BesideForm(QWidget):
    """Shows the second program while there is one; each edit of it goes to the session as the whole of it.

    `placed` tells that another one was put there.
    """

    placed = Signal()

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.setObjectName(PATH)
        self._session = session
        self.open = link(f"{PATH}.open", OPEN, "Put a program beside this one, and compare the two")
        self.open.setToolTip("Start from a copy of this program, change it, and see both graphs side by side")
        self.open.clicked.connect(self.begin)
        self.editor = Editor(theme)
        name(self.editor, f"{PATH}.program", "Second program")
        self.editor.setLineWrapMode(Editor.LineWrapMode.WidgetWidth)  # what is cut stands at the end of its line
        self.editor.edited.connect(lambda text: self._edit("program", program=text))
        self.problem = paragraph("", "problem", f"{PATH}.problem")
        self.problem.setContentsMargins(0, 4, 0, 0)
        self.inputs = Inputs(f"{PATH}.inputs", self._second, " of the second program")
        self.inputs.edited.connect(lambda values, words: self._edit(words, inputs=values))
        self.inputs.renamed.connect(self._rename)
        self._keep = link(f"{PATH}.keep", "keep this", "Keep the second program as the program", "small link")
        self._keep.clicked.connect(self.keep)
        self._close = link(f"{PATH}.close", "close", "Close the second program", "small link")
        self._close.clicked.connect(self.close_second)
        self._body = QWidget()
        self._place()
        say(self.problem, "")

    def show_experiment(self, experiment: Expression) -> None:
        """Show the program beside an experiment, or the offer to put one there."""
        other = second(experiment)
        focused = self.focusWidget()
        leaving = other is None and focused is not None and focused.hasFocus() and self._body.isAncestorOf(focused)
        self.open.setVisible(other is None)
        self._body.setVisible(other is not None)
        if leaving:
            self.open.setFocus(Qt.FocusReason.OtherFocusReason)
        if other is not None:
            self.editor.show_text(other.program)
            self.inputs.show_inputs(other)

    def say_problem(self, where: str, sentence: str) -> None:
        """Mark the line or the input of the second program that is wrong, and say why under it; or clear them."""
        line = where.removeprefix("line ").partition(",")[0]
        number = int(line) if where.startswith("line ") and line.isdecimal() else 0
        self.editor.say_wrong(number)
        in_inputs = self.inputs.say_problem(where, sentence)
        place = f"{where[:1].upper()}{where[1:]}: " if where and sentence else ""
        say(self.problem, "" if in_inputs else place + sentence)

    def begin(self) -> None:
        """Put a copy of the program beside it."""
        self.put(self._experiment, "side by side")
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def toggle(self) -> None:
        """Put a copy of the program beside it, or close the one that is there."""
        self.begin() if self._experiment.beside is None else self.close_second()

    def put(self, other: Expression, words: str) -> None:
        """Put a program beside the first, as one step of undo."""
        self._session.end_gesture()
        self._session.edit(PATH, with_second(self._experiment, other).beside, words)
        self._session.end_gesture()
        self.placed.emit()

    def keep(self) -> None:
        """Make the second program the program, as one step of undo."""
        self._session.end_gesture()
        self._session.edit("expression", self._second(), "keep the second program")

    def close_second(self) -> None:
        """Take the second program away, as one step of undo."""
        self._session.end_gesture()
        self._session.edit("expression", alone(self._experiment), "close the second program")

    @property
    def _experiment(self) -> Expression:
        experiment = self._session.value("expression")
        assert isinstance(experiment, Expression)
        return experiment

    def _second(self) -> Expression:
        return second(self._experiment) or self._experiment

    def _edit(self, words: str, **fields: Any) -> None:
        now = second(self._experiment)
        if now is None:
            return  # a control that is not shown has nothing to say
        self._session.edit(PATH, Variant(**{"program": now.program, "inputs": now.inputs, **fields}), f"second {words}")

    def _rename(self, other: Expression) -> None:
        self._session.end_gesture()
        self._session.edit(PATH, with_second(self._experiment, other).beside, "rename input")

    def _place(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(heading("Beside it"), 1)
        for button in (self._keep, self._close):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addLayout(head)
        for widget in (self.editor, self.problem, self.inputs):
            body.addWidget(widget)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 6, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.open)
        box.addWidget(self._body)
