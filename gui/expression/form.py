"""The form: program, inputs, output, presets; each edit goes to the session."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QWidget

from gui.expression import inputs, presets
from gui.expression.beside_form import BesideForm
from gui.expression.editor import Editor
from gui.expression.input_cards import Inputs
from gui.expression.start import StartField
from gui.session.session import Session
from gui.theme.theme import Theme
from gui.widgets.choice import Chip, Choice
from gui.widgets.flow import Flow
from gui.widgets.labels import heading, paragraph, say
from gui.widgets.row import Row
from tracer.experiment import Expression


class Form(QObject):
    """Makes the controls, shows an experiment in them, and says which part is wrong."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        self.editor = Editor(theme)
        self.editor.edited.connect(lambda text: session.edit("expression.program", text))
        self._problem = paragraph("", "problem", "expression.program.problem")
        self._problem.setContentsMargins(0, 4, 0, 0)
        self.inputs = Inputs("expression.inputs", lambda: self._experiment)
        self.inputs.edited.connect(partial(session.edit, "expression.inputs"))
        self.inputs.renamed.connect(self._rename)
        self._last = ""
        self.output = Choice("expression.output", "output")
        self.output.chosen.connect(partial(session.edit, "expression.output"))
        self.output_row = Row("output", [self.output])
        self.numbers = Choice("expression.exact", "numbers", [(True, "fractions"), (False, "decimals")])
        self.numbers.setToolTip("Exact numbers that are known as fractions: 3/4, or 0.75")
        self.numbers.chosen.connect(partial(session.edit, "expression.exact"))
        self.start = StartField()
        self.start.changed.connect(partial(session.edit, "expression.gradient"))
        self.beside = BesideForm(session, theme)
        self._presets = {words: self._preset(words) for words in presets.PRESETS}
        self.sections: list[QWidget] = [
            *(heading("Program"), self.editor, self._problem),
            *(heading("Inputs"), self.inputs),
            *(heading("Backward from"), self.output_row, self.start, Row("numbers", [self.numbers])),
            self.beside,
            *(heading("Presets"), Flow([*self._presets.values()])),
        ]
        say(self._problem, "")

    def show(self, experiment: Expression) -> None:
        """Show an experiment; what the person is typing stays as they type it."""
        self.editor.show_text(experiment.program)
        self.inputs.show_inputs(experiment)
        names = inputs.assigned(experiment.program, experiment.inputs)
        last = f"{self._last} (last)" if self._last in names else "the last"
        if names or experiment.output is not None:
            others = dict.fromkeys([*names, *([experiment.output] if experiment.output else [])])
            self.output.set_options([(None, last), *((name, name) for name in others)])
        self.output.show_value(experiment.output)
        self.start.show_gradient(experiment)
        self.beside.show_experiment(experiment)
        self.numbers.show_value(experiment.exact)
        chosen = presets.preset_of(experiment)
        for words, chip in self._presets.items():
            chip.setChecked(words == chosen)

    def name_output(self, name: str) -> None:
        """Say which tensor was the last, where that is the output."""
        if self._experiment.output is None and name != self._last:
            self._last = name
            self.show(self._experiment)

    def say_problem(self, where: str, sentence: str) -> bool:
        """Mark the line, the input or the output that is wrong and clear the others; tell whether there is one."""
        line = where.removeprefix("line ").partition(",")[0]
        number = int(line) if where.startswith("line ") and line.isdecimal() else 0
        self.editor.say_wrong(number)
        say(self._problem, f"{where[:1].upper()}{where[1:]}: {sentence}" if number else "")
        self.output_row.say_problem(sentence if where == "output" else "")
        self.start.say_problem(sentence if where == "gradient" else "")
        in_inputs = self.inputs.say_problem(where, sentence)
        return bool(number) or in_inputs or where in ("output", "gradient")

    @property
    def problem(self) -> QLabel:
        """The sentence under the program."""
        return self._problem

    @property
    def _experiment(self) -> Expression:
        experiment = self._session.value("expression")
        assert isinstance(experiment, Expression)
        return experiment

    def _rename(self, experiment: Expression) -> None:
        self._session.end_gesture()
        self._session.edit("expression", experiment, "rename input")

    def _preset(self, words: str) -> Chip:
        chip = Chip(f"expression.preset.{words}", words, f"Preset {words}")
        chip.clicked.connect(partial(self._take_preset, words))
        return chip

    def _take_preset(self, words: str, _on: bool = False) -> None:
        self._session.end_gesture()
        self._session.edit("expression", presets.with_preset(self._experiment, words), "preset")
        if self._experiment.beside is not None:
            self.beside.placed.emit()
        self.show(self._experiment)  # also where nothing changed: the chip of what is shown stays on
