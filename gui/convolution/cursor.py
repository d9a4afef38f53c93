"""The cursor: which element of y and of x is looked at, for all views at once."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Signal

from tracer.convolution import chosen
from tracer.convolution.chosen import Chosen, Index, Side
from tracer.convolution.layer import Settings


class Cursor(QObject):
    """Holds what is looked at, always in range of the settings. `moved` tells that it is another."""

    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.settings: Settings | None = None
        self.chosen: Chosen | None = None

    def show_settings(self, settings: Settings) -> None:
        """Stay at the same place, or the nearest there is, where the settings have become others."""
        self.settings = settings
        self.chosen = chosen.first(settings) if self.chosen is None else chosen.kept(self.chosen, settings)

    def choose(self, side: Side, index: Index) -> None:
        """Look at an element of y ("output") or of x ("input")."""
        if self.settings and self.chosen:
            self._set(chosen.with_index(self.chosen, self.settings, side, index))

    def choose_beside(self, side: Side, index: Index) -> None:
        """Look at another element of y or x, without making it the one that leads."""
        if self.settings and self.chosen:
            new = chosen.with_index(self.chosen, self.settings, side, index)
            self._set(msgspec.structs.replace(new, leads=self.chosen.leads))

    def hover(self, side: Side, index: Index) -> None:
        """Look at an element that the pointer is over, unless another is pinned."""
        if self.chosen and not self.chosen.pinned:
            self.choose(side, index)

    def move(self, axis: int, by: int) -> None:
        """Move the element that leads along one of its axes."""
        if self.settings and self.chosen:
            self._set(chosen.moved(self.chosen, self.settings, axis, by))

    def next_output(self, by: int = 1) -> None:
        """Go to the next output of this kernel in row-major order, and from the last to the first."""
        if self.settings and self.chosen:
            self._set(chosen.next_output(self.chosen, self.settings, by))

    def pin(self, pinned: bool) -> None:
        """Hold what is looked at while the pointer moves, or let it go."""
        if self.chosen:
            self._set(msgspec.structs.replace(self.chosen, pinned=pinned))

    def _set(self, new: Chosen) -> None:
        if new != self.chosen:
            self.chosen = new
            self.moved.emit()
