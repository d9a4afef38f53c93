"""`gradtrace run`: a script, unchanged, up to its backward()."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracer.cli.main import DONE, answer

SCRIPT = """
import sys
import torch
torch.manual_seed(0)
model = torch.nn.Linear(3, int(sys.argv[1]))
for step in range(3):
    model.zero_grad()
    loss = (model(torch.ones(4, 3)) * (step + 1)).mean()
    loss.backward()
print("the script went on")
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "train.py"
    file.write_text(SCRIPT, encoding="utf-8")
    return file


def test_a_script_with_its_own_arguments(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["run", str(script), "--json", "--", "2"]) == DONE
    said = capsys.readouterr()
    found = json.loads(said.out)
    weight = next(row for row in found["gradients"] if row["name"].endswith("weight"))
    assert weight["shape"] == [2, 3]
    assert weight["mean"] == pytest.approx(0.5)


def test_a_later_step(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["run", str(script), "--step", "3", "--json", "--", "2"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert next(row for row in found["gradients"] if row["name"].endswith("weight"))["mean"] == pytest.approx(1.5)


def test_tables(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["run", str(script), "--", "2"]) == DONE
    said = capsys.readouterr().out
    assert said.startswith("train.py: ")
    assert "Gradients of" in said and "[2, 3]" in said and "Graph: " in said


def test_a_script_that_fails_is_a_sentence(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["run", str(script)]) == 2
    assert "IndexError" in capsys.readouterr().err
