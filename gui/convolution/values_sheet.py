"""The sheet where the numbers of x, weight and bias are typed, pasted and filled."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from gui.convolution import values
from gui.convolution.cells import Cells
from gui.convolution.controls import TYPED
from gui.convolution.fields import check
from gui.convolution.places import Places
from gui.convolution.sheet import Sheet
from gui.session.session import Session
from gui.theme.theme import Theme
from gui.widgets.choice import Chip, Choice
from gui.widgets.entry import Entry, typed
from gui.widgets.flow import Flow
from gui.widgets.labels import mark, paragraph, say
from gui.widgets.pasted import read_pasted
from gui.widgets.row import Row
from tracer import quantities
from tracer.convolution.given import flat
from tracer.convolution.layer import FILLS, Settings
from tracer.errors import InvalidSetting, TracerError, sentence
from tracer.experiment import Convolution

DRAWN = "drawn by torch"
PATH = "convolution.values"


class ValuesSheet(QObject):
    """Shows one slice of one tensor; each edit goes to the session. `load_wanted` asks for a file."""

    load_wanted = Signal()

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        self._tensor, self._words = "x", ""
        self._settings: Settings | None = None
        self._arrays: Mapping[str, NDArray[Any]] = {}
        self._fresh = False
        self._tensors = {tensor: self._chip(tensor) for tensor in values.FIELDS}
        self._state = paragraph("", "muted", f"{PATH}.state")
        self._places = Places(PATH)
        self.cells = Cells(f"{PATH}.cells", theme)
        self._instead = paragraph("", "muted", f"{PATH}.instead")
        self._problem = paragraph("", "problem", f"{PATH}.problem")
        self._fill = Choice(f"{PATH}.fill", "Fill with")
        self._fill.setToolTip("Fill all of the tensor; each kernel or channel with the same pattern")
        self._constant = Entry(f"{PATH}.constant", "All numbers equal to")
        self._constant.setToolTip("Give all of the tensor one number, such as 1, 0.5 or 1/3")
        self._constant.setPlaceholderText("a number")
        self._links = self._commands()
        self._flow = Flow([*self._links.values()])
        rows = [Row("fill with", [self._fill]), Row("all equal to", [self._constant])]
        top = [Flow([*self._tensors.values()]), self._state, self._places.widget, self.cells, self._instead]
        self.sheet = Sheet(PATH, "Numbers", [*top, self._problem, *rows, self._flow], [self.cells])
        self._connect()

    def show_experiment(self, experiment: Convolution, words: str) -> None:
        """Show another experiment; `words` tell what is waited for. The cells that are typed into stay as they are."""
        self._fresh, self._words = False, words
        try:
            settings = check(msgspec.structs.replace(experiment, input=None, weight=None, bias_values=None))
        except TracerError:
            return  # the form says what does not work; the numbers of the last settings stay
        self._settings = settings
        self._refresh()

    def show_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Show the numbers that were drawn."""
        self._arrays, self._fresh = arrays, True
        self._refresh()

    def say_problem(self, where: str, sentence_: str) -> bool:
        """Say what is wrong with the numbers of a tensor; tell whether it is one."""
        tensor = next((tensor for tensor, field in values.FIELDS.items() if field == where), "")
        for name, chip in self._tensors.items():
            mark(chip, name == tensor)
        say(self._problem, f"{tensor}: {sentence_}" if tensor else "")
        return bool(tensor) and self.sheet.isVisible()

    def _connect(self) -> None:
        self.cells.edited.connect(self._edit_cell)
        self.cells.pasted.connect(self._paste_at)
        self._places.moved.connect(self._refresh)
        self._fill.chosen.connect(self._fill_with)
        self._constant.edited.connect(self._fill_constant)
        self.sheet.begun.connect(self._begin)

    @property
    def _experiment(self) -> Convolution:
        experiment = self._session.value("convolution")
        assert isinstance(experiment, Convolution)
        return experiment

    @property
    def _given(self) -> Any:
        return getattr(self._experiment, values.FIELDS[self._tensor])

    @property
    def _shape(self) -> tuple[int, ...]:
        return values.shape_of(self._settings, self._tensor) if self._settings else ()

    def _begin(self) -> None:
        self._refresh()
        target = self.cells if self.cells.isVisibleTo(self.sheet) else self._fill
        target.setFocus(Qt.FocusReason.TabFocusReason)
        if target is self.cells and not self.cells.currentIndex().isValid():
            self.cells.setCurrentIndex(self.cells.numbers.index(0, 0))

    def _choose(self, tensor: str) -> None:
        self._session.end_gesture()
        self._tensor = tensor
        self._constant.clear()
        self._refresh()

    def _refresh(self) -> None:
        """Show the tensor, or say why its numbers can't be shown."""
        if self._settings is None or not self.sheet.isVisible():
            return
        if self._tensor == "bias" and not self._settings.bias:
            self._tensor = "weight"
        for name, chip in self._tensors.items():
            chip.setChecked(name == self._tensor)
        self._tensors["bias"].setEnabled(self._settings.bias)
        shape, given = self._shape, self._given
        self._places.show_shape(values.axes_of(self._settings, self._tensor), shape)
        source = TYPED if given is not None else self._experiment.fill if self._tensor == "x" else DRAWN
        self._state.setText(
            f"{self._tensor} is {quantities.shape(shape)}: {quantities.count(math.prod(shape))} numbers"
        )
        self._show_fill(source)
        instead, rows, dtype = self._shown(shape, given)
        say(self._instead, instead)
        self.cells.setVisible(bool(rows))
        if not rows:
            self._places.widget.hide()  # there is no slice to choose
        self.cells.set_dimmed(given is None and not self._fresh)
        if rows:
            self.cells.show_rows(rows, self._tensor, dtype)
        self._links["fit"].setVisible(given is not None and not values.has_shape(given, shape))
        self._links["drawn"].setVisible(given is not None)
        self._links["load"].setVisible(self._tensor == "x")
        self._flow.lay_out_again()

    def _shown(self, shape: tuple[int, ...], given: Any) -> tuple[str, list[list[Any]], str]:
        """Give the slice and its dtype, or the words that stand in its place."""
        if math.prod(shape) > values.MOST:
            most = quantities.count(values.MOST)
            others = "Fill or paste it" if self._tensor != "x" else "Fill it, paste it or load a file"
            return f"Up to {most} numbers are shown in cells, and these are more. {others}.", [], ""
        if given is not None:
            if values.has_shape(given, shape):
                return "", values.rows_at(given, self._places.place), ""
            return "The typed numbers have another shape than the layer needs now.", [], ""
        array = self._arrays.get(self._tensor)
        if array is None or array.shape != shape:
            return self._words, [], ""
        return "", values.rows_at(array.tolist(), self._places.place), str(array.dtype)

    def _show_fill(self, source: str) -> None:
        first = [(fill, fill) for fill in FILLS] if self._tensor == "x" else [(DRAWN, DRAWN)]
        patterns = [] if self._tensor == "x" else [(word, word) for word in values.PATTERNS]
        own = [(source, source.rpartition("/")[2])] if source not in dict([*first, *patterns]) else []
        self._fill.set_options([*first, *patterns, *own])
        self._fill.show_value(source)

    def _all(self) -> Any:
        """Give all numbers of the tensor, also where they were drawn.

        Raises:
            InvalidSetting: they are not there yet.
        """
        given, array = self._given, self._arrays.get(self._tensor)
        if given is not None and values.has_shape(given, self._shape):
            return given
        if given is not None or array is None or array.shape != self._shape or not self._fresh:
            raise InvalidSetting("The drawn numbers are not there yet", self._tensor, "Try again in a moment")
        return values.numbers_of(array)

    def _edit_cell(self, row: int, column: int, value: Any) -> None:
        def edit() -> Any:
            rows = values.rows_at(numbers := self._all(), self._places.place)
            return values.with_rows(numbers, self._places.place, values.with_block(rows, row, column, [[value]]))

        self._try(
            edit, f"{self._tensor}[{', '.join(map(str, (*self._places.place, row, column)[-len(self._shape) :]))}]"
        )

    def _paste_at(self, row: int, column: int) -> None:
        def paste() -> Any:
            pasted = read_pasted(QGuiApplication.clipboard().text())
            if (whole := values.matching(pasted, self._shape)) is not None:
                _refuse_many(self._shape)
                return whole
            if values.axes_count(pasted) > 2:
                raise values.refuse_shape(pasted, self._shape)
            block = pasted if values.axes_count(pasted) == 2 else [pasted]
            rows = values.rows_at(numbers := self._all(), self._places.place)
            return values.with_rows(numbers, self._places.place, values.with_block(rows, row, column, block))

        self._session.end_gesture()
        self._try(paste, f"paste into {self._tensor}")
        self._session.end_gesture()

    def _fill_with(self, word: Any) -> None:
        self._session.end_gesture()
        if self._tensor == "x" and word != TYPED:
            changed = msgspec.structs.replace(self._experiment, fill=word, input=None)
            self._session.edit("convolution", changed, "fill x")
        elif word == DRAWN:
            self._back()
        elif word in values.PATTERNS:
            self._try(lambda: self._filled(word), f"fill {self._tensor}")
        self._refresh()

    def _fill_constant(self, text: str) -> None:
        self._try(lambda: self._filled("", flat("", [typed(text.strip())], (1,))[0]), f"fill {self._tensor}")

    def _filled(self, word: str, constant: float = 0.0) -> Any:
        _refuse_many(self._shape)
        return values.filled(word, self._shape, constant)

    def _back(self) -> None:
        self._session.end_gesture()
        self._session.edit(f"convolution.{values.FIELDS[self._tensor]}", None, f"back to drawn {self._tensor}")

    def _fit(self) -> None:
        self._try(lambda: values.fitted(self._given, self._shape), f"fit {self._tensor}")

    def _try(self, change: Callable[[], Any], words: str) -> None:
        """Edit the tensor, or say why it can't be."""
        try:
            new = change()
        except TracerError as error:
            say(self._problem, f"{sentence(error.what)} {sentence(error.cure)}".strip())
            return
        say(self._problem, "")
        self._session.edit(f"convolution.{values.FIELDS[self._tensor]}", new, words)

    def _chip(self, tensor: str) -> Chip:
        chip = Chip(f"{PATH}.{tensor}", tensor, f"Numbers of {tensor}")
        chip.setToolTip(f"Show the numbers of {tensor}")
        chip.clicked.connect(lambda: self._choose(tensor))
        return chip

    def _commands(self) -> dict[str, Chip]:
        table: tuple[tuple[str, str, str, Callable[[], object]], ...] = (
            ("paste", "Paste", "Put the cells or the list on the clipboard here (Ctrl+V)", self._paste_here),
            ("load", "Load a file…", "Fill x from a picture or a sound", self.load_wanted.emit),
            ("drawn", "Back to drawn numbers", "Leave the typed numbers (undo brings them back)", self._back),
            ("fit", "Fit to the shape", "Cut the typed numbers to the shape, zeros where there are none", self._fit),
        )
        made = {}
        for key, words, tip, run in table:
            made[key] = Chip(f"{PATH}.{key}", words, words, stays=False)
            made[key].setToolTip(tip)
            made[key].clicked.connect(lambda _=False, run=run: run())
        return made

    def _paste_here(self) -> None:
        at = self.cells.currentIndex()
        self._paste_at(max(0, at.row()), max(0, at.column()))


def _refuse_many(shape: tuple[int, ...]) -> None:
    """Refuse to write out more numbers than can be sent with every edit."""
    if math.prod(shape) > values.FILLED:
        what = f"The tensor has {quantities.count(math.prod(shape))} numbers"
        raise InvalidSetting(what, "", f"Up to {quantities.count(values.FILLED)} can be given; make it smaller")
