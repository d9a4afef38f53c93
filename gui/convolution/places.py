"""Which slice of a tensor is shown: a number for each axis before the last two."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.entry import NumberEntry, read
from gui.widgets.labels import label, mark
from gui.widgets.row import Row

MOST = 3  # axes before the last two: a batch, a channel and a depth


class Places(QObject):
    """Holds the place, always in range. `moved` tells that it is another."""

    moved = Signal()

    def __init__(self, path: str) -> None:
        super().__init__()
        self.place: tuple[int, ...] = ()
        self._shape: tuple[int, ...] = ()
        self._entries = [NumberEntry(f"{path}.place.{at}", f"axis {at}") for at in range(MOST)]
        self._ranges = [label("", "muted") for _ in self._entries]
        pairs = zip(self._entries, self._ranges, strict=True)
        self._rows = [Row("", [entry], beside=range_) for entry, range_ in pairs]
        self.widget = QWidget()
        box = QVBoxLayout(self.widget)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for at, (row, entry) in enumerate(zip(self._rows, self._entries, strict=True)):
            box.addWidget(row)
            entry.edited.connect(lambda text, at=at: self._edited(at, text))

    def show_shape(self, axes: Sequence[str], shape: Sequence[int]) -> None:
        """Choose among the slices of a shape; the place stays as near as it can."""
        self._shape = tuple(shape[:-2])
        kept = (*self.place, 0, 0, 0)
        self.place = tuple(min(at, length - 1) for at, length in zip(kept, self._shape, strict=False))
        for at, (row, entry) in enumerate(zip(self._rows, self._entries, strict=True)):
            row.setVisible(at < len(self._shape) and self._shape[at] > 1)  # of one slice there is nothing to choose
            if at < len(self._shape):
                row.label.setText(axes[at])
                self._ranges[at].setText(f"of 0–{self._shape[at] - 1}")
                entry.setAccessibleName(f"Which {axes[at]}, from 0 to {self._shape[at] - 1}")
                entry.setToolTip("The slice that is shown; arrow keys step")
                entry.show_number(self.place[at])
                mark(entry, False)
        self.widget.setVisible(any(length > 1 for length in self._shape))

    def _edited(self, axis: int, text: str) -> None:
        number = read(text)
        inside = isinstance(number, int) and 0 <= number < self._shape[axis]
        mark(self._entries[axis], not inside)
        if inside and isinstance(number, int):
            self.place = (*self.place[:axis], number, *self.place[axis + 1 :])
            self.moved.emit()
