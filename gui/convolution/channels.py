"""The Channel by channel tab: turns mouse and keys into moves of the cursor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QScrollBar, QVBoxLayout, QWidget

from gui.convolution.cursor import Cursor
from gui.convolution.view import Shown
from gui.session.session import Session
from gui.theme.theme import Theme
from gui.widgets.canvas import Canvas
from gui.widgets.choice import Chip
from gui.widgets.labels import heading, name, paragraph
from gui.widgets.picker import Picker
from tracer.convolution import shapes
from tracer.convolution.chosen import Index, Side
from tracer.drawing.channels import channels, lay_out, ready, taken_apart
from tracer.drawing.display_list import DisplayList

FAR = 1 << 40  # further than any axis is long
STEPS: dict[str, tuple[int, int]] = {  # a key of the canvas → which axis from the last, and how far
    "left": (1, -1),
    "right": (1, 1),
    "up": (2, -1),
    "down": (2, 1),
    "first": (1, -FAR),
    "last": (1, FAR),
}
WORDS: dict[Side, str] = {
    "output": "Each channel of x has its own slice of the kernel. Their scalar products are summed, not kept: "
    "one kernel gives one number at each place.",
    "input": "Each kernel that read the input passes back y.grad through the weight it read it with. "
    "The gradient is the sum over all kernels and places.",
}


class ChannelsView(QObject):
    """Shows the chosen output taken apart channel by channel, or the gradient of the chosen input kernel by kernel."""

    def __init__(self, _session: Session, theme: Theme, cursor: Cursor) -> None:
        super().__init__()
        self._cursor = cursor
        self._shown: Shown | None = None
        self._first = 0
        self.canvas = Canvas("convolution.channels.canvas", "Channel by channel", theme)
        self._kernel = Picker("convolution.channels.kernel", "kernel", "Which kernel (Page Up, Page Down)")
        self._channel = Picker("convolution.channels.channel", "channel", "Which channel of x")
        self._sides: dict[Side, Chip] = {
            "output": Chip("convolution.channels.forward", "forward", "Take the chosen output apart"),
            "input": Chip("convolution.channels.backward", "backward", "Take the gradient of the chosen input apart"),
        }
        self._rows = QScrollBar(Qt.Orientation.Vertical)
        name(self._rows, "convolution.channels.rows", "Channels in view")
        self._rows.setToolTip("Channels in view")
        self.widget, self._words = QWidget(), paragraph("", "plain", "convolution.channels.words")
        self.sections: Sequence[QWidget] = [self._section()]
        self._place()
        self._connect()

    def _connect(self) -> None:
        self.canvas.pressed.connect(self._press)
        self.canvas.turned.connect(lambda _owner, notches, _ctrl: self._scroll(self._first - round(notches)))
        self.canvas.stepped.connect(self._step)
        self.canvas.resized.connect(self._paint)
        self._rows.valueChanged.connect(self._scroll)
        self._kernel.picked.connect(lambda kernel: self._choose_channel("output", kernel))
        self._channel.picked.connect(lambda channel: self._choose_channel("input", channel))
        group = QButtonGroup(self)
        for side, chip in self._sides.items():
            group.addButton(chip)
            chip.setToolTip(chip.accessibleName())
            chip.clicked.connect(lambda _, side=side: self._choose(side))

    def show(self, shown: Shown) -> None:
        """Show settings, numbers and what is looked at."""
        before, self._shown = self._shown, shown
        axis = _channel_axis(shown)
        self._kernel.show_number(shown.chosen.output[axis], shown.settings.out_channels)
        self._channel.show_number(shown.chosen.input[axis], shown.settings.in_channels)
        self._sides[shown.chosen.leads].setChecked(True)
        self._words.setText(WORDS[shown.chosen.leads])
        self.canvas.set_dimmed(shown.dimmed)
        self._paint(follow=before is None or before.chosen != shown.chosen)

    def picture(self) -> DisplayList | None:
        """Give the picture in view."""
        return self.canvas.picture if self._shown else None

    def _paint(self, follow: bool = False) -> None:
        if self._shown is None:
            return
        shown, size = self._shown, (float(self.canvas.width()), float(self.canvas.height()))
        rows = needed = 1
        if ready(shown.numbers):
            found = taken_apart(shown.settings, shown.numbers, shown.chosen)
            placed = lay_out(shown.settings, shown.numbers, found, *size)
            rows, needed = placed.rows, placed.needed
            if follow:
                other = shown.chosen.input if shown.chosen.leads == "output" else shown.chosen.output
                at = (other[_channel_axis(shown)] - found.parts[0].channel) // placed.columns
                if 0 <= at < needed:
                    self._first = min(max(self._first, at - rows + 1), at)
            self._first = min(max(self._first, 0), needed - rows)
        self.canvas.set_picture(channels(shown.settings, shown.numbers, shown.chosen, self._first, *size))
        self._rows.blockSignals(True)
        self._rows.setRange(0, needed - rows)
        self._rows.setPageStep(rows)
        self._rows.setValue(self._first)
        self._rows.blockSignals(False)
        self._rows.setVisible(rows < needed)

    def _scroll(self, first: int) -> None:
        self._first = first
        self._paint()

    def _press(self, owner: str) -> None:
        """Look at the element of x or y that was clicked, or at another channel."""
        kind, _, number = owner.partition(" ")
        if self._shown is None or not kind:
            return
        settings, forward = self._shown.settings, self._shown.chosen.leads == "output"
        if kind in ("x", "y"):
            shape = shapes.input_shape(settings) if kind == "x" else shapes.output_shape(settings)
            index = tuple(map(int, np.unravel_index(int(number), shape)))
            self._cursor.choose("input" if kind == "x" else "output", index)
        elif kind in ("kernel", "input"):
            self._choose_channel("output" if kind == "kernel" else "input", int(number))
        elif kind == "channel":
            self._choose_channel("input" if forward else "output", int(number), leads=False)

    def _choose(self, side: Side) -> None:
        if self._shown is not None:
            self._cursor.choose(side, self._index(side))

    def _choose_channel(self, side: Side, channel: int, leads: bool = True) -> None:
        """Look at another channel of x or y; or only mark it, and go on leading from the other side."""
        if self._shown is None:
            return
        axis, before = _channel_axis(self._shown), self._shown.chosen.leads
        index = self._index(side)
        self._cursor.choose(side, (*index[:axis], channel, *index[axis + 1 :]))
        if not leads and before != side:
            self._cursor.choose(before, self._index(before))

    def _index(self, side: Side) -> Index:
        assert self._shown is not None
        return self._shown.chosen.output if side == "output" else self._shown.chosen.input

    def _step(self, key: str) -> None:
        if self._shown is None:
            return
        length, axis = len(self._shown.chosen.output), _channel_axis(self._shown)
        if key in STEPS:
            back, by = STEPS[key]
            self._cursor.move(length - back, by)
        elif key in ("page up", "page down"):
            self._cursor.move(axis, -1 if key == "page up" else 1)
        elif key in ("enter", "escape"):
            self._cursor.pin(key == "enter" and not self._shown.chosen.pinned)

    def _section(self) -> QWidget:
        made = QWidget()
        box = QVBoxLayout(made)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(5)
        box.addWidget(heading("Channel by channel"))
        box.addWidget(self._words)
        return made

    def _place(self) -> None:
        """Place the controls over the canvas and the scroll bar beside it."""
        bar = QWidget()
        bar.setObjectName("form")
        line = QHBoxLayout(bar)
        line.setContentsMargins(14, 5, 14, 5)
        line.setSpacing(10)
        for control in (self._kernel, self._channel):
            line.addWidget(control)
        line.addStretch(1)
        for chip in self._sides.values():
            line.addWidget(chip)
        grid = QGridLayout(self.widget)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(bar, 0, 0, 1, 2)
        grid.addWidget(self.canvas, 1, 0)
        grid.addWidget(self._rows, 1, 1)
        grid.setRowStretch(1, 1)
        grid.setColumnStretch(0, 1)


def _channel_axis(shown: Shown) -> int:
    return len(shown.chosen.output) - shown.settings.dims - 1
