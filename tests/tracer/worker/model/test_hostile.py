"""Whatever a script does to its process, the worker tells it in a sentence, and goes on."""

from __future__ import annotations

import os
import pathlib
import time
from collections.abc import Callable
from typing import Any

import pytest

from tracer.errors import sentence
from tracer.experiment import Script
from tracer.worker.messages import FromWorker
from tracer.worker.model.messages import AskRows, AskTold, Cancel, Output, Page, Run, Told

Write = Callable[..., Script]
IMPORTS = "import torch, os, sys, time\n"
GRAPH = IMPORTS + "x = torch.ones(3, requires_grad=True)\nloss = (x * 2).sum()\n"

ENDS = {
    "exits": ("sys.exit('no data')", "The script ended itself saying “no data”"),
    "killed": ("os.kill(os.getpid(), 9)", "The script was ended from outside (SIGKILL)"),
    "closes": ("os.closerange(3, 200); time.sleep(60)", "The script closed the files that it did not open"),
    "hangs": ("time.sleep(60)", "train.py took longer than the 1 seconds it may take"),
}


@pytest.mark.parametrize("name", ENDS)
def test_each_end_is_told_in_a_sentence(model: Any, script: Write, tmp_path: pathlib.Path, name: str) -> None:
    text, words = ENDS[name]
    told = model.run(script(IMPORTS + text, seconds=1 if name == "hangs" else 30), tmp_path / "spool")
    failure = told.ran.failure
    assert failure is not None and not told.ran.recorded, told.ran
    assert failure.what.startswith(words), failure
    assert failure.cure and sentence(failure.what) and "Traceback" not in failure.what
    assert not (tmp_path / "spool").exists()


def test_a_failure_has_its_traceback_and_what_was_recorded_until_then(
    model: Any, script: Write, tmp_path: pathlib.Path
) -> None:
    text = """
        import torch
        from torch import nn
        model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(5, 1))
        def train(x):
            return model(x)
        train(torch.ones(2, 3)).sum().backward()
    """
    told = model.run(script(text), tmp_path / "spool")
    failure = told.ran.failure
    assert failure is not None and failure.what.startswith("The script failed: RuntimeError: mat1 and mat2 shapes")
    assert (failure.where, failure.line, failure.path) == ("train.py:6", 6, str(tmp_path / "train.py"))
    assert failure.traceback in told.output and 'train.py", line 7' in failure.traceback
    assert "tracer/" not in failure.traceback
    assert told.opened is not None and told.opened.operations == 3 and "until then" in told.opened.notes[-1]
    page = model.ask(AskRows, told.recording, "nodes")
    assert [row.cells[1] for row in page.rows if row.cells[3]] == ["TBackward0", "AddmmBackward0", "ReluBackward0"]
    parameters = [row.cells[2] for row in page.rows if row.cells[1] == "AccumulateGrad"]
    assert sorted(parameters) == ["0.bias", "0.weight"]


def test_memory_that_runs_out_is_told_with_its_line(model: Any, script: Write, tmp_path: pathlib.Path) -> None:
    text = GRAPH + "y = x * 3\nwhole = [torch.empty(2**28) for _ in range(100)]"
    told = model.run(script(text), tmp_path / "spool", memory=3 << 30)
    assert told.ran.failure is not None and "3 GiB" in told.ran.failure.what
    assert told.ran.failure.where == "train.py:5" and told.opened is not None and told.opened.operations == 3


def test_more_output_than_is_shown_is_read_to_its_end(model: Any, script: Write, tmp_path: pathlib.Path) -> None:
    text = GRAPH + "line = 'x' * (1 << 20)\nfor _ in range(256): sys.stdout.write(line)\nprint()\nprint('the end')\n"
    told = model.run(script(text + "loss.backward()"), tmp_path / "spool")
    assert told.opened is not None and told.ran.failure is None
    assert len(told.output) < 1.2 * 2**20 and told.output.endswith("the end\n")
    assert "255 MiB of output are left out" in told.output


def test_what_a_script_leaves_behind_is_ended_and_not_waited_for(
    model: Any, script: Write, tmp_path: pathlib.Path
) -> None:
    text = GRAPH + (
        "if os.fork() == 0:\n    loss.backward()\n    time.sleep(60)\n"
        "if os.fork() == 0:\n    os.setsid()\n    print('pid', os.getpid(), flush=True)\n    time.sleep(20)\n"
        "time.sleep(0.3)\nloss.backward()\n"
    )
    start = time.monotonic()
    told = model.run(script(text), tmp_path / "spool")
    assert told.opened is not None and len(told.ran.calls) == 1 and time.monotonic() - start < 15
    os.kill(int(told.output.split()[1]), 9)  # it went into a session of its own, which none can follow


def test_other_questions_are_answered_while_a_script_runs_and_it_can_be_cancelled(
    model: Any, script: Write, tmp_path: pathlib.Path
) -> None:
    first = model.run(script(GRAPH + "loss.backward()"), tmp_path / "first")
    running = model.number()
    model.say(Run(running, script(GRAPH + "print('on')\ntime.sleep(60)"), str(tmp_path / "second")))
    heard = _until_it_prints(model)
    told = model.ask(AskTold, first.recording, "node 0")
    assert isinstance(told, Told) and told.title == "x" and "on\n" in heard
    model.say(Cancel(running))
    ended = model.until_ran(running)
    assert ended.ran.failure is not None and ended.ran.failure.what == "The script was cancelled"
    assert isinstance(model.ask(AskRows, first.recording, "shapes"), Page)


def _until_it_prints(model: Any) -> str:
    while True:
        message: FromWorker = model.hear()
        if isinstance(message, Output):
            return message.text


def test_a_newer_run_ends_the_older(model: Any, script: Write, tmp_path: pathlib.Path) -> None:
    older, newer = model.number(), model.number()
    model.say(Run(older, script(GRAPH + "time.sleep(60)"), str(tmp_path / "a")))
    model.say(Run(newer, script(GRAPH + "loss.backward()"), str(tmp_path / "b")))
    ended = model.until_ran(older)
    assert ended.ran.failure is not None and "run again" in ended.ran.failure.what
    assert model.until_ran(newer).opened is not None


def test_a_script_has_its_folder_arguments_and_environment(model: Any, script: Write, tmp_path: pathlib.Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    text = GRAPH + "print(os.getcwd(), sys.argv[1:], os.environ['DATA'], sys.stdin.read() == '')\nloss.backward()"
    asked = script(text, arguments=("--lr", "0.1"))
    more = {"folder": str(tmp_path / "elsewhere"), "environment": {"DATA": "here"}}
    told = model.run(asked, tmp_path / "spool", **more)
    assert told.output == f"{tmp_path / 'elsewhere'} ['--lr', '0.1'] here True\n"
    assert told.ran.calls[0].source == "train.py:5" and told.ran.calls[0].tensors == (("loss", "scalar"),)
    refused = model.run(asked, tmp_path / "spool", folder=str(tmp_path / "nowhere"))
    assert "There is no folder" in refused.words
    refused = model.run(Script(str(tmp_path / "none.py")), tmp_path / "spool")
    assert "There is no file" in refused.words


def test_a_survey_lists_the_calls_and_the_tensors_left(model: Any, script: Write) -> None:
    text = GRAPH + "for _ in range(600):\n    (x * 2).sum().backward()\nn = torch.zeros(2)\n"
    told = model.run(script(text, target="loss"), None)
    assert told.ran.failure is None and not told.ran.recorded
    assert len(told.ran.calls) == 500 and told.ran.more == 100
    assert [(left.name, left.graph) for left in told.ran.left] == [("loss", True), ("x", False), ("n", False)]
