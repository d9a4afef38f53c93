"""How a script ends once its answer is found, what of its own may fail, and what it reads."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time
from typing import Any

import pytest

import tracer
from tracer.errors import ScriptError
from tracer.experiment import Script
from tracer.facts import Facts
from tracer.runners.script import find

OURS = str(pathlib.Path(tracer.__file__).parent)
ROOT = str(pathlib.Path(OURS).parent)


def run(folder: pathlib.Path, text: str, **fields: Any) -> Facts:
    path = folder / "train.py"
    path.write_text(text)
    return find(Script(str(path), **fields))


ENDLESS = """
import atexit, sys, torch
atexit.register(print, "at exit")
sys.stdout.reconfigure(line_buffering=False)
x = torch.ones(2, requires_grad=True)
print("begun")
while True:
    try:
        (x * 2).sum().backward()
    except:
        print("swallowed")
"""


@pytest.mark.parametrize("seconds", [None, 60])
def test_a_script_that_catches_everything_ends_once_the_answer_is_found(
    tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str], seconds: float | None
) -> None:
    start = time.perf_counter()
    assert run(tmp_path, ENDLESS, seconds=seconds).graph.nodes
    assert time.perf_counter() - start < 50
    assert capfd.readouterr().err == "begun\n"


def test_streams_of_the_script_s_own_do_not_lose_the_answer(tmp_path: pathlib.Path) -> None:
    text = "import sys, torch\nsys.stdout = None\nsys.stderr.close()\n"
    assert run(tmp_path, text + "(torch.ones(2, requires_grad=True) * 2).sum().backward()").graph.nodes


FAILING = """
import torch
class Mine(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        return x * 2
    @staticmethod
    def backward(context, gradient):
        raise {error}
x = torch.ones(2, requires_grad=True)
while True:
    try:
        loss = Mine.apply(x).sum()
        {end}
    except:
        continue
"""
HOOKED = """
import torch
def hook(gradient):
    raise {error}
x = torch.ones(2, requires_grad=True)
y = x * 2
y.register_hook(hook)
loss = y.sum()
loss.backward()
"""


@pytest.mark.parametrize("error", ["ValueError('of mine')", "KeyError('of mine')", "RuntimeError()", "NameError()"])
@pytest.mark.parametrize(("text", "line"), [(FAILING, 9), (HOOKED, 4)], ids=["backward", "hook"])
def test_a_backward_or_hook_of_the_person_s_that_fails_is_a_sentence_with_its_line(
    tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str], text: str, line: int, error: str
) -> None:
    with pytest.raises(ScriptError) as caught:
        run(tmp_path, text.format(error=error, end="loss.backward()"))
    told = caught.value
    assert told.where == f"train.py:{line}" and told.what.startswith("Backward can't run here: ") and told.cure
    assert error.partition("(")[0] in told.what and ("of mine" in told.what) is ("of mine" in error)
    printed = capfd.readouterr().err
    assert printed.count("Traceback") == 1 and OURS not in printed


def test_a_target_whose_backward_fails_keeps_its_graph_and_says_why(tmp_path: pathlib.Path) -> None:
    facts = run(tmp_path, FAILING.format(error="KeyError('of mine')", end="break"), target="loss")
    assert facts.graph.nodes and facts.gradients is None
    assert facts.notes == ("What flows back is not measured: Backward can't run here: KeyError: 'of mine'",)


def test_a_syntax_error_has_its_place_once(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ScriptError) as caught:
        run(tmp_path, "def f(:\n    pass")
    assert caught.value.where == "train.py:1" and str(caught.value).count("line 1") == 0
    assert caught.value.what == "The script failed: SyntaxError: invalid syntax"


READING = """
import torch
x = torch.full((int(input()),), 2.0, requires_grad=True)
(x * float(input())).sum().backward()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process on Windows is asked through its stdin")
def test_a_script_reads_what_the_person_gives_it(tmp_path: pathlib.Path) -> None:
    (tmp_path / "train.py").write_text(READING)
    program = (
        "import sys, tracer; found = tracer.run(tracer.Script(sys.argv[1]));"
        "print([output.shape for output in found.graph.nodes[0].outputs], found.gradients()[0].values)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "train.py")],
        input="3\n7\n",
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ROOT},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[(3,)]")


def test_no_line_to_the_parent_is_left_to_what_the_script_starts(tmp_path: pathlib.Path) -> None:
    text = """
import os, subprocess, sys, torch
look = "import os; print([n for n in range(3, 64) if os.path.exists(f'/proc/self/fd/{n}')])"
os.system(f'{sys.executable} -c "{look}" > found')
(torch.ones(2, requires_grad=True) * 2).sum().backward()
"""
    if not pathlib.Path("/proc/self/fd").exists():
        pytest.skip("looks descriptors up in /proc")
    before = os.getcwd()
    os.chdir(tmp_path)
    try:
        run(tmp_path, text)
    finally:
        os.chdir(before)
    assert (tmp_path / "found").read_text().strip() in ("[]", "[3]")  # 3: the folder that is being looked up
