"""The Slide: the kernel over the input, moved by pointer, keys, sliders or a clock. Only the cursor is moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import msgspec
import numpy as np
from PySide6.QtCore import QObject, QPointF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.convolution.cursor import Cursor
from gui.convolution.slide_controls import PATH, Controls
from gui.convolution.slide_knobs import knobs, places
from gui.convolution.slide_section import SlideSection
from gui.convolution.view import Shown
from gui.session.session import Session
from gui.theme.theme import Theme
from gui.toolbar import STARTING
from gui.widgets.canvas import Canvas
from tracer.convolution import shapes
from tracer.convolution.chosen import Chosen, Index, Side
from tracer.convolution.layer import Settings
from tracer.drawing import slide, slide_layout
from tracer.drawing.display_list import DisplayList
from tracer.drawing.slide_layout import Part
from tracer.drawing.slide_sheets import across, sheets

NOTCH_CELLS, ZOOM_STEP = 3, 1.2
STEPS = {"left": (-1, -1), "right": (-1, 1), "up": (-2, -1), "down": (-2, 1)}
LEADS: dict[str, Side] = {"x": "input", "y": "output"}
TOO_LARGE = "The numbers of this layer are too many to be shown here"


def make(session: Session, theme: Theme, cursor: Cursor) -> SlideView:
    """Make the tab."""
    return SlideView(session, theme, cursor)


class SlideView(QObject):
    """Shows the picture of what the cursor looks at, and turns what the person does into moves of the cursor."""

    def __init__(self, session: Session, theme: Theme, cursor: Cursor) -> None:
        super().__init__()
        self._session, self._cursor = session, cursor
        self.canvas = Canvas(f"{PATH}.canvas", "Slide", theme)
        self.canvas.setToolTip("Hover or use the arrow keys to move, click or Enter to pin, Escape to let go")
        self.controls, self.section = Controls(), SlideSection()
        self.widget = QWidget()
        self.widget.setObjectName(PATH)
        box = QVBoxLayout(self.widget)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.controls)
        box.addWidget(self.canvas, 1)
        self.sections: Sequence[QWidget] = (self.section,)
        self._shown: Shown | None = None
        self._part, self._dragged = Part(), QPointF()
        self._pressed: tuple[Chosen, Part] | None = None  # what was there before the button went down
        self._under = ""  # the sheet that the pointer moves on: it does not move under it
        self._connect()
        self.canvas.tell_cell = self._tell

    def show(self, shown: Shown) -> None:
        """Show something; what is in view goes along with what is looked at."""
        before, self._shown = self._shown, shown
        if before is None or _sizes(before.settings) != _sizes(shown.settings):
            self._part = Part(tap=self._part.tap)
            self._follow()
        elif before.chosen != shown.chosen:
            self._follow()
        self._show_controls(shown.settings, shown.chosen)
        self.section.show_chosen(shown)
        self.canvas.set_dimmed(shown.dimmed)
        self._draw()

    def picture(self) -> DisplayList | None:
        """Give the picture in view."""
        return self.canvas.picture if self._shown else None

    def _connect(self) -> None:
        canvas, controls = self.canvas, self.controls
        canvas.hovered.connect(self._hover)
        canvas.pressed.connect(self._press)
        canvas.dragged.connect(self._drag)
        canvas.turned.connect(self._turn)
        canvas.stepped.connect(self._step)
        canvas.resized.connect(self._resize)
        controls.turned.connect(self._go)
        controls.stepped.connect(lambda by: self._scrub(controls.scrub.value() + by))
        controls.scrubbed.connect(self._scrub)
        for key, knob in controls.knobs.items():
            knob.chosen.connect(lambda value, key=key: self._turn_knob(key, value))
        self._session.workers.changed.connect(lambda _state, _words: self._draw())

    def _draw(self) -> None:
        if self._shown is None:
            return
        settings, numbers, chosen = self._shown.settings, self._shown.numbers, self._shown.chosen
        size = (float(self.canvas.width()), float(self.canvas.height()))
        self.canvas.set_picture(slide.picture(settings, numbers, chosen, self._part, *size, self._waiting()))

    def _waiting(self) -> str:
        """Say why there are no numbers."""
        assert self._shown is not None
        if self._shown.numbers.fresh:
            return "" if self._shown.numbers.arrays else TOO_LARGE
        if self._shown.dimmed:
            return ""
        state = self._session.workers.state
        return {"starting": STARTING, "failed": "PyTorch can't be started"}.get(state, "running…")

    def _follow(self) -> None:
        assert self._shown is not None
        settings = self._shown.settings
        found = sheets(settings, self._shown.chosen, self._part.tap)
        size = (float(self.canvas.width()), float(self.canvas.height()))
        moved = slide_layout.followed(found, self._part, *size, settings.dims == 1)
        kept = {self._under: getattr(self._part, self._under)} if self._under else {}
        self._part = msgspec.structs.replace(moved, **kept)

    def _resize(self) -> None:
        if self._shown is not None:
            self._part = msgspec.structs.replace(self._part, x=None, weight=None, y=None)
            self._follow()
            self._draw()

    def _hover(self, owner: str) -> None:
        side, index = self._element(owner)
        if side and index and self._shown and side == self._shown.chosen.leads and not self.controls.playing:
            self._under = owner.split()[0]
            self._cursor.hover(side, index)
            self._under = ""

    def _press(self, owner: str) -> None:
        """Pin what was clicked; a click on what is pinned lets it go."""
        self._dragged = QPointF()
        self._pressed = (self._shown.chosen, self._part) if self._shown else None
        side, index = self._element(owner)
        if not side or not index or self._shown is None:
            return
        chosen = self._shown.chosen
        here = chosen.output if side == "output" else chosen.input
        again = chosen.pinned and chosen.leads == side and here == index
        self._under = owner.split()[0]
        self._cursor.choose(side, index)
        self._cursor.pin(not again)
        self._under = ""

    def _tell(self, owner: str) -> str:
        if self._shown is None:
            return ""
        settings, numbers, chosen = self._shown.settings, self._shown.numbers, self._shown.chosen
        return slide.cell_words(settings, numbers, chosen, self._part, owner)

    def _element(self, owner: str) -> tuple[Side | None, Index | None]:
        """Give the element of x or y in the cell of an owner, "x 3 5"."""
        if self._shown is None or not owner:
            return None, None
        name, row, column = owner.split()
        found = getattr(sheets(self._shown.settings, self._shown.chosen, self._part.tap), name)
        return LEADS.get(name), found.element(int(row), int(column))

    def _drag(self, owner: str, by: QPointF) -> None:
        """Pan the sheet where the drag began, by whole cells."""
        if not owner or self._shown is None:
            return
        name = owner.split()[0]
        layout = getattr(self._layout(), name)
        self._dragged += by
        columns, rows = (int(self._dragged.x() / layout.cell[0]), int(self._dragged.y() / layout.cell[1]))
        if columns or rows:
            self._take_back()
            self._dragged -= QPointF(columns * layout.cell[0], rows * layout.cell[1])
            self._pan(name, (-rows, -columns))

    def _take_back(self) -> None:
        """A drag began with a press, which was no click: look at what was looked at before."""
        if self._pressed is None:
            return
        (chosen, part), self._pressed = self._pressed, None
        self._cursor.choose(chosen.leads, chosen.output if chosen.leads == "output" else chosen.input)
        self._cursor.pin(chosen.pinned)
        self._part = part

    def _turn(self, owner: str, notches: float, ctrl: bool) -> None:
        """Scroll the sheet under the pointer, or zoom."""
        if self._shown is None:
            return
        if ctrl:
            self._part = slide_layout.zoomed(self._part, ZOOM_STEP**notches)
            self._follow()
            self._draw()
        elif owner:
            name = owner.split()[0]
            cells = -math.ceil(abs(notches) * NOTCH_CELLS) * (1 if notches > 0 else -1)
            tall = getattr(self._layout(), name)
            self._pan(name, (cells, 0) if tall.shown[0] < tall.sheet.size[0] else (0, cells))

    def _pan(self, name: str, by: tuple[int, int]) -> None:
        assert self._shown is not None
        placed = getattr(self._layout(), name)
        self._part = msgspec.structs.replace(self._part, **{name: placed.first})
        found = sheets(self._shown.settings, self._shown.chosen, self._part.tap)
        self._part = slide_layout.panned(found, self._part, name, by)
        self._draw()

    def _layout(self) -> slide_layout.Layout:
        assert self._shown is not None
        settings = self._shown.settings
        found = sheets(settings, self._shown.chosen, self._part.tap)
        size = (float(self.canvas.width()), float(self.canvas.height()))
        return slide_layout.laid_out(found, self._part, *size, settings.dims == 1)

    def _step(self, step: str) -> None:
        """Move what leads by a key."""
        if self._shown is None:
            return
        settings, chosen = self._shown.settings, self._shown.chosen
        length = len(chosen.output)
        channel = length - settings.dims - 1
        if step in STEPS:
            axis, by = STEPS[step]
            self._cursor.move(length + axis, by)
        elif step in ("page up", "page down"):
            self._cursor.move(channel, 1 if step == "page down" else -1)
        elif step in ("first", "last"):
            self._cursor.move(length - 1, -(10**9) if step == "first" else 10**9)
        else:
            self._cursor.pin(step == "enter" and not chosen.pinned)

    def _go(self, leads: str) -> None:
        """Turn to the other way: from an output to an input that it reads, from an input to an output that reads it."""
        if self._shown is not None and leads != self._shown.chosen.leads:
            side = cast(Side, leads)
            self._cursor.choose(side, across(self._shown.settings, self._shown.chosen))

    def _scrub(self, number: int) -> None:
        """Go to the element of that number in row-major order, in its channel; after the last to the first."""
        if self._shown is None:
            return
        start, size = places(self._shown.settings, self._shown.chosen)
        place = map(int, np.unravel_index(number % math.prod(size), size))
        self._cursor.choose(self._shown.chosen.leads, (*start, *place))

    def _turn_knob(self, key: str, value: int) -> None:
        if self._shown is None:
            return
        settings, chosen = self._shown.settings, self._shown.chosen
        if key == "tap":
            self._part = msgspec.structs.replace(self._part, tap=value)
            self.show(self._shown)
            return
        side: Side = {"channel": "input", "kernel": "output"}.get(key, chosen.leads)  # type: ignore[assignment]
        index = list(chosen.output if side == "output" else chosen.input)
        axis = {"batch": 0, "slice": len(index) - settings.dims}.get(key, len(index) - settings.dims - 1)
        index[axis] = value
        self._cursor.choose_beside(side, tuple(index))

    def _show_controls(self, settings: Settings, chosen: Chosen) -> None:
        self.controls.show_way(chosen.leads)
        start, size = places(settings, chosen)
        leads = chosen.output if chosen.leads == "output" else chosen.input
        self.controls.show_element(int(np.ravel_multi_index(leads[len(start) :], size)), math.prod(size))
        self.controls.show_knobs(knobs(settings, chosen, self._part.tap))


def _sizes(settings: Settings) -> object:
    """What makes another picture: all but the numbers."""
    return shapes.input_shape(settings), shapes.weight_shape(settings), shapes.output_shape(settings), settings.padding
