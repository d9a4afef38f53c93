"""Sections 1 and 2 of the lesson in the real window: every number, option and gradient, by keys and pointer."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gui.matrix_vector import presets
from tracer.drawing.display_list import Text
from tracer.drawing.moment import Moment
from tracer.experiment import MatrixVector

SHEETS, SIGNAL, IDEAS, BACKWARD = "As a convolution", "Signal", "Three ideas", "Backward"
LESSON = [-1, 3, 3, -4, -6, 9, 7, 1, 2, 12]


@pytest.fixture
def matvec(window, session, settled, part):
    """The workspace, in front and answered, with A made of the lesson's kernels."""
    session.show("matvec")
    session.edit("matvec", presets.LESSON)
    part("matvec.pictures").setCurrentIndex(0)
    settled()
    window.activateWindow()
    found = next(child for child in window.children() if hasattr(child, "workspaces")).workspaces["matvec"]
    for view in found.scenes.values():
        view.moment = Moment(view.scene.first, kind=view.scene.kind)
        view.go(view.moment)
    yield found
    part("matvec.pictures").setCurrentIndex(0)


@pytest.fixture
def tab(part, settled):
    """A function that brings a tab to the front."""

    def bring(title):
        tabs = part("matvec.pictures")
        tabs.setCurrentIndex([tabs.tabText(at) for at in range(tabs.count())].index(title))
        settled()

    return bring


def texts(matvec, title):
    return [mark.text for mark in matvec.scenes[title].canvas.picture.marks if isinstance(mark, Text)]


def outputs(matvec):
    """What the table shows, after asserting that all three agree to the bit."""
    rows = matvec.both.rows_model.rows
    assert all(row.agree == "exact" for row in rows)
    assert all(row.by_rows == row.by_columns == str(int(row.torch)).replace("-", "−") for row in rows)
    return [row.torch for row in rows]


def replace(cell, text):
    cell.setFocus()
    cell.selectAll()
    QTest.keyClicks(cell, text)


def test_section_1_is_on_the_screen(matvec, part):
    """Rows, columns, the projection, the Jacobian and both gradients of the typed matrix."""
    said = [mark.text for mark in matvec.readings.picture.marks if isinstance(mark, Text)]
    for words in ("⟨a(1), x⟩ = 1·2 + 2·(−1) + 3·3 = 9", "⟨a(2), x⟩ = 4·2 + 5·(−1) + 6·3 = 21"):
        assert words in said
    for words in ("+ 2·[1, 4]", "+ (−1)·[2, 5]", "+ 3·[3, 6]", "[0, 0]", "[2, 8]", "[0, 3]", "[9, 21]"):
        assert words in said
    rows = matvec.readings.found.rows
    assert [round(row.norm, 6) for row in rows] == [3.741657, 8.774964]
    assert [round(row.cosine, 6) for row in rows] == [0.642857, 0.639602]
    assert [round(row.projection, 6) for row in rows] == [2.405351, 2.393172]
    facts = {label.accessibleName() for label in part("matvec.inspector").findChildren(type(part("matvec.exactly")))}
    assert {"‖a‖: 3.741657", "cos ∠(a, x): 0.642857", "x along a: 2.405351", "node of y: MvBackward0"} <= facts
    assert {"x.grad = Aᵀ·1: [5, 7, 9]", "A.grad = 1·xᵀ: [[2, −1, 3], [2, −1, 3]]"} <= facts
    assert outputs(matvec) == [9, 21]


def test_a_tab_that_needs_kernels_makes_a_of_them_and_undo_gives_it_back(matvec, tab, session, settled, part):
    tab(SHEETS)
    assert session.value("matvec").kernels == [[1, 0, -1], [1, 2, 1]] and outputs(matvec) == LESSON
    assert "Undo gives back" in part("status.sentence").text()
    session.history.undo()
    settled()
    assert session.value("matvec") == presets.LESSON and part("matvec.pictures").currentIndex() == 0
    session.history.redo()
    settled()
    assert outputs(matvec) == LESSON


def test_section_2_the_lessons_matrix_place_by_place(matvec, tab, part):
    tab(SHEETS)
    lines = {
        1: ("y(1)[0] = 1·1 + 0·3 + (−1)·2 = −1", "y(2)[0] = 1·1 + 2·3 + 1·2 = 9"),
        2: ("y(1)[1] = 1·3 + 0·2 + (−1)·0 = 3", "y(2)[1] = 1·3 + 2·2 + 1·0 = 7"),
        3: ("y(1)[2] = 1·2 + 0·0 + (−1)·(−1) = 3", "y(2)[2] = 1·2 + 2·0 + 1·(−1) = 1"),
        4: ("y(1)[3] = 1·0 + 0·(−1) + (−1)·4 = −4", "y(2)[3] = 1·0 + 2·(−1) + 1·4 = 2"),
        5: ("y(1)[4] = 1·(−1) + 0·4 + (−1)·5 = −6", "y(2)[4] = 1·(−1) + 2·4 + 1·5 = 12"),
    }
    canvas = part("matvec.sheets")
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert "No row is laid yet: play, or step on." in texts(matvec, SHEETS)
    for both in lines.values():
        QTest.keyClick(canvas, Qt.Key.Key_Right)
        assert set(both) <= set(texts(matvec, SHEETS))
    assert "m = 2 sheets of 5 × 7; height n − k + 1 = 7 − 3 + 1 = 5" in texts(matvec, SHEETS)


def test_section_2_counts_step_from_dense_to_shared(matvec, tab, part):
    tab(SHEETS)
    assert [(row.stored, row.zeros) for row in matvec.counts.rows_model.rows] == [(70, 0), (30, 40), (6, 40)]
    said = part("matvec.sheets.sentence")
    for kind, words in (
        ("dense", "10 × 7 = 70 numbers to learn"),
        ("local", "30 numbers. 40 cells are zero by structure"),
        (
            "shared",
            "2 × 3 = 6 numbers. 40 cells are zero by structure (∅): no weight stands there. 5 more are 0 by value",
        ),
    ):
        part(f"matvec.sheets.kind.{kind}").click()
        assert words in said.text()
    part("matvec.with_bias").click()
    assert "6 numbers, and 2 biases" in said.text()


@pytest.mark.parametrize(
    ("size", "value", "y"),
    [
        ("padding", "1", [-3, -1, 3, 3, -4, -6, 4, 5, 9, 7, 1, 2, 12, 14]),
        ("stride", "2", [-1, 3, -6, 9, 1, 12]),
        ("dilation", "2", [2, -1, -3, 4, 7, 5]),
    ],
)
def test_section_2_options_by_typing_and_by_slider(matvec, tab, part, settled, session, size, value, y):
    tab(SHEETS)
    replace(part(f"matvec.size.{size}"), value)
    settled()
    assert outputs(matvec) == y
    session.history.undo()
    settled()
    assert outputs(matvec) == LESSON
    slider = part(f"matvec.size.{size}.slider")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    settled()
    assert outputs(matvec) == y and getattr(session.value("matvec"), size) == int(value)


def test_section_2_a_bias_a_kernel(matvec, tab, part, settled):
    tab(SHEETS)
    part("matvec.with_bias").click()
    replace(part("matvec.bias.0.0"), "10")
    replace(part("matvec.bias.0.1"), "100")
    settled()
    assert outputs(matvec) == [9, 13, 13, 6, 4, 109, 107, 101, 102, 112]
    gradients = {row.name: row.values for row in matvec.gradients.rows_model.rows}
    assert gradients["bias"] == (5, 5)


def test_section_2_backward_of_the_sum(matvec, tab, part):
    tab(BACKWARD)
    part("matvec.pictures").setCurrentIndex(1)
    tab(BACKWARD)
    gradients = {row.name: row for row in matvec.gradients.rows_model.rows}
    assert gradients["x"].values == (2, 4, 4, 4, 4, 2, 0) and gradients["weight"].values == (5, 8, 10, 5, 8, 10)
    assert next(row.made_by for row in gradients.values() if row.name == "y") == "ConvolutionBackward0"
    canvas = part("matvec.backward")
    assert [text for text in texts(matvec, BACKWARD) if text.startswith("x[6].grad")] == [
        "x[6].grad = 1·(−1) + 1·1 = 0"
    ]
    part("matvec.backward.kind.w").click()
    assert any(text.endswith("so far [5, 8, 10]") for text in texts(matvec, BACKWARD))
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert "w(2).grad is a sum over all places" in texts(matvec, BACKWARD)


def test_section_1_backward_as_moving_readings(matvec, tab, part):
    tab(BACKWARD)
    assert "x.grad is the transpose at work" in texts(matvec, BACKWARD)
    canvas = part("matvec.backward")
    canvas.setFocus()
    said = []
    for _ in range(3):
        said += [text for text in texts(matvec, BACKWARD) if ".grad = 1·" in text]
        QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert said == ["x[2].grad = 1·3 + 1·6 = 9", "x[1].grad = 1·2 + 1·5 = 7", "x[0].grad = 1·1 + 1·4 = 5"]
    part("matvec.backward.kind.w").click()
    assert part("matvec.backward.kind.w").text() == "A.grad"
    assert "A.grad[1] = 1·[2, −1, 3]" in texts(matvec, BACKWARD)


def test_section_2_a_true_convolution_flips(matvec, tab, part, settled):
    tab(SHEETS)
    replace(part("matvec.kernels.0.0"), "-1")
    replace(part("matvec.kernels.0.2"), "1")
    settled()
    assert outputs(matvec)[:5] == [1, -3, -3, 4, 6]


def test_section_2_the_stereo_signal_channel_by_channel(matvec, tab, part, settled):
    part("matvec.preset.Stereo").click()
    tab(SIGNAL)
    assert outputs(matvec) == [2, 6, 1]
    canvas = part("matvec.signal_view")
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    sums = []
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Right)
        sums += [text for text in texts(matvec, SIGNAL) if text.startswith("y[")]
    assert sums == ["y[0] = 1 + 1 = 2", "y[1] = 3 + 3 = 6", "y[2] = (−3) + 4 = 1"]


def test_a_wrong_thickness_shows_torchs_words_and_the_last_picture_stays(matvec, tab, part, settled):
    tab(SIGNAL)
    before = texts(matvec, SIGNAL)
    replace(part("matvec.size.thickness"), "2")
    settled()
    said = part("matvec.kernels.wrong").text()
    assert "these are 2 thick, the signal has 1" in said and "Give each kernel 1 row." in said
    assert "“Given groups=1, weight of size [2, 2, 3], expected input[1, 1, 7] to have 2 channels" in said
    assert texts(matvec, SIGNAL) == before
    replace(part("matvec.size.channels"), "2")
    settled()
    assert part("matvec.kernels.wrong").text() == "" and "x: Ω → R²" in texts(matvec, SIGNAL)


def test_the_three_ideas_move_and_say_their_numbers(matvec, tab, part, qtbot):
    tab(IDEAS)
    said = part("matvec.ideas.sentence")
    assert "15 of 35 arrows are left; in 2 kernels 70 → 30." in said.text()
    part("matvec.ideas.kind.stationarity").click()
    assert "The same 3 numbers stand at each of 5 places" in said.text()
    part("matvec.ideas.kind.compositionality").click()
    assert said.text() == "After 3 layers of kernel 3 one output depends on 7 inputs: 3 → 5 → 7."
    canvas = part("matvec.ideas")
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert "5 inputs: 3 → 5." in said.text()


def test_nothing_moves_by_itself_and_play_goes_through_all_steps(matvec, tab, part, qtbot):
    tab(SHEETS)
    slider, play = part("matvec.sheets.player.step"), part("matvec.sheets.player.play")
    assert slider.value() == 5 and not play.isChecked()
    speed = part("matvec.sheets.player.speed")
    speed.setCurrentIndex(speed.count() - 1)
    speed.activated.emit(speed.count() - 1)
    seen = []
    slider_view = matvec.scenes[SHEETS]
    play.click()
    seen.append(slider_view.moment.step)
    qtbot.waitUntil(lambda: not play.isChecked(), timeout=20_000)
    assert seen == [0] and slider_view.moment.step == 5
    part("matvec.sheets.player.back").click()
    assert part("matvec.sheets.player.count").text() == "4 of 5"


def test_a_tab_that_goes_out_of_sight_stops(matvec, tab, part):
    tab(IDEAS)
    part("matvec.ideas.player.play").click()
    assert part("matvec.ideas.player.play").isChecked()
    tab(SHEETS)
    assert not part("matvec.ideas.player.play").isChecked()


def test_sheets_are_leafed_through_and_rows_lit_by_pointer_and_keys(matvec, tab, part):
    tab(SHEETS)
    canvas, view = part("matvec.sheets"), matvec.scenes[SHEETS]
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert view.moment.kernel == 1 and any(text.startswith("T(2)") for text in texts(matvec, SHEETS))
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert view.moment.lit == 3 and "y(2)[3] = 1·0 + 2·(−1) + 1·4 = 2" in texts(matvec, SHEETS)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert view.moment.lit is None
    area = next(area for area in canvas.picture.areas if area.owner == "row 1")
    canvas.hovered.emit(area.owner)
    assert view.moment.lit == 1
    dense = next(area for area in canvas.picture.areas if area.owner == "kind dense")
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(dense.x + 20), round(dense.y + 10)))
    assert view.moment.kind == "dense" and part("matvec.sheets.kind.dense").isChecked()


def test_kernels_come_and_go_by_slider_and_their_numbers_stay(matvec, tab, part, session, settled):
    tab(SHEETS)
    replace(part("matvec.size.count"), "3")
    replace(part("matvec.size.length"), "9")
    settled()
    assert len(outputs(matvec)) == 3 * 7 and session.value("matvec").kernels[:2] == [[1, 0, -1], [1, 2, 1]]
    assert matvec.scenes[SHEETS].moment.step == 7, "all rows were laid, so all of the larger matrix are"


def test_written_out_each_number_can_be_typed(matvec, tab, part, session, settled):
    tab(SHEETS)
    part("matvec.made.typed").click()
    settled()
    typed = session.value("matvec")
    assert typed.kernels is None and len(typed.matrix) == 10 and outputs(matvec) == LESSON
    assert part("matvec.pictures").currentIndex() == 0 and not part("matvec.kernels.0.0").isVisible()
    part("matvec.made.of_kernels").click()
    settled()
    assert session.value("matvec").kernels is not None and part("matvec.kernels.0.0").isVisible()


def test_numbers_that_are_none_are_said_and_the_last_picture_stays(matvec, tab, part, settled):
    tab(SHEETS)
    replace(part("matvec.kernels.0.1"), "1/")
    settled()
    assert "“1/” is no number" in part("matvec.kernels.wrong").text()
    assert "y(1)[4] = 1·(−1) + 1·4 + (−1)·5 = −2" in texts(matvec, SHEETS), "of the 1 that was typed first"
    replace(part("matvec.kernels.0.1"), "1/2")
    settled()
    assert part("matvec.kernels.wrong").text() == ""
    assert matvec.both.rows_model.rows[0].by_rows == "1/2"


def test_open_as_expression_is_a_command(matvec, tab, window, session, settled):
    tab(SHEETS)
    window.commands["open_expression"].trigger()
    settled()
    assert session.workspace == "expression" and session.value("expression").program == "y = A @ x\ns = y.sum()"
    assert session.value("expression").inputs["A"].values[1] == [0, 1, 0, -1, 0, 0, 0]
    assert not window.commands["open_expression"].isEnabled()
    session.history.undo()
    settled()


def test_the_kernels_open_as_the_convolution_that_they_are(matvec, tab, part, session, settled):
    tab(SHEETS)
    replace(part("matvec.size.padding"), "1")
    part("matvec.convolution").click()
    settled()
    opened = session.value("convolution")
    assert (opened.layer, opened.padding, opened.weight) == ("Conv1d", 1, [[[1, 0, -1]], [[1, 2, 1]]])
    session.history.undo()
    settled()


def test_every_tab_can_be_exported_and_reached_by_keyboard(matvec, tab, part, window):
    for title, view in matvec.scenes.items():
        tab(title)
        named, picture = matvec.in_view()
        assert named == title and picture.marks and view.canvas.accessibleDescription() == picture.title
        controls = [view.canvas, view.player.back, view.player.play, view.player.on, view.player.slider]
        for control in controls:
            assert control.accessibleName() and control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_an_experiment_with_kernels_goes_to_a_file_and_back(matvec, tab, session, settled, folder):
    from gui.session import storage

    tab(SHEETS)
    kept = MatrixVector(vector=[1, "1/3", 2], kernels=[[1, 2]], bias=["1/2"], padding=1)
    session.edit("matvec", kept)
    settled()
    storage.write(folder / "kept.gradtrace", session.keepable())
    assert kept in storage.read(folder / "kept.gradtrace")
