"""The canvas of both readings: what pointer and keys do to what is looked at."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gui.theme.theme import Theme
from gui.widgets.canvas import Canvas
from tracer.drawing.display_list import DisplayList
from tracer.drawing.two_readings import picture
from tracer.matrix_vector import readings as matrix_vector
from tracer.matrix_vector.look import Look, kept
from tracer.matrix_vector.settings import Settings

STEPS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}  # of the row, of the columns added
EDGE = 1_000_000


class Readings(QObject):
    """Shows both readings, and holds what is looked at. `looked` tells that it is another."""

    looked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.canvas = Canvas("matvec.readings", "A times x, by rows and by columns", theme)
        self.settings: Settings | None = None
        self.found = matrix_vector.Readings((), ())
        self.look = Look()
        self.canvas.hovered.connect(lambda owner: self._go(owner, pressed=False))
        self.canvas.pressed.connect(lambda owner: self._go(owner, pressed=True))
        self.canvas.stepped.connect(self._step)
        self.canvas.resized.connect(self._draw)

    def show_settings(self, settings: Settings) -> None:
        """Show other numbers; what is looked at stays, as near as there is one. All columns are added at first."""
        everything = self.settings is None or self.look.added >= len(self.settings.vector)
        self.settings, self.found = settings, matrix_vector.readings(settings)
        self._set(Look(self.look.row, EDGE if everything else self.look.added))
        self._draw()

    def add(self, columns: int) -> None:
        """Add so many columns."""
        self._set(Look(self.look.row, columns))

    def go_to_row(self, row: int) -> None:
        """Light a row and its output."""
        self._set(Look(row, self.look.added))

    @property
    def picture(self) -> DisplayList:
        """The picture that is shown."""
        return self.canvas.picture

    def _go(self, owner: str, pressed: bool) -> None:
        kind, _, number = owner.partition(" ")
        if kind == "row":
            self.go_to_row(int(number))
        elif kind == "column" and pressed:
            self.add(int(number) + 1)

    def _step(self, step: str) -> None:
        if step in STEPS:
            rows, columns = STEPS[step]
            self._set(Look(self.look.row + rows, self.look.added + columns))
        elif step in ("first", "last"):
            self.add(0 if step == "first" else EDGE)

    def _set(self, look: Look) -> None:
        if self.settings is None:
            return
        look = kept(look, self.settings)
        if look != self.look:
            self.look = look
            self._draw()
        self.looked.emit()

    def _draw(self) -> None:
        if self.settings is not None:
            self.canvas.set_picture(
                picture(self.settings, self.found, self.look, self.canvas.width(), self.canvas.height())
            )
