"""What a step says: its prose, what is exact, the program, what the notes have, and where to go on."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.lesson.rich import html
from gui.widgets.choice import link
from gui.widgets.code_box import CodeBox
from gui.widgets.facts_grid import FactsGrid
from gui.widgets.labels import heading, label, name, paragraph, prose
from tracer.errors import TracerError, sentence
from tracer.lesson.programs import program
from tracer.lesson.steps import Step, Try

OPENS = {"convolution": "Open in Convolution", "expression": "Open in Expression", "matvec": "Open in Matrix × vector"}


class Page(QWidget):
    """Shows a step. `tried` gives what the person wants to open in its own workspace, `turned` where they go (±1)."""

    tried = Signal(object)
    turned = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lesson.page")
        self._step: Step | None = None
        self._where, self._title = label("", "heading", "lesson.where"), paragraph("", "step title", "lesson.title")
        self._says = prose("lesson.says")
        self._exact, self._notes = _Part("lesson.exact", "What is exact"), _Part("lesson.notes", "From the notes")
        self._numbers, self._numbers_head = FactsGrid(), heading("In numbers")
        self.code = CodeBox("lesson.code", "The same as a PyTorch program")
        self._copy = link("lesson.copy", "Copy", "Copy the program", "small link")
        self._program = ""
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._program))
        self._tries, self._tries_head = QVBoxLayout(), heading("Try it")
        self.open = link("lesson.open", "", "Open the step in its own workspace")
        self.open.clicked.connect(self._open)
        self.back = link("lesson.back", "", "Go to the step before", "button")
        self.next = link("lesson.next", "Next ▶", "Go to the next step", "primary")
        self.back.clicked.connect(lambda: self.turned.emit(-1))
        self.next.clicked.connect(lambda: self.turned.emit(1))
        self.numbers: tuple[tuple[str, str], ...] = ()
        self._place()

    def show_step(self, step: Step, at: int, of: int, before: str, answered: bool) -> None:
        """Show a step, the `at`-th from 0, and the title of the one before.

        What is exact, and what the notes say, often tells, so both wait until all is `answered`.
        """
        self._step = step
        self._where.setText(f"STEP {at + 1} OF {of}")
        self._where.setAccessibleName(f"Step {at + 1} of {of}")
        self._title.setText(step.title)
        self._says.setText(html(step.says))
        self._exact.show_text(step.exact if answered else "")
        notes = step.notes if answered else ""
        self._notes.show_text("\n\n".join(part for part in (figures(step.figures), notes) if part))
        self._program = _program(step)
        self.code.show_text(self._program.rstrip("\n"))
        self._show_tries(step.tries)
        self.open.setText(OPENS[step.workspace])
        self.back.setText(f"◀ {before}" if before else "◀ Back")
        self.back.setEnabled(bool(before))
        self.next.setEnabled(at + 1 < of)

    def show_numbers(self, numbers: tuple[tuple[str, str], ...]) -> None:
        """Show the numbers of the step, or none as long as they would give an answer away."""
        self.numbers = numbers
        self._numbers.show_facts(numbers)
        for widget in (self._numbers, self._numbers_head):
            widget.setVisible(bool(numbers))

    def _show_tries(self, tries: tuple[Try, ...]) -> None:
        while self._tries.count():
            widget = self._tries.takeAt(0).widget()
            widget.hide()
            widget.deleteLater()
        for number, one in enumerate(tries):
            button = link(f"lesson.try.{number}", one.label, f"Try it: {one.label}")
            button.clicked.connect(partial(self._try, one))
            self._tries.addWidget(button)
            if one.says:
                says = prose(f"lesson.try.{number}.says")
                says.setText(html(one.says))
                says.setProperty("kind", "muted")
                self._tries.addWidget(says)
        self._tries_head.setVisible(bool(tries))

    def _open(self) -> None:
        if self._step is not None:
            self.tried.emit(self._step.experiment)

    def _try(self, one: Try, _on: bool = False) -> None:
        self.tried.emit(one.experiment)

    def _place(self) -> None:
        name(self, "lesson.page", "The step")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 8, 0, 0)
        box.setSpacing(6)
        code_head = QHBoxLayout()
        code_head.addWidget(heading("In PyTorch"), 1)
        code_head.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignBottom)
        ways = QHBoxLayout()
        ways.setContentsMargins(0, 14, 0, 0)
        ways.addWidget(self.back)
        ways.addWidget(self.next)
        ways.addStretch(1)
        for part in (self._where, self._title, self._says, self._exact, self._numbers_head, self._numbers):
            box.addWidget(part)
        box.addLayout(code_head)
        box.addWidget(self.code)
        box.addWidget(self._tries_head)
        box.addLayout(self._tries)
        box.addWidget(self._notes)
        box.addWidget(self.open)
        box.addLayout(ways)


class _Part(QWidget):
    """A heading over a text; nothing where there is no text."""

    def __init__(self, path: str, words: str) -> None:
        super().__init__()
        self._text: QLabel = prose(path)
        self._text.setProperty("kind", "muted")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(heading(words))
        box.addWidget(self._text)

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._text.setText(html(text))
        self.setVisible(bool(text))


def figures(numbers: tuple[int, ...]) -> str:
    """Name the figures of the notes: "Figure 9", "Figures 9 to 11", "Figures 6 and 8"."""
    if len(numbers) < 2:
        return "".join(f"Figure {number}." for number in numbers)
    if list(numbers) == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 2:
        return f"Figures {numbers[0]} to {numbers[-1]}."
    return f"Figures {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}."


def _program(step: Step) -> str:
    try:
        return program(step)
    except TracerError as error:
        return f"# {sentence(error.what)}\n"
