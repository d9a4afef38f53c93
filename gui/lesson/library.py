"""Which lesson is taught: one that the program ships, or a file of the person's; and how much of it is done."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from gui.lesson.progress import Progress
from gui.widgets.choice import Choice, link
from gui.widgets.labels import heading, label, name
from tracer.lesson.library import FIRST, load, titles
from tracer.lesson.steps import Step


class Library(QObject):
    """Holds the lesson that is taught and lets another be chosen. `turned` tells that it is another, `wanted` that the
    person wants to open a file."""

    turned = Signal()
    wanted = Signal()

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress
        self.name, self.lesson = FIRST, load(FIRST)
        self.choice = Choice("lesson.choice", "Lesson", list(titles().items()), "tool")
        self.choice.setMinimumContentsLength(8)
        self.choice.show_value(self.name)
        self.choice.chosen.connect(self.take)
        self._open = link("lesson.open_file", "Open a lesson…", "Open a lesson from a file", "small link")
        self._open.clicked.connect(self.wanted)
        self._bar, self._words = QProgressBar(), label("", "muted", "lesson.progress.words")
        self.bar = QWidget()
        self.sections: list[QWidget] = [heading("Lesson"), self.choice, self._open, heading("Steps")]
        self._place()

    def take(self, lesson: str) -> None:
        """Teach another lesson.

        Raises:
            UnreadableFile: there is none, or its file is no lesson; says where and the cure.
        """
        self.lesson, self.name = load(lesson if lesson in titles() else Path(lesson)), lesson
        options = [*titles().items(), *([] if lesson in titles() else [(lesson, self.lesson.title)])]
        self.choice.set_options(options)
        self.choice.show_value(lesson)
        self.turned.emit()

    def start(self) -> int:
        """Give the number of the step at which the person goes on."""
        here = self._progress.of(self.name).step
        return next((at for at, step in enumerate(self.lesson.steps) if step.title == here), 0)

    def done(self) -> list[bool]:
        """Tell which steps are done: seen, and every prediction answered."""
        seen = self._progress.of(self.name).seen
        return [step.title in seen and not self.left(step) for step in self.lesson.steps]

    def left(self, step: Step) -> list[int]:
        """List the predictions of a step that are not answered."""
        answers = self._progress.answers(self.name, step.title)
        return [number for number in range(len(step.predict)) if number not in answers]

    def show_progress(self) -> None:
        """Show how much is done."""
        done = self.done()
        self._bar.setMaximum(len(done))
        self._bar.setValue(sum(done))
        words = f"{sum(done)} of {len(done)} steps"
        self._words.setText(f"{words} · kept on this computer" if self._progress.kept else words)
        self._bar.setAccessibleDescription(words)

    def _place(self) -> None:
        name(self._bar, "lesson.progress", "Progress")
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        box = QVBoxLayout(self.bar)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        for widget in (heading("Progress"), self._bar, self._words):
            box.addWidget(widget)
