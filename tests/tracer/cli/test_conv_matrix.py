"""`gradtrace conv` with the matrix, what is read and fed, the flip, and values that were given."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tracer.cli.main import DONE, answer

X, KERNELS = "[[[1, 3, 2, 0, −1, 4, 5]]]", "[[[1, 0, −1]], [[1, 2, 1]]]"
BANK = ["conv", "--layer", "Conv1d", "--in", "1", "--out", "2", "--kernel", "3", "--input", "7", "--loss", "sum"]
LESSON = [*BANK, "--device", "cpu", "--no-bias", "--input-values", X, "--weight-values", KERNELS]


def words(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.replace("\u202f", " ").splitlines()]


def found(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> dict:
    assert answer([*arguments, "--json"]) == DONE
    return json.loads(capsys.readouterr().out)


def test_the_matrix_of_the_lesson(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--matrix"]) == DONE
    lines = words(capsys)
    for line in (
        "As a matrix: 10 × 7",
        "sheets 2 one a kernel, 5 × 7",
        "kernel numbers 6 all that is learnt, beside the bias",
        "entries 30 42.9 % of 70 cells",
        "structural zeros 40 cells in which no kernel number stands",
        "A·x + bias is off by 0 relative to the largest, against torch in float64 (y)",
        "Aᵀ·∂L/∂y is off by 0 relative to the largest, against torch in float64 (∂L/∂x)",
        "Sheet of kernel 0",
        "1 0 −1 · · · ·",
        "· · · · 1 2 1",
    ):
        assert line in lines, line


def test_the_large_matrix_is_told_and_checked(capsys: pytest.CaptureFixture[str]) -> None:
    told = found(capsys, ["conv", "--kernel", "3x5", "--input", "64x128", "--device", "cpu", "--matrix"])["matrix"]
    assert (told["rows"], told["columns"], told["entries"]) == (123_008, 163_840, 36_902_400)
    assert round(100 * told["share"], 3) == 0.183
    assert told["output_error"] < 1e-12 and told["gradient_error"] < 1e-12
    assert told["cells_written"] is None


def test_what_an_output_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--padding", "1", "--read", "0,0,0"]) == DONE
    lines = words(capsys)
    assert "y[0, 0, 0] reads 3 inputs, 1 of them padding" in lines
    assert "padding 0 [0, 0, 0] 1" in lines
    assert "pad·1 + 1·0 + 3·(−1) = −3" in lines
    assert "The layer gave −3." in lines
    read = found(capsys, [*LESSON, "--read", "0,1,4"])["read"]
    assert read["text"] == "(−1)·1 + 4·2 + 5·1 = 12" and read["sum"] == read["layer"] == 12
    assert read["reads"][2] == {"input": [0, 0, 6], "x": 5, "weight": [1, 0, 2], "w": 1}


def test_what_an_input_feeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--feeds", "0,0,2"]) == DONE
    lines = words(capsys)
    assert "x[0, 0, 2] is read by 6 outputs: 3 positions × 2 kernels" in lines
    assert "∂L/∂x = 1·1 + 1·0 + 1·(−1) + 1·1 + 1·2 + 1·1 = 4" in lines
    assert "Autograd gave 4." in lines
    large = ["conv", "--kernel", "3x5", "--input", "64x128", "--device", "cpu", "--dtype", "float64"]
    feeds = found(capsys, [*large, "--feeds", "0,2,30,60"])["feeds"]
    assert (feeds["positions"], feeds["kernels"], len(feeds["outputs"])) == (15, 16, 240)
    assert feeds["sum"] == pytest.approx(feeds["autograd"], rel=1e-12)


def test_the_flip(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--flip"]) == DONE
    lines = words(capsys)
    assert "torch gives the correlation; with its kernel flipped it is the convolution" in lines
    assert "correlation: [[[−1, 3, 3, −4, −6], [9, 7, 1, 2, 12]]]" in lines
    assert "convolution: [[[1, −3, −3, 4, 6], [9, 7, 1, 2, 12]]]" in lines


def test_values_from_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text("[[[1, 3, 2, 0, -1, 4, 5]]]")
    (tmp_path / "bias.txt").write_text("[1/2, −1/4]\n", "utf-8")
    np.save(tmp_path / "w.npy", np.array([[[1, 0, -1]], [[1, 2, 1]]], np.float32))
    given = ["--input-values", "x.json", "--weight-values", "w.npy", "--bias-values", "bias.txt"]
    given = [str(tmp_path / text) if "." in text else text for text in given]
    both = found(capsys, [*BANK, "--device", "cpu", *given, "--flip"])["flip"]
    assert both["correlation"] == [[[-0.5, 3.5, 3.5, -3.5, -5.5], [8.75, 6.75, 0.75, 1.75, 11.75]]]


def test_a_fill_from_a_file_is_told_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import wave

    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setparams((1, 2, 22_050, 0, "NONE", ""))
        sound.writeframes(np.arange(10, dtype="<i2").tobytes())
    assert answer([*BANK, "--device", "cpu", "--fill", str(tmp_path / "a.wav")]) == DONE
    assert "a.wav (10 samples) was cut to its first 7" in capsys.readouterr().err


REFUSED = [
    (["--read", "0,2,0"], "y (1 × 2 × 5) has no element 0, 2, 0. Use 3 numbers from 0, 0, 0 to 0, 1, 4."),
    (["--feeds", "7"], "x (1 × 1 × 7) has no element 7. Use 3 numbers from 0, 0, 0 to 0, 0, 6."),
    (["--read", "a"], "Index of y: “a” is no size. Write one number an axis, such as 0,3,5,7."),
    (["--input-values", "none.txt"], "none.txt: This file can't be read: No such file or directory. Give nested lists"),
    (["--weight-values", "[1, x]"], "weight: “[1, x]” can't be read as numbers."),
    (["--bias-values", "[1]"], "The values have the shape 1, and the layer needs 2."),
    (["--fill", "none.wav"], "none.wav: This file can't be read: No such file or directory."),
]


@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_refusals(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*BANK, *options]) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err and err.count("\n") == 1


@pytest.mark.parametrize(("name", "content"), [("a.npy", b"\x93NUMPY damaged"), ("a.txt", b"\xff\xfe"), ("a.npy", b"")])
def test_damaged_files_of_values(name: str, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_bytes(content)
    assert answer([*BANK, "--input-values", str(tmp_path / name)]) == 2
    err = capsys.readouterr().err
    assert f"{name}: This file " in err and err.count("\n") == 1


def test_a_large_file_of_values_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("[" + "1, " * 100_000 + "1]")
    monkeypatch.setenv("GRADTRACE_MEMORY", "1MiB")
    assert answer([*BANK, "--input-values", str(tmp_path / "a.txt")]) == 2
    assert "a.txt has 293 KiB, and its numbers would pass the limit of 1 MiB" in capsys.readouterr().err
