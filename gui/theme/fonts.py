"""The fonts that come with the program, so that text looks and measures the same everywhere."""

from __future__ import annotations

from importlib import resources

from PySide6.QtGui import QFont, QFontDatabase

SANS, MONO = "Inter", "JetBrains Mono"
SIZE, MONO_SIZE, SMALL = 10, 9, 8  # points, so that they follow the screen's scale


def register() -> None:
    """Make the bundled fonts known to Qt.

    Raises:
        RuntimeError: a font file is missing or damaged.
    """
    for file in resources.files("tracer.resources").joinpath("fonts").iterdir():
        if file.name.endswith((".otf", ".ttf")) and QFontDatabase.addApplicationFontFromData(file.read_bytes()) < 0:
            raise RuntimeError(f"The font {file.name} can't be read; install Gradtrace again")


def sans(size: int = SIZE) -> QFont:
    """Give the font of the window's words."""
    return QFont([SANS], size)


def mono(size: int = MONO_SIZE) -> QFont:
    """Give the font of numbers and code."""
    font = QFont([MONO], size)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font
