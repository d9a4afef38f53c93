"""The tabs whose pictures move: which there are, and what pointer, keys, chips and the player do to each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.theme.theme import Theme
from gui.widgets.canvas import Canvas
from gui.widgets.choice import Chip
from gui.widgets.labels import heading, name, paragraph
from gui.widgets.picker import Picker
from gui.widgets.player import Player
from tracer.drawing import backward_readings, kernel_sheets, thick_signal, three_ideas
from tracer.drawing.display_list import DisplayList
from tracer.drawing.kernel_words import KINDS as READINGS
from tracer.drawing.moment import EDGE, Moment, kept
from tracer.matrix_vector.settings import Settings

Draw = Callable[[Settings, Moment, float, float], DisplayList]


class Scene(NamedTuple):
    """A picture that moves: its name, what draws it, how many steps it has, its kinds by their words, what a step is
    called, whether A must be made of kernels, and how far it is at first."""

    path: str
    accessible: str
    draw: Draw
    steps: Callable[[Settings, str], int]
    kinds: Callable[[Settings], Mapping[str, str]]
    step: str
    of_kernels: bool = True
    kind: str = ""
    first: int = EDGE


SCENES: dict[str, Scene] = {
    "As a convolution": Scene(
        "matvec.sheets", "A made of kernels, stacked and shifted", kernel_sheets.picture,
        lambda settings, _: kernel_sheets.steps(settings), lambda _: READINGS, "place", kind="shared",
    ),
    "Signal": Scene(
        "matvec.signal_view", "The signal, a kernel on it, and what it gives", thick_signal.picture,
        lambda settings, _: thick_signal.steps(settings), lambda _: {}, "place",
    ),
    "Three ideas": Scene(
        "matvec.ideas", "Sparsity, stationarity, compositionality", three_ideas.picture, three_ideas.steps,
        lambda _: three_ideas.KINDS, "step",
    ),
    "Backward": Scene(
        "matvec.backward", "The gradients of x and of A as readings", backward_readings.picture,
        backward_readings.steps, backward_readings.kinds, "step", of_kernels=False,
    ),
}  # fmt: skip
STEPS = {"left": -1, "right": 1, "first": -EDGE, "last": EDGE}
KERNELS = {"page up": -1, "page down": 1}
ROWS = {"up": -1, "down": 1}


class SceneView(QObject):
    """A tab with a picture that moves. Arrow keys step, up and down light a row, page keys leaf through the kernels,
    Enter plays."""

    def __init__(self, scene: Scene, theme: Theme) -> None:
        super().__init__()
        self.scene = scene
        self.settings: Settings | None = None
        self.moment = Moment(scene.first, kind=scene.kind)
        self._whole = scene.first >= EDGE  # whether all steps were made: of other numbers all are then, too
        self.canvas = Canvas(scene.path, scene.accessible, theme)
        self.canvas.setToolTip("← → step, ↑ ↓ light a row, Page Up and Down choose the kernel, Enter plays")
        self.player = Player(f"{scene.path}.player", scene.step)
        self.kernel = Picker(f"{scene.path}.kernel", "kernel", "Which kernel is in front (Page Up, Page Down)", 1)
        self._group, self._chips = QButtonGroup(self), dict[str, Chip]()
        self._kinds = QHBoxLayout()
        self.widget = self._placed()
        self._said = paragraph("", "plain", f"{scene.path}.sentence")
        self.section = _section(self._said)
        self._connect()

    def show(self, settings: Settings) -> None:
        """Show other numbers; what is looked at stays, as near as there is one, and all steps where all were made."""
        if settings.bank is None and self.scene.of_kernels:
            self.settings = None
            return
        self.settings = settings
        self._show_kinds(self.scene.kinds(settings))
        self.go(self.moment._replace(step=EDGE) if self._whole else self.moment)

    def go(self, moment: Moment) -> None:
        """Go to a moment, or the nearest there is."""
        if self.settings is None:
            return
        kinds, bank = list(self.scene.kinds(self.settings)), self.settings.bank
        kernels, kind = len(bank.kernels) if bank else 1, moment.kind if moment.kind in kinds else (kinds or [""])[0]
        steps = self.scene.steps(self.settings, kind)
        self.moment = kept(moment, steps, kernels, kinds)
        self._whole = self.moment.step == steps
        self.player.show_step(self.moment.step, steps)
        self.kernel.show_number(self.moment.kernel, kernels)
        self._bar.lay_out()
        if self.moment.kind in self._chips:
            self._chips[self.moment.kind].setChecked(True)
        self._draw()

    def _show_kinds(self, kinds: Mapping[str, str]) -> None:
        for key, words in kinds.items():
            if key not in self._chips:
                chip = Chip(f"{self.scene.path}.kind.{key}", words, words)
                chip.clicked.connect(partial(self._choose, key))
                self._group.addButton(chip)
                self._kinds.insertWidget(len(self._chips), chip)
                self._chips[key] = chip
            self._chips[key].setText(words)
            self._chips[key].setAccessibleName(words)

    def _choose(self, kind: str, _on: bool = False) -> None:
        """Show another kind, from its end: the person may step back, or play it."""
        self.player.stop()
        self.go(self.moment._replace(kind=kind, step=EDGE, lit=None))

    def _connect(self) -> None:
        self.player.wanted.connect(lambda step: self.go(self.moment._replace(step=step, lit=None)))
        self.kernel.picked.connect(lambda kernel: self.go(self.moment._replace(kernel=kernel)))
        self.canvas.hovered.connect(self._hover)
        self.canvas.pressed.connect(self._press)
        self.canvas.stepped.connect(self._step)
        self.canvas.resized.connect(self._draw)

    def _hover(self, owner: str) -> None:
        kind, _, number = owner.partition(" ")
        lit = int(number) if kind == "row" else None
        if lit != self.moment.lit:
            self.go(self.moment._replace(lit=lit))

    def _press(self, owner: str) -> None:
        kind, _, which = owner.partition(" ")
        if kind == "step":
            self.go(self.moment._replace(step=int(which), lit=None))
        elif kind == "kernel":
            self.go(self.moment._replace(kernel=int(which)))
        elif kind == "kind":
            self._choose(which)

    def _step(self, key: str) -> None:
        now = self.moment
        if key in STEPS:
            self.go(now._replace(step=max(0, now.step + STEPS[key]), lit=None))
        elif key in KERNELS:
            self.go(now._replace(kernel=now.kernel + KERNELS[key]))
        elif key in ROWS and self.scene.path == "matvec.sheets":
            row = (now.lit if now.lit is not None else now.step - 1) + ROWS[key]
            self.go(now._replace(lit=min(max(row, 0), max(now.step - 1, 0))))
        elif key == "enter":
            self.player.play.toggle()
        elif key == "escape":
            self.player.stop()
            self.go(now._replace(lit=None))

    def _draw(self) -> None:
        if self.settings is not None:
            size = float(self.canvas.width()), float(self.canvas.height())
            picture = self.scene.draw(self.settings, self.moment, *size)
            self.canvas.set_picture(picture)
            self._said.setText(picture.title)

    def _placed(self) -> QWidget:
        """Place the chips and the player over the canvas."""
        widget, first = QWidget(), QWidget()
        name(widget, f"{self.scene.path}.view", self.scene.accessible)
        self._kinds.setContentsMargins(0, 0, 0, 0)
        self._kinds.setSpacing(6)
        self._kinds.addWidget(self.kernel)
        first.setLayout(self._kinds)
        self._bar = Bar(first, self.player)
        box = QVBoxLayout(widget)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._bar)
        box.addWidget(self.canvas, 1)
        return widget


class Bar(QWidget):
    """Places what chooses beside the player, or over it where both have no room."""

    def __init__(self, first: QWidget, player: QWidget) -> None:
        super().__init__()
        self.setObjectName("form")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._first, self._player = first, player
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(14, 6, 14, 6)
        self._box.setSpacing(8)
        self._box.addWidget(first)
        self._box.addStretch(1)
        self._box.addWidget(player)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def lay_out(self) -> None:
        """Place them again: a chip or the choice of a kernel may have come or gone."""
        needed = self._first.sizeHint().width() + self._player.sizeHint().width() + 44
        ways = QBoxLayout.Direction
        self._box.setDirection(ways.LeftToRight if needed <= self.width() else ways.TopToBottom)
        self._box.setAlignment(self._first, Qt.AlignmentFlag.AlignLeft)

    def minimumSizeHint(self) -> QSize:
        """Ask for the width of the wider of both; beside each other they need not stand."""
        hint = super().minimumSizeHint()
        return QSize(max(self._first.minimumSizeHint().width(), self._player.minimumSizeHint().width()), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.lay_out()


def _section(said: QWidget) -> QWidget:
    """Place the picture's sentence in the inspector, where it can be selected and read aloud."""
    section = QWidget()
    box = QVBoxLayout(section)
    box.setContentsMargins(0, 0, 0, 0)
    box.addWidget(heading("In the picture"))
    box.addWidget(said)
    return section


def views(theme: Theme) -> dict[str, SceneView]:
    """Make every tab."""
    return {title: SceneView(scene, theme) for title, scene in SCENES.items()}
