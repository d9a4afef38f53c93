"""The inspector's list of Python paths, each with a button that copies it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.inspector.ways import Way
from gui.widgets.choice import link
from gui.widgets.labels import heading, name, paragraph

BREAK = "\u200b"  # a place at which a line may end
_BREAKS = re.compile(r"(?=\.next|\.variable)")


class WaysSection(QWidget):
    """Shows ways under a heading; hidden where there are none."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.setObjectName(path)
        self._ways: tuple[Way, ...] = ()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(3)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(heading("In Python"))
        box.addLayout(self._rows)
        self.hide()

    def show_ways(self, ways: Sequence[Way]) -> None:
        """Show other ways."""
        if tuple(ways) == self._ways:
            return
        self._ways = tuple(ways)
        while self._rows.count():
            widget = self._rows.takeAt(0).widget()
            widget.hide()
            widget.deleteLater()
        for number, way in enumerate(self._ways):
            self._rows.addWidget(self._row(f"{self.objectName()}.{number}", way))
        self.setVisible(bool(ways))

    def _row(self, path: str, way: Way) -> QWidget:
        row, copy = QWidget(), link(f"{path}.copy", "copy", f"Copy the Python of {way.words}", "small link")
        copy.clicked.connect(partial(self._copy, way.path))
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(_Path(path, way), 1)
        line.addWidget(copy)
        box = QVBoxLayout(row)
        box.setContentsMargins(0, 0, 0, 4)
        box.setSpacing(2)
        box.addWidget(paragraph(way.words, "muted"))
        box.addLayout(line)
        return row

    def _copy(self, path: str, _on: bool = False) -> None:
        QGuiApplication.clipboard().setText(path)


class _Path(QLabel):
    """One path, broken before a point where it is long; Ctrl+C takes all of it, in one piece."""

    def __init__(self, path: str, way: Way) -> None:
        super().__init__(_BREAKS.sub(BREAK, way.path))
        name(self, path, f"Python of {way.words}: {way.path}")
        self._path = way.path
        self.setProperty("kind", "value")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy):
            if event.type() is QEvent.Type.KeyPress:
                QGuiApplication.clipboard().setText(self._path)
            event.accept()
            return True
        return super().event(event)
