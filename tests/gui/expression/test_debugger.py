"""The backward debugger in the window: keys, buttons, breakpoints, and that nothing is shown before it is there."""

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from gui.expression.presets import PRESETS
from gui.theme.theme import Theme
from gui.widgets.facts_grid import FactsGrid
from tracer.drawing.display_list import Text
from tracer.experiment import Expression, Input

Keys, Ctrl, Shift = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def debugger(window, session, settled):
    """The debugger of the lesson's program, at the end."""
    from gui.join import Join

    session.show("expression")
    settled()
    found = window.findChild(Join).workspaces["expression"].debugger
    window.activateWindow()
    yield found
    found.breakpoints = frozenset()
    found.leave()


@pytest.fixture
def press(window, part, qtbot):
    """A function that presses a key in a part of the window; the editor, if none is named."""

    def send(key, modifiers=NONE, target="expression.program"):
        part(target).setFocus()
        qtbot.keyClick(part(target), key, modifiers)

    return send


def column(table, title):
    at = [each.title for each in table.rows_model.columns].index(title)
    return [table.rows_model.columns[at].text(row) for row in table.rows_model.rows]


def picture(part):
    return part("expression.graph").selection.scene.picture


def facts(part, section="expression.step"):
    return [pair for grid in part(section).findChildren(FactsGrid) for pair in grid._facts]


def on_screen(part):
    """Everything that tells of gradients: picture, tables, inspector."""
    shown = [mark.text for mark in picture(part).marks if isinstance(mark, Text)]
    shown += [area.label for area in picture(part).areas]
    for table in ("gradients", "steps"):
        part(f"expression.{table}").show()
        model = part(f"expression.{table}").rows_model
        shown += [each.text(row) for row in model.rows for each in model.columns]
    shown.append(part("expression.by_hand.text").toPlainText())
    return "\n".join([*shown, *map(str, facts(part, "expression.node") + facts(part))])


def test_f10_and_f9_go_step_by_step_with_the_line_and_the_node(debugger, press, part):
    assert debugger.position == 5 and part("expression.step").isHidden()
    seen = []
    for _ in range(6):
        press(Keys.Key_F10)
        seen.append((debugger.position, part("expression.program").line, part("expression.node.title").text()))
    assert seen == [
        (0, 3, "MeanBackward0"),
        (1, 3, "MeanBackward0"),
        (2, 2, "MulBackward0"),
        (3, 2, "MulBackward0"),
        (4, 1, "SubBackward0"),
        (5, 1, "AccumulateGrad"),
    ]
    press(Keys.Key_F9)
    press(Keys.Key_F9, target="expression.graph")
    assert debugger.position == 3
    assert part("expression.step.title").text() == "Step 3 of 5 · now"
    press(Keys.Key_F9, Ctrl | Shift)
    assert debugger.position == 0 and part("expression.step.title").text() == "Step 1 of 5 · next"
    press(Keys.Key_F10, Ctrl | Shift)
    assert debugger.position == 5 and part("expression.step").isHidden()


def test_the_table_says_with_which_step_a_gradient_comes(debugger, press, part):
    gradients = part("expression.gradients")
    whole = column(gradients, "autograd")
    press(Keys.Key_F9, Ctrl | Shift)
    assert column(gradients, "variable") == ["a", "z", "y", "x"]
    assert column(gradients, "autograd") == ["1", "step 1", "step 3", "step 5"]
    assert column(gradients, "finite difference")[3] == column(gradients, "by hand")[3] == "–"
    assert part("expression.by_hand.text").toPlainText() == "Comes with step 5."
    for _ in range(3):
        press(Keys.Key_F10)
    assert column(gradients, "autograd") == [*whole[:3], "step 5"]
    press(Keys.Key_F10, Ctrl | Shift)
    assert column(gradients, "autograd") == whole
    assert part("expression.by_hand.text").toPlainText().endswith("equals x.grad on all 4 elements")


DISTINCT = Expression("y = x * 3\nz = y * y\na = (z * 0.75).sum()", {"x": Input([1.25, 2.5])})


def test_nothing_gives_a_later_gradient_away(debugger, session, settled, press, part, window):
    session.edit("expression", DISTINCT)
    settled()
    tabs = part("expression.found")
    tabs.setCurrentWidget(part("expression.steps"))
    press(Keys.Key_F9, Ctrl | Shift)
    for position in range(5):
        assert debugger.position == position
        every = [step.node for step in debugger.steps]
        for node in every:  # whatever is selected
            debugger._result.pick(f"node {node}")
            shown = on_screen(part)
            assert ("5.625" in shown or "45/8" in shown) == (position >= 3), position
            assert ("33.75" in shown or "135/4" in shown) == (position >= 4), position
        press(Keys.Key_F10)
    tabs.setCurrentIndex(0)


@pytest.mark.parametrize("name", ["y*y*3", "Softmax", "Broadcast", "Linear layer", "Vector backward", "Split", "Max"])
def test_forwards_and_back_and_at_the_end_all_is_as_before(debugger, session, settled, part, window, name):
    session.edit("expression", PRESETS[name])
    settled()
    ordinary, gradients = picture(part), part("expression.gradients").rows_model.rows
    last = len(debugger.steps)
    assert debugger.position == last > 0
    step, back = window.commands["backward_step"], window.commands["backward_back"]
    window.commands["backward_start"].trigger()
    ahead = []
    for position in range(last):
        assert debugger.position == position
        ahead.append(picture(part))
        step.trigger()
    assert picture(part) == ordinary and part("expression.gradients").rows_model.rows == gradients
    for shown in reversed(ahead):
        back.trigger()
        assert picture(part) == shown
    window.commands["backward_end"].trigger()
    assert picture(part) == ordinary and debugger.picture() is None


def test_breakpoints_are_drawn_run_to_and_taken_away_by_keyboard(debugger, press, part, session, settled):
    press(Keys.Key_F8)
    assert "Ctrl+F9" in part("status.sentence").text() and debugger.position == 5
    for at in (3, 2):  # the lesson's y*y, and y
        debugger._result.pick(f"node {debugger.steps[at].node}")
        press(Keys.Key_F9, Ctrl, "expression.graph")
    labels = [area.label for area in picture(part).areas if area.label.endswith("breakpoint")]
    assert len(labels) == 2
    stops = []
    for _ in range(4):
        press(Keys.Key_F8)
        stops.append((debugger.position, part("expression.node.title").text()))
    assert stops == [(2, "MulBackward0"), (3, "SubBackward0"), (5, "AccumulateGrad"), (2, "MulBackward0")]
    assert part("expression.step.title").text() == "Step 3 of 5 · next"
    press(Keys.Key_F8, Shift)
    assert debugger.position == 0
    debugger._result.pick(f"node {debugger.steps[3].node}")
    press(Keys.Key_F9, Ctrl, "expression.graph")
    assert debugger.breakpoints == {debugger.steps[2].node}
    assert part("status.sentence").text() == "No breakpoint any more at y (SubBackward0)"


def test_the_menu_of_a_node_runs_to_it(debugger, part, window):
    graph = part("expression.graph")
    area = next(area for area in picture(part).areas if area.owner == "node 1")
    zoom, origin = graph.camera.zoom, graph.camera.origin()
    place = QPoint(round(origin.x() + (area.x + 30) * zoom), round(origin.y() + (area.y + 12) * zoom))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, graph.viewport().mapToGlobal(place))
    QApplication.sendEvent(graph.viewport(), event)
    menu = graph.findChild(QMenu, "expression.graph.menu")
    assert graph.selection.owner == "node 1"
    assert [action.text() for action in menu.actions()][-2:] == ["Run to this node", "Breakpoint on this node"]
    menu.actions()[-2].trigger()
    menu.close()
    assert debugger.position == 3 and part("expression.node.title").text() == "SubBackward0"


def test_the_buttons_say_where_backward_is(debugger, part, qtbot, window):
    step = part("toolbar.backward_step")
    assert step.text() == "Backward step 5 / 5"
    qtbot.mouseClick(part("toolbar.backward_start"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(step, Qt.MouseButton.LeftButton)
    assert step.text() == "Backward step 1 / 5"
    assert step.accessibleName() == "One backward step on: Backward step 1 of 5"
    qtbot.mouseClick(part("toolbar.backward_back"), Qt.MouseButton.LeftButton)
    assert step.text() == "Backward step 0 / 5"
    step.setFocus()
    qtbot.keyClick(step, Keys.Key_Space)
    assert debugger.position == 1
    window.resize(900, 700)
    assert step.text() == "1 / 5" and window.width() == 900
    window.resize(1440, 900)


def test_a_row_of_the_steps_goes_to_that_step(debugger, part, qtbot):
    tabs, table = part("expression.found"), part("expression.steps")
    tabs.setCurrentWidget(table)
    assert column(table, "state") == ["done"] * 5
    assert column(table, ".grad") == ["", "", "", "", "[[−3/2, 0], [3/2, 3]]"]
    table.setFocus()
    table.selectRow(1)
    assert debugger.position == 2
    assert column(table, "state") == ["done", "now", "next", "pending", "pending"]
    assert column(table, "arrives")[3] == column(table, "leaves")[2] == column(table, ".grad")[4] == "pending"
    qtbot.keyClick(table, Keys.Key_Down)
    qtbot.keyClick(table, Keys.Key_Down)
    assert debugger.position == 4 and part("expression.node.title").text() == "SubBackward0"
    assert "cosine 1" in column(table, "arrives")[3]
    tabs.setCurrentIndex(0)


def test_a_step_tells_parts_share_cosine_and_sum(debugger, press, part):
    debugger.go(4)
    assert facts(part) == [
        ("from Mul", "[[−3/4, 0], [3/4, 3/2]]\n50\u202f%, cosine 1"),
        ("+ from Mul", "[[−3/4, 0], [3/4, 3/2]]\n50\u202f%, cosine 1"),
        ("= sum", "[[−3/2, 0], [3/2, 3]]"),
        ("to x (input 0)", "[[−3/2, 0], [3/2, 3]]"),
    ]


def test_gradients_that_gather_over_two_backwards_are_seen(debugger, session, settled, part):
    session.edit("expression", PRESETS["Two backwards"])
    settled()
    debugger.go(4)
    debugger._result.pick(f"node {debugger.steps[4].node}")
    assert facts(part)[-2:] == [(".grad now", "[[−1.5, 0], [1.5, 3]]"), (".grad after", "pending")]
    debugger.go(5)
    gathered = [
        (".grad before", "[[−1.5, 0], [1.5, 3]]"),
        ("+ arriving", "[[−1.5, 0], [1.5, 3]]"),
        (".grad after", "[[−3, 0], [3, 6]]"),
    ]
    assert facts(part)[-3:] == gathered
    cleared = PRESETS["Two backwards"].program.replace("\na.backward()", "\nx.grad.zero_()\na.backward()")
    session.edit("expression.program", cleared)
    settled()
    debugger.go(5)
    assert dict(facts(part))[".grad before"] == "[[0, 0], [0, 0]]"
    assert dict(facts(part))[".grad after"] == "[[−1.5, 0], [1.5, 3]]"


def test_the_position_stays_while_the_graph_is_the_same(debugger, session, settled, part, press):
    debugger.go(2)
    session.edit("expression.inputs", {"x": Input([[5, 6], [7, 8]])})
    settled()
    assert debugger.position == 2 and part("expression.step.title").text() == "Step 2 of 5 · now"
    assert column(part("expression.gradients"), "autograd")[2:] == ["step 3", "step 5"]
    session.edit("expression.program", "y = x - 2\nz = 3*y**2\na = z.mean()")
    settled()
    assert debugger.position == len(debugger.steps) == 5
    assert "step" not in " ".join(column(part("expression.gradients"), "autograd"))


def test_an_output_without_gradient_is_not_stepped(debugger, session, settled, press, part):
    session.edit("expression", PRESETS["w·x, neither"])
    settled()
    press(Keys.Key_F10)
    assert part("status.sentence").text().startswith("There is no backward to step through")
    assert part("toolbar.backward_step").text() == "Backward step –"
    press(Keys.Key_F9, Ctrl)
    press(Keys.Key_F8)


def test_stepping_is_painted_in_both_themes(debugger, window, part):
    debugger.go(3)
    seen = []
    for theme in ("dark", "light"):
        window.findChild(QAction, f"action.theme_{theme}").trigger()
        image = part("expression.graph").grab().toImage()
        wanted = window.findChild(Theme).colour("backward")
        near = sum(
            image.pixelColor(x, y) == wanted for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)
        )
        seen.append(near)
    assert min(seen) > 40


def test_what_is_exported_is_the_picture_on_screen(debugger, window, part):
    from gui.join import Join

    workspace = window.findChild(Join).workspaces["expression"]
    assert workspace.in_view() == ("Graph", None)
    debugger.go(2)
    assert workspace.in_view() == ("Graph", picture(part))


def test_while_another_graph_is_on_its_way_nothing_is_stepped_or_uncovered(debugger, part):
    debugger.go(2)
    result, shown = debugger._result, picture(part)
    drawn = result.drawn
    result.drawn = msgspec.structs.replace(drawn, edit=drawn.edit - 1)
    try:
        debugger.step()
        assert debugger.position == 2 and picture(part) == shown
        assert part("status.sentence").text().startswith("The graph is on its way")
    finally:
        result.drawn = drawn


def test_the_rule_with_its_numbers_comes_with_its_step(debugger, part):
    section = part("expression.rule")
    debugger._result.pick(f"node {debugger.steps[2].node}")
    assert not section.isHidden()
    debugger.go(2, debugger.steps[2].node)
    assert section.isHidden()
    debugger.go(3)
    assert not section.isHidden() and debugger.selected == debugger.steps[2].node
