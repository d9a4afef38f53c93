"""The tabs over the canvas: which views there are, and that the one in front shows the newest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.convolution import slide
from gui.convolution.channels import ChannelsView
from gui.convolution.cursor import Cursor
from gui.convolution.docs import Docs
from gui.convolution.field import ReceptiveField
from gui.convolution.matrix import MatrixView
from gui.convolution.signal import SignalView
from gui.convolution.view import Shown, View
from gui.session.session import Session
from gui.theme.theme import Theme
from gui.workspace import GRAPH, tabs
from tracer.convolution import shapes
from tracer.convolution.chosen import Numbers
from tracer.convolution.layer import Settings
from tracer.drawing import signal
from tracer.drawing.display_list import DisplayList
from tracer.experiment import Convolution
from tracer.worker.messages import Arrays
from tracer.worker.spool import look

Maker = Callable[[Session, Theme, Cursor], View]
VIEWS: dict[str, Maker | None] = {  # the tabs in their order; the graph is the workspace's own
    "Slide": slide.make,
    GRAPH: None,
    "Matrix (Toeplitz)": MatrixView,
    "Channel by channel": ChannelsView,
    "Signal": SignalView,
    "Receptive field": ReceptiveField,
    "Docs": Docs,
}

FITS: dict[str, Callable[[Settings], bool]] = {"Signal": signal.fits}  # tabs that only some layers have


class Pictures(QObject):
    """Holds what is shown, and gives it to the view in front; the others are told when they come to the front."""

    def __init__(self, session: Session, theme: Theme, cursor: Cursor, graph: QWidget, node: QWidget) -> None:
        super().__init__()
        self._cursor = cursor
        self.views = {title: make(session, theme, cursor) for title, make in VIEWS.items() if make is not None}
        self._widgets = {title: self.views[title].widget if title in self.views else graph for title in VIEWS}
        self.strip = tabs("convolution.pictures", "Pictures", list(self._widgets.items()))
        self._sections = {title: self.views[title].sections if title in self.views else [node] for title in VIEWS}
        self.sections = [section for sections in self._sections.values() for section in sections]
        self._experiment: Convolution | None = None
        self._numbers, self._dimmed = Numbers(), False
        self.strip.currentChanged.connect(lambda _: self._come_to_front())
        cursor.moved.connect(self._show)
        self._come_to_front()

    @property
    def title(self) -> str:
        """Which view is in front."""
        return list(VIEWS)[self.strip.currentIndex()]

    @property
    def numbers(self) -> Numbers:
        """The numbers that are shown, as far as they came."""
        return self._numbers

    def picture(self) -> DisplayList | None:
        """Give the picture in view, for a file; the graph's comes from the worker."""
        return self.views[self.title].picture() if self.title in self.views else None

    def show_settings(self, experiment: Convolution, settings: Settings) -> None:
        """Show settings at once; the numbers of those before stay, where all shapes are the same, until newer come."""
        before = self._cursor.settings
        same = before is not None and _shapes(before) == _shapes(settings)
        self._numbers = Numbers(self._numbers.arrays if same else {}, False)
        self._experiment = experiment
        self._cursor.show_settings(settings)
        for title, fits in FITS.items():
            self.strip.setTabVisible(list(VIEWS).index(title), fits(settings))
        self._show()

    def show_arrays(self, stored: Arrays) -> Mapping[str, NDArray[Any]]:
        """Show the numbers that came, and give them."""
        self._numbers = Numbers(look(stored), True)
        self._show()
        return self._numbers.arrays

    def set_dimmed(self, dimmed: bool) -> None:
        """Dim the view while newer settings do not work."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self._show()

    def _come_to_front(self) -> None:
        for title, sections in self._sections.items():
            for section in sections:
                section.setVisible(title == self.title)
        self._show()

    def _show(self) -> None:
        settings, chosen = self._cursor.settings, self._cursor.chosen
        if self.title in self.views and self._experiment and settings and chosen:
            self.views[self.title].show(Shown(self._experiment, settings, self._numbers, chosen, self._dimmed))


def _shapes(settings: Settings) -> object:
    return [row.shape for row in shapes.shapes(settings)]
