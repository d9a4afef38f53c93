"""The form: which script or recording, what of it to record, and what becomes of the run."""

from __future__ import annotations

import shlex
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gui.widgets.choice import Choice, link
from gui.widgets.entry import Entry, NumberEntry, read
from gui.widgets.flow import Flow
from gui.widgets.labels import heading, paragraph, say
from gui.widgets.row import Row
from tracer.errors import TracerError
from tracer.experiment import Script

WHAT = (("step", "a backward()"), ("target", "a tensor"))


class Form(QObject):
    """Makes the controls. `chosen` gives a file that is to be opened, `wanted` that the person wants to choose one,
    `started` that they want the script to run, `cancelled` that it is to end.

    Where a recording is shown, the settings are folded into a line, to leave the room to the modules.
    """

    chosen = Signal(str)
    wanted = Signal()
    started = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.path = Entry("model.path", "Script or recording")
        self.path.setPlaceholderText("train.py or recording.json")
        self.path.returnPressed.connect(lambda: self.chosen.emit(self.path.text().strip()))
        self.browse = link("model.browse", "Open…", "Choose a script or a recording", "button")
        self.browse.clicked.connect(self.wanted)
        self.what = Choice("model.what", "What to record", WHAT)
        self.what.chosen.connect(lambda _: self._turn())
        self.step = NumberEntry("model.step", "Which call of backward()", least=1)
        self.step.show_number(1)
        self.target = Entry("model.target", "Name of the tensor")
        self.target.setPlaceholderText("loss")
        self.arguments = Entry("model.arguments", "Arguments of the script")
        self.arguments.setPlaceholderText("--steps 3")
        self.seconds = NumberEntry("model.seconds", "Seconds that it may take", least=1)
        self.seconds.setPlaceholderText("no limit")
        self.run = link("model.run", "Run", "Run the script", "primary")
        self.run.setToolTip("Run the script and record what backward is about to go through (F5)")
        self.run.clicked.connect(self.started)
        self.cancel = link("model.cancel", "Cancel", "End the script", "button")
        self.cancel.clicked.connect(self.cancelled)
        self.settings = link("model.settings", "Settings…", "Show the settings of the script", "small link")
        self.settings.clicked.connect(lambda: self.fold(False))
        self._words, self._problem = paragraph("", "muted", "model.words"), paragraph("", "problem", "model.problem")
        self._rows = self._make_rows()
        self.sections = self._place()
        self.what.show_value("step")
        self.show_path("")
        self.show_running(False)

    def script(self) -> Script:
        """Give what is to be run.

        Raises:
            TracerError: something is missing or can't be read; says what and the cure.
        """
        path, step, seconds = self.path.text().strip(), read(self.step.text()), read(self.seconds.text())
        tensor = self.what.currentIndex() == 1
        if not path.endswith(".py"):
            raise TracerError("There is no script to run yet", "", "Choose a file that ends in .py")
        if tensor and not self.target.text().strip():
            raise TracerError("The tensor has no name yet", "target", "Write one such as loss")
        if not tensor and not isinstance(step, int):
            raise TracerError("This is no number of a backward()", "step", "Write a whole number, from 1")
        if seconds != "" and not isinstance(seconds, int):
            raise TracerError("This is no number of seconds", "seconds", "Write a whole number, or nothing")
        try:
            arguments = tuple(shlex.split(self.arguments.text()))
        except ValueError as error:
            raise TracerError(f"The arguments can't be read: {error}", "arguments", "Close the quote") from error
        return Script(
            str(Path(path).expanduser().absolute()),
            target=self.target.text().strip() if tensor else None,
            step=step if isinstance(step, int) else 1,
            arguments=arguments,
            seconds=float(seconds) if isinstance(seconds, int) else None,
        )

    def show_path(self, path: str) -> None:
        """Show the file; only a script can be run."""
        self.path.show_text(path)
        self.path.setCursorPosition(len(path))
        self.path.setToolTip(path)
        self.fold(False)

    def fold(self, folded: bool) -> None:
        """Fold the settings away, or show them; a recording from a file has none."""
        is_script = self.path.text().strip().endswith(".py")
        for row in self._rows.values():
            row.setVisible(is_script and not folded)
        self.run.setVisible(is_script and not folded)
        self.settings.setVisible(is_script and folded)
        if is_script and not folded:
            self._turn()
        self._doing.lay_out_again()

    def show_running(self, running: bool) -> None:
        """Show that the script goes on, or that it does not."""
        self.cancel.setVisible(running)
        self.run.setText("Run again" if running else "Run")
        self._doing.lay_out_again()

    def say(self, words: str, problem: str = "", where: str = "") -> None:
        """Say how far it is, and what is wrong: at its field where there is one."""
        say(self._words, words)
        for field, row in self._rows.items():
            row.say_problem(problem if field == where else "")
        say(self._problem, "" if where in self._rows else problem)

    def _turn(self) -> None:
        tensor = self.what.currentIndex() == 1
        self._rows["target"].setVisible(tensor)
        self._rows["step"].setVisible(not tensor)

    def _make_rows(self) -> dict[str, Row]:
        return {
            "what": Row("record", [self.what]),
            "step": Row("number", [self.step]),
            "target": Row("its name", [self.target]),
            "arguments": Row("arguments", [self.arguments]),
            "seconds": Row("at most, s", [self.seconds]),
        }

    def _place(self) -> list[QWidget]:
        row = Row("", [self.path], beside=self.browse)
        row.label.hide()
        doing = Flow([self.run, self.cancel, self.settings])
        for text in (self._words, self._problem):
            text.setContentsMargins(0, 5, 0, 0)
            text.hide()
        self._doing = doing
        return [heading("Script or recording"), row, *self._rows.values(), doing, self._words, self._problem]
