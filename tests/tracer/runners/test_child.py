"""Programs in a child process: limits by the parent's clock, errors of the same kind, and a child that comes back."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy
import pytest
import torch

from tracer.errors import InvalidSetting, LimitPassed, ProgramError, TracerError
from tracer.experiment import Convolution, Experiment, Expression, Input
from tracer.runners import answers
from tracer.runners.child import Child, encode, find_in_child

CORPUS = pathlib.Path(__file__).parents[2] / "corpora" / "hostile_programs.txt"
LONG = "y = x\nfor i in range(5000):\n    z = torch.ones(900, 900) @ torch.ones(900, 900)"
ASKED = encode(Expression("y = x * 2", {"x": [1.0]}))


@pytest.fixture
def one() -> Iterator[Child]:
    child = Child()
    yield child
    child.end()


def survived() -> list[str]:
    """Read the programs that must end in a result or a sentence."""
    found = []
    for line in CORPUS.read_text().splitlines():
        if line.startswith("survive"):
            program = json.loads(line.split("\t", 2)[2])
            if isinstance(program, dict):
                program = program["prefix"] + program["unit"] * program["times"] + program["suffix"]
            found.append(program)
    return found


def test_a_program_gives_what_it_gives_in_this_process() -> None:
    from tracer.runners.expression import find

    experiment = Expression("y = x - 2; z = y*y*3; a = z.mean()", {"x": [[1, 2], [3, "4"]]})
    ours, childs = find(experiment), find_in_child(experiment)
    assert childs.graph.edges == ours.graph.edges and childs.tensors == ours.tensors
    assert childs.gradients == ours.gradients and childs.experiment == ours.experiment


@pytest.mark.parametrize("program", survived(), ids=lambda program: repr(program[:40]))
def test_hostile_programs_end_in_a_result_or_a_sentence(program: str, tmp_path: pathlib.Path) -> None:
    try:
        assert find_in_child(Expression(program, {"x": [1.0, 2.0, 3.0]})).graph.outputs
    except TracerError as error:
        assert len(str(error)) > 15 and "Gradtrace failed" not in error.what
    assert not pathlib.Path("PWNED").exists()


@pytest.mark.parametrize(
    ("experiment", "kind", "where"),
    [
        (Expression("y = q", {}), ProgramError, "line 1, column 5"),
        (Expression("y = x", {"x": ["one"]}), InvalidSetting, "inputs.x"),
        (Expression("while True:\n    pass"), LimitPassed, "line 2"),
    ],
)
def test_an_error_comes_back_as_the_same_kind(experiment: Expression, kind: type, where: str) -> None:
    with pytest.raises(kind) as caught:
        find_in_child(experiment)
    assert type(caught.value) is kind and caught.value.where == where and caught.value.cure


def test_too_long_is_ended_and_the_next_one_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    find_in_child(Expression("y = x", {"x": [1.0]}))
    monkeypatch.setenv("GRADTRACE_SECONDS", "0.7")
    start = time.perf_counter()
    with pytest.raises(LimitPassed, match=r"longer than the 0\.7 seconds") as caught:
        find_in_child(Expression(LONG, {"x": [1.0]}))
    assert time.perf_counter() - start < 3 and "GRADTRACE_SECONDS" in caught.value.cure
    monkeypatch.setenv("GRADTRACE_SECONDS", "60")
    assert find_in_child(Expression("y = x * 2", {"x": [1.0]})).graph.nodes


@pytest.mark.parametrize(
    ("name", "value"),
    [("GRADTRACE_SECONDS", value) for value in ("soon", "0", "-1", "nan", "inf")] + [("GRADTRACE_MEMORY", "lots")],
)
def test_a_limit_that_is_none(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSetting, match=f"“{value}” is no") as caught:
        find_in_child(Expression("y = x", {"x": [1.0]}))
    assert caught.value.where == name and caught.value.cure


@pytest.mark.skipif(sys.platform == "win32" or torch.cuda.is_available(), reason="no limit on the address space")
def test_memory_has_the_limit_that_was_set(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setenv("GRADTRACE_MEMORY", "2GiB")
    one: Child = request.getfixturevalue("one")
    for elements, fits in ((2**24, True), (2**29, False), (2**24, True)):  # 64 MiB and 2 GiB of float32
        answer = one.ask(encode(Expression(f"y = torch.ones({elements}).sum() * x", {"x": [1.0]})), 60)
        assert answer.startswith(b"facts") is fits
        if not fits:
            with pytest.raises(LimitPassed, match="memory"):
                answers.decode(answer)


def test_a_child_that_dies_says_so(one: Child) -> None:
    one.ask(ASKED, 60)
    os.kill(one.pid, signal.SIGKILL)
    with pytest.raises(TracerError, match=r"ended from outside \(SIGKILL\)\. It may have run out of memory"):
        one.ask(ASKED, 60)
    assert not one.alive()


def test_files_in_the_current_folder_are_not_taken_for_ours(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    for name in ("tracer", "torch", "random", "msgspec"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    monkeypatch.chdir(tmp_path)
    assert request.getfixturevalue("one").ask(ASKED, 60).startswith(b"facts")


@pytest.mark.skipif(not pathlib.Path("/proc").exists(), reason="looks processes up in /proc")
def test_the_child_ends_with_its_parent() -> None:
    program = (
        "import os; from tracer.runners.child import Child, encode; from tracer.experiment import Expression\n"
        "child = Child(); child.ask(encode(Expression('y = x * 2', {'x': [1.0]})), 60)\n"
        "print(child.pid, flush=True); os._exit(0)"
    )
    root = pathlib.Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    stat = pathlib.Path("/proc", done.stdout.strip(), "stat")
    for _ in range(100):
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the child lives on without its parent")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (torch.tensor([1.0, 2.0], dtype=torch.float64), Input([1.0, 2.0], "float64")),
        (torch.tensor([1.0], requires_grad=True), Input([1.0], "float32", True)),
        (numpy.array([[1, 2]]), Input([[1, 2]], "int64")),
        ([1, "1/3"], [1, "1/3"]),
        (Input(torch.tensor([1.5]), "float16"), Input([1.5], "float16")),
        ([float("nan"), float("-inf")], ["NaN", "-Infinity"]),
        ([1 + 2j], ["(1+2j)"]),
    ],
)
def test_tensors_and_arrays_are_inputs(given: Any, wanted: Any) -> None:
    asked: Experiment = msgspec.json.decode(encode(Expression("y = x", {"x": given})), type=Experiment)
    assert isinstance(asked, Expression)
    assert asked.inputs["x"] == (msgspec.to_builtins(wanted) if isinstance(wanted, Input) else wanted)


@pytest.mark.parametrize(
    "experiment",
    [Expression(3), Expression("y = x", inputs=[1]), Expression("y = x", {1: 2}), Convolution("Conv2d", "a", 1, 1, 1)],  # type: ignore[arg-type]
)
def test_a_wrong_call_is_a_type_error(experiment: Experiment) -> None:
    with pytest.raises(TypeError, match="can't be made of this"):
        encode(experiment)


def test_each_kind_of_error_survives_the_way() -> None:
    for kind in answers.KINDS.values():
        with pytest.raises(kind) as caught:
            answers.decode(answers.failed(kind("what", "where", "cure")))
        assert type(caught.value) is kind and caught.value.args == ("what", "where", "cure")
