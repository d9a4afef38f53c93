"""The toolbar's group that steps backward: to the start, back, on, to the end; the button in the middle says where."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from gui.theme import icons
from gui.theme.theme import Theme
from gui.widgets.labels import name

SMALL = ("backward_start", "backward_back", "backward_end")
STEP, LEAST = "backward_step", 76  # it gives way where a window becomes narrow
WORDS = {
    "backward_start": "To the start of backward",
    "backward_back": "One backward step back",
    "backward_step": "One backward step on",
    "backward_end": "To the end of backward",
}


class SteppingBar(QWidget):
    """Shows the position of backward on its button; `short` leaves the words out where the window is narrow."""

    def __init__(self, theme: Theme, actions: dict[str, QAction]) -> None:
        super().__init__()
        name(self, "toolbar.backward", "Step backward")
        self._theme, self._actions = theme, actions
        self._position, self._last, self._short = 0, 0, True  # so that a narrow window can be opened
        self.buttons = {command: self._button(command) for command in WORDS}
        self.buttons[STEP].setProperty("kind", "primary")
        self.buttons[STEP].setMinimumWidth(LEAST)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        for button in self.buttons.values():
            line.addWidget(button)
        self._draw_icons()
        theme.changed.connect(lambda _: self._draw_icons())
        self._write()

    def show_position(self, position: int, last: int) -> None:
        """Show how many steps are done, and of how many."""
        self._position, self._last = position, last
        self._write()

    def set_short(self, short: bool) -> None:
        """Leave the words out, or write them."""
        self._short = short
        self._write()

    def _write(self) -> None:
        where = f"{self._position} / {self._last}" if self._last else "–"
        self._actions[STEP].setIconText(where if self._short else f"Backward step {where}")
        spoken = f"Backward step {self._position} of {self._last}" if self._last else "no backward"
        self.buttons[STEP].setAccessibleName(f"{WORDS[STEP]}: {spoken}")

    def _button(self, command: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions[command])
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIconSize(QSize(icons.SIZE, icons.SIZE))
        small = command in SMALL
        button.setProperty("kind", "icon" if small else "")
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if small else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        button.setToolButtonStyle(style)
        name(button, f"toolbar.{command}", WORDS[command])
        return button

    def _draw_icons(self) -> None:
        for command in WORDS:
            role = "panel" if command == STEP else "text"
            self._actions[command].setIcon(icons.stepping(self._theme, command.removeprefix("backward_"), role))
