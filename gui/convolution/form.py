"""The form: one row a field, each edit goes to the session."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.convolution import presets
from gui.convolution.controls import CONTROLS, TYPED, AxesControl, ChoiceControl, NumberControl
from gui.convolution.fields import LAYER, SECTIONS, Field, label, shown
from gui.session.session import Session
from gui.widgets.choice import Chip, Choice, link
from gui.widgets.labels import heading, paragraph, say
from gui.widgets.row import LABEL_WIDTH, Row
from tracer.convolution.fills import is_file
from tracer.convolution.layer import LAYERS
from tracer.experiment import Convolution

WORDS = ("valid", "same")
ROW_OF = {"input": "fill", "weight": "kernel_size", "bias_values": "bias"}  # where a problem of typed numbers is said
TIPS = ("Type, paste or fill the numbers of x, weight and bias (Ctrl+Shift+N)", "A picture for two axes, a WAV for one")


class Form(QObject):
    """Makes the rows, shows an experiment in them, and says which field is wrong.

    `values_wanted` asks for the cells to type numbers into, `load_wanted` for a file.
    """

    values_wanted = Signal()
    load_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._controls: dict[str, NumberControl | AxesControl | ChoiceControl] = {}
        self.layer = Choice("convolution.layer", "layer", LAYER.options)
        self.preset = Choice("convolution.preset", "preset", [(name, name) for name in (*presets.PRESETS, presets.OWN)])
        self.layer.setToolTip(LAYER.tooltip)
        self.preset.setToolTip("Ready-made settings; device, dtype and seed stay")
        self.layer.chosen.connect(lambda layer: self._replace(presets.with_layer(self._experiment, layer), "layer"))
        self.preset.chosen.connect(self._take_preset)
        self.chips = {word: self._chip(word) for word in WORDS}
        self._words = self._chips()
        self._notes = paragraph("", "muted", "convolution.fill.notes")
        self._extras = {"padding": self._words, "fill": self._numbers()}
        self.rows = {"layer": Row(LAYER.label, [self.layer]), "preset": Row("preset", [self.preset])}
        self.sections: list[QWidget] = [heading("Operation"), *self.rows.values()]
        for title, fields in SECTIONS:
            self.sections += [heading(title), *map(self._row, fields)]

    def show(self, experiment: Convolution) -> None:
        """Show an experiment; what the person is typing stays as they type it."""
        self.layer.show_value(experiment.layer)
        self.preset.show_value(presets.preset_of(experiment))
        for field in (field for _, fields in SECTIONS for field in fields):
            self.rows[field.name].label.setText(label(field, experiment))
            self.rows[field.name].setVisible(shown(field, experiment))
            self._controls[field.name].show(experiment)
        for word, chip in self.chips.items():
            chip.setChecked(experiment.padding == word)
        if not is_file(experiment.fill):
            self.say_notes("")
        self._words.setVisible(not LAYERS[experiment.layer].transposed)

    def say_notes(self, notes: str) -> None:
        """Say under the fill what was done to the file that it names."""
        say(self._notes, notes)

    def say_problem(self, where: str, sentence: str) -> bool:
        """Mark the field that is wrong and clear the others; tell whether there is such a field."""
        where = ROW_OF.get(where, "fill" if where == self._experiment.fill else where)
        for name, row in self.rows.items():
            row.say_problem(sentence if name == where else "")
        return where in self.rows

    @property
    def _experiment(self) -> Convolution:
        experiment = self._session.value("convolution")
        assert isinstance(experiment, Convolution)
        return experiment

    def _replace(self, experiment: Convolution, words: str) -> None:
        self._session.end_gesture()
        self._session.edit("convolution", experiment, words)

    def _take_preset(self, name: Any) -> None:
        if name in presets.PRESETS:
            self._replace(presets.with_preset(self._experiment, name), "preset")
        else:
            self.preset.show_value(presets.preset_of(self._experiment))

    def _row(self, field: Field) -> Row:
        control: NumberControl | AxesControl | ChoiceControl = CONTROLS[field.kind](field)
        self._controls[field.name] = control
        control.changed.connect(partial(self._edit, field.name))
        for widget in control.widgets:
            widget.setToolTip(field.tooltip)
        row = Row(field.label, control.widgets, self._extras.get(field.name))
        return self.rows.setdefault(field.name, row)

    def _edit(self, field: str, value: Any) -> None:
        """Edit a field; a fill takes the place of numbers that were typed."""
        if field == "fill" and self._experiment.input is not None:
            if value != TYPED:
                self._replace(msgspec.structs.replace(self._experiment, fill=value, input=None), "fill")
        else:
            self._session.edit(f"convolution.{field}", value)

    def _numbers(self) -> QWidget:
        """Place under the fill what else the input can hold, and what was done to it."""
        links = [
            link("convolution.values.open", "Type…", "Type the numbers of x, weight and bias", "small link"),
            link("convolution.load", "Load a file…", "Fill x from a picture or a sound", "small link"),
        ]
        for made, tip, wanted in zip(links, TIPS, (self.values_wanted, self.load_wanted), strict=True):
            made.setToolTip(tip)
            made.clicked.connect(wanted)
        place = QWidget()
        line, box = QHBoxLayout(), QVBoxLayout(place)
        line.setSpacing(10)
        for made in links:
            line.addWidget(made)
        line.addStretch(1)
        box.setContentsMargins(LABEL_WIDTH + 6, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(line)
        box.addWidget(self._notes)
        self.say_notes("")
        return place

    def _chips(self) -> QWidget:
        """Place the words under the numbers of the padding."""
        place = QWidget()
        line = QHBoxLayout(place)
        line.setContentsMargins(LABEL_WIDTH + 6, 0, 0, 2)
        line.setSpacing(6)
        for chip in self.chips.values():
            line.addWidget(chip)
        line.addStretch(1)
        return place

    def _chip(self, word: str) -> Chip:
        chip = Chip(f"convolution.padding.{word}", word, f"padding {word}")
        chip.clicked.connect(lambda on: self._session.edit("convolution.padding", word if on else 0))
        return chip
