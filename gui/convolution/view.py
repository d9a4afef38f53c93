"""What every view of a convolution is shown, and what the workspace needs of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from PySide6.QtWidgets import QWidget

from tracer.convolution.chosen import Chosen, Numbers
from tracer.convolution.layer import Settings
from tracer.drawing.display_list import DisplayList
from tracer.experiment import Convolution


class Shown(NamedTuple):
    """All that a view shows: the experiment, what it means, its numbers as far as they came, and what is looked at.
    `dimmed`: newer settings do not work, so this is the last that did."""

    experiment: Convolution
    settings: Settings
    numbers: Numbers
    chosen: Chosen
    dimmed: bool = False


class View(Protocol):
    """A tab over the canvas. It is told only while it is in front; `sections` stand in the inspector as long."""

    widget: QWidget
    sections: Sequence[QWidget]

    def show(self, shown: Shown) -> None: ...

    def picture(self) -> DisplayList | None:
        """The picture in view, for a file; `None` where it is none."""
