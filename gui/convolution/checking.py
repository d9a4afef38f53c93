"""The check of a layer as a matrix, beside the window's own work: it may take seconds."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from tracer.convolution.checked import Checked, check
from tracer.convolution.layer import Settings
from tracer.errors import LimitPassed

Asked = tuple[Settings, Mapping[str, NDArray[Any]]]


class Checker(QObject):
    """Checks the newest numbers that it was asked about, one layer at a time. `found` tells that `checked` is new."""

    found = Signal()
    _ended = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.checked: Checked | None = None
        self._asked: Asked | None = None
        self._running: Asked | None = None
        self._ended.connect(self._take)

    def ask(self, settings: Settings, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Check these numbers; what is known of others is forgotten."""
        self.checked, self._asked = None, (settings, arrays)
        if self._running is None:
            self._start()

    def forget(self) -> None:
        """Know nothing, until asked again."""
        self.checked = self._asked = None

    def _start(self) -> None:
        self._running = self._asked
        threading.Thread(target=self._run, args=(self._running,), daemon=True).start()

    def _run(self, asked: Asked) -> None:
        try:
            checked = check(*asked)
        except LimitPassed:
            checked = Checked()
        with contextlib.suppress(RuntimeError):  # the window has gone meanwhile
            self._ended.emit(asked, checked)

    def _take(self, asked: Asked, checked: Checked) -> None:
        self._running = None
        if asked is self._asked:
            self.checked = checked
            self.found.emit()
        elif self._asked is not None:
            self._start()
