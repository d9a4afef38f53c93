"""What `gradtrace conv` tells of places: real taps, receptive fields of a stack, inputs that give the same output."""

from __future__ import annotations

import json

import pytest

from tracer.cli.main import DONE, REFUSED, answer

LESSON = ["conv", "--in", "20", "--out", "16", "--kernel", "3x5", "--input", "64x128", "--device", "cpu"]


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.replace("\u202f", " ").splitlines()]


def test_the_lessons_padding(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--padding", "1x2", "--then", "nn.Conv2d(16, 8, 3)", "--then", "nn.MaxPool2d(2)"]) == DONE
    words = lines(capsys)
    for line in (
        "Only an input of 64 × 128 gives 64 × 128.",
        "Taps of an output, in one channel",
        "6 9 4",
        "15 0 7 688",
        "multiply–adds 39 321 600 38 547 200 without those with the padding's zeros",
        "taps of an output 300 120 to 300 on the input",
        "Receptive field",
        "1 Conv2d H 3 1 −1 0",
        "1 Conv2d W 5 1 −2 0",
        "2 Conv2d W 7 1 −2 1",
        "3 MaxPool2d W 8 2 −2 1.5",
    ):
        assert line in words, line


def test_a_transposed_layer(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--layer", "ConvTranspose1d", "--input", "5", "--stride", "2", "--padding", "1", "--device", "cpu"]
    assert answer(["conv", "--in", "2", "--out", "4", *options]) == DONE
    words = lines(capsys)
    assert "1 – 5" in words and "2 – 4" in words
    assert "1 ConvTranspose1d L 1 to 2 – – – differs from output to output" in words
    assert "multiply–adds 120 104 without those the padding cuts away" in words
    assert "taps of an output differ from output to output 2 to 4 on the input" in words


def test_a_stride_leaves_room_for_more_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--stride", "2x3"]) == DONE
    words = lines(capsys)
    assert "Inputs of 63 to 64 × 128 to 130 give 31 × 42." in words
    assert "Taps of an output, in one channel" not in words  # each has 15


def test_json_has_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--padding", "1x2", "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert {row["real"]: row["outputs"] for row in found["taps"]} == {
        6: 4, 8: 4, 9: 124, 10: 248, 12: 124, 15: 7688,
    }  # fmt: skip
    assert [(row["axis"], row["size"], row["start"]) for row in found["receptive_field"]] == [
        ("H", 3, -1),
        ("W", 5, -2),
    ]
    assert found["input_sizes"] == [[64, 64], [128, 128]]
    assert found["cost"]["real_multiply_adds"] == 38_547_200


def test_a_layer_after_it_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([*LESSON, "--then", "nn.ReLU()"]) == REFUSED
    assert capsys.readouterr().err.startswith("Column 1: “ReLU” is no convolution or pooling layer. ")
