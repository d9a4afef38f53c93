"""The program for a person: a golden for the lesson's, and each one run to the same numbers, bit by bit."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

import tracer
from tracer.convolution.layer import DTYPES, FILLS, LAYERS, PADDING_MODES
from tracer.convolution.python_source import python_source
from tracer.convolution.settings import resolve
from tracer.convolution.shapes import input_shape, output_shape, weight_shape
from tracer.errors import TracerError
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


def any_program(number: int) -> Convolution:
    """Draw an experiment: its layer by turns, everything else at random, until it works."""
    draw = random.Random(number)
    layer = list(LAYERS)[number % len(LAYERS)]
    dims, transposed = LAYERS[layer]
    while True:
        batch = draw.choice([None, 1, 3])
        index = (*(() if batch is None else (0,)), 1, *[0] * dims)
        asked = Convolution(
            layer,  # type: ignore[arg-type]
            *(
                2,
                4,
                tuple(draw.randint(1, 3) for _ in range(dims)),
                tuple(draw.randint(3, 8 - dims) for _ in range(dims)),
            ),
            stride=draw.choice([1, 1, 2]),
            padding=draw.choice([0, 1, 2] if transposed else [0, 1, 2, "same", "valid"]),
            output_padding=draw.choice([0, 1]) if transposed else 0,
            dilation=draw.choice([1, 2]),
            groups=draw.choice([1, 2]),
            bias=draw.random() < 0.7,
            padding_mode="zeros" if transposed else draw.choice(PADDING_MODES),
            batch=batch,
            fill=draw.choice(FILLS),
            dtype=draw.choice(list(DTYPES)),
            device="cpu",
            seed=draw.choice([0, 7, 2**40]),
            loss=draw.choice(["mean", "sum", index]),
        )
        try:
            if math.prod(output_shape(resolve(asked))) < 9_000:  # larger values are not held
                return with_values(asked, draw)
        except TracerError:
            continue


def with_values(asked: Convolution, draw: random.Random) -> Convolution:
    """Give some of the numbers by value, fractions among them."""
    settings, fields = resolve(asked), dict[str, Any]()
    shapes = {"input": input_shape(settings), "weight": weight_shape(settings)}
    shapes |= {"bias_values": (settings.out_channels,)} if settings.bias else {}
    for name, shape in shapes.items():
        if draw.random() < 0.3:
            fields[name] = nested(shape, lambda: draw.choice([1, -0.1, "1/3", "−2e-3", 1e20, 0.0]))
    return msgspec.structs.replace(asked, **fields)


def nested(shape: tuple[int, ...], value: Callable[[], Any]) -> Any:
    return [nested(shape[1:], value) for _ in range(shape[0])] if shape else value()


MANY = [any_program(number) for number in range(90)]
ALL_IN_ONE = """\
import contextlib, io, json, runpy, sys
import torch
torch.set_num_threads(1)
found = []
for path in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        left = runpy.run_path(path)
    conv, x, y, loss = (left[name] for name in ("conv", "x", "y", "loss"))
    named = {"x": x, "y": y, "loss": loss, **dict(conv.named_parameters())}
    numbers = {name: (tensor.dtype, tensor.detach().double().flatten().tolist()) for name, tensor in named.items()}
    grads = {name: named[name].grad.double().flatten().tolist() for name in named if named[name].is_leaf}
    found.append((said.getvalue(), {name: (str(a), list(map(float.hex, b))) for name, (a, b) in numbers.items()},
                  {name: list(map(float.hex, numbers)) for name, numbers in grads.items()}))
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def programs_found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run each program by itself, all in one process that knows nothing of us: what was printed, numbers, gradients."""
    folder = tmp_path_factory.mktemp("programs")
    files = [folder / f"{number}.py" for number in range(len(MANY))]
    for file, asked in zip(files, MANY, strict=True):
        file.write_text(python_source(asked), encoding="utf-8")
    command = [sys.executable, "-I", "-W", "ignore", "-c", ALL_IN_ONE, *map(str, files)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Sum in the same order as the programs, which have one thread: it can change the last bit."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("number", range(len(MANY)))
def test_the_program_has_the_numbers_of_run_to_the_bit(number: int, programs_found: Any) -> None:
    said, numbers, grads = programs_found[number]
    recording = tracer.run(MANY[number])
    tensors = {tensor.name: tensor for tensor in recording.facts.tensors}
    assert set(numbers) == set(tensors)
    for name, (dtype, values) in numbers.items():
        held = tensors[name].values
        assert held is not None and dtype == f"torch.{held.dtype}"
        assert [float(value).hex() for value in held.numbers] == values, name
    rows = {row.name: row for row in recording.gradients()}
    for name, values in grads.items():
        assert [float(value).hex() for value in rows[name].values or ()] == values, name
    assert said == f"{output_shape(resolve(MANY[number]))} {tensors['loss'].values.numbers[0]!r}\n"


def test_the_programs_have_everything_in_them() -> None:
    for field, words in (("layer", LAYERS), ("padding_mode", PADDING_MODES), ("fill", FILLS), ("dtype", DTYPES)):
        assert {getattr(asked, field) for asked in MANY} == set(words), field
    assert {asked.batch for asked in MANY} == {None, 1, 3}
    assert {asked.padding for asked in MANY} == {0, 1, 2, "same", "valid"}
    for field in ("input", "weight", "bias_values"):
        assert 10 < sum(getattr(asked, field) is not None for asked in MANY) < 60, field


def test_the_program_runs_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(python_source(LESSON), encoding="utf-8")
    said = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True).stdout
    assert said.startswith("(1, 16, 62, 124) ")


def test_a_device_is_written_only_where_one_was_chosen() -> None:
    program = python_source(Convolution("Conv1d", 1, 1, 1, 1, device="cuda:1"))
    assert 'conv = nn.Conv1d(1, 1, 1).to("cuda:1")\n' in program
    assert 'x = torch.randn(1, 1, 1).to("cuda:1").requires_grad_()\n' in program
