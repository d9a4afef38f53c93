"""The Matrix (Toeplitz) tab: turns mouse and keys into moves of the cursor, and of the part in view."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollBar, QWidget

from gui.convolution.checking import Checker
from gui.convolution.cursor import Cursor
from gui.convolution.matrix_section import MatrixSection
from gui.convolution.view import Shown
from gui.session.session import Session
from gui.theme.theme import Theme
from gui.widgets.canvas import Canvas
from gui.widgets.choice import Chip, Choice
from gui.widgets.labels import label, name
from gui.widgets.picker import Picker
from tracer.convolution import shapes
from tracer.convolution.chosen import Index, Numbers, Side
from tracer.convolution.layer import Settings
from tracer.drawing.display_list import DisplayList
from tracer.drawing.matrix import layout, matrix
from tracer.drawing.matrix_layout import Part, clipped, column_of, columns_of, followed, row_of
from tracer.drawing.sheets import Sheets, sheets

SIDES: tuple[tuple[object, str], ...] = ((0.0, "with numbers"), (14.0, "small"), (5.0, "tiny"))  # of cells, in points
NOTCH = 3  # rows or columns that a notch of the wheel goes
STEPS: dict[str, tuple[Side, int]] = {  # a key of the canvas → which element moves, and how far
    "up": ("output", -1),
    "down": ("output", 1),
    "left": ("input", -1),
    "right": ("input", 1),
}


class MatrixView(QObject):
    """Shows the layer as a matrix. The part in view follows what is looked at, but not under the pointer."""

    def __init__(self, _session: Session, theme: Theme, cursor: Cursor) -> None:
        super().__init__()
        self._cursor = cursor
        self._shown: Shown | None = None
        self._sheets: Sheets | None = None
        self._numbers: Numbers | None = None
        self._part, self._flipped, self._still = Part(), False, False
        self._drag = QPointF()
        self.canvas = Canvas("convolution.matrix.canvas", "Matrix", theme)
        self._section, self._checker = MatrixSection(), Checker(self)
        self.sections: Sequence[QWidget] = [self._section]
        self._kernel = Picker("convolution.matrix.kernel", "kernel", "Whose sheet is looked at (Page Up, Down)")
        self._cells = Choice("convolution.matrix.cells", "Size of the cells", SIDES)
        self._cells.setToolTip("Smaller cells show more of the matrix (Ctrl and the wheel)")
        self._flip = Chip("convolution.matrix.flipped", "flipped kernel", "Show the kernel flipped", tick=True)
        self._flip.setToolTip("Show what the flipped kernel gives; PyTorch does not flip")
        self._rows = _bar(Qt.Orientation.Vertical, "convolution.matrix.rows", "Rows in view")
        self._columns = _bar(Qt.Orientation.Horizontal, "convolution.matrix.columns", "Columns in view")
        self.widget = _placed(self.canvas, (self._kernel, self._cells, self._flip), self._rows, self._columns)
        self._connect()

    def _connect(self) -> None:
        self.canvas.hovered.connect(self._hover)
        self.canvas.pressed.connect(self._press)
        self.canvas.dragged.connect(self._pan)
        self.canvas.turned.connect(self._turn)
        self.canvas.stepped.connect(self._step)
        self.canvas.resized.connect(lambda: self._paint(follow=True))
        self._kernel.picked.connect(self._pick_kernel)
        self._cells.chosen.connect(self._size)
        self._cells.show_value(0.0)
        self._flip.toggled.connect(self._turn_round)
        self._section.flip_wanted.connect(self._flip.toggle)
        self._checker.found.connect(self._checked)
        self._rows.valueChanged.connect(lambda row: self._scroll(row=row))
        self._columns.valueChanged.connect(lambda column: self._scroll(column=column))

    def show(self, shown: Shown) -> None:
        """Show settings, numbers and what is looked at."""
        before, self._shown = self._shown, shown
        if before is None or before.settings != shown.settings or self._numbers is not shown.numbers:
            self._numbers = shown.numbers
            fresh = shown.numbers.fresh and "weight" in shown.numbers.arrays
            self._checker.ask(shown.settings, shown.numbers.arrays) if fresh else self._checker.forget()
            self._make()
        index = shown.chosen.output
        self._kernel.show_number(index[len(index) - shown.settings.dims - 1], shown.settings.out_channels)
        self.canvas.set_dimmed(shown.dimmed)
        self._paint(follow=not self._still)

    def picture(self) -> DisplayList | None:
        """Give the picture in view."""
        return self.canvas.picture if self._shown else None

    def _make(self) -> None:
        """Take the numbers as sheets, their kernels flipped if that is asked for."""
        assert self._shown is not None
        flipped = self._checker.checked.flipped if self._checker.checked else None
        self._sheets = sheets(self._shown.settings, self._shown.numbers, self._flipped, flipped)

    def _paint(self, follow: bool = False) -> None:
        if self._shown is None or self._sheets is None:
            return
        shown, size = self._shown, (float(self.canvas.width()), float(self.canvas.height()))
        placed = layout(self._sheets, self._part, *size)
        if follow:
            self._part = followed(self._part, shown.settings, self._sheets.matrix, shown.chosen, placed)
        self._part = clipped(self._part, shown.settings, placed)
        self.canvas.set_picture(matrix(self._sheets, shown.chosen, self._part, *size))
        _range(self._rows, self._part.row, placed.rows, self._sheets.local)
        _range(self._columns, self._part.column, placed.columns, columns_of(shown.settings))
        self._section.show_facts(shown, self._sheets, self._checker.checked)

    def _checked(self) -> None:
        if self._flipped:
            self._make()
        self._paint()

    def _turn_round(self, flipped: bool) -> None:
        self._flipped = flipped
        if self._shown is not None:
            self._make()
            self._paint()

    def _scroll(self, row: int | None = None, column: int | None = None) -> None:
        part = self._part
        self._part = part._replace(
            row=part.row if row is None else row, column=part.column if column is None else column
        )
        self._paint()

    def _size(self, side: object) -> None:
        assert isinstance(side, float)
        self._part = self._part._replace(side=side)
        self._cells.show_value(side)
        self._paint(follow=True)

    def _hover(self, owner: str) -> None:
        found = self._element(owner)
        if found is not None:
            self._quietly(lambda: self._cursor.hover(*found))

    def _press(self, owner: str) -> None:
        self._drag = QPointF()
        kind, _, number = owner.partition(" ")
        found = self._element(owner)
        if kind == "map":
            self._scroll(column=int(number))
        elif found is None:
            self._cursor.pin(False)
        elif self._shown is not None:
            side, index = found
            now = self._shown.chosen
            same = now.leads == side and index == (now.output if side == "output" else now.input)
            self._quietly(lambda: self._cursor.choose(side, index))
            self._quietly(lambda: self._cursor.pin(not (same and now.pinned)))

    def _quietly(self, move: Callable[[], object]) -> None:
        """Move the cursor to what is in view already, and leave the part in view where it is."""
        self._still = True
        try:
            move()
        finally:
            self._still = False

    def _pan(self, _owner: str, by: QPointF) -> None:
        if self._sheets is None:
            return
        placed = layout(self._sheets, self._part, float(self.canvas.width()), float(self.canvas.height()))
        self._drag -= by
        columns, rows = int(self._drag.x() / placed.wide), int(self._drag.y() / placed.high)
        if rows or columns:
            self._drag -= QPointF(columns * placed.wide, rows * placed.high)
            self._scroll(self._part.row + rows, self._part.column + columns)

    def _turn(self, owner: str, notches: float, ctrl: bool) -> None:
        if ctrl:
            at = [side for side, _ in SIDES].index(self._part.side) - round(math.copysign(1, notches))
            self._size(SIDES[min(max(at, 0), len(SIDES) - 1)][0])
        elif owner.partition(" ")[0] in ("x", "map"):
            self._scroll(column=self._part.column - round(notches * NOTCH))
        else:
            self._scroll(row=self._part.row - round(notches * NOTCH))

    def _step(self, key: str) -> None:
        if self._shown is None or self._sheets is None:
            return
        settings, chosen, local = self._shown.settings, self._shown.chosen, self._sheets.local
        row, column = row_of(settings, chosen), column_of(settings, chosen)
        rows = {"first": row // local * local, "last": (row // local + 1) * local - 1}
        rows |= {"page up": row - local, "page down": row + local}
        if key in STEPS:
            side, by = STEPS[key]
            self._cursor.choose(side, self._index(side, (row if side == "output" else column) + by))
        elif key in rows:
            at = rows[key]
            self._cursor.choose("output", self._index("output", at if 0 <= at < self._sheets.matrix.shape[0] else row))
        elif key in ("enter", "escape"):
            self._cursor.pin(key == "enter" and not chosen.pinned)

    def _pick_kernel(self, kernel: int) -> None:
        if self._shown is not None and self._sheets is not None:
            local = self._sheets.local
            at = row_of(self._shown.settings, self._shown.chosen) % local
            self._cursor.choose("output", self._index("output", kernel * local + at))

    def _element(self, owner: str) -> tuple[Side, Index] | None:
        """Give the element that an area stands for: a row or a cell of the matrix is its output."""
        kind, _, numbers = owner.partition(" ")
        if kind == "x":
            return "input", self._index("input", int(numbers))
        if kind in ("row", "cell", "y"):
            return "output", self._index("output", int(numbers.split()[0]))
        return None

    def _index(self, side: Side, at: int) -> Index:
        """Give the index of a row's output or a column's input, in the same element of the batch."""
        assert self._shown is not None
        settings, chosen = self._shown.settings, self._shown.chosen
        shape = _shape(settings, side)
        own = np.unravel_index(min(max(at, 0), math.prod(shape) - 1), shape)
        batch = () if settings.batch is None else chosen.output[:1]
        return (*batch, *map(int, own))


def _shape(settings: Settings, side: Side) -> Index:
    whole = shapes.output_shape(settings) if side == "output" else shapes.input_shape(settings)
    return whole if settings.batch is None else whole[1:]


def _bar(orientation: Qt.Orientation, path: str, accessible: str) -> QScrollBar:
    made = QScrollBar(orientation)
    name(made, path, accessible)
    made.setToolTip(accessible)
    return made


def _range(bar: QScrollBar, start: int, length: int, whole: int) -> None:
    """Show what is in view, without telling that it was scrolled; hide a bar that has nothing to scroll."""
    bar.blockSignals(True)
    bar.setRange(0, whole - length)
    bar.setPageStep(length)
    bar.setValue(start)
    bar.blockSignals(False)
    bar.setVisible(length < whole)


def _placed(canvas: QWidget, controls: tuple[Picker, Choice, Chip], rows: QScrollBar, columns: QScrollBar) -> QWidget:
    """Place the controls over the canvas and the scroll bars beside it."""
    kernel, cells, flipped = controls
    widget, bar = QWidget(), QWidget()
    bar.setObjectName("form")
    line = QHBoxLayout(bar)
    line.setContentsMargins(14, 5, 14, 5)
    line.setSpacing(10)
    line.addWidget(kernel)
    line.addWidget(label("cells", "muted"))
    cells.setFixedWidth(130)
    line.addWidget(cells)
    line.addStretch(1)
    line.addWidget(flipped)
    grid = QGridLayout(widget)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(0)
    grid.addWidget(bar, 0, 0, 1, 2)
    grid.addWidget(canvas, 1, 0)
    grid.addWidget(rows, 1, 1)
    grid.addWidget(columns, 2, 0)
    grid.setRowStretch(1, 1)
    grid.setColumnStretch(0, 1)
    return widget
