"""A sheet: a page that lies over the form while the person does one thing, and goes with Escape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gui.widgets.choice import link
from gui.widgets.labels import heading, name


class Sheet(QWidget):
    """Places a title, a way back, and parts under one another; the parts that stretch share the height.

    `begun` tells that it came to the front, `ended` that the person goes back to the form.
    """

    begun = Signal()
    ended = Signal()

    def __init__(self, path: str, title: str, parts: Sequence[QWidget], stretching: Sequence[QWidget] = ()) -> None:
        super().__init__()
        name(self, path, title)
        self.setProperty("kind", "sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        back = link(f"{path}.close", "Back to the form", f"Close “{title}”")
        back.setToolTip("Back to the form (Esc)")
        back.clicked.connect(self.ended)
        top = QHBoxLayout()
        top.addWidget(heading(title), 1, Qt.AlignmentFlag.AlignBottom)
        top.addWidget(back, 0, Qt.AlignmentFlag.AlignBottom)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 6, 14, 14)
        box.setSpacing(6)
        box.addLayout(top)
        for part in parts:
            box.addWidget(part, 1 if part in stretching else 0)
        box.addStretch(0 if stretching else 1)  # takes what those leave that stretch
        self.setTabOrder(back, parts[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit()
        else:
            super().keyPressEvent(event)


class Side(QStackedWidget):
    """Shows the form, or one of the sheets over it."""

    def __init__(self, path: str, form: QWidget, sheets: Mapping[str, Sheet]) -> None:
        super().__init__()
        self.setObjectName(path)
        self._form, self._sheets = form, dict(sheets)
        self._before: QWidget | None = None
        for page in (form, *sheets.values()):
            self.addWidget(page)
        for sheet in sheets.values():
            sheet.ended.connect(self.close_sheet)

    def open_sheet(self, sheet: str) -> None:
        """Bring a sheet to the front; it says `begun`, and takes the focus itself."""
        if self.currentWidget() is self._form:
            self._before = QApplication.focusWidget()
        self.setCurrentWidget(self._sheets[sheet])
        self._sheets[sheet].begun.emit()

    def close_sheet(self) -> None:
        """Go back to the form, and to where the focus was."""
        if self.currentWidget() is not self._form:
            self.setCurrentWidget(self._form)
            (self._before or self._form).setFocus(Qt.FocusReason.OtherFocusReason)
            self._before = None
