"""A script is run, its graph walked, and one selection joins picture, tree, tables and source."""

import os
import signal
import time

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from gui.model.output import over_written
from gui.model.tree import short_count
from tracer.analysis.folding import AUTO

FAILING = """
import torch

w = torch.ones(3, requires_grad=True)
print("before")
loss = (w * 2).sum()
loss.backward()
loss = loss + w.missing
"""


def owners(model):
    return [area.owner for area in model.picture.pictured.picture.areas]


def test_a_script_runs_only_when_the_person_says_so(model, net_script, answered, part):
    before = model.opened
    model.open(str(net_script))
    answered()
    assert model.opened is before and not model.worker.running
    assert part("model.words").text() == "Not run yet. F5 runs it."
    assert part("model.run").isVisible() and not part("model.cancel").isVisible()


def test_a_script_is_run_and_shown(ran, part, window):
    assert ran.opened.name == "small_net.py: loss" and ran.opened.script is not None
    assert "made a model" in part("model.output").toPlainText()
    assert ran.pages.front is not None, "the output is folded away when all is well"
    assert not part("model.problem").isVisible() and part("model.words").text().startswith("Ran for ")
    assert part("model.settings").isVisible() and not part("model.run").isVisible()
    assert (
        f"{ran.opened.nodes} nodes in " in window.status.findChild(type(part("model.words")), "status.figures").text()
    )
    assert not part("model.empty").isVisible()


def test_a_group_opens_with_enter_and_closes_with_backspace(ran, answered, qtbot, part):
    box = next(box for box in ran.picture.pictured.boxes if box.opens and box.nodes > 9)
    graph, before = part("model.graph"), owners(ran)
    graph.setFocus()
    graph.selection.choose(box.owner)
    answered()
    qtbot.keyClick(graph, Qt.Key.Key_Return)
    answered()
    assert ran.picture.how.opened == (box.opens,) and len(owners(ran)) > len(before)
    assert part("model.crumb.0").isEnabled() and not part("model.crumb.1").isEnabled()
    qtbot.keyClick(graph, Qt.Key.Key_Backspace)
    answered()
    assert ran.picture.how == AUTO and owners(ran) == before
    ran.picture.go_in(box.owner)
    answered()
    part("model.crumb.0").click()
    answered()
    assert owners(ran) == before


def test_a_row_selects_its_part_everywhere(ran, answered, part):
    ran.pages.strip.setCurrentIndex(1)
    answered()
    rows = ran.pages.tables["gradients"].rows
    at = next(at for at, row in enumerate(rows) if row.cells[0] == "head.weight")
    part("model.gradients").selectRow(at)
    answered()
    assert ran.owner == "tensor head.weight"
    shown = part("model.graph").selection.owner
    box = next(box for box in ran.picture.pictured.boxes if box.owner == shown)
    assert box.module == "head" or shown == "node 0"
    assert part("model.tree").currentIndex().data() == "head"
    assert part("model.node.title").text() == "head.weight"


def test_a_module_is_selected_in_the_picture_and_its_source_is_shown(ran, answered, part, net_script):
    tree = part("model.tree")
    tree.setCurrentIndex(tree._items["head"].index())
    answered()
    assert ran.owner == "module head"
    assert part("model.graph").selection.owner in owners(ran)
    text = part("model.source").toPlainText()
    assert "return self.head(self.blocks(x)) + lost" in text and "small_net.py" in part("model.source.where").text()


def test_a_selected_node_is_shown_in_its_table(ran, answered, part):
    ran.pages.strip.setCurrentIndex(5)
    answered()
    rows = ran.pages.tables["nodes"].rows
    ran.select(rows[4].owner)
    answered()
    chosen = part("model.nodes").selectionModel().selectedRows()
    assert [index.row() for index in chosen] == [4]


def test_a_problem_of_a_tensor_that_the_graph_lacks_is_told_by_its_row(ran, answered, part):
    ran.pages.strip.setCurrentIndex(0)
    answered()
    rows = ran.pages.tables["problems"].rows
    at = next(at for at, row in enumerate(rows) if "spare" in row.cells[1])
    part("model.problems").selectRow(at)
    answered()
    assert part("model.node.title").text() == rows[at].cells[0]
    assert part("model.tree").currentIndex().data() == "spare"


def test_tables_are_sorted_filtered_and_copied(ran, answered, part, qtbot):
    ran.pages.strip.setCurrentIndex(1)
    answered()
    gradients = ran.pages.tables["gradients"]
    titles = [column.title for column in gradients.page.columns]
    norm = titles.index("norm")
    part("model.gradients").horizontalHeader().sectionClicked.emit(norm)
    answered()
    first = [row.cells[norm] for row in gradients.rows]
    part("model.gradients").horizontalHeader().sectionClicked.emit(norm)
    answered()
    assert next(row.cells[norm] for row in gradients.rows) != first[0]
    qtbot.keyClicks(part("model.filter"), "head")
    qtbot.wait(300)
    answered()
    assert [row.cells[0] for row in gradients.rows] and all("head" in row.cells[0] for row in gradients.rows)
    part("model.gradients").clearSelection()
    part("model.gradients").copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == titles and len(lines) == 1 + len(gradients.rows)
    part("model.filter").clear()
    gradients.filter = ""
    gradients.ask()
    answered()


def test_a_node_is_found_by_its_words(ran, window, answered, part, qtbot):
    window.commands["find"].trigger()
    answered()
    assert QApplication.focusWidget() is part("model.filter")
    qtbot.keyClicks(part("model.filter"), "head addmm")
    qtbot.wait(300)
    answered()
    rows = ran.pages.tables["nodes"].rows
    assert len(rows) == 1 and rows[0].owner.startswith("node ")
    part("model.filter").clear()
    part("model.filter").edited.emit("")
    qtbot.wait(300)
    answered()


def test_scripts_and_recordings_can_be_let_fall_on_the_window(model, window, net_script, answered, part):
    window.commands["convolution"].trigger()
    window.dropped.emit(str(net_script))
    assert part("model.path").text() == str(net_script) and part("model.run").isVisible()


def test_the_picture_is_exported_as_it_is_shown(ran, folder, answered, part):
    ran.keep(str(folder / "net.svg"), "light")
    answered()
    assert "head" in (folder / "net.svg").read_text()
    assert part("status.sentence").text() == f"Saved {folder / 'net.svg'}"


def test_colours_have_a_legend(ran, answered, part):
    assert not part("model.legend").isVisible()
    part("model.colour").chosen.emit("bytes")
    answered()
    assert part("model.legend").isVisible() and "kept" in part("model.legend").picture.title.lower()
    part("model.colour").chosen.emit("none")
    answered()
    assert not part("model.legend").isVisible()


def test_a_worker_that_dies_is_replaced_and_nothing_is_lost(ran, answered, part, qtbot):
    before, edit = owners(ran), ran.opened.edit
    os.kill(ran.worker.process.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: "another took its place" in part("status.sentence").text(), timeout=10_000)
    answered()
    assert ran.opened.edit == edit and owners(ran) == before
    ran.select("module head")
    answered()
    assert part("model.node.title").text() == "head"


def test_a_script_that_fails_shows_its_traceback_and_what_was_recorded(model, answered, part, folder):
    (folder / "failing.py").write_text(FAILING)
    model.open(str(folder / "failing.py"))
    part("model.step").setText("2")
    model.run()
    answered()
    output = part("model.output").toPlainText()
    assert output.startswith("before") and output.count("Traceback") == 1 and "line 8" in output
    assert "has no attribute 'missing' (failing.py:8)" in part("model.problem").text()
    assert model.pages.front is None, "the output stays in front"
    assert model.opened.name.startswith("failing.py") and model.opened.nodes > 1
    part("model.step").setText("1")


def test_a_script_can_be_cancelled(model, answered, part, folder, qtbot):
    (folder / "long.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(60)\n")
    model.open(str(folder / "long.py"))
    begun = time.monotonic()
    model.run()
    qtbot.waitUntil(lambda: "begun" in part("model.output").toPlainText(), timeout=30_000)
    assert part("model.cancel").isVisible()
    part("model.cancel").click()
    answered()
    assert time.monotonic() - begun < 40 and not part("model.cancel").isVisible()
    assert "The script was cancelled" in part("model.problem").text()


def test_what_can_not_be_opened_or_run_is_said(model, answered, part, folder):
    (folder / "bad.json").write_text("{}")
    model.open(str(folder / "bad.json"))
    answered()
    assert part("model.problem").text().startswith("bad.json: ")
    model.open(str(folder / "notes.txt"))
    assert "neither a script" in part("model.problem").text()
    model.open(str(folder / "train.py"))
    part("model.arguments").setText("'open")
    model.run()
    assert "The arguments can't be read" in part("model.arguments").accessibleDescription()
    part("model.arguments").clear()


def test_what_is_written_over_a_line_is_seen():
    assert over_written("10 %\r20 %\r") == "20 %"
    assert over_written("longer\rab") == "abnger"


def test_counts_are_short():
    assert [short_count(n) for n in (7, 9408, 25_557_032)] == ["7", "9.41 K", "25.6 M"]
