"""The forms by keyboard and wheel."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from gui.expression.presets import LESSON as EXPRESSION
from tracer.convolution.python_source import python_source
from tracer.experiment import Input

NUMBERS = [
    "batch", "in_channels", "input_size.0", "input_size.1", "fill", "values.open", "load", "out_channels",
    "kernel_size.0", "kernel_size.1", "stride.0", "stride.1", "padding.0",
    "padding.1", "padding.valid", "padding.same", "dilation.0", "dilation.1",
    "groups", "padding_mode", "bias", "loss",
]  # fmt: skip


def test_tab_goes_from_top_to_bottom(window, part, qtbot):
    first = part("convolution.batch")
    first.setFocus()
    walked = []
    for _ in NUMBERS:
        walked.append(QApplication.focusWidget().objectName().removeprefix("convolution."))
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert walked == NUMBERS


def wheel(widget, up):
    turn = QPoint(0, 120 if up else -120)
    event = QWheelEvent(
        QPointF(5, 5), widget.mapToGlobal(QPointF(5, 5)), QPoint(), turn, Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_the_wheel_steps_only_what_has_the_focus(window, part, session):
    entry, choice = part("convolution.groups"), part("convolution.layer")
    part("convolution.batch").setFocus()
    wheel(entry, up=True)
    wheel(choice, up=False)
    assert (session.value("convolution.groups"), session.value("convolution.layer")) == (1, "Conv2d")
    entry.setFocus()
    wheel(entry, up=True)
    assert session.value("convolution.groups") == 2


@pytest.mark.parametrize(("key", "expected"), [(Qt.Key.Key_Up, (4, 5)), (Qt.Key.Key_Down, (2, 5))])
def test_arrows_step_a_number(window, part, session, qtbot, key, expected):
    entry = part("convolution.kernel_size.0")
    entry.setFocus()
    qtbot.keyClick(entry, key)
    assert session.value("convolution.kernel_size") == expected


def test_shift_steps_by_ten_and_the_steps_are_one_undo(window, part, session, qtbot):
    entry = part("convolution.in_channels")
    entry.setFocus()
    qtbot.keyClick(entry, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert session.value("convolution.in_channels") == 30
    qtbot.keyClick(entry, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(entry, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert session.value("convolution.in_channels") == 10
    assert session.history.count() == 1


def test_the_number_of_the_focused_field_is_lit(window, part):
    part("convolution.kernel_size.1").setFocus()
    assert "background" in part("convolution.formula.1").text()
    assert "background" not in part("convolution.formula.0").text()
    part("convolution.groups").setFocus()
    assert "background" not in part("convolution.formula.1").text()


def test_a_word_for_the_padding_stands_in_its_fields(window, part, session, qtbot):
    qtbot.mouseClick(part("convolution.padding.same"), Qt.MouseButton.LeftButton)
    assert session.value("convolution.padding") == "same"
    assert part("convolution.padding.0").placeholderText() == "same"
    qtbot.keyClicks(part("convolution.padding.0"), "2")
    assert session.value("convolution.padding") == (2, 0)
    assert not part("convolution.padding.same").isChecked()


def test_fields_follow_the_axes_of_the_layer(window, part):
    part("convolution.layer").chosen.emit("ConvTranspose3d")
    assert part("convolution.kernel_size.2").isVisible()
    assert part("convolution.output_padding.0").isVisible()
    part("convolution.layer").chosen.emit("Conv1d")
    assert not part("convolution.kernel_size.1").isVisible()
    assert not part("convolution.output_padding.0").isVisible()


def test_the_padding_that_keeps_the_size_can_be_applied(window, part, session, qtbot):
    assert part("convolution.keep_size").text() == "padding = (1, 2) gives 64 × 128."
    qtbot.mouseClick(part("convolution.keep_size.apply"), Qt.MouseButton.LeftButton)
    assert session.value("convolution.padding") == (1, 2)
    assert part("convolution.keep_size").text() == "The size stays 64 × 128."
    assert not part("convolution.keep_size.apply").isVisible()


def test_inputs_come_go_and_change_shape(window, part, session, settled, qtbot):
    session.show("expression")
    settled()
    for name in ("expression.inputs.x.add_row", "expression.inputs.x.drop_column", "expression.inputs.add"):
        qtbot.mouseClick(part(name), Qt.MouseButton.LeftButton)
    assert session.value("expression.inputs")["x"].values == [[1], [3], [0]]
    assert list(session.value("expression.inputs")) == ["x", "w"]
    qtbot.mouseClick(part("expression.inputs.w.drop"), Qt.MouseButton.LeftButton)
    assert list(session.value("expression.inputs")) == ["x"]
    qtbot.mouseClick(part("expression.inputs.x.requires_grad"), Qt.MouseButton.LeftButton)
    assert session.value("expression.inputs")["x"].requires_grad is False


def test_a_wrong_number_marks_its_input(window, part, session, settled, qtbot):
    session.show("expression")
    settled()
    cell = part("expression.inputs.x.values.1.0")
    cell.setFocus()
    cell.selectAll()
    qtbot.keyClicks(cell, "three")
    settled()
    assert (
        part("expression.inputs.x.problem").text() == "“three” is no number. Use numbers such as 2, 0.5, 1e-3 or 1/3."
    )
    assert cell.property("wrong") is True
    assert window.findChild(QWidget, "expression.graph").isVisible()


def test_a_low_window_has_one_strip_of_tables(window, part, qtbot):
    strip, own = part("convolution.sizes"), part("convolution.found")
    try:
        window.resize(1024, 700)
        qtbot.waitUntil(lambda: own.isHidden(), timeout=5000)
        titles = [strip.tabText(at) for at in range(strip.count())]
        assert titles == ["Shapes", "Cost", "Counts", "Gradients of mean(y)", "Histogram"]
        for table in (part("convolution.shapes"), part("convolution.gradients")):
            strip.setCurrentWidget(table)
            qtbot.waitUntil(lambda table=table: table.horizontalScrollBar().maximum() == 0, timeout=5000)
            assert not table.isColumnHidden(0)
        assert part("convolution.code").horizontalScrollBar().maximum() == 0
    finally:
        strip.setCurrentIndex(0)
        window.resize(1440, 900)
    qtbot.waitUntil(lambda: own.isVisible(), timeout=5000)
    assert strip.count() == 3 and own.count() == 2


def test_a_seed_that_is_no_number_is_marked_and_not_used(window, part, session, qtbot):
    seed = part("toolbar.seed")
    seed.setFocus()
    seed.selectAll()
    qtbot.keyClicks(seed, "x")
    assert seed.property("wrong") is True
    assert session.value("convolution.seed") == 0
    assert part("status.sentence").text() == "Seed: There is no number yet. Type a whole number."
    seed.selectAll()
    qtbot.keyClicks(seed, "7")
    assert seed.property("wrong") is False
    assert session.value("convolution.seed") == 7


def test_settings_of_the_wrong_kind_never_reach_the_worker(window, part, session, settled):
    session.show("expression")
    settled()
    session.edit("expression.seed", "x")
    settled()
    assert "wrong kind" in part("status.sentence").text()


def test_the_program_is_shown_whole_and_copied_as_it_is(window, part, session, qtbot):
    code = part("convolution.code")
    assert (code.horizontalScrollBar().maximum(), code.verticalScrollBar().maximum()) == (0, 0)
    assert "x = torch.randn(1, 20, 64, 128,\n    requires_grad=True)" in code.toPlainText()
    qtbot.mouseClick(part("convolution.code.copy"), Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == python_source(session.value("convolution"))


def test_a_wide_input_stays_inside_the_form(window, part, session, settled):
    session.show("expression")
    session.edit("expression.inputs", {"x": Input([list(range(8))] * 8)})
    settled()
    form = part("expression.form")
    assert form.widget().width() == form.viewport().width()
    assert part("expression.inputs.x.values.7.7").width() >= 20


def test_everything_of_the_toolbar_fits_a_small_window(window):
    assert window.minimumSizeHint().width() <= 900


def rename(part, qtbot, name, to):
    field = part(f"expression.inputs.{name}.name")
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, to)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_a_new_name_goes_into_the_program_as_one_step(window, part, session, settled, qtbot):
    session.show("expression")
    settled()
    rename(part, qtbot, "x", "width")
    settled()
    assert session.value("expression.program").startswith("y = width - 2\n")
    assert list(session.value("expression.inputs")) == ["width"]
    assert part("expression.inputs.width.name").hasFocus()
    session.history.undo()
    assert session.value("expression") == EXPRESSION


WRONG_NAMES = [
    ("for", "“for” is a word of Python's own. Choose another name."),
    ("w", "There is an input w already. Choose another name."),
    ("2", "“2” can't be the name of an input. Use a letter or a word, such as x."),
]


@pytest.mark.parametrize(("typed", "said"), WRONG_NAMES)
def test_a_name_that_cannot_be_is_said_beside_it(window, part, session, settled, qtbot, typed, said):
    session.show("expression")
    session.edit("expression.inputs", {"x": Input([1, 2]), "w": Input([1])})
    settled()
    rename(part, qtbot, "x", typed)
    assert part("expression.inputs.x.problem").text() == said
    assert list(session.value("expression.inputs")) == ["x", "w"]


def test_the_focus_stays_in_the_form_when_an_input_is_removed(window, part, session, settled, qtbot):
    session.show("expression")
    settled()
    part("expression.inputs.x.drop").setFocus()
    qtbot.mouseClick(part("expression.inputs.x.drop"), Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is part("expression.inputs.add")
