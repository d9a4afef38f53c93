"""A box that finds words in a text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QTextBrowser, QTextEdit, QWidget

from gui.theme.theme import Theme
from gui.widgets.labels import label, name

WIDTH = 150


class FindBox(QWidget):
    """Marks all places, and goes from one to the next with Enter, back with Shift+Enter; Escape ends it."""

    def __init__(self, path: str, accessible: str, browser: QTextBrowser, theme: Theme) -> None:
        super().__init__()
        self._browser, self._theme = browser, theme
        self._places: list[QTextCursor] = []
        self._at = 0
        self.entry = QLineEdit()
        name(self.entry, path, accessible)
        self.entry.setPlaceholderText("find")
        self.entry.setFixedWidth(WIDTH)
        self.entry.setToolTip("Find words (Ctrl+F); Enter goes to the next place, Shift+Enter to the one before")
        self.entry.textChanged.connect(lambda _: self.seek_again())
        self._count = label("", "muted", f"{path}.count")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self._count)
        line.addWidget(self.entry)

    def begin(self) -> None:
        """Put the cursor into the box."""
        self.entry.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.entry.selectAll()

    def seek_again(self) -> None:
        """Find the words in the text as it stands now, and go to the first place."""
        words, document, self._places = self.entry.text().strip(), self._browser.document(), []
        place = document.find(words) if words else QTextCursor()
        while not place.isNull():
            self._places.append(place)
            place = document.find(words, place)
        self._at = 0
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._at = (self._at + (-1 if back else 1)) % max(1, len(self._places))
            self._show()
        elif event.key() == Qt.Key.Key_Escape:
            self.entry.clear()
            self._browser.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        """Mark the places, the one that is looked at more strongly, and bring it into view."""
        marks = []
        for at, place in enumerate(self._places):
            mark = QTextEdit.ExtraSelection()
            mark.cursor = place  # type: ignore[attr-defined]
            mark.format.setBackground(self._theme.colour("accent_border" if at == self._at else "accent_fill"))  # type: ignore[attr-defined]
            marks.append(mark)
        self._browser.setExtraSelections(marks)
        if self._places:
            cursor = QTextCursor(self._places[self._at])
            cursor.clearSelection()
            self._browser.setTextCursor(cursor)
            self._browser.ensureCursorVisible()
        words = self.entry.text().strip()
        self._count.setText("" if not words else f"{self._at + 1} of {len(self._places)}" if self._places else "none")
