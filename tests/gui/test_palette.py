"""The command palette: every command is in it with its keys, found by letters, run by Enter."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from gui import actions
from gui.palette import Palette, ranked

NAMES = ["Open session…", "Fit the graph", "Zoom in", "Zoom out", "Find a node…", "Full screen", "Export the graph…"]
LETTERS = [
    ("", NAMES),
    ("zo", ["Zoom in", "Zoom out"]),
    ("graph", ["Fit the graph", "Export the graph…"]),
    ("GRAPH fit", ["Fit the graph"]),
    ("fn", ["Find a node…", "Full screen"]),
    ("out", ["Zoom out"]),
    ("ot", ["Export the graph…", "Zoom out"]),
    ("xyz", []),
]


@pytest.mark.parametrize(("letters", "found"), LETTERS)
def test_what_letters_find(letters, found):
    assert [NAMES[at] for at in ranked(letters, NAMES)] == found


@pytest.fixture
def palette(window, qtbot):
    window.activateWindow()
    window.commands["palette"].trigger()
    found = window.findChild(Palette)
    yield found
    found.hide()


def shown(palette):
    return [palette.list.item(at).data(Qt.ItemDataRole.UserRole).objectName() for at in range(palette.list.count())]


def test_every_command_is_there_with_its_keys(window, palette):
    assert shown(palette) == [f"action.{command.name}" for command in actions.TABLE if command.name != "palette"]
    said = [palette.list.item(at).data(Qt.ItemDataRole.AccessibleTextRole) for at in range(palette.list.count())]
    assert "Save session…, Ctrl+S" in said and "Redo, Ctrl+Shift+Z   Ctrl+Y, not available here" in said
    assert palette.isVisible() and palette.entry.hasFocus()
    assert window.rect().contains(palette.geometry())


@pytest.mark.parametrize("key", [(Qt.Key.Key_P, "control shift"), (Qt.Key.Key_K, "control")])
def test_its_keys_work_while_something_is_typed(window, part, session, qtbot, key):
    session.show("expression")
    window.activateWindow()
    part("expression.program").setFocus()
    before = part("expression.program").toPlainText()
    held = Qt.KeyboardModifier.ControlModifier
    held |= Qt.KeyboardModifier.ShiftModifier if "shift" in key[1] else Qt.KeyboardModifier.NoModifier
    qtbot.keyClick(part("expression.program"), key[0], held)
    palette = window.findChild(Palette)
    assert palette.isVisible()
    qtbot.keyClick(palette.entry, Qt.Key.Key_Escape)
    assert not palette.isVisible() and QApplication.focusWidget() is part("expression.program")
    assert part("expression.program").toPlainText() == before


def test_arrows_and_enter_run_a_command(window, palette, session, qtbot):
    qtbot.keyClicks(palette.entry, "×")
    assert shown(palette) == ["action.matvec"]
    palette.entry.clear()
    qtbot.keyClicks(palette.entry, "express")
    qtbot.keyClick(palette.entry, Qt.Key.Key_Return)
    assert not palette.isVisible() and session.workspace == "expression"


def test_arrows_stay_in_the_list(palette, qtbot):
    qtbot.keyClicks(palette.entry, "zoom")
    for key, row in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Down, 1), (Qt.Key.Key_Up, 0), (Qt.Key.Key_PageUp, 0)):
        qtbot.keyClick(palette.entry, key)
        assert palette.list.currentRow() == row
    assert palette.entry.accessibleDescription() == "Zoom in, Ctrl++   Ctrl+=, 2 commands"


def test_what_cannot_be_done_here_is_not_run(palette, qtbot, window):
    qtbot.keyClicks(palette.entry, "redo")
    qtbot.keyClick(palette.entry, Qt.Key.Key_Return)
    assert palette.isVisible() and not window.commands["redo"].isEnabled()


def test_nothing_found_is_said(palette, qtbot):
    qtbot.keyClicks(palette.entry, "qqq")
    assert palette.list.count() == 0 and palette.entry.accessibleDescription() == "nothing found, 0 commands"
    qtbot.keyClick(palette.entry, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_it_goes_when_the_focus_goes(palette, part):
    part("toolbar.seed").setFocus()
    assert not palette.isVisible()


def test_find_is_one_of_the_commands(window, session, settled, part, qtbot):
    session.show("expression")
    settled()
    window.commands["find"].trigger()
    finder = part("expression.graph").finder
    qtbot.keyClicks(finder.entry, "float32 sub")
    assert finder.count.text() == "1 of 1" and part("expression.graph").selection.owner == "node 1"
    assert "SubBackward0" in part("expression.node.title").text()
    window.commands["find_next"].trigger()
    qtbot.keyClick(finder.entry, Qt.Key.Key_Escape)
    assert not finder.isVisible()


def test_find_brings_the_graph_to_the_front(window, front, part):
    front("Slide")
    window.commands["find"].trigger()
    assert part("convolution.graph").isVisible() and part("convolution.graph").finder.isVisible()
    part("convolution.graph").finder.end()
