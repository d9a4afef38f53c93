"""The program for a person: a golden for the lesson's, and each one run to the same numbers, bit by bit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tracer.convolution.python_source import python_source
from tracer.convolution.settings import resolve
from tracer.experiment import Convolution
from tracer.runners.convolution import run

LESSON = Convolution("Conv2d", 20, 16, (3, 5), (64, 128))
LESSON_PROGRAM = """\
import torch
from torch import nn

torch.manual_seed(0)
conv = nn.Conv2d(20, 16, (3, 5))
x = torch.randn(1, 20, 64, 128, requires_grad=True)
y = conv(x)
loss = y.mean()
loss.backward()
print(tuple(y.shape), loss.item())
"""


def test_the_lessons_program() -> None:
    assert python_source(LESSON) == LESSON_PROGRAM


PROGRAMS = [
    LESSON,
    Convolution("Conv1d", 2, 16, 3, 64, padding=1, loss="sum", seed=7),
    Convolution("Conv2d", 4, 6, 4, 9, padding="same", padding_mode="reflect", bias=False, dtype="bfloat16", seed=2**62),
    Convolution("Conv3d", 4, 6, (1, 2, 3), (4, 5, 6), batch=2, fill="sine", stride=(1, 2, 2), groups=2),
    Convolution("ConvTranspose1d", 4, 6, 3, 9, stride=2, output_padding=1, dtype="float64", fill="checker"),
    Convolution("ConvTranspose2d", 4, 6, 3, (5, 6), groups=2, batch=None, fill="impulse", dilation=2),
    Convolution("Conv2d", 4, 6, 3, 9, padding=2, padding_mode="circular", fill="ramp", dtype="float16", device="cpu"),
    Convolution(
        *("Conv1d", 1, 2, 3, 4),
        input=[[["1/3", 2, -0.1, "2e3"]]],
        weight=[[[1, "2/7", 3]], [[0, 0, 1e-3]]],
        bias_values=[0.1, -5],
        loss=(0, 1, 0),
    ),
]


@pytest.mark.parametrize("experiment", PROGRAMS, ids=lambda experiment: experiment.layer)
def test_the_program_gives_the_same_numbers(experiment: Convolution) -> None:
    theirs: dict[str, Any] = {}
    exec(python_source(experiment), theirs)
    ours = run(resolve(experiment), torch.device("cpu"))
    ours.loss.backward()
    for name in ("x", "y", "loss"):
        assert torch.equal(theirs[name], getattr(ours, name)), name
    assert torch.equal(theirs["x"].grad, ours.x.grad)
    assert all(
        torch.equal(a, b) and torch.equal(a.grad, b.grad)
        for a, b in zip(theirs["conv"].parameters(), ours.layer.parameters(), strict=True)
    )


def test_the_program_runs_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(python_source(LESSON), encoding="utf-8")
    said = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True).stdout
    assert said.startswith("(1, 16, 62, 124) ")


def test_a_device_is_written_only_where_one_was_chosen() -> None:
    program = python_source(Convolution("Conv1d", 1, 1, 1, 1, device="cuda:1"))
    assert 'conv = nn.Conv1d(1, 1, 1).to("cuda:1")\n' in program
    assert 'x = torch.randn(1, 1, 1).to("cuda:1").requires_grad_()\n' in program
