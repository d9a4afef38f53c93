"""Two programs side by side in the window, with the real worker: set up, edited, compared, kept, closed."""

from collections import Counter
from operator import sub

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from gui.session import storage
from gui.theme.theme import Theme
from tracer.experiment import Expression, Input, Variant
from tracer.expression.presets import PRESETS

CUBE = Expression("y = x * x\nz = (y * x).sum()", {"x": Input([1, 2])})


@pytest.fixture
def expression(session, settled):
    """The Expression workspace in front; a function that shows a program in it."""

    def show(experiment):
        session.edit("expression", experiment)
        settled()

    session.show("expression")
    settled()
    return show


@pytest.fixture
def press(part, settled):
    """A function that presses a button by its name and waits for the answer."""

    def press(name):
        part(name).click()
        settled()

    return press


def shown_tabs(strip):
    return [strip.tabText(at) for at in range(strip.count()) if strip.isTabVisible(at)]


def differences(part):
    """The rows of the table as they are written, by variable, and its titles."""
    model = part("expression.differences").rows_model
    return (
        {model.columns[0].text(row): [column.text(row) for column in model.columns[1:]] for row in model.rows},
        [column.title for column in model.columns],
    )


def view(part):
    return part("expression.beside.graphs")


def card_texts(part, owner):
    picture = view(part).picture
    area = next(area for area in picture.areas if area.owner == owner)
    return [getattr(mark, "text", "") for mark in picture.marks[slice(*area.marks)]]


def test_two_spellings_stand_side_by_side_with_the_same_numbers(expression, press, part):
    press("expression.preset.Two spellings")
    assert part("expression.pictures").currentWidget() is view(part)
    assert part("expression.beside.program").toPlainText() == PRESETS["3*y**2"].program
    rows, titles = differences(part)
    assert titles == ["variable", "value, left", "value, right", "gradient, left", "gradient, right", "changed"]
    assert list(rows) == ["a", "z", "y", "x"] and {row[-1] for row in rows.values()} == {"✓ the same"}
    assert rows["x"][2] == rows["x"][3] == "[[−1.5, 0], [1.5, 3]]"
    words = part("expression.differences.words").text()
    assert words.startswith("The same numbers: 4 variables, within 0.01") and "MulBackward0 → PowBackward0" in words
    assert "≠ Mul here, Pow on the right" in card_texts(part, "node 2")
    assert "≠ Pow here, Mul on the left" in card_texts(part, "node b2")


def test_two_starts_take_eight_and_nine_passes(expression, press, part):
    press("expression.preset.Two starts")
    texts = [getattr(mark, "text", "") for mark in view(part).picture.marks]
    assert "10 nodes · line 4 ran 8 times" in texts and "11 nodes · line 4 ran 9 times" in texts
    rows, _ = differences(part)
    assert rows["x"][2:4] == ["[51.2, 512, 0.0512]", "[102.4, 1024, 0.1024]"]
    assert rows["x"][-1] == "≠ value: 3 of 3, by up to 3; gradient: 3 of 3, by up to 512"


def test_side_by_side_starts_from_a_copy_and_is_one_step_of_undo(window, expression, part, session, settled):
    assert (
        shown_tabs(part("expression.pictures")) == ["Graph", "By hand"] and part("expression.beside.open").isVisible()
    )
    window.commands["beside"].trigger()
    settled()
    assert session.value("expression.beside") == Variant(PRESETS["y*y*3"].program, PRESETS["y*y*3"].inputs)
    assert shown_tabs(part("expression.pictures")) == ["Graph", "By hand", "Side by side"]
    assert "Differences" in shown_tabs(part("expression.found")) and not part("expression.beside.open").isVisible()
    assert part("expression.differences.words").text().endswith("The graphs have the same nodes and edges.")
    session.history.undo()
    settled()
    assert session.value("expression.beside") is None and shown_tabs(part("expression.pictures")) == [
        "Graph",
        "By hand",
    ]
    session.history.redo()
    settled()
    part("expression.beside.close").click()
    settled()
    assert session.value("expression") == PRESETS["y*y*3"] and part("expression.beside.open").isVisible()
    assert not part("expression.beside.program").isVisible()


def test_closing_leaves_the_focus_where_the_person_is(window, expression, press, part, session, settled):
    press("expression.preset.Two spellings")
    window.activateWindow()
    part("expression.beside.program").setFocus()
    graph = view(part)
    graph.setFocus()
    session.history.undo()
    settled()
    assert not part("expression.beside.open").hasFocus()
    session.history.redo()
    part("expression.beside.close").setFocus()
    press("expression.beside.close")
    assert part("expression.beside.open").hasFocus()


def test_a_control_that_is_hidden_puts_nothing_there(window, expression, press, part, session, settled):
    """A change of theme repaints the words of an editor, which tells of a change of its text."""
    press("expression.preset.Two spellings")
    press("expression.beside.close")
    theme = window.findChild(Theme)
    before = theme.setting
    theme.set("dark" if theme.name == "light" else "light")
    QApplication.processEvents()
    theme.set(before)
    settled()
    assert session.value("expression.beside") is None


def test_typing_in_the_second_program_is_compared_and_undone(expression, press, part, session, settled, qtbot):
    press("expression.preset.Two spellings")
    editor = part("expression.beside.program")
    editor.setPlainText("y = x - 2\nz = 6*y\na = z.mean()")
    settled()
    rows, _ = differences(part)
    assert rows["x"][2:] == ["[[−1.5, 0], [1.5, 3]]", "[[1.5, 1.5], [1.5, 1.5]]", "≠ gradient: 3 of 4, by up to 3"]
    assert session.value("expression.program") == PRESETS["y*y*3"].program
    session.end_gesture()
    session.history.undo()
    settled()
    assert editor.toPlainText() == PRESETS["3*y**2"].program


def test_inputs_of_the_second_program_are_its_own(expression, press, part, session, settled):
    press("expression.preset.Two spellings")
    part("expression.beside.inputs.x.requires_grad").click()
    settled()
    assert session.value("expression.beside").inputs["x"].requires_grad is False
    assert session.value("expression.inputs")["x"].requires_grad is None
    name = part("expression.beside.inputs.x.name")
    name.setText("w")
    name.editingFinished.emit()
    settled()
    assert session.value("expression.beside").program.startswith("y = w - 2")
    assert list(session.value("expression.beside").inputs) == ["w"] and list(session.value("expression.inputs")) == [
        "x"
    ]
    press("expression.beside.inputs.add")
    assert len(session.value("expression.beside").inputs) == 2


REFUSED = [
    ("y = x - 2\nz = q", "Line 2, column 5: “q” has no value."),
    ("y = (", "Line 1, column 5: This can't be read"),
    ("y = x.reshape(3, 5)", "Line 1, column 5: "),
]


@pytest.mark.parametrize(("program", "words"), REFUSED)
def test_a_second_program_that_is_wrong_says_so_at_its_editor(expression, press, part, program, words, settled):
    press("expression.preset.Two spellings")
    before = view(part).picture
    part("expression.beside.program").setPlainText(program)
    settled()
    assert part("expression.beside.problem").text().startswith(words)
    assert part("expression.beside.program").property("wrong") is True
    assert part("expression.program.problem").text() == "" and not part("expression.program").property("wrong")
    assert view(part).picture is before and view(part).dimmed  # the last one stays, dimmed
    assert not part("expression.graph").dimmed  # the first program's is whole
    part("expression.beside.program").setPlainText(PRESETS["3*y**2"].program)
    settled()
    assert part("expression.beside.problem").text() == "" and not view(part).dimmed


def test_what_is_the_newest_is_not_dimmed_while_the_first_graph_is_drawn(window, expression, press, part):
    """On a slow machine the graph comes so late that what is older is dimmed before it."""
    from gui.join import Join

    press("expression.preset.Two spellings")
    join = next(child for child in window.children() if isinstance(child, Join))
    join.workspaces["expression"].result.set_dimmed(True)
    assert part("expression.graph").dimmed and not view(part).dimmed
    join.workspaces["expression"].result.set_dimmed(False)


def test_an_output_that_the_second_program_lacks_is_said_there(expression, part):
    expression(msgspec.structs.replace(CUBE, output="z", beside=Variant("y = x * x", CUBE.inputs)))
    assert part("expression.beside.problem").text().startswith("Output: ")
    assert not part("expression.graph").dimmed and part("expression.program.problem").text() == ""


def test_a_first_program_that_is_wrong_dims_both(expression, press, part, settled):
    press("expression.preset.Two spellings")
    part("expression.program").setPlainText("y = (")
    settled()
    assert view(part).dimmed and part("expression.graph").dimmed
    assert part("expression.program.problem").text() and part("expression.beside.problem").text() == ""


def test_the_selection_goes_to_the_partner_and_its_line(expression, press, part):
    press("expression.preset.Two spellings")
    both = view(part)
    both.selection.choose("node 3")
    assert both.partner == "node b3" and part("expression.graph").selection.owner == "node 3"
    assert part("expression.beside.program").line == part("expression.program").line == 2
    both.selection.choose("node b2")
    assert both.partner == "node 2" and part("expression.graph").selection.owner == "node 2"
    assert part("expression.node.title").text() == "PowBackward0, right"
    part("expression.graph").selection.choose("node 1")
    assert (both.selection.owner, both.partner) == ("node 1", "node b1")
    assert part("expression.node.title").text() == "SubBackward0"
    assert "Beside it: " in both.accessibleDescription()


def test_the_keys_lead_to_the_partner_and_on(expression, press, part, qtbot):
    press("expression.preset.Two spellings")
    both = view(part)
    both.selection.choose("node 2")
    for key, owner in (("Right", "node b2"), ("Down", "node b3"), ("Left", "node 3"), ("Up", "node 2")):
        qtbot.keyClick(both, getattr(Qt.Key, f"Key_{key}"))
        assert both.selection.owner == owner
    row = part("expression.differences").rows_model.rows[2]
    part("expression.differences").picked.emit(row)
    assert both.selection.owner == "node 1" and both.partner == "node b1"


def test_a_line_of_the_second_program_leads_to_its_node(window, expression, press, part):
    press("expression.preset.Two spellings")
    window.activateWindow()
    editor = part("expression.beside.program")
    editor.setFocus()
    editor.line_chosen.emit(2)
    assert view(part).selection.owner == "node b3" and view(part).partner == "node 3"


def test_detach_here_marks_what_changes_and_can_be_kept(expression, press, part, session, settled):
    expression(CUBE)
    part("expression.graph").selection.choose("node 1")
    assert part("expression.what_if.take").text() == "Detach y here"
    press("expression.what_if.take")
    assert session.value("expression.beside").program == "y = x * x; y = y.detach()\nz = (y * x).sum()"
    rows, titles = differences(part)
    assert titles[3:] == ["gradient", "with the change", "changed"]
    assert rows["x"][2:] == ["[3, 12]", "[1, 4]", "≠ gradient: 2 of 2, by up to 8"]
    assert rows["y"][3:] == ["none", "≠ gradient: only on the left"] and rows["z"][-1] == "✓ the same"
    assert "≠ other gradient" in card_texts(part, "node 0") and "≠ only here" in card_texts(part, "node 1")
    assert "with y detached" in [getattr(mark, "text", "") for mark in view(part).picture.marks]
    press("expression.beside.keep")
    assert session.value("expression") == Expression("y = x * x; y = y.detach()\nz = (y * x).sum()", CUBE.inputs)
    session.history.undo()
    settled()
    assert session.value("expression.program") == CUBE.program and session.value("expression.beside") is not None


def test_freeze_an_input_and_close(expression, press, part, session):
    expression(PRESETS["w·x"])
    part("expression.graph").selection.choose("node 0")
    label = part("expression.what_if.take").text().removeprefix("Freeze ")
    press("expression.what_if.take")
    assert session.value("expression.beside").inputs[label].requires_grad is False
    rows, _ = differences(part)
    assert rows[label][3:] == ["none", "≠ gradient: only on the left"]
    assert [row[-1] for name, row in rows.items() if name != label] == ["✓ the same"] * 2
    press("expression.beside.close")
    assert session.value("expression") == PRESETS["w·x"]


def test_what_can_not_be_changed_says_why(expression, press, part):
    expression(CUBE)
    part("expression.graph").selection.choose("node 2")
    assert not part("expression.what_if.take").isVisible()
    assert part("expression.what_if.why").text().startswith("Detach here: This value has no name.")
    press("expression.beside.open")
    view(part).selection.choose("node b0")
    assert "starts from the program on the left" in part("expression.what_if.why").text()


@pytest.mark.parametrize("view_name", ["expression.graph", "expression.beside.graphs"])
def test_the_menu_of_a_node_offers_it_too(expression, part, session, settled, view_name):
    expression(msgspec.structs.replace(CUBE, beside=Variant(CUBE.program, CUBE.inputs)))
    shown = part(view_name)
    shown.selection.choose("node 1")
    place = shown.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, shown.mapToGlobal(place))
    QApplication.sendEvent(shown, event)
    menu = part(f"{view_name}.menu")
    assert [action.text() for action in menu.actions()][:3] == [
        "What if: Detach y here", "Keep the second program", "Close the second program",
    ]  # fmt: skip
    assert len(menu.actions()) == (5 if view_name == "expression.graph" else 3)  # stepping is about the first alone
    menu.actions()[0].trigger()
    menu.hide()
    settled()
    assert session.value("expression.beside").program.startswith("y = x * x; y = y.detach()")


def test_the_picture_of_both_is_exported_and_zoomed(window, expression, press, part, folder, monkeypatch):
    asked = []

    def answer(_parent, title, proposed, _filters):
        asked.append((title, proposed))
        return str(folder / "both"), "SVG (*.svg)"

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    press("expression.preset.Two spellings")
    assert window.commands["export"].text() == "Export the side-by-side picture…"
    window.commands["export"].trigger()
    assert asked == [("Export the side-by-side picture", "expression-side-by-side.svg")]
    text = (folder / "both.svg").read_text()
    assert "≠ Pow here, Mul on the left" in text and "z = 3*y**2" in text
    zoom, graph = view(part).camera.zoom, part("expression.graph").camera.zoom
    window.commands["zoom_in"].trigger()
    assert view(part).camera.zoom > zoom and part("expression.graph").camera.zoom == graph
    press("expression.beside.close")
    assert window.commands["export"].text() == "Export the graph…"


def test_a_session_with_two_programs_is_opened_again(expression, session, folder):
    expression(msgspec.structs.replace(CUBE, beside=Variant("y = x ** 3", {"x": Input([1, 2], requires_grad=False)})))
    storage.write(folder / "two.gradtrace", session.keepable())
    from gui.files import by_workspace

    assert by_workspace(storage.read(folder / "two.gradtrace"))["expression"] == session.value("expression")


@pytest.mark.parametrize("theme_name", ["light", "dark"])
def test_both_themes_paint_what_differs_and_the_window_fits_900(window, expression, press, part, theme_name):
    theme = window.findChild(Theme)
    before, size = theme.setting, window.size()
    try:
        press("expression.preset.Two spellings")
        theme.set(theme_name)
        window.resize(900, 700)
        QApplication.processEvents()
        assert window.width() == 900
        view(part).actual_size()
        view(part).selection.choose("node 2")
        image = view(part).grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        points = Counter(image.pixel(x, y) for x in range(image.width()) for y in range(0, image.height(), 2))
        wanted = theme.colour("changed").getRgb()[:3]
        colours = {pixel: QColor.fromRgb(pixel).getRgb()[:3] for pixel in points}
        near = [pixel for pixel, one in colours.items() if max(map(abs, map(sub, one, wanted))) < 24]
        assert sum(points[pixel] for pixel in near) > 50
    finally:
        theme.set(before)
        window.resize(size)
