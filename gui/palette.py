"""The command palette: every command with its keys, found by a few letters, run by Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.theme.theme import Theme
from gui.widgets.labels import label, name
from tracer import quantities

WIDE, ROW, MOST_ROWS, TOP, BESIDE = 560, 30, 11, 60, 20  # pixels, and how many rows are seen at once
NATIVE = QKeySequence.SequenceFormat.NativeText
WALK = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -MOST_ROWS, Qt.Key.Key_PageDown: MOST_ROWS}
Index = QModelIndex | QPersistentModelIndex


class Palette(QFrame):
    """Lies over the window until a command is run, Escape is pressed, or the focus goes elsewhere."""

    def __init__(self, window: QWidget, actions: Sequence[QAction], theme: Theme) -> None:
        super().__init__(window)
        name(self, "palette", "Command palette")
        self.setProperty("kind", "overlay")
        self._window, self._actions = window, tuple(actions)
        self._before: QWidget | None = None
        self.entry = QLineEdit(placeholderText="type a few letters of a command")
        name(self.entry, "palette.words", "Find a command")
        self.entry.textChanged.connect(lambda _: self._fill())
        self.entry.installEventFilter(self)
        self.list = QListWidget()
        name(self.list, "palette.commands", "Commands")
        self.list.setItemDelegate(_Row(theme, self.list))
        self.list.setProperty("kind", "palette")
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusProxy(self.entry)
        self.list.itemClicked.connect(self._run)
        self._none = label("No command has these letters.", "muted")
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(6)
        for widget in (self.entry, self.list, self._none):
            box.addWidget(widget)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_moved)
        self.hide()

    def begin(self) -> None:
        """Open with all commands, or close where it is open already."""
        if self.isVisible():
            self.end()
            return
        self._before = QApplication.focusWidget()
        self.entry.clear()
        self._fill()
        self.show()
        self.raise_()
        self.entry.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def end(self) -> None:
        """Close; the focus goes back to where it was."""
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Walk the list by the keys that are typed into the entry."""
        if watched is not self.entry or event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key = Qt.Key(event.key())
        if key in WALK:
            last = self.list.count() - 1
            self._choose(max(0, min(last, self.list.currentRow() + WALK[key])))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentItem())
        elif key == Qt.Key.Key_Escape:
            self.end()
        else:
            return False
        return True

    def _fill(self) -> None:
        """List the commands that have the letters, the best first."""
        self.list.clear()
        for at in ranked(self.entry.text(), [action.text() for action in self._actions]):
            self.list.addItem(_item(self._actions[at]))
        rows = min(self.list.count(), MOST_ROWS)
        self.list.setFixedHeight(rows * ROW + 4)
        self.list.setVisible(rows > 0)
        self._none.setVisible(not rows)
        self._choose(0)
        room = self._window.width()
        self.setFixedWidth(min(WIDE, room - 2 * BESIDE))
        self.adjustSize()
        self.move((room - self.width()) // 2, TOP)

    def _choose(self, row: int) -> None:
        self.list.setCurrentRow(row)
        item = self.list.currentItem()
        words = item.data(Qt.ItemDataRole.AccessibleTextRole) if item else "nothing found"
        self.entry.setAccessibleDescription(f"{words}, {quantities.count(self.list.count())} commands")

    def _run(self, item: QListWidgetItem | None) -> None:
        """Run a command that can be run here."""
        action = item.data(Qt.ItemDataRole.UserRole) if item else None
        if isinstance(action, QAction) and action.isEnabled():
            self.end()
            action.trigger()

    def _focus_moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        if self.isVisible() and now is not None and now is not self and not self.isAncestorOf(now):
            self.hide()


class _Row(QStyledItemDelegate):
    """Paints a command and its keys; the chosen row has a bar at its left."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        place: QRect = option.rect  # type: ignore[attr-defined]
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        action = index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        if chosen:
            painter.fillRect(place, self._theme.colour("accent_fill"))
            painter.fillRect(place.left(), place.top(), 3, place.height(), self._theme.colour("accent"))
        inside, middle = place.adjusted(12, 0, -10, 0), Qt.AlignmentFlag.AlignVCenter
        keys = "   ".join(filter(None, ("" if action.isEnabled() else "not here", _keys(action))))
        wide = painter.fontMetrics().horizontalAdvance(keys)
        painter.setPen(self._theme.colour("muted" if action.isEnabled() else "dim"))
        painter.drawText(inside, middle | Qt.AlignmentFlag.AlignRight, keys)
        painter.setPen(self._theme.colour("text" if action.isEnabled() else "dim"))
        room = inside.width() - wide - 16
        words = painter.fontMetrics().elidedText(_words(action), Qt.TextElideMode.ElideRight, room)
        painter.drawText(inside, middle | Qt.AlignmentFlag.AlignLeft, words)
        painter.restore()


def ranked(letters: str, names: Sequence[str]) -> list[int]:
    """Give the numbers of the names that have all these letters in their order; first those where they begin words."""
    found = []
    for at, text in enumerate(names):
        costs = [cost(word, text) for word in letters.casefold().split()]
        known = [each for each in costs if each is not None]
        if len(known) == len(costs):
            found.append((sum(known), at))
    return [at for _, at in sorted(found)]


def cost(letters: str, text: str) -> int | None:
    """Tell how far letters are from a text that has them in their order: 0 where it begins with them, `None` where it
    has them not."""
    small = text.casefold()
    if (at := small.find(letters)) >= 0:
        return 0 if at == 0 else 1 if not small[at - 1].isalnum() else 2
    place, gaps = -1, 0
    for letter in letters:
        following = small.find(letter, place + 1)
        if following < 0:
            return None
        gaps += following - place - 1 if place >= 0 else 0
        place = following
    return 3 + gaps


def _item(action: QAction) -> QListWidgetItem:
    made = QListWidgetItem(_words(action))
    made.setData(Qt.ItemDataRole.UserRole, action)
    made.setToolTip(action.toolTip())
    said = [_words(action), _keys(action), "" if action.isEnabled() else "not available here"]
    made.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, said)))
    return made


def _words(action: QAction) -> str:
    return f"{action.text()} ✓" if action.isChecked() else action.text()


def _keys(action: QAction) -> str:
    return "   ".join(keys.toString(NATIVE) for keys in action.shortcuts())
