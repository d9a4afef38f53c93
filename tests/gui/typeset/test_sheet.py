"""What a sheet shows while a new formula is being shaped: never older lines as if they were the newest."""

import pytest
from PySide6.QtCore import QObject, Qt, Signal

from gui.theme.theme import Theme
from gui.typeset.lines import Piece
from gui.typeset.sheet import Sheet


class Slow(QObject):
    """A typesetter that never comes to an end."""

    ready = Signal()

    def has(self, formulas) -> bool:
        return not list(formulas)

    def ask(self, _key, _formulas) -> None:
        pass


@pytest.mark.parametrize(("grows", "shown"), [(True, "∂a/∂y = 2y"), (False, "words")])
def test_older_lines_stay_only_where_they_can_be_dimmed(qtbot, qapp, grows, shown):
    sheet = Sheet("test.sheet", "Formulas", Slow(), Theme("light"), grows=grows)
    sheet.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    qtbot.addWidget(sheet)
    sheet.show()
    sheet.show_rows([[Piece("words", None, "words")]], "words")
    sheet.show_rows([[Piece("∂a/∂y = 2y", r"\frac{a}{y}", "formula")]], "∂a/∂y = 2y")
    assert [placed.piece.text for placed in sheet.page().pieces] == [shown]
    assert sheet.toPlainText() == "∂a/∂y = 2y" and not sheet.is_typeset()
