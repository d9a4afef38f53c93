"""The theme of the moment: the system's, or the one that the person set."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from gui.theme import fonts
from gui.theme.roles import colours
from gui.theme.stylesheet import stylesheet
from tracer.drawing.palette import Theme as Name

Setting = Literal["system", "light", "dark"]

_PALETTE = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "panel",
    QPalette.ColorRole.AlternateBase: "field",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "placeholder",
    QPalette.ColorRole.Button: "field",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.Highlight: "accent_fill",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.ToolTipBase: "card",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Link: "accent_text",
    QPalette.ColorRole.Accent: "accent",
}


class Theme(QObject):
    """Follows the system's colour scheme as it changes, unless the person set light or dark."""

    changed = Signal(str)

    def __init__(self, setting: Setting = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        fonts.register()
        self.setting: Setting = setting
        self.name: Name = self._wanted()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)
        self._apply()

    def set(self, setting: Setting) -> None:
        """Choose light, dark, or whatever the system has."""
        self.setting = setting
        self._follow()

    def colour(self, role: str) -> QColor:
        """Give the colour of a role."""
        return QColor(colours(self.name)[role])

    def _follow(self) -> None:
        if self._wanted() != self.name:
            self.name = self._wanted()
            self._apply()
            self.changed.emit(self.name)

    def _wanted(self) -> Name:
        if self.setting != "system":
            return self.setting
        return "dark" if QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark else "light"

    def _apply(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        palette = QPalette()
        for role, colour in _PALETTE.items():
            palette.setColor(role, self.colour(colour))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("dim"))
        application.setFont(fonts.sans())
        application.setPalette(palette)
        application.setStyleSheet(stylesheet(colours(self.name)))
