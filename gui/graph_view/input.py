"""What mouse, wheel and keys do to a graph view."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip

from gui.graph_view.camera import STEP
from gui.graph_view.walking import Step

if TYPE_CHECKING:
    from gui.graph_view.view import GraphView

Keys = Qt.Key
STEPS: dict[int, Step] = {
    Keys.Key_Up: "up",
    Keys.Key_Down: "down",
    Keys.Key_Left: "left",
    Keys.Key_Right: "right",
    Keys.Key_Home: "first",
    Keys.Key_End: "last",
}
COMMANDS: dict[int, Callable[[GraphView], None]] = {
    Keys.Key_Plus: lambda view: view.zoom_in(),
    Keys.Key_Equal: lambda view: view.zoom_in(),
    Keys.Key_Minus: lambda view: view.zoom_out(),
    Keys.Key_0: lambda view: view.actual_size(),
    Keys.Key_F: lambda view: view.fit(),
}
NOTCH = 120  # units of a wheel's turn from one click to the next


class Input(QObject):
    """Listens to a view and its viewport, and holds what lasts from one event to the next: the hand that pans."""

    def __init__(self, view: GraphView) -> None:
        super().__init__(view)
        self._view = view
        self._space = False
        self._grabbed: QPointF | None = None
        self._answers: dict[QEvent.Type, Callable[[QEvent], bool]] = {
            QEvent.Type.KeyPress: self._key_pressed,
            QEvent.Type.KeyRelease: self._key_released,
            QEvent.Type.Wheel: self._wheel,
            QEvent.Type.MouseButtonPress: self._pressed,
            QEvent.Type.MouseMove: self._moved,
            QEvent.Type.MouseButtonRelease: self._released,
            QEvent.Type.MouseButtonDblClick: self._double_clicked,
            QEvent.Type.ToolTip: self._tip,
        }
        view.installEventFilter(self)
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answer the events that are ours, and let the others pass."""
        kind = event.type()
        if watched is self._view:
            answered = kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) and self._answers[kind](event)
            if kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
                self._view.viewport().update()
            return answered
        if kind == QEvent.Type.Resize and self._view.camera.free:
            self._view.fit()
        answer = self._answers.get(kind)
        return answer is not None and answer(event)

    def _key_pressed(self, event: QEvent) -> bool:
        key = cast(QKeyEvent, event)
        plain = not key.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if not plain:
            return False
        if key.key() in STEPS:
            self._view.selection.walk(STEPS[key.key()])
        elif key.key() in COMMANDS:
            COMMANDS[key.key()](self._view)
        elif key.key() in (Keys.Key_Return, Keys.Key_Enter) and self._view.selection.owner:
            self._view.activated.emit(self._view.selection.owner)
        elif key.key() == Keys.Key_Escape and self._view.finding:
            self._view.finder.end()
        elif key.key() == Keys.Key_Escape and self._view.selection.owner:
            self._view.selection.choose("")
        elif key.key() == Keys.Key_Space:
            self._hold_space(key.isAutoRepeat())
        else:
            return False
        return True

    def _hold_space(self, repeated: bool) -> None:
        if not repeated:
            self._space = True
            self._view.viewport().setCursor(Qt.CursorShape.OpenHandCursor)

    def _key_released(self, event: QEvent) -> bool:
        key = cast(QKeyEvent, event)
        if key.key() != Keys.Key_Space or key.isAutoRepeat():
            return False
        self._space = False
        self._view.viewport().unsetCursor()
        return True

    def _wheel(self, event: QEvent) -> bool:
        wheel = cast(QWheelEvent, event)
        if not wheel.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        camera = self._view.camera
        camera.zoom_to(camera.zoom * STEP ** (wheel.angleDelta().y() / NOTCH), wheel.position())
        return True

    def _pressed(self, event: QEvent) -> bool:
        mouse = cast(QMouseEvent, event)
        left = mouse.button() == Qt.MouseButton.LeftButton
        if mouse.button() == Qt.MouseButton.MiddleButton or (left and self._space):
            self._grabbed = mouse.position()
            self._view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif left:
            self._view.selection.choose(self._view.selection.at(mouse.position()))
        return False

    def _moved(self, event: QEvent) -> bool:
        mouse = cast(QMouseEvent, event)
        if self._grabbed is None:
            return False
        self._view.camera.pan(mouse.position() - self._grabbed)
        self._view.camera.free = False
        self._grabbed = mouse.position()
        return True

    def _released(self, event: QEvent) -> bool:
        if self._grabbed is None:
            return False
        self._grabbed = None
        if self._space:
            self._view.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self._view.viewport().unsetCursor()
        return True

    def _double_clicked(self, event: QEvent) -> bool:
        owner = self._view.selection.at(cast(QMouseEvent, event).position())
        if owner:
            self._view.activated.emit(owner)
        return bool(owner)

    def _tip(self, event: QEvent) -> bool:
        help_ = cast(QHelpEvent, event)
        label = self._view.selection.label(self._view.selection.at(QPointF(help_.pos())))
        if label:
            QToolTip.showText(help_.globalPos(), f"<p>{html.escape(label)}</p>", self._view)
        else:
            QToolTip.hideText()
        return True
