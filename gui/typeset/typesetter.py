"""Shapes formulas off the thread of the window, and keeps them: typing never waits for a formula."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal

from gui.typeset.shapes import Shape, shape

KEPT = 2000  # formulas
PAUSE_MS = 80  # in which nothing more is asked for, before shaping begins: an answer is drawn, and typing goes on


class Typesetter(QObject):
    """Gives the shapes of formulas that it has, and shapes the others; `ready` is sent when all that were asked for
    are there. Who asks anew before that takes back what was asked before."""

    ready = Signal()
    _shaped = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[str, Shape | None] = OrderedDict()
        self._waiting: dict[object, dict[str, None]] = {}
        self._running: str | None = None
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._shaped.connect(self._keep)
        self._begin = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._begin.timeout.connect(self._next)

    def is_done(self) -> bool:
        """Tell whether nothing is waited for."""
        return not self._waiting

    def has(self, latex: Iterable[str]) -> bool:
        """Tell whether all of these formulas are there."""
        return all(one in self._kept for one in latex)

    def shape(self, latex: str) -> Shape | None:
        """Give the shape of a formula that is there; `None` where there can be none, so that it is shown as text."""
        self._kept.move_to_end(latex)
        return self._kept[latex]

    def ask(self, who: object, latex: Iterable[str]) -> None:
        """Have these formulas shaped for someone, in the place of what that one asked for before."""
        missing = dict.fromkeys(one for one in latex if one not in self._kept)
        self._waiting.pop(who, None)
        if missing:
            self._waiting[who] = missing
            self._begin.start()

    def stop(self) -> None:
        """Shape nothing more, and wait for what is being shaped."""
        self._waiting.clear()
        self._pool.waitForDone()

    def _next(self) -> None:
        wanted = next((one for ones in self._waiting.values() for one in ones), None)
        if wanted is not None and self._running is None:
            self._running = wanted
            self._pool.start(_Task(self, wanted))

    def _keep(self, latex: str, found: Shape | None) -> None:
        self._running = None
        self._kept[latex] = found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        for ones in self._waiting.values():
            ones.pop(latex, None)
        done = [who for who, ones in self._waiting.items() if not ones]
        for who in done:
            del self._waiting[who]
        if not self._begin.isActive():
            self._next()
        if done:
            self.ready.emit()


class _Task(QRunnable):
    def __init__(self, owner: Typesetter, latex: str) -> None:
        super().__init__()
        self._owner, self._latex = owner, latex

    def run(self) -> None:
        self._owner._shaped.emit(self._latex, shape(self._latex))
