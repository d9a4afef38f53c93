# ruff: noqa: E501 - a table of sentences
"""`gradtrace conv --solve`: the settings that give a size, as a table and as JSON, and what can't be read."""

from __future__ import annotations

import json

import pytest

from tracer.cli.main import DONE, NO, REFUSED, answer

LESSON = ["conv", "--in", "20", "--out", "16", "--kernel", "3x5", "--input", "64x128"]


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_the_lessons_size_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--solve", "64x128", "--most", "2"]) == DONE
    words = lines(capsys)
    rows = [line for line in words if line.startswith("Conv2d")]
    assert rows == [
        "Conv2d(20, 16, (3, 5), padding=(1, 2)) 64 × 128 padding",
        "Conv2d(20, 16, 1) 64 × 128 kernel_size",
    ]
    assert "Settings that give 64 × 128, simplest first" in words
    assert "There may be more: --most 20." in words


def test_an_axis_may_be_free_and_ranges_narrow(capsys: pytest.CaptureFixture[str]) -> None:
    ranges = ["--within", "kernel=3-5", "--within", "padding=0–1", "--within", "stride=1", "--within", "dilation=1:1"]
    assert answer([*LESSON, "--solve", "64x?", *ranges, "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert found["complete"]
    assert found["ranges"]["kernel_size"] == [3, 5]
    assert found["ranges"]["padding"] == [0, 1]
    assert [(row["layer"], row["solution"]["output_size"]) for row in found["solutions"][:2]] == [
        ("Conv2d(20, 16, (3, 5), padding=(1, 0))", [64, 124]),
        ("Conv2d(20, 16, (3, 5), padding=1)", [64, 126]),
    ]
    assert all(row["solution"]["output_size"][0] == 64 for row in found["solutions"])


def test_all_within_the_ranges_are_said_to_be_all(capsys: pytest.CaptureFixture[str]) -> None:
    only = ["--within", "kernel=3", "--within", "padding=1-2", "--within", "stride=1", "--within", "dilation=1"]
    assert answer([*LESSON, "--solve", "64x128", *only]) == DONE
    assert "These are all within the ranges." in lines(capsys)


def test_no_settings_is_the_answer_no(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--solve", "1000x1000"]) == NO
    said = "No settings within the ranges give 1000 × 1000. --within widens them."
    assert said in lines(capsys)
    assert answer([*LESSON, "--solve", "1000x1000", "--json"]) == NO
    assert json.loads(capsys.readouterr().out)["solutions"] == []


def test_a_layer_that_does_not_work_yet_can_be_solved_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["conv", "--layer", "nn.Conv1d(2, 4, 99)", "--input", "64", "--solve", "60", "--most", "1"]) == DONE
    assert "Conv1d(2, 4, 5) 60 kernel_size" in lines(capsys)


REFUSALS = [
    (["--solve", "64*64"], "--solve: “64*64” is no size. Write it as 64x128, with ? for an axis that may have any size."),
    (["--solve", "64x64x64"], "Output size: 3 sizes are wanted, and the output has 2. Give one for each of H, W."),
    (["--solve", "-1"], "Output size: The number must be at least 1, and is −1. Use 1."),
    (
        ["--solve", "64", "--within", "width=3"],
        "--within: “width=3” is no range of a field. "
        "Write it as kernel=1-7; the fields are kernel, stride, padding, dilation, output-padding.",
    ),
    (["--solve", "64", "--within", "kernel=5-3"], "Range of kernel_size: The range ends at 3, before it starts at 5. Use 3 to 5."),
    (["--solve", "64", "--save", "a.svg"], "--save: Solving runs no layer, so there is nothing to save. Leave it out."),
]  # fmt: skip


@pytest.mark.parametrize(("options", "text"), REFUSALS, ids=[" ".join(row[0]) for row in REFUSALS])
def test_refusals(options: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, *options]) == REFUSED
    assert capsys.readouterr().err == text + "\n"
