"""Answers about recordings that are open: pages, parts, lines, charts, files; the same from another worker."""

from __future__ import annotations

import csv
import pathlib
from typing import Any

import msgspec
import pytest
import torch
from torch import nn

import tracer
from tracer.analysis.folding import Fold
from tracer.errors import TracerError, UnreadableFile
from tracer.experiment import Script
from tracer.facts import Facts
from tracer.graph import TracedOutput
from tracer.runners import spool
from tracer.worker.messages import Saved, encode, from_worker, to_worker
from tracer.worker.model import messages as said
from tracer.worker.model.shelf import IN_MEMORY, Shelf


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem, self.blocks = nn.Linear(3, 4), nn.Sequential(*(nn.Linear(4, 4) for _ in range(12)))
        self.unused = nn.Linear(1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.blocks(self.stem(x))


@pytest.fixture(scope="module")
def facts() -> Facts:
    torch.manual_seed(0)
    model = Net()
    with tracer.record(model, reads=True) as notes:
        loss = model(torch.ones(2, 3)).square().sum()
    found = tracer.trace({"loss": loss}, model=model, notes=notes, gradients=True).facts
    return msgspec.structs.replace(found, experiment=Script("train.py"))


@pytest.fixture
def shelf(facts: Facts, tmp_path: pathlib.Path) -> Shelf:
    spool.write(str(tmp_path / "1.spool"), facts)
    made = Shelf()
    assert made.load(said.Load(1, str(tmp_path / "1.spool"), {pathlib.Path(__file__).name: __file__})).edit == 1
    return made


def ask(shelf: Shelf, kind: type[Any], *fields: Any, **named: Any) -> Any:
    """Ask as the window does: through lines, there and back."""
    question = to_worker(encode(kind(7, *fields, **named)))
    answer = from_worker(encode(shelf.answers[type(question)](question)))
    assert answer.edit == 7  # type: ignore[union-attr]
    return answer


def column(page: said.Page, title: str) -> list[str]:
    at = [one.title for one in page.columns].index(title)
    return [row.cells[at] for row in page.rows]


def test_opening_tells_the_figures(facts: Facts, shelf: Shelf, tmp_path: pathlib.Path) -> None:
    opened = shelf.load(said.Load(2, str(tmp_path / "1.spool")))
    assert (opened.name, opened.nodes, opened.edges) == (
        "train.py: loss",
        len(facts.graph.nodes),
        len(facts.graph.edges),
    )
    assert opened.parameters == 16 + 12 * 20 + 2 and opened.gradients and opened.ends == ("loss",)
    assert opened.kept == sum(storage.bytes for storage in facts.saved or ()) and "gradient" in opened.colours
    assert set(opened.tables.values()) == {""} and opened.script == Script("train.py")


def test_a_spool_gives_back_what_was_put_in(facts: Facts, tmp_path: pathlib.Path) -> None:
    x = torch.tensor([float("nan"), float("inf"), 1.0], requires_grad=True)
    odd = tracer.trace({"\ud800": (x * 2).sum()}, names={"x": x}, gradients=True).facts
    for number, given in enumerate((facts, odd)):
        spool.write(str(tmp_path / str(number)), given)
    assert spool.read(str(tmp_path / "0")) == facts
    found = spool.read(str(tmp_path / "1"))
    assert found.graph.outputs == (TracedOutput(odd.graph.outputs[0].node, 0, "‹U+D800›"),)
    assert str(found.tensors[0].values) == str(odd.tensors[0].values)


@pytest.mark.parametrize("content", [b"", spool.MAGIC, spool.MAGIC + b"\x93\x01", spool.MAGIC + b"\x80", b"{}", None])
def test_a_damaged_file_is_refused(tmp_path: pathlib.Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "bad").write_bytes(content)
    with pytest.raises(UnreadableFile):
        Shelf().load(said.Load(1, str(tmp_path / "bad")))


def test_a_spool_cut_anywhere_is_refused(facts: Facts, tmp_path: pathlib.Path) -> None:
    spool.write(str(tmp_path / "whole"), facts)
    whole = (tmp_path / "whole").read_bytes()
    for at in range(0, len(whole), len(whole) // 50):
        (tmp_path / "cut").write_bytes(whole[:at])
        with pytest.raises(UnreadableFile):
            spool.read(str(tmp_path / "cut"))


def test_another_worker_answers_the_same_from_the_spool_and_from_json(
    facts: Facts, shelf: Shelf, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "saved.json").write_text(tracer.Recording(facts).to_json())
    other = Shelf()
    other.load(said.Load(1, str(tmp_path / "1.spool")))
    other.load(said.Load(3, str(tmp_path / "saved.json")))
    for recording in (1, 3):
        first, second = ask(shelf, said.AskPicture, 1), ask(other, said.AskPicture, recording)
        assert first.picture == second.picture and first.boxes == second.boxes
        first, second = ask(shelf, said.AskRows, 1, "gradients"), ask(other, said.AskRows, recording, "gradients")
        assert first.rows == second.rows


def test_recordings_that_are_not_in_memory_are_read_again(shelf: Shelf, tmp_path: pathlib.Path) -> None:
    for number in range(2, 3 + IN_MEMORY):
        shelf.load(said.Load(number, str(tmp_path / "1.spool")))
    assert ask(shelf, said.AskRows, 1, "shapes").total > 10
    shelf.forget(said.Forget(8, 1))
    with pytest.raises(TracerError, match="not open"):
        ask(shelf, said.AskRows, 1, "shapes")


def test_each_box_of_a_picture_opens_and_tells_of_itself(shelf: Shelf) -> None:
    drawn = ask(shelf, said.AskPicture, 1, Fold(1), "gradient")
    assert {box.module for box in drawn.boxes} >= {"stem", "blocks"} and drawn.legend.marks
    owners = {area.owner for area in drawn.picture.areas}
    for box in drawn.boxes:
        told = ask(shelf, said.AskTold, 1, box.owner, Fold(1))
        assert told.shown == box.owner in owners and told.nodes == box.nodes
    blocks = next(box for box in drawn.boxes if box.module == "blocks")
    inside = ask(shelf, said.AskPicture, 1, Fold(1, (blocks.opens,)))
    alike = next(box for box in inside.boxes if box.module == "blocks.0")
    assert (alike.owner, alike.opens, alike.nodes) == ("group blocks.0–11", "blocks.#", 12 * 4)
    parts = ask(shelf, said.AskPicture, 1, Fold(1, (blocks.opens, alike.opens)))
    own = [box for box in parts.boxes if box.module and box.module.startswith("blocks.")]
    assert sum(box.nodes for box in own) + sum(box.nodes == 1 for box in parts.boxes) >= 12 * 2 and len(parts.boxes) > 4


def test_a_part_that_is_folded_away_is_shown_by_the_box_around_it(shelf: Shelf) -> None:
    told = ask(shelf, said.AskTold, 1, "tensor blocks.7.weight", Fold(1))
    assert told.title == "blocks.7.weight" and told.shown == "group blocks" and dict(told.facts)["shape"] == "[4, 4]"
    line = ask(shelf, said.AskRows, 1, "nodes", filter="addmm").rows[0].source
    assert ask(shelf, said.AskTold, 1, f"line {line}", Fold(1)).nodes > 10
    edge = ask(shelf, said.AskTold, 1, "edge 3", Fold(1))
    assert {"from", "to", "shape", "gradient ‖g‖"} <= dict(edge.facts).keys()
    module = dict(ask(shelf, said.AskTold, 1, "module stem").facts)
    assert (module["parameters"], module["output"], module["backward nodes"]) == ("16", "[2, 4] of Addmm, stem", "2")


def test_the_tree_marks_problems_once_they_are_known(shelf: Shelf) -> None:
    tree = ask(shelf, said.AskTree, 1)
    assert not tree.marked and [row.path for row in tree.rows if row.problems] == []
    assert [row.path for row in tree.rows] == ["", "stem", "blocks", "blocks.0", "unused"] and tree.rows[3].times == 12
    found = ask(shelf, said.AskRows, 1, "problems")
    assert found.rows[0].owner == "tensor unused.weight" and found.rows[0].mark == "problem"
    tree = ask(shelf, said.AskTree, 1)
    assert tree.marked and [row.path for row in tree.rows if row.problems] == ["", "unused"]


def test_pages_are_filtered_and_sorted_by_value(shelf: Shelf) -> None:
    page = ask(shelf, said.AskRows, 1, "gradients", sort=3, descending=True, filter="WEIGHT blocks", count=5)
    assert (page.found, len(page.rows), page.first) == (12, 5, 0) and page.total > page.found
    norms = [float(text.replace("e−", "e-")) for text in column(page, "norm")]
    assert norms == sorted(norms, reverse=True)
    rest = ask(shelf, said.AskRows, 1, "gradients", first=10, sort=0, filter="WEIGHT blocks")
    assert column(rest, "tensor") == ["blocks.10.weight", "blocks.11.weight"]
    none = ask(shelf, said.AskRows, 1, "gradients", filter="nothing like it")
    assert (none.rows, none.found) == ((), 0)
    unmeasured = ask(shelf, said.AskRows, 1, "nodes", sort=6, descending=True)
    assert "–" not in column(unmeasured, "‖g‖")[:10]


@pytest.mark.parametrize("table", ["problems", "gradients", "shapes", "saved", "contributions", "nodes", "backward"])
def test_each_row_is_as_wide_as_the_table_and_its_owner_is_known(shelf: Shelf, table: str) -> None:
    page = ask(shelf, said.AskRows, 1, table)
    for sort in range(len(page.columns)):
        assert ask(shelf, said.AskRows, 1, table, sort=sort, descending=True).found == page.total
    for row in page.rows:
        assert len(row.cells) == len(page.columns)
        if row.owner and not row.owner.startswith("tensor unused"):
            assert ask(shelf, said.AskTold, 1, row.owner).nodes >= 1


def test_differences_to_a_second_recording(facts: Facts, shelf: Shelf, tmp_path: pathlib.Path) -> None:
    model = Net()
    loss = model(torch.ones(5, 3)).sum()
    spool.write(str(tmp_path / "2"), tracer.trace({"loss": loss}, model=model, gradients=True).facts)
    shelf.load(said.Load(2, str(tmp_path / "2")))
    page = ask(shelf, said.AskRows, 2, "differences", other=1)
    rows = tracer.Recording(facts).compare(_read(tmp_path / "2")).rows
    assert page.total == len(rows) > 3 and column(page, "after") == [row.after or "" for row in rows]
    with pytest.raises(TracerError, match="no second recording"):
        ask(shelf, said.AskRows, 2, "differences")


def _read(path: pathlib.Path) -> tracer.Recording:
    return tracer.Recording(spool.read(str(path)))


def test_reach_tells_the_nodes_and_where_they_are_shown(shelf: Shelf) -> None:
    found = ask(shelf, said.AskReach, 1, "paths", "module blocks.9", "module blocks.2", how=Fold(1))
    modules = column(ask(shelf, said.AskRows, 1, "nodes", count=1000), "module")
    on_them = {modules[node] for node in found.nodes if modules[node]}
    assert on_them == {f"blocks.{number}" for number in range(2, 10)} and found.shown == ("group blocks",)
    apart = ask(shelf, said.AskReach, 1, "paths", "tensor stem.weight", "tensor stem.bias")
    assert apart.found == 0 and apart.words.startswith("No path leads from")
    assert ask(shelf, said.AskReach, 1, "depends", "tensor stem.weight").found == 1
    fed = ask(shelf, said.AskReach, 1, "feeds", "tensor blocks.11.bias")
    assert fed.found == 4 and "4 nodes" in fed.words


def test_lines_of_source_with_the_nodes_that_each_made(facts: Facts, shelf: Shelf, tmp_path: pathlib.Path) -> None:
    line = next(node.source for node in facts.graph.nodes if node.module == "stem")
    found = ask(shelf, said.AskSource, 1, line)
    number = int((line or "").rpartition(":")[2])
    assert found.lines[number - found.first].strip() == "return self.blocks(self.stem(x))"
    made = [node for node in facts.graph.nodes if node.source == line]
    assert dict(found.marked)[number] == len(made) and found.note == ""
    shelf.load(said.Load(2, str(tmp_path / "1.spool"), {"test_shelf.py": str(tmp_path / "gone.py")}))
    with pytest.raises(TracerError, match="can't be read"):
        ask(shelf, said.AskSource, 2, line)
    with pytest.raises(TracerError, match="not known where"):
        ask(shelf, said.AskSource, 2, "other.py:3")


def test_charts(shelf: Shelf) -> None:
    kept = ask(shelf, said.AskChart, 1, "kept", "module blocks")
    assert len(kept.picture.areas) >= 12 and kept.words.startswith("Kept for backward of blocks: ")
    assert ask(shelf, said.AskChart, 1, "parameters").words == "Parameters: 258"
    assert len(ask(shelf, said.AskChart, 1, "depth").picture.areas) == 13
    assert "stem.weight" in ask(shelf, said.AskChart, 1, "histogram", "tensor stem.weight").words


def test_files_are_written_or_refused(facts: Facts, shelf: Shelf, tmp_path: pathlib.Path) -> None:
    for name in ("a.svg", "a.json", "a.dot"):
        assert ask(shelf, said.Keep, 1, str(tmp_path / name), colour="bytes") == Saved(7, str(tmp_path / name))
    assert "Kept for backward by this alone" in (tmp_path / "a.svg").read_text()
    assert tracer.Recording.load(tmp_path / "a.json").facts == facts
    ask(shelf, said.Keep, 1, str(tmp_path / "a.csv"), table="gradients")
    rows = list(csv.DictReader((tmp_path / "a.csv").open()))
    norms = {row.name: row.norm for row in tracer.Recording(facts).gradients()}
    assert {row["tensor"]: float(row["norm"]) for row in rows} == norms
    for path, more in (("a.xyz", {}), ("a.svg", {"table": "shapes"}), ("none/a.csv", {"table": "shapes"})):
        with pytest.raises(TracerError):
            ask(shelf, said.Keep, 1, str(tmp_path / path), **more)


def test_a_recording_without_gradients_says_which_tables_it_can_fill(tmp_path: pathlib.Path) -> None:
    x = torch.ones(2, requires_grad=True)
    spool.write(str(tmp_path / "1"), tracer.trace((x * 2).sum(), names={"x": x}).facts)
    shelf = Shelf()
    opened = shelf.load(said.Load(1, str(tmp_path / "1")))
    assert {name for name, why in opened.tables.items() if why} == {"gradients", "contributions", "backward", "saved"}
    assert opened.kept is None and opened.colours == ("none", "dtype", "device") and opened.script is None
    for table in ("problems", "shapes", "nodes"):
        assert ask(shelf, said.AskRows, 1, table).total >= 0
    for chart in ("kept", "depth", "histogram"):
        with pytest.raises(TracerError):
            ask(shelf, said.AskChart, 1, chart, "tensor x" if chart == "histogram" else "")


def test_every_question_has_an_answer() -> None:
    kinds = set(said.ToModel.__args__)  # type: ignore[attr-defined]
    assert kinds - set(Shelf().answers) == {said.Run, said.Cancel, said.Load, said.Forget}
