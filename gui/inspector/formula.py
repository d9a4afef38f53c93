"""The inspector's section about the rule of the selected node: its formula, and the numbers put into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import fonts
from gui.theme.theme import Theme
from gui.typeset.lines import Piece, row_of
from gui.typeset.sheet import Sheet
from gui.typeset.typesetter import Typesetter
from gui.widgets.labels import heading, paragraph, say
from tracer.derived import Path, Rule, Term
from tracer.quantities import count

COLOURS = {"gradient": "backward_text", "value": "forward_text", "sign": "text"}
INPUTS = {1: "", 2: "both inputs", 3: "all three inputs"}


class Way(NamedTuple):
    """What goes back by one edge, or by several that carry the same."""

    path: Path
    times: int


def ways(rule: Rule) -> tuple[Way, ...]:
    """Join the paths of a rule that are alike, as the two of y·y."""
    found: dict[tuple[object, ...], Way] = {}
    for path in rule.paths:
        key = path.line, path.worked, path.agreed
        found[key] = Way(path, found[key].times + 1 if key in found else 1)
    return tuple(found.values())


def verdict(way: Way) -> tuple[str, bool]:
    """Say whether the rule equals what autograd sent, and whether it does."""
    path = way.path
    if path.agreed is None:
        return "What autograd sent there is not held, so it is not compared", True
    to = path.line.name
    by = f" through each of {INPUTS.get(way.times, f'{way.times} inputs')}" if way.times > 1 else ""
    if path.agreed < path.elements:
        return f"✗ differs from what autograd sends to {to} on {path.elements - path.agreed} of {path.elements}", False
    every = "its 1 element" if path.elements == 1 else f"all {count(path.elements)} elements"
    return f"✓ equals what autograd sends to {to}{by}, on {every}", True


def calculations(path: Path) -> tuple[tuple[tuple[Term, ...], ...], str]:
    """Give the calculations that are shown, and how many more elements there are."""
    more = path.elements - len(path.worked)
    return path.worked, f"and {count(more)} more" if path.worked and more else ""


def spoken(rule: Rule) -> str:
    """Say a rule and its numbers in plain text."""
    return "\n".join(_spoken(rule))


def _spoken(rule: Rule) -> Iterator[str]:
    yield from (line.text for line in rule.lines)
    for way in ways(rule):
        yield way.path.line.text
        rows, more = calculations(way.path)
        yield from ("".join(term.text for term in row) for row in rows)
        yield from filter(None, (more, verdict(way)[0]))
    if rule.why:
        yield rule.why


class RuleSection(QWidget):
    """Shows the formula of a node's operator, what it sends back, and the calculation of the first elements."""

    def __init__(self, path: str, typesetter: Typesetter, theme: Theme) -> None:
        super().__init__()
        self.setObjectName(path)
        self._theme = theme
        self._rule: Rule | None = None
        self._sheet = Sheet(f"{path}.formula", "Formula of the selected node", typesetter, theme, grows=True, edge=2.0)
        self._numbers_heading = heading("With numbers")
        self._numbers = QLabel()
        self._numbers.setObjectName(f"{path}.numbers")
        self._numbers.setTextFormat(Qt.TextFormat.RichText)
        self._numbers.setFont(fonts.mono())
        self._numbers.setWordWrap(True)
        self._numbers.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._numbers.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._words = paragraph("", "muted", f"{path}.words")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        for widget in (self._sheet, self._words, self._numbers_heading, self._numbers):
            box.addWidget(widget)
        theme.changed.connect(lambda _: self._write())
        self.show_rule(None)

    def show_rule(self, rule: Rule | None) -> None:
        """Show a rule, or hide where there is none to show."""
        self._rule = rule
        self.setVisible(rule is not None)
        if rule is None:
            return
        rows = [row_of(line) for line in rule.lines] + [row_of(way.path.line) for way in ways(rule)]
        plain = [[Piece(rule.operator, None, "formula")]] if rule.operator and not rows else []
        self._sheet.setVisible(bool(rows or plain))
        self._sheet.show_rows([*rows, *plain], "\n".join("".join(p.text for p in row) for row in [*rows, *plain]))
        self._sheet.setAccessibleDescription(spoken(rule))
        say(self._words, rule.why or "")
        self._write()

    def _write(self) -> None:
        """Write the calculations, in the colours of the theme."""
        found = ways(self._rule) if self._rule is not None else ()
        for widget in (self._numbers, self._numbers_heading):
            widget.setVisible(any(way.path.worked for way in found))
        self._numbers.setText("<br><br>".join(self._html(way) for way in found))
        self._numbers.setAccessibleName("" if self._rule is None else spoken(self._rule))

    def _html(self, way: Way) -> str:
        rows, more = calculations(way.path)
        words, good = verdict(way)
        role = "dim" if way.path.agreed is None else "leaf_text" if good else "problem"
        lines = [self._row(row) for row in rows]
        lines += [self._span(more, "dim")] if more else []
        return "<br>".join([*lines, f'<span style="font-family:{fonts.SANS}">{self._span(words, role)}</span>'])

    def _row(self, row: Sequence[Term]) -> str:
        return "".join(self._span(term.text, COLOURS[term.role]) for term in row)

    def _span(self, text: str, role: str) -> str:
        return f'<span style="color:{self._theme.colour(role).name()}">{escape(text)}</span>'
