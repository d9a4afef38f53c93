"""The Docs tab: torch's own documentation of the layer, each argument a link to its field."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QTextBrowser, QVBoxLayout, QWidget

from gui.convolution.cursor import Cursor
from gui.convolution.docs_page import ARGUMENT, page, style
from gui.convolution.fields import SECTIONS
from gui.convolution.view import Shown
from gui.session.session import Session
from gui.theme.roles import colours
from gui.theme.theme import Theme
from gui.widgets.find_box import FindBox
from gui.widgets.labels import name, paragraph
from tracer.convolution.docstring import blocks
from tracer.drawing.display_list import DisplayList

FIELDS = frozenset(field.name for _, fields in SECTIONS for field in fields)
MARGIN = 18


class Docs:
    """Shows the docstring that the worker read from the installed torch, with a box to find words in it."""

    sections: Sequence[QWidget] = ()

    def __init__(self, session: Session, theme: Theme, _cursor: Cursor) -> None:
        self._session, self._theme = session, theme
        self._layer = ""
        self._page: tuple[str, str, str] | None = None
        self.widget = QWidget()
        self.widget.setObjectName("convolution.docs")
        self._title = paragraph("", "muted", "convolution.docs.title")
        self.browser = _browser()
        self.browser.anchorClicked.connect(self._follow)
        self.find = FindBox("convolution.docs.find", "Find in the documentation", self.browser, theme)
        self._place()
        session.workers.changed.connect(lambda _state, _words: self._write())
        theme.changed.connect(lambda _: self._write())

    def show(self, shown: Shown) -> None:
        """Show the documentation of the layer."""
        self._layer = shown.settings.layer
        self._write()

    def picture(self) -> DisplayList | None:
        """Give none: this is text."""
        return None

    def _place(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(MARGIN, 6, 10, 6)
        top.setSpacing(10)
        top.addWidget(self._title, 1)
        top.addWidget(self.find)
        box = QVBoxLayout(self.widget)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(top)
        box.addWidget(self.browser, 1)

    def _write(self) -> None:
        """Write the page, unless it stands there already, or nobody has looked at it yet."""
        if not self._layer:
            return
        ready, state = self._session.workers.pair.ready, self._session.workers.state
        text = ready.docs.get(self._layer, "") if ready else ""
        said = text or _absence(state, self._layer)
        wanted = (self._layer, said, self._theme.name)
        if wanted == self._page:
            return
        self._page = wanted
        version = f"  ·  as the installed torch {ready.torch} documents it" if ready else ""
        self._title.setText(f"torch.nn.{self._layer}{version}")
        self.browser.document().setDefaultStyleSheet(style(colours(self._theme.name)))
        self.browser.setHtml(page(blocks(said), FIELDS))
        self.find.seek_again()

    def _follow(self, link: QUrl) -> None:
        """Go to an argument's field, or open a page of the web."""
        if link.toString().startswith(ARGUMENT):
            self._focus(link.toString().removeprefix(ARGUMENT))
        else:
            QDesktopServices.openUrl(link)

    def _focus(self, field: str) -> None:
        window = self.widget.window()
        paths = (f"convolution.{field}.0", f"convolution.{field}")
        target = next(filter(None, (window.findChild(QWidget, path) for path in paths)), None)
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)
            form = window.findChild(QScrollArea, "convolution.form")
            if form is not None:
                form.ensureWidgetVisible(target)


def _absence(state: str, layer: str) -> str:
    if state == "ready":
        return f"This torch has no documentation of {layer}: Python's option -OO takes it out."
    return "PyTorch can't be started." if state == "failed" else "starting PyTorch…"


def _browser() -> QTextBrowser:
    browser = QTextBrowser()
    name(browser, "convolution.docs.text", "Documentation of the layer")
    browser.setOpenLinks(False)
    browser.setFrameShape(QFrame.Shape.NoFrame)
    browser.document().setDocumentMargin(MARGIN)
    browser.setToolTip("A blue argument goes to its field in the form")
    return browser
