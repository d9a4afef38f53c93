"""What stands behind each line of a program: what the line gave, muted, as much of it as there is room for."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject, QPointF
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QPlainTextEdit

from gui.inspector.node_facts import written
from gui.theme import fonts
from gui.theme.theme import Theme
from tracer import quantities
from tracer.facts import Line

APART, EDGE = 14.0, 7.0  # pixels from what is typed, and from the border
LEAST = 4  # characters: less of a text says nothing


class Told(NamedTuple):
    """What is said of a line: its texts from the longest on, and the whole of it for the tooltip."""

    texts: tuple[str, ...]
    whole: str


def told(lines: Sequence[Line], program: str) -> dict[int, Told]:
    """Say what each line of a program gave, by its number: values, else shape and dtype, else the shape alone."""
    typed, by_line = program.split("\n"), dict[int, list[Line]]()
    for line in lines:
        by_line.setdefault(line.number, []).append(line)
    return {number: _told(some, _first(typed, number)) for number, some in by_line.items()}


def _first(typed: Sequence[str], number: int) -> str:
    """Give the name that a line begins with, to which it needs not be said that it gave something."""
    return typed[number - 1].partition("=")[0].strip(" +-*/") if number <= len(typed) else ""


def _told(lines: Sequence[Line], first: str) -> Told:
    alone = len(lines) == 1 and lines[0].name in (None, first)
    texts = dict.fromkeys(
        ", ".join(form(line) if alone else f"{line.name} = {form(line)}" for line in lines)
        for form in (_value, _number, _form, _shape)
    )
    if len(lines) > 1:
        texts[", ".join(line.name or "–" for line in lines)] = None
    whole = [f"{line.name or 'It'} {'=' if line.name else 'gave'} {text_of(line)}{_rest(line)}" for line in lines]
    return Told(tuple(texts), "\n".join(whole))


def text_of(line: Line) -> str:
    """Write what a line gave, or how many numbers; what is no tensor and no number by its kind: "a list"."""
    values = line.values
    if values is None:
        return line.kind if line.shape is None else "too many numbers to hold"
    whole = written(values.numbers, values.shape, values.dtype, values.exact)
    return whole or f"{quantities.count(len(values.numbers))} numbers"


def untracked(line: Line) -> bool:
    """Tell whether a line gave a tensor that autograd does not follow."""
    return line.kind == "a tensor" and not line.tracked


def _value(line: Line) -> str:
    values = line.values
    whole = written(values.numbers, values.shape, values.dtype, values.exact) if values else ""
    return (whole or _bare(line)) + _ending(line)


def _number(line: Line) -> str:
    return _value(line).replace(" · not tracked", "")


def _form(line: Line) -> str:
    return _bare(line) + _ending(line)


def _bare(line: Line) -> str:
    """Write shape and dtype; of what is no tensor, what it is."""
    return f"{quantities.brackets(line.shape)} · {line.dtype}" if line.kind == "a tensor" else text_of(line)


def _shape(line: Line) -> str:
    alone = line.shape is not None and len(line.shape) == 1  # a lone 3 would read as the value
    form = f"{quantities.count(line.shape[0])} numbers" if line.shape and alone else quantities.shape(line.shape)
    return (form if line.kind == "a tensor" else text_of(line)) + _passes(line)


def _ending(line: Line) -> str:
    return (" · not tracked" if untracked(line) else "") + _passes(line)


def _passes(line: Line) -> str:
    return f" · × {quantities.count(line.passes)}" if line.passes > 1 else ""


def _rest(line: Line) -> str:
    """Say the rest of what is known of a line, for its tooltip."""
    tensor = line.kind == "a tensor"
    form = f" ({quantities.shape(line.shape)}, {line.dtype})" if tensor else ""
    tracked = (", tracked" if line.tracked else ", not tracked") if tensor else ""
    return f"{form}{tracked}{f', in the last of {line.passes} passes' if line.passes > 1 else ''}"


def placed(then: str, now: str, found: Mapping[int, Told]) -> dict[int, Told]:
    """Say by the lines of a program as it is typed now what was found for it as it was then; a line that has changed
    has nothing."""
    if then == now:
        return dict(found)
    matcher = difflib.SequenceMatcher(None, then.split("\n"), now.split("\n"), autojunk=False)
    places = {a + at + 1: b + at + 1 for a, b, size in matcher.get_matching_blocks() for at in range(size)}
    return {places[number]: one for number, one in found.items() if number in places}


def fitting(one: Told, room: float, measure: Callable[[str], float]) -> str:
    """Choose the longest text that there is room for; the shortest is cut rather than left out, if something stays."""
    for text in one.texts:
        if measure(text) <= room:
            return text
    text = one.texts[-1]
    while len(text) > LEAST and measure(f"{text}…") > room:
        text = text[:-1]
    return f"{text.rstrip()}…" if len(text) > LEAST else ""


class Margin(QObject):
    """Holds what was found for the lines of a program, and paints it at the right of an editor."""

    def __init__(self, editor: QPlainTextEdit, theme: Theme) -> None:
        super().__init__(editor)
        self._editor, self._theme = editor, theme
        self._then, self._found = "", dict[int, Told]()
        self.dimmed = False

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show what the lines of the program, as it is typed now, gave."""
        self._then = self._editor.toPlainText()
        self._found = told(lines, self._then)
        self.set_dimmed(False)

    def set_dimmed(self, dimmed: bool) -> None:
        """Show it as that of an earlier program."""
        self.dimmed = dimmed
        self._editor.viewport().update()

    def say(self, words: str) -> None:
        """Say nothing: beside lines without a value stands nothing."""

    def shown(self) -> dict[int, Told]:
        """Give what is said of each line as it is typed now."""
        return placed(self._then, self._editor.toPlainText(), self._found)

    def paint(self, painter: QPainter, places: Mapping[int, tuple[float, float]]) -> None:
        """Paint behind the lines in view: by line, where what is typed ends, and the baseline."""
        font = fonts.mono(fonts.SMALL)
        painter.setFont(font)
        painter.setPen(self._theme.colour("dim" if self.dimmed else "muted"))
        measure, right = (
            QFontMetricsF(font).horizontalAdvance,
            self._editor.viewport().width() - EDGE,
        )
        shown = self.shown()
        for line, (end, baseline) in places.items():
            if line in shown and (text := fitting(shown[line], right - end - APART, measure)):
                painter.drawText(QPointF(right - measure(text), baseline), text)
