"""The tab Differences: in a sentence and in a table, whether two programs have the same numbers, and where not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import attrgetter

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.inspector.node_facts import written
from gui.tables.columns import Column
from gui.tables.view import Table
from gui.theme.theme import Theme
from gui.widgets.labels import name, paragraph, say
from tracer.analysis.beside import Beside, Couple, Side, in_words
from tracer.errors import sentence


def _name(row: Couple) -> str:
    names = dict.fromkeys(side.name for side in (row.this, row.other) if side)
    return " → ".join(names)


def _value(side: Side | None) -> str:
    if side is None:
        return "–"
    value = side.value
    return (value and written(value.numbers, value.shape, value.dtype)) or "not shown"


def _gradient(side: Side | None) -> str:
    if side is None:
        return "–"
    if side.state != "measured":
        return side.state or "none"
    value = side.gradient
    return (value and written(value.numbers, value.shape, value.dtype)) or "not shown"


def _text(which: str, write: Callable[[Side | None], str], row: Couple) -> str:
    side: Side | None = attrgetter(which)(row)
    return write(side)


def _changed(row: Couple) -> str:
    if row.this is None or row.other is None:
        return "≠ only on the left" if row.this else "≠ only on the right"
    parts = [(words, text) for words, text in (("value", row.value), ("gradient", row.gradient)) if text]
    if parts:
        return f"≠ {'; '.join(f'{words}: {text}' for words, text in parts)}"
    return "not compared" if row.value is None or row.gradient is None else "✓ the same"


def _colour(row: Couple) -> str:
    if row.changed or row.this is None or row.other is None:
        return "changed"
    return "muted" if row.value is None or row.gradient is None else "leaf_text"


def _flows(which: str, row: Couple) -> str:
    side: Side | None = attrgetter(which)(row)
    return "backward_text" if side is not None and side.state == "measured" else "muted"


def columns(values: tuple[str, str], gradients: tuple[str, str], least: tuple[int, int]) -> tuple[Column, ...]:
    """Give the columns, with the titles of those of numbers, and how narrow the gradients may be."""
    return (
        Column("variable", _name),
        *(
            Column(title, partial(_text, which, _value), elastic=True, least=84, spare=spare)
            for which, title, spare in zip(SIDES, values, (1, 2), strict=True)
        ),
        *(
            Column(title, partial(_text, which, _gradient), TIP, partial(_flows, which), elastic=True, least=narrow)
            for which, title, narrow in zip(SIDES, gradients, least, strict=True)
        ),
        Column("changed", _changed, "Where the numbers differ by more than rounding", _colour, elastic=True, least=92),
    )


SIDES, TIP = ("this", "other"), "The gradient that backward gives"
PLAIN = columns(("value, left", "value, right"), ("gradient, left", "gradient, right"), (92, 92))
WHAT_IF = columns(("value", "value with the change"), ("gradient", "with the change"), (72, 112))


class Differences(QWidget):
    """Shows how two programs differ. `picked` tells the row that was chosen."""

    picked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        name(self, "expression.differences.page", "Differences")
        self.words = paragraph("", "plain", "expression.differences.words")
        self.words.setContentsMargins(12, 7, 12, 5)
        self.table = Table("expression.differences", "Differences", PLAIN, theme)
        self.table.picked.connect(self.picked)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.words)
        box.addWidget(self.table, 1)
        say(self.words, "")

    def show_beside(self, found: Beside, what_if: bool) -> None:
        """Show how the two differ: left and right, or this and with the change."""
        say(self.words, " ".join([in_words(found), *map(sentence, found.notes)]))
        self.words.setToolTip(
            f"Two numbers are the same within {found.within} of the larger one" if found.within else ""
        )
        model = self.table.rows_model
        model.columns = WHAT_IF if what_if else PLAIN
        model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(model.columns) - 1)
        self.table.set_rows(found.couples)
        self.set_dimmed(False)

    def say(self, words: str) -> None:
        """Say why there are no rows, while there are none."""
        self.table.say(words)

    def set_dimmed(self, dimmed: bool) -> None:
        """Show what is told as that of an earlier state."""
        self.table.set_dimmed(dimmed)
        self.words.setProperty("kind", "muted" if dimmed else "plain")
        self.words.style().unpolish(self.words)
        self.words.style().polish(self.words)
