"""The window as a whole, with its real worker."""

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QTabBar,
    QWidget,
)

import tracer
from gui.theme.theme import Theme
from tracer.experiment import Expression

OPENING = """
import sys, time
start = time.perf_counter()
from gui.app import build
window = build(())
window.show()
from PySide6.QtCore import QCoreApplication
QCoreApplication.processEvents()
shown = time.perf_counter() - start
while not window.is_idle():
    QCoreApplication.processEvents()
    time.sleep(0.005)
from PySide6.QtCore import QTimer
QTimer.singleShot(10, lambda: {}["missing"])
QTimer.singleShot(100, window, QCoreApplication.quit)
QCoreApplication.exec()
print("told:", window.status.sentence.text())
window.close()
print(f"torch in the window's process: {'torch' in sys.modules}; shown after {shown:.2f} s")
"""


def test_the_window_opens_without_torch():
    ended = subprocess.run([sys.executable, "-c", OPENING], capture_output=True, text=True, timeout=120)
    print(ended.stdout)
    assert ended.returncode == 0, ended.stderr
    assert "torch in the window's process: False" in ended.stdout
    assert "told: Gradtrace failed at this: KeyError: 'missing'" in ended.stdout  # a slot that fails is not silent
    assert "KeyError: 'missing'" in ended.stderr
    assert "Destroyed while" not in ended.stderr


def rows(table):
    model = table.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def test_the_convolution_opens_with_the_numbers_of_the_lesson(window, part):
    assert [row[2] for row in rows(part("convolution.shapes"))] == [
        "[1, 20, 64, 128]", "[16, 20, 3, 5]", "[16]", "[1, 16, 62, 124]",
    ]  # fmt: skip
    assert part("convolution.formula.0").accessibleName() == "H = ⌊(64 + 2·0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 62"
    assert "36\u202f902\u202f400" in [row[1] for row in rows(part("convolution.cost"))]


def test_an_edit_shows_shapes_at_once_and_then_what_torch_finds(window, part, session, qtbot, settled):
    entry = part("convolution.kernel_size.0")
    entry.setFocus()
    entry.selectAll()
    qtbot.keyClicks(entry, "7")
    assert rows(part("convolution.shapes"))[-1][2] == "[1, 16, 58, 124]"  # before the worker can have answered
    assert not window.is_idle()
    settled()
    found = {row.name: row for row in tracer.run(session.value("convolution")).gradients()}
    shown = {row.name: row for row in part("convolution.gradients").rows_model.rows}
    assert shown == found
    assert shown["weight"].shape == (16, 20, 7, 5)


UNDOABLE = [
    ("convolution.stride", (2, 1)),
    ("convolution.padding", "same"),
    ("convolution.bias", False),
    ("convolution.device", "cpu"),
    ("expression.program", "a = x.sum()"),
    ("expression.inputs", {"x": [5]}),
]


@pytest.mark.parametrize(("path", "value"), UNDOABLE, ids=[path for path, _ in UNDOABLE])
def test_every_edit_can_be_undone_and_made_again(session, path, value):
    before = session.value(path)
    session.edit(path, value)
    assert session.value(path) == value
    session.history.undo()
    assert session.value(path) == before
    session.history.redo()
    assert session.value(path) == value


def test_a_number_that_is_typed_is_one_step(window, part, session, qtbot):
    entry = part("convolution.in_channels")
    entry.setFocus()
    entry.selectAll()
    qtbot.keyClicks(entry, "128")
    assert session.value("convolution.in_channels") == 128
    assert session.history.count() == 1
    qtbot.keyClick(entry, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.value("convolution.in_channels") == 20
    assert entry.text() == "20"
    assert session.history.canRedo()  # the window undid it, not the field by itself


def colour_of(table):
    return table.model().index(0, 0).data(Qt.ItemDataRole.ForegroundRole).name()


def dim(window):
    return window.findChild(Theme).colour("dim").name()


def test_an_invalid_value_says_why_beside_its_field_and_keeps_the_last_result(window, part, session, settled):
    before = part("convolution.shapes").rows_model.rows
    found = part("convolution.gradients").rows_model.rows
    session.edit("convolution.groups", 3)
    settled()
    entry = part("convolution.groups")
    assert entry.property("wrong") is True
    assert entry.accessibleDescription() == ("in_channels (20) can't be divided by groups (3). Use groups 1, 2 or 4.")
    assert part("convolution.shapes").rows_model.rows == before
    assert part("convolution.gradients").rows_model.rows == found
    assert [colour_of(part(f"convolution.{table}")) for table in ("shapes", "gradients")] == [dim(window)] * 2
    session.history.undo()
    settled()
    assert dim(window) not in [colour_of(part(f"convolution.{table}")) for table in ("shapes", "gradients")]
    assert entry.property("wrong") is False
    assert entry.accessibleDescription() == ""


def test_an_empty_field_waits_for_a_number(window, part, session, qtbot):
    entry = part("convolution.stride.1")
    entry.setFocus()
    entry.selectAll()
    qtbot.keyClick(entry, Qt.Key.Key_Delete)
    assert entry.accessibleDescription() == "There is no number yet. Type a whole number."
    qtbot.keyClicks(entry, "2")
    assert entry.accessibleDescription() == ""
    assert session.value("convolution.stride") == (1, 2)


def test_the_theme_changes_at_once(window, part):
    seen = {}
    for theme in ("dark", "light"):
        window.findChild(QAction, f"action.theme_{theme}").trigger()
        seen[theme] = window.grab().toImage().pixelColor(3, window.height() // 2).lightness()
    assert seen["dark"] < 60 < 200 < seen["light"]


def test_copying_a_table_gives_text_with_titles(window, part, qtbot):
    table = part("convolution.shapes")
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "tensor\trole\tshape\taxes\telements\tmemory"
    assert lines[4] == "y\toutput\t[1, 16, 62, 124]\tN, C_out, H, W\t123 008\t480 KiB"


def test_switching_workspaces_shows_the_graph_of_each(window, session, settled, part):
    session.show("expression")
    settled()
    assert part("expression.gradients").isVisible()
    graph = [(row[0], row[4]) for row in rows(part("expression.gradients"))]
    assert ("x", "[[−3/2, 0], [3/2, 3]]") in graph
    assert ("a", "1") in graph


def test_a_refused_line_is_marked_with_its_sentence(window, session, settled, part):
    session.show("expression")
    settled()
    session.edit("expression.program", "y = x - 2\nopen('f')")
    settled()
    assert part("expression.program").property("wrong") is True
    assert part("expression.program.problem").text().startswith("Line 2")
    assert ("x", "[2, 2]") in [(row[0], row[1]) for row in rows(part("expression.gradients"))]


def test_numbers_stay_as_they_were_typed(window, session, settled, part, qtbot):
    session.show("expression")
    settled()
    cell = part("expression.inputs.x.values.0.1")
    cell.setFocus()
    cell.selectAll()
    qtbot.keyClicks(cell, "1/3")
    settled()
    assert cell.text() == "1/3"
    assert session.value("expression.inputs")["x"].values == [[1, "1/3"], [3, 4]]
    shown = {row[0]: row[3] for row in rows(part("expression.gradients"))}
    assert shown["x"] == "[[1, 1/3], [3, 4]]"


ODD = [
    ("a number that is no tensor of the graph", "a = x.argmax()", {"x": [1, 2, 3]}),
    ("a scalar input", "a = x * x", {"x": 3}),
    ("whole numbers", "a = x + 1", {"x": tracer.Input([1, 2], dtype="int64")}),
    ("no input", "a = torch.ones(2)", {}),
]


@pytest.mark.parametrize(("program", "inputs"), [case[1:] for case in ODD], ids=[case[0] for case in ODD])
def test_odd_programs_are_shown_or_refused_in_words(window, session, settled, part, program, inputs):
    session.show("expression")
    settled()
    session.edit("expression", Expression(program, inputs))
    settled()
    names = [row[0] for row in rows(part("expression.gradients"))]
    assert names[0] == "a", part("status.sentence").text()


def test_a_chosen_node_and_its_line_go_together(window, session, settled, part, qtbot):
    session.show("expression")
    settled()
    part("expression.graph").selected.emit("node 1")
    assert part("expression.program").line == 1
    assert part("expression.node.title").text() == "SubBackward0"
    editor = part("expression.program")
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Down)
    assert part("expression.node.title").text() == "MulBackward0"


class Shows(QObject):
    """Lists the windows that are shown."""

    def __init__(self):
        super().__init__()
        self.windows = []

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


def test_nothing_flashes_as_a_window_of_its_own(window, session, part, settled, qapp):
    shows, tabs = Shows(), part("convolution.pictures")
    qapp.installEventFilter(shows)
    try:
        for layer in ("Conv1d", "Conv3d", "ConvTranspose2d", "ConvTranspose3d", "Conv2d"):
            part("convolution.layer").chosen.emit(layer)
            session.edit("convolution.batch", 2)
            settled()
            for at in range(tabs.count()):
                if tabs.isTabVisible(at):
                    tabs.setCurrentIndex(at)
        for workspace in ("expression", "matvec", "convolution"):
            session.show(workspace)
            settled()
    finally:
        tabs.setCurrentIndex(0)
        qapp.removeEventFilter(shows)
    assert shows.windows == []


CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QAbstractItemView)
QTS_OWN = ("QTableCornerButton", "QComboBoxListView", "QHeaderView")


def test_every_control_has_a_stable_name_and_one_for_screen_readers(window, session, settled):
    for workspace in ("convolution", "expression", "matvec", "model"):
        session.show(workspace)
        settled()
    controls = [
        control
        for kind in CONTROLS
        for control in window.findChildren(kind)
        if control.metaObject().className() not in QTS_OWN
        and type(control.parent()).__name__ != "QTabBar"
        and not control.objectName().startswith("qt_")
    ]
    assert len(controls) > 50
    unnamed = [
        f"{type(control).__name__} {control.objectName()!r} {control.accessibleName()!r}"
        for control in controls
        if not (control.objectName() and control.accessibleName())
    ]
    assert unnamed == []
    names = [control.objectName() for control in controls]
    assert len(names) == len(set(names))


def test_exporting_writes_the_graph(window, session, part, qtbot, folder):
    path = folder / "graph.svg"
    session.save_graph(str(path), "light")
    qtbot.waitUntil(lambda: part("status.sentence").text().startswith("Saved"), timeout=30_000)
    assert "ConvolutionBackward0" in path.read_text()


def test_a_picture_of_the_window(folder):
    path = folder / "window.png"
    command = [sys.executable, "-m", "gui", "--screenshot", str(path), "--workspace", "expression", "--theme", "dark",
               "--size", "1000x700", "--scale", "2"]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ)
    assert ended.returncode == 0, ended.stderr
    from PySide6.QtGui import QImage

    picture = QImage(str(path))
    assert (picture.width(), picture.height()) == (2000, 1400)
    assert picture.pixelColor(4, 700).lightness() < 60


def test_without_torch_the_picture_is_refused_in_a_sentence(folder):
    (folder / "torch.py").write_text("raise ImportError('torch is not installed')")
    command = [sys.executable, "-m", "gui", "--screenshot", str(folder / "window.png")]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert ended.returncode == 2
    assert "PyTorch can't be started: ImportError: torch is not installed" in ended.stderr
    assert not (folder / "window.png").exists()


def test_every_control_can_be_reached_by_keyboard(window, session, part, settled):
    """Bars are left out: tables are scrolled by their cells, the matrix and the channels by walking elsewhere."""
    reached, tabs = set(), part("convolution.pictures")
    places = [("convolution", at) for at in range(tabs.count()) if tabs.isTabVisible(at)]
    places += [("expression", 0), ("matvec", 0), ("model", 0)]
    missed = set()
    for workspace, at in places:
        session.show(workspace)
        tabs.setCurrentIndex(at)
        settled()
        for sheet in ("values", "solve", "paste_layer") if (workspace, at) == ("convolution", 0) else (None,):
            if sheet:
                window.commands[sheet].trigger()
            for control in (each for kind in (*CONTROLS, QSlider, QTabBar) for each in window.findChildren(kind)):
                if control.isVisible() and control.isEnabled() and control.metaObject().className() not in QTS_OWN:
                    if type(control.parent()).__name__ == "QTabBar" or control.objectName().startswith("qt_"):
                        continue  # the arrows of a tab bar, which arrow keys do without
                    reached.add(control.objectName())
                    if not control.focusPolicy() & Qt.FocusPolicy.TabFocus:
                        missed.add(control.objectName())
            if sheet:
                part(f"convolution.{sheet.removesuffix('_layer')}.close").click()
    session.show("convolution")
    tabs.setCurrentIndex(0)
    assert missed == set() and len(reached) > 90
