"""Labels: every kind of text that a form or a panel has."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

Kind = Literal[
    "heading", "label", "muted", "status", "problem", "brand", "title", "mono", "name", "pill", "waiting", "plain",
    "key", "key above", "value", "step title", "empty",
]  # fmt: skip


def label(text: str, kind: Kind = "plain", name: str = "") -> QLabel:
    """Make a label of one line."""
    made = QLabel(text)
    made.setProperty("kind", kind)
    made.setIndent(0)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if name:
        made.setObjectName(name)
    return made


def heading(text: str) -> QLabel:
    """Make a heading in spaced capitals; a screen reader still reads plain words."""
    made = label(text.upper(), "heading")
    made.setAccessibleName(text)
    font = QFont(made.font())
    font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 106)
    made.setFont(font)
    made.setContentsMargins(0, 10, 0, 2)
    return made


def paragraph(text: str, kind: Kind = "plain", name: str = "") -> QLabel:
    """Make a label that breaks its text into lines, and can be selected."""
    made = label(text, kind, name)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return made


def prose(name: str) -> QLabel:
    """Make a paragraph for HTML of our own making, in which what a person wrote is escaped."""
    made = paragraph("", "plain", name)
    made.setTextFormat(Qt.TextFormat.RichText)
    return made


def say(target: QLabel, text: str) -> None:
    """Show a text in a label, and hide the label while there is none."""
    target.setText(text)
    target.setVisible(bool(text))


def name(widget: QWidget, path: str, accessible: str) -> None:
    """Give a control its stable name and its name for screen readers."""
    widget.setObjectName(path)
    widget.setAccessibleName(accessible)


def mark(widget: QWidget, wrong: bool) -> None:
    """Mark a control whose value does not work, or take the mark away."""
    if bool(widget.property("wrong")) != wrong:
        widget.setProperty("wrong", wrong)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
