"""The modules of a model as a tree: name, × N where blocks are alike, parameters, and a mark for problems."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from gui.theme import fonts
from gui.theme.theme import Theme
from gui.widgets.labels import name
from tracer import quantities
from tracer.analysis.module_tree import TreeRow

ROW = Qt.ItemDataRole.UserRole
HEIGHT, GAP, INDENT = 24, 8, 15
OPEN_ROWS = 30  # a tree of at most so many rows opens wide, a larger one by one level


class ModuleTree(QTreeView):
    """Shows modules; `picked` gives the owner of the one that the person chose, `activated_row` that they want in."""

    picked = Signal(str)
    opened = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        name(self, "model.tree", "Modules")
        self.setProperty("kind", "tree")
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(INDENT)
        self.setExpandsOnDoubleClick(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFont(fonts.mono())
        self._items: dict[str, QStandardItem] = {}
        self._showing = False
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(theme, self))
        self.selectionModel().currentChanged.connect(self._tell)
        self.activated.connect(self._open)
        theme.changed.connect(lambda _: self.viewport().update())

    def show_rows(self, rows: Sequence[TreeRow], model: str) -> None:
        """Show the modules of a model; what was open and chosen stays so where the modules are the same."""
        if [row.path for row in rows] == list(self._items):
            for row in rows:
                _fill(self._items[row.path], row, model)
            return
        self._showing = True
        self._model.clear()
        self._items = {}
        above = [self._model.invisibleRootItem()]
        for row in rows:
            item = QStandardItem()
            _fill(item, row, model)
            depth = 0 if not row.path else row.depth
            del above[depth + 1 :]
            above[-1].appendRow(item)
            above.append(item)
            self._items[row.path] = item
        self.expandAll() if len(rows) <= OPEN_ROWS else self.expandToDepth(0)
        self._showing = False

    def select(self, module: str | None) -> None:
        """Show which module is selected, without telling; the nearest around it where it has no row."""
        self._showing = True
        path = module
        while path and path not in self._items:
            path = path.rpartition(".")[0]
        if module is None or path is None or path not in self._items or (module and not path):
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(self._items[path].index())
            self.scrollTo(self._items[path].index())
        self._showing = False

    def _tell(self, current: QModelIndex) -> None:
        if current.isValid() and not self._showing:
            self.picked.emit(f"module {current.data(ROW).path}")

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.data(ROW).path)


def _fill(item: QStandardItem, row: TreeRow, model: str) -> None:
    item.setData(row, ROW)
    item.setText(_called(row, model))
    words = [_called(row, model), *([f"{row.times} alike"] if row.times > 1 else [])]
    words += [f"{quantities.count(row.parameters)} parameters"] if row.parameters else []
    words += [f"{quantities.count(row.problems)} with a problem"] if row.problems else []
    item.setData(", ".join(words), Qt.ItemDataRole.AccessibleTextRole)
    kept = "" if row.kept is None else f"\nkeeps {quantities.size(row.kept)} for backward"
    shape = "" if row.shape is None else f"\noutput {quantities.brackets(row.shape)}"
    item.setToolTip(f"{', '.join(words)}{shape}{kept}")


def _called(row: TreeRow, model: str) -> str:
    if not row.path:
        return model
    return f"{row.name}–{row.last.rpartition('.')[2]}" if row.times > 1 else row.name


class _Delegate(QStyledItemDelegate):
    """Paints a row: the name, a pill where blocks are alike, a mark where there is a problem, and on the right the
    parameters."""

    def __init__(self, theme: Theme, parent: QTreeView) -> None:
        super().__init__(parent)
        self._theme, self._small = theme, fonts.mono(8)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        area, row = option.rect, index.data(ROW)  # type: ignore[attr-defined]
        painter.save()
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
                painter.fillRect(area, self._theme.colour("accent_fill"))
            right = self._amount(painter, area, row)
            self._name(painter, QRect(area.left() + 2, area.top(), right - area.left() - 2, area.height()), index, row)
        finally:
            painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(60, HEIGHT)

    def _amount(self, painter: QPainter, area: QRect, row: TreeRow) -> int:
        """Write the parameters; give where what is left of them ends."""
        words = short_count(row.parameters) if row.parameters else ""
        width = round(QFontMetricsF(self._small).horizontalAdvance(words))
        painter.setFont(self._small)
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(area.adjusted(0, 0, -GAP, 0), _RIGHT, words)
        return area.right() - width - 2 * GAP

    def _name(self, painter: QPainter, area: QRect, index: QModelIndex | QPersistentModelIndex, row: TreeRow) -> None:
        mark = f"▲ {row.problems}" if row.problems else ""
        pill = f"× {row.times}" if row.times > 1 else ""
        metrics = QFontMetricsF(self._small)
        taken = sum(metrics.horizontalAdvance(words) + 2 * GAP for words in (mark, pill) if words)
        name_font = fonts.mono()
        title = QFontMetricsF(name_font).elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, area.width() - taken
        )
        painter.setFont(name_font)
        painter.setPen(self._theme.colour("problem" if row.problems else "text"))
        painter.drawText(area, _LEFT, title)
        x = area.left() + QFontMetricsF(name_font).horizontalAdvance(title) + GAP
        painter.setFont(self._small)
        if pill:
            width = round(metrics.horizontalAdvance(pill)) + 12
            box = QRect(round(x), area.top() + 4, width, area.height() - 8)
            painter.setPen(self._theme.colour("field_border"))
            painter.drawRoundedRect(box, 8, 8)
            painter.setPen(self._theme.colour("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, pill)
            x += width + GAP
        if mark:
            painter.setPen(self._theme.colour("problem"))
            painter.drawText(QRect(round(x), area.top(), 60, area.height()), _LEFT, mark)


def short_count(count: int) -> str:
    """Write a count in three figures: 9 408 as "9.41 K", 25 557 032 as "25.6 M"."""
    for unit, word in ((1e9, "G"), (1e6, "M"), (1e3, "K")):
        if count >= unit:
            return f"{quantities.figure(count / unit, 3)} {word}"
    return quantities.count(count)


_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
