"""The tables of a recording: their rows come from the worker by the page, filtered and sorted there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from PySide6.QtCore import QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from gui.inspector.node_facts import Told
from gui.model.output import OutputPane
from gui.tables.columns import Column
from gui.tables.view import Table
from gui.theme.theme import Theme
from gui.widgets.entry import Entry
from gui.widgets.labels import label
from gui.workspace import tabs
from tracer import quantities
from tracer.worker.model.messages import AskRows, Opened, Page, PageColumn, PageRow
from tracer.worker.model.questions import Table as Kind

TITLES: dict[Kind, str] = {
    "problems": "Problems",
    "gradients": "Gradients",
    "shapes": "Shapes",
    "saved": "Saved for backward",
    "contributions": "Contributions",
    "nodes": "Nodes",
}
COUNT, TYPING_MS = 200, 250
COLOURS = {"problem": "problem", "possible": "attention"}
NOTHING = {"problems": "No problem was found.", "": "There is nothing to list."}


class PagedTable(QStackedWidget):
    """One table. `asked` gives what of it is wanted, `picked` the row that the person chose and what it says."""

    asked = Signal(dict)
    picked = Signal(object, object)

    def __init__(self, kind: Kind, theme: Theme) -> None:
        super().__init__()
        self.setObjectName(f"model.{kind}.page")
        self.setProperty("kind", "sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.kind, self._theme = kind, theme
        self.filter, self._sort, self._descending = "", -1, False
        self.page: Page | None = None
        self.rows: list[PageRow] = []
        self.table: Table | None = None
        self._wanted = ""
        self._say = label("", "waiting")
        self._say.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.addWidget(self._say)

    def forget(self, words: str) -> None:
        """Show words, and no rows."""
        self.page, self.rows = None, []
        self._say.setText(words)
        self.setCurrentWidget(self._say)

    def ask(self, first: int = 0) -> None:
        """Ask for rows, from the first on or from where those that are shown end."""
        wanted = {"first": first, "count": COUNT, "sort": self._sort, "descending": self._descending}
        self.asked.emit({"table": self.kind, "filter": self.filter, **wanted})

    def show_page(self, page: Page) -> None:
        """Show rows that came."""
        if self.table is None or _titles(self.page) != _titles(page):
            self._make(page.columns)
        assert self.table is not None
        self.rows = [*(self.rows[: page.first] if page.first else []), *page.rows]
        self.page = page
        bar = self.table.verticalScrollBar()
        at = bar.value() if page.first else 0
        with QSignalBlocker(self.table):
            self.table.set_rows(self.rows)
        bar.setValue(at)
        nothing = NOTHING.get(self.kind, NOTHING[""]) if not self.filter else "No row has all of these words."
        self.table.say(" ".join((*page.notes, nothing)))
        self.setCurrentWidget(self.table)
        self.show_owner(self._wanted)

    def show_owner(self, owner: str) -> None:
        """Show which row is about the selected part, without telling."""
        self._wanted = owner
        if self.table is None:
            return
        at = next((at for at, row in enumerate(self.rows) if row.owner == owner and owner), -1)
        current = self.table.currentIndex().row()
        if 0 <= current < len(self.rows) and self.rows[current].owner == owner and owner:
            return
        with QSignalBlocker(self.table):
            self.table.selectRow(at) if at >= 0 else self.table.clearSelection()

    def _make(self, columns: Sequence[PageColumn]) -> None:
        """Make the table anew for the columns that the worker has."""
        if self.table is not None:
            self.removeWidget(self.table)
            self.table.deleteLater()
        made = [_column(at, column) for at, column in enumerate(columns)]
        self.table = Table(f"model.{self.kind}", TITLES[self.kind], made, self._theme)
        self.table.picked.connect(self._pick)
        header = self.table.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(self._sort >= 0)
        header.sectionClicked.connect(self._sort_by)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.addWidget(self.table)

    def _pick(self, row: PageRow) -> None:
        self._wanted = row.owner
        titles = _titles(self.page)[1:]
        told = Told(
            row.cells[0], tuple((title, cell) for title, cell in zip(titles, row.cells[1:], strict=True) if cell)
        )
        self.picked.emit(row, told)

    def _sort_by(self, column: int) -> None:
        self._descending = not self._descending if column == self._sort else False
        self._sort = column
        if self.table is not None:
            order = Qt.SortOrder.DescendingOrder if self._descending else Qt.SortOrder.AscendingOrder
            self.table.horizontalHeader().setSortIndicatorShown(True)
            self.table.horizontalHeader().setSortIndicator(column, order)
        self.ask()

    def _scrolled(self, at: int) -> None:
        more = self.page is not None and len(self.rows) < self.page.found
        if more and self.table is not None and at >= self.table.verticalScrollBar().maximum() - 10:
            self.ask(len(self.rows))


class Pages(QObject):
    """The strip of tables, and what the script printed. `asked` and `picked` are those of the tables."""

    asked = Signal(dict)
    picked = Signal(object, object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.tables = {kind: PagedTable(kind, theme) for kind in get_args(Kind) if kind in TITLES}
        self.output = OutputPane()
        shown: list[tuple[str, QWidget]] = [(TITLES[kind], table) for kind, table in self.tables.items()]
        self.strip: QTabWidget = tabs("model.found", "What was found", [*shown, ("Output", self.output)])
        self.strip.setUsesScrollButtons(True)
        self.filter = Entry("model.filter", "Filter the rows of this table")
        self.filter.setPlaceholderText("filter rows")
        self.filter.setFixedWidth(104)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._filtered)
        self.filter.edited.connect(lambda _: self._typing.start())
        self._corner = corner = QWidget()
        corner.setProperty("kind", "sheet")
        corner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        box = QVBoxLayout(corner)
        box.setContentsMargins(4, 2, 10, 2)
        box.addWidget(self.filter)
        self.strip.setCornerWidget(corner)
        self._why: dict[str, str] = {}
        for table in self.tables.values():
            table.asked.connect(self.asked)
            table.picked.connect(self.picked)
        self.strip.currentChanged.connect(lambda _: self._turn())
        self.forget()

    @property
    def front(self) -> PagedTable | None:
        """The table in front; none where the output is."""
        shown = self.strip.currentWidget()
        return shown if isinstance(shown, PagedTable) else None

    def forget(self) -> None:
        """Show no rows, since nothing is open."""
        for kind, table in self.tables.items():
            table.forget("Nothing is open yet.")
            self._title(kind, None)
        self._why = dict.fromkeys(TITLES, "Nothing is open yet.")
        self._turn()

    def begin(self, opened: Opened) -> None:
        """Take another recording; what it can't fill says why."""
        self._why = {kind: opened.tables.get(kind, "") for kind in TITLES}
        for kind, table in self.tables.items():
            table.forget(self._why[kind] or "looking…")
            self._title(kind, None)
        if self.strip.currentWidget() is self.output and not opened.notes:
            self.strip.setCurrentIndex(0)
        self._turn()
        if self.front is not self.tables["problems"]:
            self.tables["problems"].ask()

    def show_output(self) -> None:
        """Bring the output to the front."""
        self.strip.setCurrentWidget(self.output)

    def find(self) -> None:
        """Let the person look for a node by name, shape, module, line or problem."""
        self.strip.setCurrentWidget(self.tables["nodes"])
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def take(self, page: Page) -> None:
        """Show rows that came."""
        if page.table in self.tables:
            self.tables[page.table].show_page(page)
            self._title(page.table, page.total)

    def refuse(self, question: AskRows, words: str) -> None:
        """Say why there are no rows."""
        if question.table in self.tables:
            self.tables[question.table].forget(words)

    def show_owner(self, owner: str) -> None:
        """Show in every table which row is about the selected part."""
        for table in self.tables.values():
            table.show_owner(owner)

    def _turn(self) -> None:
        front = self.front
        self._corner.setVisible(front is not None and not self._why.get(front.kind))
        if front is None:
            return
        self.filter.show_text(front.filter)
        if front.page is None and not self._why.get(front.kind):
            front.ask()

    def _filtered(self) -> None:
        if self.front is not None:
            self.front.filter = self.filter.text().strip()
            self.front.ask()

    def _title(self, kind: Kind, total: int | None) -> None:
        words = TITLES[kind] if total is None else f"{TITLES[kind]} {quantities.count(total)}"
        self.strip.setTabText(self.strip.indexOf(self.tables[kind]), words)


def _titles(page: Page | None) -> tuple[str, ...]:
    return () if page is None else tuple(column.title for column in page.columns)


def _column(at: int, column: PageColumn) -> Column:
    """Show the cells of a place; the first tells by its colour, and in words, whether the row is a problem."""

    def colour(row: Any) -> str:
        return COLOURS.get(row.mark, "text") if at == 0 else "text"

    def text(row: Any) -> str:
        mark = {"problem": "✕ ", "possible": "▲ "}.get(row.mark, "") if at == 0 else ""
        return mark + str(row.cells[at])

    least = 90 if at else 160
    return Column(column.title, text, column.tooltip, colour, column.number, at, not column.number, least)
