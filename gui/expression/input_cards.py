"""The inputs of one program, a card each, and the adding of another."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.expression import inputs
from gui.expression.input_card import InputCard
from gui.widgets.choice import link
from tracer.errors import TracerError, sentence
from tracer.experiment import Expression


class Inputs(QWidget):
    """Shows the inputs of the program that `of` gives. `edited` tells other inputs and what was done to them, `renamed`
    the program after one got another name; `whose` tells them in names for screen readers from those of another."""

    edited = Signal(object, str)
    renamed = Signal(object)

    def __init__(self, path: str, of: Callable[[], Expression], whose: str = "") -> None:
        super().__init__()
        self.setObjectName(path)
        self._of, self._whose = of, whose
        self.cards: dict[str, InputCard] = {}
        self._cards = QVBoxLayout()
        self._cards.setSpacing(0)
        self._add = link(f"{path}.add", "+ add input", f"Add an input{whose}")
        self._add.clicked.connect(lambda: self.edited.emit(inputs.added(of()), "add input"))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 0)
        box.setSpacing(0)
        box.addLayout(self._cards)
        box.addWidget(self._add)

    def show_inputs(self, experiment: Expression) -> None:
        """Show the inputs of a program; what the person is typing stays as they type it.

        Raises:
            InvalidSetting: plain data that is no Input.
        """
        found = inputs.of(experiment)
        if list(self.cards) != list(found):
            self._rebuild(list(found))
        for name, value in found.items():
            self.cards[name].show_input(value)

    def say_problem(self, where: str, words: str) -> bool:
        """Mark the input that is wrong and clear the others; tell whether there is one."""
        named = where.removeprefix("inputs.").partition(".")[0] if where.startswith("inputs.") else ""
        for name, card in self.cards.items():
            card.say_problem(words if name == named else "")
        return named in self.cards

    def _rebuild(self, names: list[str]) -> None:
        before = self.cards
        self.cards = {name: before.get(name) or self._card(name) for name in names}
        for card in self.cards.values():
            self._cards.removeWidget(card)
            self._cards.addWidget(card)
        for at, (name, card) in enumerate(before.items()):
            if name not in self.cards:
                card.blockSignals(True)  # losing the focus tells a name that is nobody's any more
                self._pass_focus(card, names[at] if len(names) == len(before) else "")
                self._cards.removeWidget(card)
                card.hide()
                card.deleteLater()

    def _pass_focus(self, card: InputCard, heir: str) -> None:
        """Move the focus from a card that goes to the same control of the one in its place, or to the adding."""
        focused = card.focusWidget()
        if focused is not None and focused.hasFocus():
            path = focused.objectName().replace(card.objectName(), f"{self.objectName()}.{heir}", 1)
            target = self.cards[heir].findChild(QWidget, path) if heir else None
            (target or self._add).setFocus(Qt.FocusReason.OtherFocusReason)

    def _card(self, name: str) -> InputCard:
        card = InputCard(name, self.objectName(), f"{name}{self._whose}")
        card.changed.connect(
            lambda field, value: self.edited.emit(
                inputs.changed(self._of().inputs, name, **{field: value}), f"{name}.{field}"
            )
        )
        card.renamed.connect(lambda new: self._rename(name, new))
        card.dropped.connect(lambda: self.edited.emit(inputs.without(self._of().inputs, name), "remove input"))
        return card

    def _rename(self, old: str, new: str) -> None:
        if new == old:
            self.cards[old].say_problem("")
            return
        try:
            experiment = inputs.renamed(self._of(), old, new)
        except TracerError as error:
            self.cards[old].say_name_problem(f"{sentence(error.what)} {sentence(error.cure)}".strip())
        else:
            self.renamed.emit(experiment)
