"""The controls of a field, one kind each: they show an experiment's value and tell a new one."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gui.convolution.fields import Field, Kind, axis_names
from gui.convolution.presets import per_axis
from gui.widgets.choice import Choice
from gui.widgets.entry import NumberEntry, read
from tracer.experiment import Convolution

MOST_AXES = 3
TYPED = "typed numbers"  # shown in place of a fill


class NumberControl(QObject):
    """One number; a batch may also be "none"."""

    changed = Signal(object)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._field = field
        self._entry = NumberEntry(f"convolution.{field.name}", field.label, field.least)
        self._entry.edited.connect(lambda text: self.changed.emit(None if text.strip() == "none" else read(text)))
        self.widgets: list[QWidget] = [self._entry]

    def show(self, experiment: Convolution) -> None:
        """Show the number."""
        value = getattr(experiment, self._field.name)
        self._entry.show_number("none" if value is None else value)


class AxesControl(QObject):
    """A number for each axis of the signal; a word stands in all of them as a hint."""

    changed = Signal(object)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._field = field
        self._numbers: list[int | str] = []
        path = f"convolution.{field.name}"
        self._entries = [NumberEntry(f"{path}.{at}", f"{field.name} {at}", field.least) for at in range(MOST_AXES)]
        for at, entry in enumerate(self._entries):
            entry.edited.connect(partial(self._edited, at))
        self.widgets: list[QWidget] = [*self._entries]

    def show(self, experiment: Convolution) -> None:
        """Show the numbers, as many as the layer has axes."""
        value, names = getattr(experiment, self._field.name), axis_names(experiment)
        word = value if isinstance(value, str) else ""
        self._numbers = [0] * len(names) if word else list(per_axis(value, len(names)))
        for at, entry in enumerate(self._entries):
            entry.setVisible(at < len(names))
            entry.setPlaceholderText(word)
            if at < len(names):
                entry.setAccessibleName(f"{self._field.name} {names[at]}")
                entry.show_number("" if word else self._numbers[at])

    def _edited(self, axis: int, text: str) -> None:
        numbers = list(self._numbers)
        numbers[axis] = read(text)
        self.changed.emit(tuple(numbers))


class ChoiceControl(QObject):
    """One of some words."""

    changed = Signal(object)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._field = field
        self._choice = Choice(f"convolution.{field.name}", field.label, field.options)
        self._choice.chosen.connect(self.changed)
        self.widgets: list[QWidget] = [self._choice]

    def show(self, experiment: Convolution) -> None:
        """Show the word; what the list does not have is added to it: one output, a file, or that numbers were typed."""
        value = getattr(experiment, self._field.name)
        if self._field.name == "fill" and experiment.input is not None:
            value = TYPED
        known = dict(self._field.options)
        self._choice.set_options((*self._field.options, *(() if value in known else ((value, _words(value)),))))
        self._choice.show_value(value)


def _words(value: object) -> str:
    """Write the index of one output, y[0, 7, 3, 5], or the name of a file without its folder."""
    return f"y[{', '.join(map(str, value))}]" if isinstance(value, tuple) else PurePath(str(value)).name


CONTROLS: dict[Kind, type[NumberControl] | type[AxesControl] | type[ChoiceControl]] = {
    "number": NumberControl,
    "axes": AxesControl,
    "choice": ChoiceControl,
}
