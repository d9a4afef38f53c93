"""The form: program, inputs, output, presets; each edit goes to the session."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.expression import inputs, presets
from gui.expression.editor import Editor
from gui.expression.input_card import InputCard
from gui.session.session import Session
from gui.theme.theme import Theme
from gui.widgets.choice import Chip, Choice, link
from gui.widgets.flow import Flow
from gui.widgets.labels import heading, paragraph, say
from gui.widgets.row import Row
from tracer.errors import TracerError, sentence
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
        self.cards: dict[str, InputCard] = {}
        self._cards = QWidget()
        self._cards_box = QVBoxLayout(self._cards)
        self._cards_box.setContentsMargins(0, 2, 0, 0)
        self._cards_box.setSpacing(0)
        self._add = link("expression.inputs.add", "+ add input", "Add an input")
        self._add.clicked.connect(lambda: self._inputs(inputs.added(self._experiment), "add input"))
        self._last = ""
        self.output = Choice("expression.output", "output")
        self.output.chosen.connect(partial(session.edit, "expression.output"))
        self.output_row = Row("output", [self.output])
        self.numbers = Choice("expression.exact", "numbers", [(True, "fractions"), (False, "decimals")])
        self.numbers.setToolTip("Exact numbers that are known as fractions: 3/4, or 0.75")
        self.numbers.chosen.connect(partial(session.edit, "expression.exact"))
        self._presets = {words: self._preset(words) for words in presets.PRESETS}
        self.sections: list[QWidget] = [
            *(heading("Program"), self.editor, self._problem),
            *(heading("Inputs"), self._cards, self._add),
            *(heading("Backward from"), self.output_row, Row("numbers", [self.numbers])),
            *(heading("Presets"), Flow([*self._presets.values()])),
        ]
        say(self._problem, "")

    def show(self, experiment: Expression) -> None:
        """Show an experiment; what the person is typing stays as they type it."""
        self.editor.show_text(experiment.program)
        if list(self.cards) != list(experiment.inputs):
            self._rebuild(list(experiment.inputs))
        for name, value in inputs.of(experiment).items():
            self.cards[name].show_input(value)
        names = inputs.assigned(experiment.program, experiment.inputs)
        last = f"{self._last} (last)" if self._last in names else "the last"
        if names or experiment.output is not None:
            others = dict.fromkeys([*names, *([experiment.output] if experiment.output else [])])
            self.output.set_options([(None, last), *((name, name) for name in others)])
        self.output.show_value(experiment.output)
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
        self.output_row.say_problem(sentence if where in ("output", "gradient") else "")
        named = where.removeprefix("inputs.").partition(".")[0]
        for name, card in self.cards.items():
            card.say_problem(sentence if where.startswith("inputs.") and name == named else "")
        return bool(number) or where in ("output", "gradient") or (where.startswith("inputs.") and named in self.cards)

    @property
    def problem(self) -> QLabel:
        """The sentence under the program."""
        return self._problem

    @property
    def _experiment(self) -> Expression:
        experiment = self._session.value("expression")
        assert isinstance(experiment, Expression)
        return experiment

    def _inputs(self, value: dict[str, Any], words: str) -> None:
        self._session.edit("expression.inputs", value, words)

    def _rebuild(self, names: list[str]) -> None:
        before = self.cards
        self.cards = {name: before.get(name) or self._card(name) for name in names}
        for card in self.cards.values():
            self._cards_box.removeWidget(card)
            self._cards_box.addWidget(card)
        for at, (name, card) in enumerate(before.items()):
            if name not in self.cards:
                card.blockSignals(True)  # losing the focus tells a name that is nobody's any more
                self._pass_focus(card, names[at] if len(names) == len(before) else "")
                self._cards_box.removeWidget(card)
                card.hide()
                card.deleteLater()

    def _pass_focus(self, card: InputCard, heir: str) -> None:
        """Move the focus from a card that goes to the same control of the one in its place, or to the adding."""
        focused = card.focusWidget()
        if focused is not None and focused.hasFocus():
            path = focused.objectName().replace(card.objectName(), f"expression.inputs.{heir}", 1)
            target = self.cards[heir].findChild(QWidget, path) if heir else None
            (target or self._add).setFocus(Qt.FocusReason.OtherFocusReason)

    def _card(self, name: str) -> InputCard:
        card = InputCard(name)
        card.changed.connect(
            lambda field, value: self._inputs(
                inputs.changed(self._experiment.inputs, name, **{field: value}), f"{name}.{field}"
            )
        )
        card.renamed.connect(lambda new: self._rename(name, new))
        card.dropped.connect(lambda: self._inputs(inputs.without(self._experiment.inputs, name), "remove input"))
        return card

    def _rename(self, old: str, new: str) -> None:
        if new == old:
            self.cards[old].say_problem("")
            return
        try:
            experiment = inputs.renamed(self._experiment, old, new)
        except TracerError as error:
            self.cards[old].say_name_problem(f"{sentence(error.what)} {sentence(error.cure)}".strip())
        else:
            self._session.end_gesture()
            self._session.edit("expression", experiment, "rename input")

    def _preset(self, words: str) -> Chip:
        chip = Chip(f"expression.preset.{words}", words, f"Preset {words}")
        chip.clicked.connect(partial(self._take_preset, words))
        return chip

    def _take_preset(self, words: str, _on: bool = False) -> None:
        self._session.end_gesture()
        self._session.edit("expression", presets.with_preset(self._experiment, words), "preset")
        self.show(self._experiment)  # also where nothing changed: the chip of what is shown stays on
