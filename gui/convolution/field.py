"""The Receptive field tab: a stack of layers, the cone of one output down to the input, and a table of fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from gui.convolution.cursor import Cursor
from gui.convolution.field_table import COLUMNS, field_rows
from gui.convolution.presets import with_layer
from gui.convolution.stack_editor import PATH, StackEditor
from gui.convolution.view import Shown
from gui.session.session import Session
from gui.tables.delegate import ROW_HEIGHT
from gui.tables.view import Table
from gui.theme.theme import Theme
from gui.widgets.canvas import Canvas
from gui.widgets.choice import Chip
from gui.widgets.labels import label
from tracer import quantities
from tracer.convolution.layer import AXES, LAYERS, Settings
from tracer.convolution.stack import STACKS, steps, with_stack
from tracer.drawing.display_list import DisplayList
from tracer.drawing.receptive_field import Looked, Stack, least_height, picture
from tracer.errors import InvalidSetting, sentence
from tracer.experiment import Convolution

LEAST_TABLE = 3  # rows of the table, its titles too, that are always in view
STEPS = {"left": -1, "right": 1, "page up": -10, "page down": 10}


class _Valid(NamedTuple):
    """The last stack that works."""

    stack: Stack
    experiment: Convolution


class ReceptiveField:
    """Draws the stack. Arrows and the pointer move the output that is looked at: y's own as long as it is the only
    layer, shared with the other tabs; else one of the last layer."""

    def __init__(self, session: Session, theme: Theme, cursor: Cursor) -> None:
        self._session, self._cursor = session, cursor
        self._valid: _Valid | None = None
        self._place: tuple[int, ...] = ()
        self._axis, self._broken = 0, ""
        self._first: float | None = None
        self.editor = StackEditor()
        self.sections: Sequence[QWidget] = (self.editor,)
        self.canvas = Canvas(f"{PATH}.canvas", "Receptive field", theme)
        self.table = Table(f"{PATH}.table", "Receptive field after each layer", COLUMNS, theme)
        self.axes = [self._axis_chip(at) for at in range(3)]
        self._cut = label("cut along", "muted")
        self.widget = self._placed()
        self._connect()

    def show(self, shown: Shown) -> None:
        """Show a stack, or why it does not work over the last one that does."""
        self._show_stack(shown.experiment, shown.settings)
        try:
            found = steps(shown.settings, shown.experiment.stack)
        except InvalidSetting as refused:
            self._broken = f"{sentence(refused.what)} {sentence(refused.cure)}"
            self.editor.say_problem(refused.where, self._broken)
        else:
            self._broken = ""
            self.editor.say_problem("", "")
            sizes = (shown.settings.input_size, *(step.size for step in found))
            self._take(_Valid(Stack(tuple(step.layer for step in found), sizes), shown.experiment))
        if self._valid and not self._valid.experiment.stack:
            self._place = shown.chosen.output[-len(self._place) :]
        self._draw()
        for part in (self.canvas, self.table):
            part.set_dimmed(shown.dimmed or bool(self._broken))

    def picture(self) -> DisplayList | None:
        """Give the picture in view."""
        return self.canvas.picture

    def _connect(self) -> None:
        self.editor.changed.connect(self._change)
        self.editor.typed.connect(lambda stack: self._session.edit("convolution.stack", stack))
        self.editor.wanted.connect(self._take_ready)
        self.canvas.hovered.connect(lambda owner: self._point(owner, only_last=True))
        self.canvas.pressed.connect(lambda owner: self._point(owner, only_last=False))
        self.canvas.stepped.connect(self._step)
        self.canvas.turned.connect(lambda _owner, notches, _ctrl: self._move(self._axis, -round(notches)))
        self.canvas.resized.connect(self._draw)
        self._session.changed.connect(self._session_changed)

    def _session_changed(self, workspace: str) -> None:
        """Show what stands in the stack also while the form does not work."""
        settings = self._cursor.settings
        if workspace == "convolution" and settings is not None:
            self._show_stack(self._session.value("convolution"), settings)

    def _show_stack(self, experiment: Convolution, settings: Settings) -> None:
        kernel, stride = (_short(numbers) for numbers in (settings.kernel_size, settings.stride))
        self.editor.show_stack(experiment.stack, f"{settings.layer}, kernel {kernel}, stride {stride}")

    def _take(self, valid: _Valid) -> None:
        """Show another stack; the output that is looked at stays as near as there is one."""
        before, last = self._place, valid.stack.sizes[-1]
        same = self._valid is not None and self._valid.stack.sizes[-1] == last and len(before) == len(last)
        self._valid = valid
        self._place = before if same else tuple((length - 1) // 2 for length in last)
        dims = len(last)
        self._axis = min(self._axis, dims - 1)
        for at, chip in enumerate(self.axes):
            chip.setVisible(1 < dims > at)
            letter = AXES[dims][min(at, dims - 1)]
            chip.setText(letter)
            chip.setAccessibleName(f"Cut along {letter}")
            chip.setChecked(at == self._axis)
        self._cut.setVisible(dims > 1)
        self.table.set_rows(field_rows(valid.stack.layers, valid.stack.sizes))
        self.canvas.setMinimumHeight(round(least_height(valid.stack)))

    def _draw(self) -> None:
        if self._valid is not None:
            self._share_height(self._valid.stack)
            looked = Looked(self._place, self._axis, self._first)
            drawn, self._first = picture(self._valid.stack, looked, self.canvas.width(), self.canvas.height())
            self.canvas.set_picture(drawn)

    def _share_height(self, stack: Stack) -> None:
        """Give the table what the picture does not need, and at least a few rows."""
        rows = len(stack.sizes) + 1
        left = int(self.widget.height() - ROW_HEIGHT - least_height(stack)) // ROW_HEIGHT
        self.table.setFixedHeight(ROW_HEIGHT * min(rows, max(LEAST_TABLE, left)) + 3)

    def _point(self, owner: str, *, only_last: bool) -> None:
        """Look at the output under the pointer; a press on another signal goes to the output over that place."""
        if not owner.startswith("cell ") or self._valid is None:
            return
        at, number = map(int, owner.split()[1:])
        last = len(self._valid.stack.layers)
        if at == last:
            self._look(self._axis, number)
        elif not only_last:
            sizes = self._valid.stack.sizes
            self._look(self._axis, round(number * sizes[last][self._axis] / sizes[at][self._axis]))

    def _step(self, step: str) -> None:
        other = (self._axis + 1) % max(1, len(self._place))
        if step in STEPS:
            self._move(self._axis, STEPS[step])
        elif step in ("up", "down"):
            self._move(other, -1 if step == "up" else 1)
        elif step in ("first", "last") and self._valid:
            self._look(self._axis, 0 if step == "first" else self._valid.stack.sizes[-1][self._axis])

    def _move(self, axis: int, by: int) -> None:
        if self._place:
            self._look(axis, self._place[axis] + by)

    def _look(self, axis: int, number: int) -> None:
        """Look at another output of the last layer."""
        if self._valid is None:
            return
        length = self._valid.stack.sizes[-1][axis]
        place = list(self._place)
        place[axis] = min(max(number, 0), length - 1)
        self._place = tuple(place)
        chosen = self._cursor.chosen
        if not self._valid.experiment.stack and chosen is not None:
            self._cursor.choose("output", (*chosen.output[: -len(place)], *place))
        self._draw()

    def _change(self, stack: object, words: str) -> None:
        self._session.end_gesture()
        self._session.edit("convolution.stack", stack, words)

    def _take_ready(self, name: str) -> None:
        experiment = self._session.value("convolution")
        wanted = STACKS[name].layer
        if LAYERS[experiment.layer] != LAYERS[wanted]:
            experiment = with_layer(experiment, wanted)
        self._session.end_gesture()
        self._session.edit("convolution", with_stack(experiment, name), f"stack {name}")

    def _cut_along(self, axis: int) -> None:
        self._axis, self._first = axis, None
        for at, chip in enumerate(self.axes):
            chip.setChecked(at == axis)
        self._draw()

    def _axis_chip(self, at: int) -> Chip:
        chip = Chip(f"{PATH}.axis.{at}", "", f"Cut along axis {at}")
        chip.setToolTip("The axis along which the picture cuts through the signals; ↑ and ↓ move along the next one")
        chip.clicked.connect(lambda: self._cut_along(at))
        return chip

    def _placed(self) -> QWidget:
        line = QHBoxLayout()
        line.setContentsMargins(18, 6, 12, 4)
        line.setSpacing(6)
        line.addWidget(self._cut)
        for chip in self.axes:
            line.addWidget(chip)
        line.addStretch(1)
        area = QScrollArea()
        area.setObjectName(f"{PATH}.scroll")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.canvas)
        widget = QWidget()
        widget.setObjectName(PATH)
        box = QVBoxLayout(widget)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(line)
        box.addWidget(area, 1)
        box.addWidget(self.table)
        return widget


def _short(numbers: Sequence[int]) -> str:
    """Write numbers of the axes, or one where they are all the same."""
    return quantities.shape(numbers[:1] if len(set(numbers)) == 1 else numbers)
