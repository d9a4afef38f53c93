"""`gradtrace run`: a script, unchanged, up to its backward()."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracer.cli.main import DONE, REFUSED, answer

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


DONE_ALREADY = """
import torch
x = torch.ones(2, requires_grad=True)
loss = (x * x).sum()
loss.backward()
"""


def test_a_target_whose_backward_has_run_is_shown_without_gradients(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "done.py").write_text(DONE_ALREADY)
    command = ["run", str(tmp_path / "done.py"), "--target", "loss"]
    files = [tmp_path / f"done.{kind}" for kind in ("svg", "dot", "json")]
    saves = [part for file in files for part in ("--save", str(file))]
    assert answer([*command, *saves]) == DONE
    said = capsys.readouterr()
    assert "Shapes" in said.out and "Graph: " in said.out and "Gradients" not in said.out
    assert said.err.count("the script's own backward() has run already") == 1
    assert all(file.stat().st_size > 0 for file in files)
    assert answer([*command, "--json"]) == DONE
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found["gradients"] is None and [row["name"] for row in found["shapes"]] == ["x", "loss"]
    assert "has run already" in said.err


def test_a_place_that_can_t_be_saved_to_is_refused_before_the_script_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "train.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    for name in ("nowhere/a.svg", "a.xyz"):
        assert answer(["run", str(tmp_path / "train.py"), "--save", str(tmp_path / name)]) == REFUSED
        assert capsys.readouterr().err.startswith(str(tmp_path / name))
    assert not (tmp_path / "ran").exists()


HOSTILE = """
import torch
first, second = "a" * 3000 + ".first", "a" * 3000 + ".second"
evil = "evil\\x1b[31m\\x1b]0;title\\x07\\u202e[red]\\x9b2J\\n"
class Deep(torch.nn.Module):
    def __init__(self):
        super().__init__()
        for name in (first.replace(".", "_"), second.replace(".", "_"), evil):
            self.register_parameter(name, torch.nn.Parameter(torch.ones(1)))
    def forward(self):
        return sum(self.parameters())
loss = Deep()()
globals()[evil] = loss
del loss
globals()[evil].backward()
raise SystemExit(evil)
"""


@pytest.mark.parametrize("more", [[], ["--json"], ["--target", "evil\x1b[31m\x1b]0;\u202e"], ["--step", "2"]])
def test_names_can_do_no_harm_in_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    (tmp_path / "hostile.py").write_text(HOSTILE)
    answer(["run", str(tmp_path / "hostile.py"), *more])
    said = capsys.readouterr()
    assert not set("\x1b\x07\x9b\u202e") & set(said.out + said.err)
    assert "‹U+001B›[31m" in said.out + said.err or "\\u001b[31m" in said.out
    if "--step" in more:
        assert said.err.count("\n") == 1
    if not more:
        assert "[red]" in said.out  # people's brackets are no markup
        assert said.out.count("_first") == 2 and said.out.count("_second") == 2  # each in both tables
        assert len(said.out) < 10_000


def test_arguments_of_the_script_without_the_dashes(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["run", str(script), "--lr", "0.1"]) == REFUSED
    said = capsys.readouterr().err
    assert "--lr" in said.partition(".")[0] and said.count("\n") == 1
    assert "The script's own arguments go after --. Example: gradtrace run train.py -- --lr 0.1" in said
    assert answer(["conv", "--lr", "0.1"]) == REFUSED
    assert "script" not in capsys.readouterr().err


CUTS = """
import torch
torch.manual_seed(0)
class Gate(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 3)
    def forward(self, x):
        return x * self.linear(x).sigmoid().detach()
model = torch.nn.Sequential(Gate(), Gate(), torch.nn.Linear(3, 1))
x = torch.ones(4, 3, requires_grad=True)
print(float(model(x).sum()))
loss = (model(x) * 2 + model(x)).mean()
loss.backward()
"""


def test_cuts_and_joining_paths_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cuts.py").write_text(CUTS)
    assert answer(["run", str(tmp_path / "cuts.py")]) == DONE
    said = capsys.readouterr().out
    assert "Where the graph was cut" in said and "Where paths join" in said
    assert said.count("detach   cuts.py:9") == 2  # one in each of the two gates
    assert "Mul of 0, cuts.py:9, and 1 more" in said
    assert "__float__" not in said  # printed, and not on the way to the loss
    assert answer(["run", str(tmp_path / "cuts.py"), "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert [(cut["operation"], cut["module"], cut["times"]) for cut in found["cuts"] if cut["nodes"]] == [
        ("detach", "0", 3),
        ("detach", "1", 3),
    ]
    assert {round(row["share"], 6) for row in found["joins"] if row["node"] == 0} == {round(2 / 3, 6), round(1 / 3, 6)}


def test_the_picture_is_folded_as_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cuts.py").write_text(CUTS)
    command = ["run", str(tmp_path / "cuts.py"), "--save", str(tmp_path / "cuts.svg")]
    assert answer([*command, "--level", "1", "--open", "0"]) == DONE
    picture = (tmp_path / "cuts.svg").read_text()
    assert "MulBackward0 · cuts.py:9" in picture and ">x<" in picture and "cut by detach, cuts.py:9" in picture
    assert ">1<" in picture and "0–1" not in picture  # the one that is open is not laid on the other
    capsys.readouterr()
    assert answer([*command, "--open", "zero"]) == 2
    assert "No operation of this graph ran in a module “zero”" in capsys.readouterr().err
    assert answer([*command, "--level", "deep"]) == 2
    assert "Use auto, all, or a number from 1" in capsys.readouterr().err


NAN = """
import torch
x = torch.tensor([0.0, 4.0], requires_grad=True)
masked = torch.where(x > 0, x.sqrt(), 0.0)
loss = masked.sum()
loss.backward()
"""


def test_where_the_first_nan_appears_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "nan.py").write_text(NAN)
    assert answer(["run", str(tmp_path / "nan.py")]) == DONE
    assert "SqrtBackward0 (nan.py:4) makes it" in capsys.readouterr().out
    assert answer(["run", str(tmp_path / "nan.py"), "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)["first_non_finite"]
    assert (found["what"], found["source"], found["nan"] + found["infinite"]) == ("operation", "nan.py:4", 1)
