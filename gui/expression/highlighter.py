"""Colours for the words of a program."""

from __future__ import annotations

import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from gui.theme.theme import Theme

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(for|while|if|elif|else|with|in|and|or|not|is|True|False|None|break|continue|pass)\b"), "keyword"),
    (re.compile(r"\b\d+(\.\d*)?([eE][+-]?\d+)?\b|\.\d+"), "forward_text"),
    (re.compile(r"\b\w+(?=\()"), "leaf_text"),
    (re.compile(r"#.*$"), "muted"),
)


class Highlighter(QSyntaxHighlighter):
    """Colours keywords, numbers, calls and comments by theme roles."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        theme.changed.connect(lambda _: self.rehighlight())

    def highlightBlock(self, text: str) -> None:
        for pattern, role in PATTERNS:
            look = QTextCharFormat()
            look.setForeground(self._theme.colour(role))
            for found in pattern.finditer(text):
                self.setFormat(found.start(), found.end() - found.start(), look)
