"""The Signal tab: a sound-like input and the responses of the kernels as waveforms, which can be played."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.convolution import sound
from gui.convolution.cursor import Cursor
from gui.convolution.view import Shown
from gui.session.session import Session
from gui.theme.theme import Theme
from gui.widgets.canvas import Canvas
from gui.widgets.choice import Chip, Choice
from gui.widgets.labels import name, paragraph, say
from tracer.convolution import shapes
from tracer.convolution.sound import RATES, pcm
from tracer.drawing.display_list import DisplayList
from tracer.drawing.signal import Seen, kernels_in_view, largest, picture

PATH = "convolution.signal"
ZOOMS = {"in": ("+", 1 / 2), "out": ("−", 2.0)}
LEAST = 16  # samples that are in view at least
ZOOM = 1.25  # of one notch of the wheel
STEPS = {"left": -1, "right": 1, "page up": -10, "page down": 10}


class SignalView:
    """Draws x and the responses; pointer, arrows and wheel move the output and the kernel that all tabs look at."""

    sections: Sequence[QWidget] = ()

    def __init__(self, _session: Session, theme: Theme, cursor: Cursor) -> None:
        self._cursor = cursor
        self._shown: Shown | None = None
        self._seen = Seen()
        self._drawn_of: object = None
        self.canvas = Canvas(f"{PATH}.canvas", "Signal and responses", theme)
        self.what = Choice(f"{PATH}.what", "what is played", [("x", "x"), ("y", "y")], "tool")
        self.rate = Choice(f"{PATH}.rate", "samples a second", [(rate, f"{rate} Hz") for rate in RATES], "tool")
        self.play = QPushButton("▶ Play")
        self.zooms = {sign: self._zoom_button(sign) for sign in ZOOMS}
        self._why = paragraph("", "muted", f"{PATH}.absence")
        self.widget = self._placed()
        self._player = sound.Player(self.widget)
        self._connect()

    def show(self, shown: Shown) -> None:
        """Show a signal; the kernel that is looked at stays in view."""
        self._shown = shown
        kernel = shown.chosen.output[-2]
        self.what.set_options([("x", "x"), ("y", f"y, kernel {kernel}")])
        can = not sound.absence() and bool(shown.numbers.arrays)
        for control in (self.play, self.what, self.rate):
            control.setEnabled(can)
        if shown.numbers.arrays is not self._drawn_of:
            self._drawn_of = shown.numbers.arrays
            self._seen = self._seen._replace(largest=largest(shown.numbers))
        self._keep_in_view(kernel)
        self._keep_place_in_view()
        self._draw()
        self.canvas.set_dimmed(shown.dimmed)

    def picture(self) -> DisplayList | None:
        """Give the picture in view."""
        return self.canvas.picture

    def _connect(self) -> None:
        self.play.clicked.connect(self._play)
        self.canvas.resized.connect(self._resized)
        self.canvas.hovered.connect(lambda owner: self._point(owner, pin=False))
        self.canvas.pressed.connect(lambda owner: self._point(owner, pin=True))
        self.canvas.stepped.connect(self._step)
        self.canvas.turned.connect(self._turn)
        self.canvas.dragged.connect(lambda _owner, by: self._pan(-by.x() / max(1, self.canvas.width())))

    def _resized(self) -> None:
        if self._shown is not None:
            self._keep_in_view(self._shown.chosen.output[-2])
        self._draw()

    def _draw(self) -> None:
        if self._shown is not None:
            shown, size = self._shown, self.canvas.size()
            drawn = picture(shown.settings, shown.numbers, shown.chosen, self._seen, size.width(), size.height())
            self.canvas.set_picture(drawn)

    def _keep_in_view(self, kernel: int) -> None:
        if self._shown is not None:
            count = kernels_in_view(self._shown.settings, self.canvas.height())
            first = min(max(self._seen.kernel, kernel - count + 1), kernel)
            first = max(0, min(first, self._shown.settings.out_channels - count))
            self._seen = self._seen._replace(kernel=first)

    def _keep_place_in_view(self) -> None:
        """Move the part of the signal that is in view so far that the output is in it."""
        if self._shown is None or self._seen.part is None:
            return
        length, (low, high) = self._shown.settings.input_size[0], self._seen.part
        at = self._at
        self._show_part(min(low, at) + max(0.0, at - high), high - low, length)

    @property
    def _at(self) -> float:
        """The sample of x that the output looked at stands over."""
        return self._over(self._shown.chosen.output[-1]) if self._shown else 0.0

    def _over(self, number: int) -> float:
        """Give the sample of x that an output stands over."""
        assert self._shown is not None
        return number * self._shown.settings.input_size[0] / shapes.output_size(self._shown.settings)[0]

    def _show_part(self, low: float, span: float, length: int) -> None:
        """Show so many samples from `low` on; all where there are no more."""
        if span >= length - 1:
            self._seen = self._seen._replace(part=None)
            return
        low = min(max(low, 0.0), length - 1 - span)
        self._seen = self._seen._replace(part=(low, low + span))

    def _turn(self, owner: str, notches: float, ctrl: bool) -> None:
        """Zoom about the sample under the pointer with Ctrl held, else show other kernels."""
        if not ctrl or self._shown is None:
            self._scroll(-round(notches))
            return
        side, _, numbers = owner.partition(" ")
        at = self._over(self._shown.chosen.output[-1])
        if side in ("x", "y"):
            number = int(numbers.split()[1])
            at = number if side == "x" else self._over(number)
        self._zoom(ZOOM**-notches, at)

    def _zoom(self, factor: float, at: float) -> None:
        if self._shown is not None:
            length = self._shown.settings.input_size[0]
            low, high = self._seen.part or (0.0, length - 1.0)
            span = max(min(LEAST, length - 1), (high - low) * factor)
            self._show_part(at - (at - low) * span / max(1.0, high - low), span, length)
            self._draw()

    def _pan(self, share: float) -> None:
        """Move along the signal by a share of what is in view."""
        if self._shown is not None and self._seen.part is not None:
            low, high = self._seen.part
            self._show_part(low + share * (high - low), high - low, self._shown.settings.input_size[0])
            self._draw()

    def _scroll(self, by: int) -> None:
        """Show other kernels."""
        if self._shown is not None:
            most = self._shown.settings.out_channels - kernels_in_view(self._shown.settings, self.canvas.height())
            self._seen = self._seen._replace(kernel=max(0, min(self._seen.kernel + by, most)))
            self._draw()

    def _point(self, owner: str, *, pin: bool) -> None:
        """Look at the output under the pointer; over x, at the one whose window is there."""
        side, _, numbers = owner.partition(" ")
        if side not in ("x", "y") or self._shown is None:
            return
        channel, number = map(int, numbers.split())
        output, settings = self._shown.chosen.output, self._shown.settings
        if side == "x":
            channel = output[-2]
            number = round(number * shapes.output_size(settings)[0] / settings.input_size[0])
        index = (*output[:-2], channel, number)
        if pin:
            self._cursor.choose("output", index)
            self._cursor.pin(True)
        else:
            self._cursor.hover("output", index)

    def _step(self, step: str) -> None:
        if self._shown is None:
            return
        *batch, kernel, number = self._shown.chosen.output
        if step in ("up", "down"):
            kernel += 1 if step == "down" else -1
        elif step in ("first", "last"):
            number = 0 if step == "first" else shapes.output_size(self._shown.settings)[0]
        elif step in STEPS:
            number += STEPS[step]
        if step in ("enter", "escape"):
            self._cursor.pin(step == "enter" and not self._shown.chosen.pinned)
        else:
            self._cursor.choose("output", (*batch, kernel, number))

    def _play(self) -> None:
        if self._shown is None:
            return
        chosen, batched = self._shown.chosen, self._shown.settings.batch is not None
        which = ("x", "y")[self.what.currentIndex()]
        array = self._shown.numbers.arrays[which]
        channels = array[chosen.output[0]] if batched else array
        channels = channels if which == "x" else channels[chosen.output[-2]][None]
        rate = RATES[self.rate.currentIndex()]
        say(self._why, self._player.play(pcm(channels, rate), len(channels), rate))

    def _zoom_button(self, way: str) -> Chip:
        sign, factor = ZOOMS[way]
        button = Chip(f"{PATH}.zoom_{way}", sign, f"Zoom {way}", stays=False)
        button.setToolTip(f"Zoom {way} along the signal (Ctrl and the wheel); drag to move along it")
        button.clicked.connect(
            lambda: self._zoom(factor, self._over(self._shown.chosen.output[-1]) if self._shown else 0)
        )
        return button

    def _placed(self) -> QWidget:
        widget = QWidget()
        widget.setObjectName(PATH)
        name(self.play, f"{PATH}.play", "Play")
        self.what.show_value("x")
        self.rate.show_value(RATES[0])
        self.play.setToolTip(sound.absence() or "Play the samples; a short signal is repeated for a second")
        self.what.setToolTip("Play the input, or the response of the kernel that is looked at")
        self.rate.setToolTip("How many samples are played a second")
        self._why.setAccessibleName("Why there is no sound")
        say(self._why, sound.absence())
        line = QHBoxLayout()
        line.setContentsMargins(18, 6, 12, 6)
        line.setSpacing(8)
        for control in (self.play, self.what, self.rate):
            line.addWidget(control)
        line.addWidget(self._why, 1)
        line.addStretch(0)
        for button in self.zooms.values():
            line.addWidget(button)
        box = QVBoxLayout(widget)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(line)
        box.addWidget(self.canvas, 1)
        return widget
