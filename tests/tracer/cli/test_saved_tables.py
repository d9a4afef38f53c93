"""“Saved for backward”: what owns the memory, in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tracer
from tracer.cli.main import DONE, answer
from tracer.cli.saved_tables import saved_rows, show_saved
from tracer.facts import Facts
from tracer.graph import Graph

STORY = Path(__file__).parents[3] / "examples" / "problems" / "what_owns_the_memory.py"


def test_one_command_tells_what_owns_the_memory(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["run", str(STORY), "--json"]) == DONE
    saved = json.loads(capsys.readouterr().out)["saved"]
    modules = {row["module"]: row for row in saved["modules"]}
    scores = 2 * 512 * 512 * 4  # of one tensor of a score for each pair of tokens
    assert modules["block.attention"]["activations"] >= 2 * scores
    assert modules["block.attention"]["checkpoint_frees"] >= 2 * scores
    assert sum(row["bytes"] for row in saved["storages"]) < 2 * modules["block.attention"]["bytes"]


def test_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.py").write_text(
        "import torch\nm = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Tanh(), torch.nn.Linear(4, 4))\n"
        "m(torch.ones(2, 4)).exp().sum().backward()"
    )
    assert answer(["run", str(tmp_path / "t.py")]) == DONE
    said = capsys.readouterr().out.partition("Saved for backward")[2]
    assert [line.split() for line in said.splitlines()[4:6]] == [
        ["2", "1", "64", "B", "0", "B", "0", "B"],
        ["0", "1", "32", "B", "0", "B", "0", "B", "to", "32", "B"],
    ]
    assert (
        "In all 160 B in 4 storages: activations 64 B, parameters 64 B, not followed (data, indices, masks) 32 B"
        in said
    )


def test_storages_where_no_modules_were_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.py").write_text(
        "import torch\nx = torch.ones(3, requires_grad=True)\ny = x.exp()\n(y * y).sum().backward()"
    )
    assert answer(["run", str(tmp_path / "t.py")]) == DONE
    row = capsys.readouterr().out.partition("Saved for backward")[2].splitlines()[4]
    assert row.split() == ["–", "activation", "Exp,", "t.py:3,", "and", "1", "more", "12", "B", "12", "B"]


def test_nothing_where_it_was_not_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    bare = tracer.Recording(Facts(Graph()))
    show_saved(bare)
    assert capsys.readouterr().out == "" and saved_rows(bare) is None
