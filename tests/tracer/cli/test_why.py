"""`gradtrace why`: each of the example scripts answered by one command, and its exit codes."""

from __future__ import annotations

import json
import pathlib

import pytest

from tracer.cli.main import answer

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples"
PROBLEMS = EXAMPLES / "problems"


def line(name: str, words: str) -> str:
    """Name the line of an example that has these words."""
    lines = (PROBLEMS / name).read_text().splitlines()
    return f"{name}:{next(number for number, text in enumerate(lines, 1) if words in text)}"


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = answer(["why", *arguments])
    said = capsys.readouterr()
    return code, " ".join(said.out.split()), said.err


STORIES = [
    ("stray_detach.py", "encoder.0.weight", "encoded.detach()", "by detach (", "memory.gate"),
    (
        "frozen_layer.py",
        "layers.6.bias",
        ".requires_grad_(False)",
        "requires_grad is False",
        "all 8 parameters of layers",
    ),
    (
        "lost_in_a_big_model.py",
        "blocks.11.attention.reach",
        ".long()",
        "by long (blocks.11.attention, ",
        "has a derivative",
    ),
    ("where_nan_began.py", "0.weight", "squares.sqrt()", "begins at SqrtBackward0", "a where() after it does not help"),
]


@pytest.mark.parametrize(("script", "name", "words", "operation", "more"), STORIES, ids=[row[0] for row in STORIES])
def test_a_story_is_answered_by_one_command(
    capsys: pytest.CaptureFixture[str], script: str, name: str, words: str, operation: str, more: str
) -> None:
    code, said, _ = asked(capsys, str(PROBLEMS / script), name)
    assert code == 1
    assert operation in said and more in said and line(script, words) in said
    assert f"gradtrace why examples/problems/{script} {name}" in (PROBLEMS / script).read_text()


def test_every_story_is_told_here() -> None:
    elsewhere = {"what_owns_the_memory.py"}  # gradtrace run answers it: test_saved_tables.py
    assert {path.name for path in PROBLEMS.glob("*.py")} == {row[0] for row in STORIES} | elsewhere


def test_what_a_big_model_lost_is_one_row_of_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["run", str(PROBLEMS / "lost_in_a_big_model.py"), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["problems"]
    assert row["names"] == [f"blocks.{number}.attention.reach" for number in range(24)]
    assert (row["operation"], row["source"]) == ("long", line("lost_in_a_big_model.py", ".long()"))
    assert row["why"].endswith("(so it is for blocks.0.attention.reach; the others are alike).")


def test_one_that_is_fine_and_names_that_are_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    script = str(PROBLEMS / "frozen_layer.py")
    code, said, _ = asked(capsys, script, "scale")
    assert code == 0 and said.startswith("scale: backward of loss gives it a gradient of norm")
    code, said, told = asked(capsys, script, "layers.6.bais")
    assert (code, said) == (2, "")
    assert "no tensor “layers.6.bais”" in told and "layers.6.bias" in told and told.count("\n") == 1


SCRIPT = """
import sys, torch
torch.manual_seed(0)
model = torch.nn.ModuleDict({"a": torch.nn.Linear(2, 2), "b": torch.nn.Linear(2, 2)})
for step in range(int(sys.argv[1])):
    h = model["a"](torch.ones(1, 2))
    (model["b"](h.detach() if step else h)).sum().backward()
"""


def test_a_step_the_scripts_own_arguments_and_json(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "train.py"
    file.write_text(SCRIPT)
    assert asked(capsys, str(file), "a.bias", "--", "2")[0] == 0
    code, said, _ = asked(capsys, str(file), "a.bias", "--step", "2", "--json", "--", "2")
    (found,) = json.loads(said)
    assert code == 1 and found["name"].endswith("a.bias")
    assert (found["findings"][0]["operation"], found["findings"][0]["source"]) == ("detach", "train.py:7")
    assert asked(capsys, str(file), "a.bias", "--lr", "1")[2].count("go after --") == 1
    assert asked(capsys, str(tmp_path / "none.py"), "a")[0] == 2


NO_GRAPH = """
import torch
model = torch.nn.Linear(2, 2)
def loss_of(h):
    return h.detach().sum()
loss = loss_of(model(torch.ones(1, 2)))
loss.backward()
"""


def test_a_loss_that_lost_its_graph(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "train.py"
    file.write_text(NO_GRAPH)
    code, said, told = asked(capsys, str(file), "loss")
    assert code == 1 and "does not require grad" in told
    assert said.startswith(
        "loss has no gradient to give: it has no graph, since detach (train.py:5) cut off what it was"
    )
    code, said, _ = asked(capsys, str(file), "weight")
    assert code == 1 and "the graph was cut between it and loss by detach (train.py:5)" in said
    file.write_text("import torch\nx = torch.ones(2)\nx.sum().backward()")
    assert asked(capsys, str(file), "x")[0] == 2
    file.write_text(NO_GRAPH.replace("loss.backward()", "raise ValueError('other')"))
    assert asked(capsys, str(file), "loss")[0] == 2


def test_run_lists_the_problems(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["run", str(PROBLEMS / "stray_detach.py")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Problems" in said and "encoder.0.weight" in said and line("stray_detach.py", "encoded.detach()") in said
    assert answer(["run", str(PROBLEMS / "frozen_layer.py"), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["problems"]
    assert row["problem"] == "no gradient" and len(row["names"]) == 8
