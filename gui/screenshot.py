"""A picture of the window: the same painting as on a screen."""

from __future__ import annotations

import sys

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QTabWidget

from gui.command_line import Options
from gui.window import Window

SECONDS, SETTLE_MS = 60, 350  # after the last answer: the state of the worker is shown a moment later


def take(window: Window, options: Options) -> int:
    """Wait until the window is idle, save it to a file, and give the exit code."""
    window.show()
    unknown = _unknown_tab(window, options.tab)
    if unknown:
        sys.stderr.write(f"{unknown}\n")
        code = 2
    elif not _wait(window):
        sys.stderr.write(f"The window was not finished after {SECONDS} seconds. Try again on a less busy machine.\n")
        code = 2
    elif window.failure:
        sys.stderr.write(f"{window.failure}\n")
        code = 2
    elif window.grab().save(str(options.screenshot)):
        code = 0
    else:
        sys.stderr.write(f"The picture can't be written to {options.screenshot}. Use a name that ends in .png.\n")
        code = 2
    window.close()
    QApplication.processEvents()
    return code


def _unknown_tab(window: Window, tab: str) -> str:
    """Bring a tab to the front, of those that are in view; say which there are where there is no such one."""
    strips = [strip for strip in window.findChildren(QTabWidget) if strip.isVisible()]
    tabs = [(strip, at) for strip in reversed(strips) for at in range(strip.count()) if strip.isTabVisible(at)]
    titles = {strip.tabText(at): (strip, at) for strip, at in tabs}
    if not tab or tab in titles:
        for strip, at in [titles[tab]] if tab else []:
            strip.setCurrentIndex(at)
        return ""
    return f"There is no tab “{tab}”. Use one of {', '.join(titles)}."


def _wait(window: Window) -> bool:
    loop = QEventLoop()
    limit = QTimer(singleShot=True, interval=SECONDS * 1000)
    limit.timeout.connect(loop.quit)
    limit.start()
    if not window.is_idle():
        window.idle.connect(loop.quit)
        loop.exec()
    finished = window.is_idle()
    QTimer.singleShot(SETTLE_MS, loop.quit)
    loop.exec()
    return finished
