"""`gradtrace conv --layer "nn.Conv2d(…)"`: a layer pasted as text, and options that say something else."""

from __future__ import annotations

import pytest

from tracer.cli.main import DONE, REFUSED, answer

TEXT = "nn.Conv2d(2, 4, (3, 5), padding=(1, 2))"


@pytest.mark.parametrize("options", [[], ["--kernel", "3x5", "--in", "2"], ["--batch", "3", "--seed", "5"]])
def test_the_text_is_the_layer(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["conv", "--layer", TEXT, "--input", "8x9", "--device", "cpu", *options]) == DONE
    batch = 3 if "--batch" in options else 1
    first = f"Conv2d(2, 4, (3, 5), padding=(1, 2)) on {batch} × 2 × 8 × 9"
    assert capsys.readouterr().out.startswith(first)


REFUSALS = [
    ([TEXT, "--kernel", "4"], "--kernel: The layer's text says something else than --kernel. "),
    ([TEXT, "--no-bias"], "--no-bias: The layer's text says something else than --no-bias. "),
    (["nn.Conv2d(2, 4)"], "Column 1: Conv2d needs in_channels, out_channels and kernel_size; kernel_size is missing. "),
    (["nn.Linear(2, 4)"], "Column 1: “Linear” is no convolution layer. "),
    (["nn.Conv1d(2, 4, 3)", "--input", "8x9"], "input_size: There are 2 numbers, and the signal has 1 axis. "),
    (["Conv2D"], "layer: “Conv2D” is no layer. Did you mean “Conv2d”?"),
]


@pytest.mark.parametrize(("options", "start"), REFUSALS, ids=[" ".join(row[0]) for row in REFUSALS])
def test_refusals(options: list[str], start: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["conv", "--layer", *options]) == REFUSED
    said = capsys.readouterr().err
    assert said.startswith(start)
    assert said.count("\n") == 1
