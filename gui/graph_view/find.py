"""The bar that finds nodes of a graph: by name, operation, shape, dtype, value or line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QWidget

from gui.graph_view.painting import NEAR
from gui.graph_view.scene import Scene
from gui.widgets.labels import label, name
from tracer import quantities
from tracer.drawing.display_list import Area

if TYPE_CHECKING:
    from gui.graph_view.view import GraphView

FROM_EDGE, READABLE = 8, 0.75  # pixels to the corner of the view; the zoom at which a node that was far away is read
WIDTH = (110, 190)  # pixels of the entry, at least and at most
NUMBERED = re.compile(r"\b(line|pass) (\d+)\b")
TIMES = re.compile(r"(?<=\d)\s*[x×*]\s*(?=\d)")


class Words(NamedTuple):
    """What can be looked for of a card: its text, and the same in small letters."""

    owner: str
    text: str
    small: str


class FindBar(QWidget):
    """Marks what matches, counts it, and goes from one to the next: Enter or F3 on, with Shift back, Escape ends."""

    def __init__(self, view: GraphView) -> None:
        super().__init__(view)
        self._view = view
        self.matches: tuple[str, ...] = ()
        self._of: Scene | None = None
        self._cards: tuple[Words, ...] = ()
        path = f"{view.objectName() or 'graph'}.find"
        self.setObjectName(path)
        self.setProperty("kind", "overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.entry = QLineEdit(placeholderText="find a node", clearButtonEnabled=False)
        name(self.entry, f"{path}.words", "Find a node")
        self.entry.setToolTip(
            "A name, operation, shape, dtype, value or line, such as mul 2x2; several words must all match"
        )
        self.entry.setMinimumWidth(WIDTH[0])
        self.entry.setMaximumWidth(WIDTH[1])
        self.count = label("", "muted", f"{path}.count")
        self.entry.textChanged.connect(lambda _: self._seek(go=True))
        view.pictured.connect(self._seek_again)
        view.viewport().installEventFilter(self)
        self._place(path)
        self.hide()

    def begin(self) -> None:
        """Open the bar and put the cursor into it."""
        self.show()
        self.raise_()
        self._seek(go=False)
        self.entry.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.entry.selectAll()

    def step(self, by: int) -> None:
        """Go to the next match, or to the one before; begin where nothing is looked for."""
        if self.isHidden() or not self.entry.text().strip():
            self.begin()
        elif self.matches:
            at = self.matches.index(self._here()) + by if self._here() else 0 if by > 0 else -1
            self._go(self.matches[at % len(self.matches)])

    def end(self) -> None:
        """Take the marks away and close; the graph has the focus again."""
        self.hide()
        self._view.marks.set("found", ())
        self._view.minimap.mark(())
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.end()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner of a view that is resized."""
        if event.type() is QEvent.Type.Resize:
            self._move()
        return super().eventFilter(watched, event)

    def _seek_again(self) -> None:
        """Find in another picture what was looked for."""
        if not self.isHidden():
            self._seek(go=False)

    def _seek(self, go: bool) -> None:
        """Mark all that matches; go to the first of them unless one of them is where the person is."""
        scene = self._view.selection.scene
        if scene is not self._of:
            self._of, self._cards = scene, spoken(scene.picture.areas, self._view.more) if scene else ()
        self.matches = matching(self.entry.text(), self._cards)
        self._view.marks.set("found", self.matches)
        self._view.minimap.mark(self.matches)
        if go and self.matches and not self._here():
            self._go(self.matches[0], near=False)
        self._tell()

    def _here(self) -> str:
        """Give the match that is selected."""
        owner = self._view.selection.owner
        return owner if owner in self.matches else ""

    def _go(self, owner: str, near: bool = True) -> None:
        camera, scene = self._view.camera, self._view.selection.scene
        area = scene.areas[owner] if scene else None
        if near and area and camera.zoom < NEAR and scene and scene.cards > 1:
            camera.zoom_to(READABLE)
            camera.centre(area.x + area.width / 2, area.y + area.height / 2)
        self._view.selection.choose(owner)
        self._tell()

    def _tell(self) -> None:
        words, many, here = self.entry.text().strip(), len(self.matches), self._here()
        at = f"{quantities.count(self.matches.index(here) + 1)} of " if here else ""
        self.count.setText("" if not words else f"{at}{quantities.count(many)}" if many else "none")
        self.entry.setAccessibleDescription(f"{self.count.text()} found" if words else "")
        self._move()

    def _place(self, path: str) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(6, 5, 6, 5)
        line.setSpacing(5)
        line.addWidget(self.entry, 1)
        line.addWidget(self.count)
        for key, sign, words, do in (
            ("back", "▲", "Match before (Shift+F3)", lambda: self.step(-1)),
            ("next", "▼", "Next match (F3)", lambda: self.step(1)),
            ("close", "×", "Close (Escape)", self.end),
        ):
            button = QPushButton(sign)
            name(button, f"{path}.{key}", words.partition(" (")[0])
            button.setToolTip(words)
            button.setProperty("kind", "small")
            button.setFixedWidth(26)
            button.setStyleSheet("padding: 0")
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            button.clicked.connect(do)
            line.addWidget(button)

    def _move(self) -> None:
        room = self._view.viewport().geometry()
        self.resize(min(self.sizeHint().width(), room.width() - 2 * FROM_EDGE), self.sizeHint().height())
        self.move(room.right() - self.width() - FROM_EDGE, room.top() + FROM_EDGE)


def spoken(areas: Iterable[Area], more: Callable[[str], str]) -> tuple[Words, ...]:
    """Give the words of each card, in the order of the picture."""
    cards = (area for area in areas if not area.joins and not area.owner.startswith("frame "))
    texts = ((area.owner, _plain(f"{area.label} {more(area.owner)}")) for area in cards)
    return tuple(Words(owner, text, text.lower()) for owner, text in texts)


def matching(words: str, cards: Iterable[Words]) -> tuple[str, ...]:
    """List the cards that have words which begin with all of these.

    "mul" finds MulBackward0 and not AccumulateGrad, "grad" finds AccumulateGrad, and "4.5" not 14.5.
    """
    wanted = [word.lower() for word in _plain(words).split()]
    return tuple(card.owner for card in cards if _has(card, wanted)) if wanted else ()


def _plain(text: str) -> str:
    """Write a text with plain minus signs, shapes as 2x2, and lines and passes as one word each."""
    return NUMBERED.sub(r"\1_\2_", TIMES.sub("x", text.replace("−", "-")))


def _has(card: Words, wanted: Sequence[str]) -> bool:
    small = card.small
    return all(word in small for word in wanted) and all(_begins(card.text, small, word) for word in wanted)


def _begins(text: str, small: str, word: str) -> bool:
    """Tell whether a word of the text, or a part of a name such as GradMode, begins with this."""
    at = small.find(word)
    while at >= 0:
        before, here = text[at - 1 : at], text[at : at + 1]
        if not (before.isalnum() or before == ".") or not here.isalnum() or (here.isupper() and before.islower()):
            return True
        at = small.find(word, at + 1)
    return False
