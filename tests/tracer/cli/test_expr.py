"""`gradtrace expr`: the lesson's program."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

import tracer
from tracer.cli.main import DONE, answer

LESSON = ["expr", "y = x - 2; z = y*y*3; a = z.mean()", "--set", "x=[[1,2],[3,4]]", "--device", "cpu"]


def test_the_lessons_values_and_gradients(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(LESSON) == DONE
    words = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert any(line.startswith("a ") and line.endswith(" 9/2") for line in words)
    row = next(line for line in words if line.startswith("x [2, 2]"))
    assert "[[−3/2, 0], [3/2, 3]] [[−3/2, 0], [3/2, 3]]" in row and row.endswith("[[−1.5, 0], [1.5, 3]] 4 of 4")


def test_the_same_in_decimals(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--decimals"]) == DONE
    words = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "Gradients of a" in words
    for start, end in (
        ("x input float32 [2, 2]", "[[1, 2], [3, 4]]"),
        ("a ", " 4.5"),
        ("x [2, 2]", "[[−1.5, 0], [1.5, 3]] [[−1.5, 0], [1.5, 3]] 4 of 4"),
    ):
        assert any(line.startswith(start) and line.endswith(end) for line in words), (start, end)


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    (gradient,) = [row for row in found["gradients"] if row["name"] == "x"]
    assert gradient["values"] == [-1.5, 0, 1.5, 3]
    assert {row["name"]: row["values"] for row in found["shapes"] if row["name"] == "a"} == {"a": [4.5]}


def test_lines_and_steps(capsys: pytest.CaptureFixture[str]) -> None:
    loop = "y = 2 * x\nwhile y.norm() < 10:\n    y = 2 * y\ny.backward(torch.tensor([1, 0.5]))"
    assert answer(["expr", loop, "--set", "x=[1, 2]", "--device", "cpu", "--steps"]) == DONE
    words = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    for line in (
        "2 – [] bool 3 False",
        "3 y [2] float32 2 [8, 16]",
        "4 x.grad [2] float32 1 [8, 4]",
        "Gradients of y, backward from [1, 0.5]",
        "1 MulBackward0 (y, line 3, pass 2) [1, 1/2] [2, 1] to MulBackward0 (line 3)",
        "2 MulBackward0 (line 3) [2, 1] [4, 2] to MulBackward0 (line 1)",
        "4 AccumulateGrad (x) [8, 4] [8, 4]",
    ):
        assert line in words, line


def test_steps_show_what_is_summed_as_fractions(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--steps"]) == DONE
    words = " ".join(capsys.readouterr().out.split())
    assert "[[−3/4, 0], [3/4, 3/2]] (50\u202f%, cosine 1) +" in words.replace("50 %", "50\u202f%")
    assert answer([*LESSON, "--steps", "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert [step["number"] for step in found["steps"]] == [0, 1, 2, 3, 4]
    assert found["steps"][-1]["after"]["exact"] == ["-3/2", "0", "3/2", "3"]
    assert [line["name"] for line in found["lines"]] == ["y", "z", "a"]


def test_output_and_gradient_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["--output", "y", "--gradient", "[[1,0],[0,1/2]]", "--json"]
    assert answer([*LESSON, *chosen]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert [row["values"] for row in found["gradients"] if row["name"] == "x"] == [[1, 0, 0, 0.5]]


def test_a_refused_program_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["expr", "y = open('x')", "--set", "x=1"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Line 1") and said.err.count("\n") == 1


def test_files_are_saved_where_no_one_reads_the_tables_to_their_end(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "a.json"
    command = [sys.executable, "-m", "tracer", "expr", "y = x*2", "--set", "x=[1]", "--save", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait(60)
    assert tracer.Recording.load(file).value("y") == [2]
