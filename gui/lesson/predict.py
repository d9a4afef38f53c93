"""The question of a step: typed or chosen, checked, and told which slip was made; then what is said of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gui.lesson.progress import SHOWN
from gui.lesson.rich import html
from gui.widgets.choice import Chip, link
from gui.widgets.entry import Entry
from gui.widgets.flow import Flow
from gui.widgets.labels import heading, label, mark, name, prose, say
from tracer.lesson.answers import check, hint
from tracer.lesson.steps import Prediction, Solution, Verdict

WAITING = "The question waits for PyTorch…"


class Predict(QFrame):
    """Asks one prediction after the other. `answered` gives its number and the answer, or SHOWN."""

    answered = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        name(self, "lesson.predict", "Predict")
        self.setProperty("kind", "question")
        self._predictions: tuple[Prediction, ...] = ()
        self._solution: Solution | None = None
        self._at, self.said = 0, ""
        self._count = label("", "muted", "lesson.predict.count")
        self._before = prose("lesson.predict.before")
        self._asks = prose("lesson.predict.asks")
        self.entry = Entry("lesson.predict.answer", "Your answer")
        self.check = link("lesson.predict.check", "Check", "Check the answer", "primary")
        self.show_me = link("lesson.predict.show", "Show me", "Show the answer", "button")
        self._verdict = prose("lesson.predict.verdict")
        self._choices = QWidget()
        self._chips: Flow | None = None
        self._answer = QWidget()
        self.check.clicked.connect(lambda: self._check(self.entry.text()))
        self.entry.returnPressed.connect(lambda: self._check(self.entry.text()))
        self.entry.edited.connect(lambda _: self._say(None))
        self.show_me.clicked.connect(lambda: self.answered.emit(self._at, SHOWN))
        self._place()

    def show_step(
        self, predictions: tuple[Prediction, ...], solution: Solution | None, given: Mapping[int, str]
    ) -> None:
        """Show the questions of a step: those that are answered, and the first that is not."""
        left = [number for number in range(len(predictions)) if number not in given]
        self.setVisible(bool(predictions))
        self._predictions, self._solution = predictions, solution
        told = [self._told(number, answer) for number, answer in given.items() if number < len(predictions)]
        self._before.setText("".join(told))
        self._before.setVisible(bool(given))
        at = left[0] if left else len(predictions)
        if at != self._at or not left:
            self.entry.clear()
            self._say(None)
        self._at = at
        for part in (self._asks, self._answer):
            part.setVisible(bool(left))
        self._count.setText(f"{at + 1} of {len(predictions)}" if left and len(predictions) > 1 else "")
        if left:
            self._ask(predictions[at])

    def answer(self, text: str) -> None:
        """Take an answer, as if it had been typed and checked."""
        self.entry.show_text(text)
        self._check(text)

    def _ask(self, prediction: Prediction) -> None:
        self._asks.setText(html(prediction.asks))
        self.entry.setPlaceholderText(hint(prediction.kind) if self._solution else WAITING)
        self.entry.setAccessibleDescription(prediction.asks)
        self._offer(prediction.choices)
        for control in (self.entry, self.check, self.show_me, self._choices):
            control.setEnabled(self._solution is not None)

    def _told(self, number: int, answer: str) -> str:
        """Write a question that is answered, with its answer and what is said of it."""
        asked = html(self._predictions[number].asks)
        if self._solution is None:
            return asked
        solved = self._solution.predictions[number]
        given = f"shown: {solved.expected.text}" if answer == SHOWN else answer
        sign = "→" if answer == SHOWN else "✓"
        return f"{asked}<p style='margin: 2px 0 4px 0'><b>{sign} {escape(given)}</b></p>{html(solved.shows)}"

    def _offer(self, choices: tuple[str, ...]) -> None:
        """Offer words to choose from, where there are some, instead of the entry."""
        if self._chips is not None:
            self._chips.hide()
            self._chips.deleteLater()
            self._chips = None
        if choices:
            chips = [Chip(f"lesson.predict.choice.{at}", word, word, stays=False) for at, word in enumerate(choices)]
            for chip, word in zip(chips, choices, strict=True):
                chip.clicked.connect(partial(self._choose, word))
            self._chips = Flow(chips)
            box = self._choices.layout()
            assert box is not None
            box.addWidget(self._chips)
        self._choices.setVisible(bool(choices))
        self.entry.setVisible(not choices)
        self.check.setVisible(not choices)

    def _choose(self, word: str, _on: bool = False) -> None:
        self._check(word)

    def _check(self, text: str) -> None:
        if self._solution is None or not text.strip():
            return
        verdict = check(self._solution.predictions[self._at], text)
        if verdict.state == "right":
            self.answered.emit(self._at, text.strip())
        else:
            self._say(verdict)

    def _say(self, verdict: Verdict | None) -> None:
        """Say what an answer is, or nothing while another is typed."""
        mark(self.entry, verdict is not None)
        words = verdict.says if verdict else ""
        first, dot, rest = words.partition(".")
        strong = f"<b>{escape(first + dot)}</b> {html(rest).replace('<p ', '<span ').replace('</p>', '</span>')}"
        say(self._verdict, "" if not verdict else strong if first == "Not yet" else html(words))
        self.said = words
        self._verdict.setAccessibleName(words)
        self.entry.setAccessibleDescription(words or (self._predictions[self._at].asks if self._asking else ""))

    @property
    def _asking(self) -> bool:
        return self._at < len(self._predictions)

    def _place(self) -> None:
        self._verdict.setProperty("kind", "problem")
        self.entry.setMinimumWidth(150)
        self.entry.setMaximumWidth(320)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 8, 16, 12)
        box.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(heading("Predict"))
        head.addWidget(self._count, 0, Qt.AlignmentFlag.AlignBottom)
        head.addStretch(1)
        inside = QVBoxLayout(self._choices)
        inside.setContentsMargins(0, 0, 0, 0)
        line = QHBoxLayout(self._answer)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.entry, 1)
        line.addWidget(self._choices, 1)
        line.addWidget(self.check)
        line.addWidget(self.show_me)
        line.addStretch(0)
        box.addLayout(head)
        for part in (self._before, self._asks, self._answer, self._verdict):
            box.addWidget(part)
        self._say(None)
