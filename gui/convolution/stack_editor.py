"""The form of a stack: the layers that stand on the convolution, one card each, and what can be added."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.widgets.choice import Chip, Choice, link
from gui.widgets.entry import NumberEntry, read
from gui.widgets.flow import Flow
from gui.widgets.labels import heading, label, mark, paragraph, say
from tracer.convolution.stack import NUMBERS, STACKS
from tracer.experiment import Stacked

PATH = "convolution.field"
KINDS = (("Conv", "convolution"), ("ConvTranspose", "transposed"), ("MaxPool", "max pool"), ("AvgPool", "average pool"))
LABELS = {"kernel_size": "kernel", "stride": "stride", "padding": "padding", "dilation": "dilation"}
TIPS = {
    "kernel_size": "The kernel's length along each axis: 3, or 3, 5",
    "stride": "How far the kernel moves from one output to the next: 2, or 2, 1",
    "padding": "How much is put around the signal, on each side: 1, or 1, 2",
    "dilation": "How far apart the kernel's taps are: 2, or 2, 1",
}
MOVES = {"up": ("↑", "Move {} up"), "down": ("↓", "Move {} down"), "remove": ("✕", "Remove {}")}


def numbers(text: str) -> int | str | tuple[int, ...]:
    """Read one number, or several with commas between, one an axis; other text stays as it is."""
    parts = [read(part) for part in text.replace("×", ",").split(",")]
    several = tuple(part for part in parts if isinstance(part, int))
    return read(text) if len(parts) == 1 or len(several) < len(parts) else several


def written(value: int | str | tuple[int, ...]) -> str:
    """Write what `numbers` reads."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


class Card(QWidget):
    """One layer: its kind, its numbers, and how it is moved or removed. `edited` gives a field and its new value,
    `moved` "up", "down" or "remove"."""

    edited = Signal(str, object)
    moved = Signal(str)

    def __init__(self, at: int) -> None:
        super().__init__()
        self._path, self._name = f"{PATH}.stack.{at}", f"layer {at + 2}"
        self.kind = Choice(f"{self._path}.kind", f"{self._name}: kind", KINDS)
        self.kind.setToolTip(f"What {self._name} is")
        self.kind.chosen.connect(partial(self.edited.emit, "kind"))
        self.entries = {field: self._entry(field) for field in NUMBERS}
        self.moves = {way: self._move(way) for way in MOVES}
        self._labels = {field: label(words, "label") for field, words in LABELS.items()}
        self._problem = paragraph("", "problem", f"{self._path}.problem")
        self._place()
        say(self._problem, "")

    def show_layer(self, item: Stacked, *, first: bool, last: bool) -> None:
        """Show a layer; what the person is typing stays as they type it."""
        self.kind.show_value(item.kind)
        for field, entry in self.entries.items():
            value = getattr(item, field)
            if numbers(entry.text()) != value or not entry.text():
                entry.show_text(written(value))
        for widget in (self.entries["dilation"], self._labels["dilation"]):
            widget.setVisible(item.kind != "AvgPool")
        self.moves["up"].setEnabled(not first)
        self.moves["down"].setEnabled(not last)

    def say_problem(self, field: str, sentence: str) -> None:
        """Mark the field that is wrong and say why under it; an empty sentence takes both away."""
        for name, entry in self.entries.items():
            wrong = sentence if name == field else ""
            mark(entry, bool(wrong))
            entry.setAccessibleDescription(wrong)
        say(self._problem, sentence)

    def _place(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.kind, 1)
        for button in self.moves.values():
            top.addWidget(button)
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        for column, field in enumerate(NUMBERS):
            grid.addWidget(self._labels[field], 0, column)
            grid.addWidget(self.entries[field], 1, column)
            grid.setColumnStretch(column, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 8)
        box.setSpacing(4)
        box.addLayout(top)
        box.addLayout(grid)
        box.addWidget(self._problem)

    def _entry(self, field: str) -> NumberEntry:
        entry = NumberEntry(f"{self._path}.{field}", f"{self._name}: {LABELS[field]}", 0 if field == "padding" else 1)
        entry.setToolTip(TIPS[field])
        entry.edited.connect(lambda text: self.edited.emit(field, numbers(text)))
        return entry

    def _move(self, way: str) -> Chip:
        sign, words = MOVES[way]
        button = Chip(f"{self._path}.{way}", sign, words.format(self._name), stays=False, kind="small link")
        button.setToolTip(words.format(self._name))
        button.setFixedWidth(20)
        button.clicked.connect(partial(self.moved.emit, way))
        return button


class StackEditor(QWidget):
    """Shows the layers; `changed` gives a new stack and words for undo, `typed` one whose numbers are being typed,
    `wanted` the name of a ready-made stack."""

    changed = Signal(object, str)
    typed = Signal(object)
    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.stack: tuple[Stacked, ...] = ()
        self._cards: list[Card] = []
        self._first = paragraph("", "mono", f"{PATH}.first")
        self._inside = QVBoxLayout()
        self._inside.setSpacing(0)
        self.add = link(f"{PATH}.add", "+ add layer", "Add a layer on top")
        self.add.setToolTip("Put one more layer on top; it starts as a copy of the last")
        self.add.clicked.connect(self._add)
        self.ready = [self._chip(name) for name in STACKS]
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 6)
        box.setSpacing(4)
        box.addWidget(heading("Stack of layers"))
        box.addWidget(paragraph("1, as the form on the left has it", "muted"))
        box.addWidget(self._first)
        box.addLayout(self._inside)
        box.addWidget(self.add)
        box.addWidget(Flow(self.ready))

    def show_stack(self, stack: Sequence[Stacked], first: str) -> None:
        """Show layers, and words about the first, which is the form's."""
        self.stack = tuple(stack)
        self._first.setText(first)
        while len(self._cards) < len(stack):
            self._cards.append(self._card(len(self._cards)))
        while len(self._cards) > len(stack):
            self._drop(self._cards.pop())
        for at, (card, item) in enumerate(zip(self._cards, stack, strict=True)):
            card.show_layer(item, first=at == 0, last=at == len(stack) - 1)

    def say_problem(self, where: str, sentence: str) -> None:
        """Mark the field "stack.2.stride", and clear all others."""
        for at, card in enumerate(self._cards):
            _, _, field = where.partition(f"stack.{at}.")
            card.say_problem(field, sentence if field else "")

    def _card(self, at: int) -> Card:
        card = Card(at)
        card.edited.connect(partial(self._edited, at))
        card.moved.connect(partial(self._moved, at))
        self._inside.addWidget(card)
        return card

    def _drop(self, card: Card) -> None:
        if card.isAncestorOf(card.window().focusWidget() or self):
            self.add.setFocus(Qt.FocusReason.OtherFocusReason)
        self._inside.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _edited(self, at: int, field: str, value: Any) -> None:
        item = msgspec.structs.replace(self.stack[at], **{field: value})
        if field == "kind" and value.endswith("Pool") and item.kernel_size == item.stride == 1:
            item = msgspec.structs.replace(item, kernel_size=2, stride=2)
        self.typed.emit((*self.stack[:at], item, *self.stack[at + 1 :]))

    def _moved(self, at: int, way: str) -> None:
        stack = list(self.stack)
        item = stack.pop(at)
        to = at + {"up": -1, "down": 1, "remove": 0}[way]
        if way != "remove":
            stack.insert(to, item)
        self.changed.emit(tuple(stack), f"{way} layer")
        if way != "remove" and to < len(self._cards):
            button = self._cards[to].moves[way]
            (button if button.isEnabled() else self._cards[to].kind).setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self) -> None:
        self.changed.emit((*self.stack, self.stack[-1] if self.stack else Stacked("Conv")), "add layer")

    def _chip(self, name: str) -> Chip:
        chip = Chip(
            f"{PATH}.ready.{name.split()[0].strip(',').lower()}", name, f"Ready-made stack: {name}", stays=False
        )
        chip.setToolTip(f"Take the kernels of {name}, for the layer of the form and on top of it; channels stay")
        chip.clicked.connect(lambda: self.wanted.emit(name))
        return chip
