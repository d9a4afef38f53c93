"""The sessions that were opened or saved last, in the menu File."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QMenu

from tracer import quantities

KEY, MOST = "recent", 10
NOTHING = "No session was opened or saved yet"
GONE = "{} is not there any more"


class Recent(QObject):
    """Keeps the newest paths, each once, in the settings; without settings, until the window is closed."""

    def __init__(self, settings: QSettings | None, opened: Callable[[str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._settings, self._opened = settings, opened
        self._paths: list[str] = _listed(settings.value(KEY)) if settings else []
        self.menu = QMenu("Open recent")
        self.menu.setObjectName("menu.recent")
        self.menu.setAccessibleName("Open recent")
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self._fill()

    def note(self, path: str) -> None:
        """Put a path first."""
        path = str(Path(path).absolute())
        self._keep([path, *(other for other in self._paths if other != path)][:MOST])

    def _keep(self, paths: list[str]) -> None:
        self._paths = paths
        if self._settings is not None:
            self._settings.setValue(KEY, paths)
        self._fill()

    def _fill(self) -> None:
        """List the files; one that has gone is grey, and says so."""
        self.menu.clear()
        for number, path in enumerate(self._paths):
            there = Path(path).is_file()
            words = Path(path).name if there else GONE.format(Path(path).name)
            action = self.menu.addAction(words.replace("&", "&&"))
            action.setObjectName(f"action.recent.{number}")
            action.setToolTip(path if there else GONE.format(path))
            action.setEnabled(there)
            action.triggered.connect(partial(self._open, path))
        if self._paths:
            self.menu.addSeparator()
            forget = self.menu.addAction(f"Forget {_these(len(self._paths))}")
            forget.setObjectName("action.recent.forget")
            forget.triggered.connect(lambda: self._keep([]))
        else:
            self.menu.addAction(NOTHING).setEnabled(False)

    def _open(self, path: str, _checked: bool = False) -> None:
        self._opened(path)


def _these(many: int) -> str:
    return "this file" if many == 1 else f"these {quantities.count(many)} files"


def _listed(kept: object) -> list[str]:
    """Read what the settings hold; a list of one comes back as that one."""
    found = [kept] if isinstance(kept, str) and kept else kept if isinstance(kept, list) else []
    return [str(path) for path in found][:MOST]
