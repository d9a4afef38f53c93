"""`gradtrace conv`: the lesson's tables as a golden, and the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracer.cli.main import DONE, answer

LESSON = ["conv", "--in", "20", "--out", "16", "--kernel", "3x5", "--input", "64x128", "--device", "cpu"]


def test_the_lessons_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(LESSON) == DONE
    words = [" ".join(line.split()) for line in capsys.readouterr().out.replace("\u202f", " ").splitlines()]
    for line in (
        "Conv2d(20, 16, (3, 5)) on 1 × 20 × 64 × 128",
        "H = ⌊(64 + 2·0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 62",
        "W = ⌊(128 + 2·0 − 1·(5 − 1) − 1) / 1⌋ + 1 = 124",
        "x input [1, 20, 64, 128] N, C_in, H, W 163 840 640 KiB",
        "weight parameter [16, 20, 3, 5] C_out, C_in/groups, kH, kW 4 800 18.8 KiB",
        "bias parameter [16] C_out 16 64 B",
        "y output [1, 16, 62, 124] N, C_out, H, W 123 008 480 KiB",
        "parameters 4 816 4 800 weights, 16 biases",
        "multiply–adds 36 902 400",
        "taps of an output 300",
        "kept for backward 659 KiB by formula",
        "as a dense matrix 123 008 × 163 840 20 153 630 720 cells, 0.183 % hold a weight",
        "Gradients of mean(y)",
        "Graph: 5 nodes, 4 edges; backward keeps 659 KiB",
    ):
        assert line in words, line
    gradients = [line for line in words if line.endswith("16 of 16 16 of 16")]  # by finite difference, and by rule
    assert [line.split()[0] for line in gradients] == ["y", "bias", "weight", "x"]


def test_json_has_the_rows_and_nothing_else_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--padding", "1x2", "--json"]) == DONE
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert said.err == ""
    assert [row["shape"] for row in found["shapes"] if row["name"] == "y"] == [[1, 16, 64, 128]]
    assert found["cost"]["multiply_adds"] == 39_321_600
    assert {row["name"]: (row["check"] or {}).get("agreed") for row in found["gradients"]} == {
        "loss": None, "y": 16, "bias": 16, "weight": 16, "x": 16,
    }  # fmt: skip


OPTIONS = [
    (["--layer", "Conv1d", "--input", "9", "--batch", "none", "--loss", "1,2"], "Gradients of y[1, 2]"),
    (["--layer", "ConvTranspose1d", "--input", "5", "--stride", "2", "--output-padding", "1"], "taps of an output"),
    (["--padding", "same", "--padding-mode", "circular", "--input", "9", "--no-bias"], "4 weights, 0 biases"),
    (
        ["--dtype", "float64", "--fill", "sine", "--seed", "3", "--dilation", "2", "--input", "9"],
        "Gradients of mean(y)",
    ),
]


@pytest.mark.parametrize(("options", "text"), OPTIONS)
def test_options(options: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    kernel = "1" if "4 weights" in text else "3"
    assert answer(["conv", "--in", "2", "--out", "2", "--kernel", kernel, "--device", "cpu", *options]) == DONE
    assert text in capsys.readouterr().out


def test_files_are_saved_and_named_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / "graph.svg", tmp_path / "graph.json"]
    saves = [part for file in files for part in ("--save", str(file))]
    assert answer([*LESSON, "--json", *saves]) == DONE
    said = capsys.readouterr()
    json.loads(said.out)
    assert said.err == "".join(f"Saved {file}\n" for file in files)
    assert all(file.stat().st_size > 500 for file in files)


def test_an_unknown_suffix_is_refused_before_any_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--save", str(tmp_path / "graph.docx")]) == 2
    out, said = capsys.readouterr()
    assert out == ""
    assert ".svg" in said and ".json" in said and said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
