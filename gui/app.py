"""Starting the window: for a person, for a picture, or for a test."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

from gui.command_line import Options, read
from gui.join import Join
from gui.screenshot import take
from gui.window import Window


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window, or take a picture of it; give the exit code."""
    options = read(sys.argv[1:] if arguments is None else arguments)
    options.prepare()
    application = _application()
    window = build_with(options)
    if options.screenshot:
        return take(window, options)
    window.show()
    return application.exec()


def build(arguments: Sequence[str] = ()) -> Window:
    """Give the main window with its worker started. `.idle` is sent when the newest edit is answered and drawn."""
    _application()
    return build_with(read(arguments))


def build_with(options: Options) -> Window:
    """Make the parts and join them."""
    return Join(options).window


def _application() -> QApplication:
    application = QApplication.instance() or QApplication(["gradtrace"])
    assert isinstance(application, QApplication)
    application.setApplicationName("Gradtrace")
    application.setOrganizationName("Gradtrace")
    application.setStyle("Fusion")
    return application
